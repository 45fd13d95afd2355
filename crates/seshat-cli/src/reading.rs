//! Text from files that the author names.
//!
//! **Invariant:** no more of a file is read than a text of its kind may have.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use anyhow::{Context, bail};

/// Bytes of a scene's Markdown: some 170,000 words. A longer one would make the editor and every merge slow;
/// import takes it and splits it into scenes.
pub(crate) const SCENE: u64 = 1024 * 1024;
/// Bytes of operations: some days of typing.
pub(crate) const OPERATIONS: u64 = 64 * 1024 * 1024;
/// Bytes of an Emergency Kit, with room for whatever was printed around it.
pub(crate) const KIT: u64 = 64 * 1024;

/// Reads a text of at most `limit` bytes.
pub(crate) fn read_text(path: &Path, limit: u64) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .with_context(|| format!("{} cannot be read, so nothing was changed", path.display()))?;
    if u64::try_from(bytes.len()).map_or(true, |length| length > limit) {
        bail!(
            "{} is longer than the {} KiB that it may have here, so nothing was changed.",
            path.display(),
            limit / 1024
        );
    }
    String::from_utf8(bytes).map_err(|_| {
        anyhow::anyhow!("{} is not UTF-8 text, so nothing was changed.", path.display())
    })
}
