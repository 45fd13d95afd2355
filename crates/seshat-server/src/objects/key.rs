//! How an object is named: what it is, whose, and the hash of what it belongs to.

use std::fmt::Write;

use object_store::path::Path;
use seshat_protocol::{AccountId, Bytes32};

/// The folder of what is kept.
pub(super) const KEPT: &str = "kept";
/// The folder of what is about to go; see [`super::Depot::doom`].
pub(super) const DOOMED: &str = "doomed";

/// What an object is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum What {
    /// The sealed body with this SHA-256.
    Body(Bytes32),
    /// A part of the sealed blob with this SHA-256.
    Part {
        /// Of the whole blob.
        blob: Bytes32,
        /// 0 for the first.
        part: u32,
    },
}

impl What {
    /// The hash by which the database knows it.
    #[must_use]
    pub fn hash(&self) -> Bytes32 {
        match self {
            Self::Body(hash) | Self::Part { blob: hash, .. } => *hash,
        }
    }
}

/// The name of an object.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Key {
    /// Whose it is: two accounts never share an object, even of the same bytes.
    pub account: AccountId,
    /// What it is.
    pub what: What,
}

impl Key {
    /// A body of this account.
    #[must_use]
    pub fn body(account: AccountId, hash: Bytes32) -> Self {
        Self { account, what: What::Body(hash) }
    }

    /// A part of a blob of this account.
    #[must_use]
    pub fn part(account: AccountId, blob: Bytes32, part: u32) -> Self {
        Self { account, what: What::Part { blob, part } }
    }

    /// Below `root`, which is [`KEPT`] or [`DOOMED`].
    pub(super) fn path(&self, root: &str) -> Path {
        let account = self.account;
        Path::from(match self.what {
            What::Body(hash) => format!("{root}/{account}/bodies/{}", hex(&hash)),
            What::Part { blob, part } => format!("{root}/{account}/blobs/{}/{part}", hex(&blob)),
        })
    }

    /// Reads [`Key::path`]; `None` for what was not put there by us.
    pub(super) fn parse(path: &Path, root: &str) -> Option<Self> {
        let parts: Vec<_> = path.parts().collect();
        let names: Vec<&str> = parts.iter().map(AsRef::as_ref).collect();
        let (account, what) = match names[..] {
            [first, account, "bodies", hash] if first == root => {
                (account, What::Body(unhex(hash)?))
            }
            [first, account, "blobs", blob, part] if first == root => {
                (account, What::Part { blob: unhex(blob)?, part: part.parse().ok()? })
            }
            _ => return None,
        };
        let key = Self { account: account.parse().ok()?, what };
        // No two names for one object.
        (key.path(root) == *path).then_some(key)
    }
}

/// 64 hexadecimal digits.
pub(crate) fn hex(hash: &Bytes32) -> String {
    hash.0.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing to a `String` does not fail.
        let _written = write!(text, "{byte:02x}");
        text
    })
}

/// Back again, from lower-case digits alone.
pub(crate) fn unhex(text: &str) -> Option<Bytes32> {
    let mut hash = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(Bytes32(hash))
}

fn digit(ascii: u8) -> Option<u8> {
    match ascii {
        b'0'..=b'9' => Some(ascii - b'0'),
        b'a'..=b'f' => Some(ascii - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCOUNT: AccountId = AccountId([0xAB; 16]);

    #[test]
    fn a_name_is_read_as_it_was_written_and_no_other_is() {
        for key in [
            Key::body(ACCOUNT, Bytes32([0xCD; 32])),
            Key::part(ACCOUNT, Bytes32([1; 32]), 0),
            Key::part(ACCOUNT, Bytes32([1; 32]), 15),
        ] {
            assert_eq!(Key::parse(&key.path(KEPT), KEPT), Some(key));
            assert_eq!(Key::parse(&key.path(KEPT), DOOMED), None, "the folders are one");
        }
        let hash = "cd".repeat(32);
        for strange in [
            format!("kept/{ACCOUNT}/bodies/{}", hash.to_uppercase()),
            format!("kept/{ACCOUNT}/bodies/{hash}/0"),
            format!("kept/{ACCOUNT}/bodies/cd"),
            format!("kept/{ACCOUNT}/blobs/{hash}"),
            format!("kept/{ACCOUNT}/blobs/{hash}/+1"),
            format!("kept/{ACCOUNT}/blobs/{hash}/01"),
            format!("kept/{ACCOUNT}/notes/{hash}"),
            format!("{ACCOUNT}/bodies/{hash}"),
            "lost+found".to_owned(),
        ] {
            assert_eq!(Key::parse(&Path::from(strange.as_str()), KEPT), None, "{strange}");
        }
    }
}
