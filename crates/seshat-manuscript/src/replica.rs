//! stub
/// Saved bytes that cannot be read. What was loaded or open before is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The bytes are not what this crate wrote.
    #[error("part {index} of this document is damaged")]
    Damaged {
        /// Which of the given byte strings, counted from 0; the others may be loaded without it.
        index: usize,
    },
    /// A newer version wrote them.
    #[error("part {index} of this document was written by a newer version of Seshat")]
    Newer {
        /// Which of the given byte strings, counted from 0.
        index: usize,
        /// The format that is not known here.
        format: u8,
    },
}

/// What a merge did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Merged {
    /// Everything was known, or waits for parts that have not arrived.
    Nothing,
    /// The document is not what it was.
    Changed,
}

/// A snapshot that could not be made. The document is unchanged.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SnapshotError {
    /// Parts of the document have not arrived yet.
    #[error("parts of this document have not arrived yet")]
    Waiting,
    /// The snapshot, loaded again, was not the same document; it was thrown away.
    #[error("the snapshot did not read back as the same document")]
    Unfaithful,
}
