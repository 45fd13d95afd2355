//! What an author sees of a folder that takes the place of a server.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How things stand with the folder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FolderState {
    /// Where it is on this laptop.
    pub path: String,
    /// Whether it is there now, with a vault of this account in it.
    pub there: bool,
    /// Files of this account in it.
    #[ts(type = "number")]
    pub files: u64,
    /// Their bytes.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Files that cannot be used: half of them is missing, or something else wrote them.
    #[ts(type = "number")]
    pub unusable: u64,
    /// Laptops that have written into it.
    #[ts(type = "number")]
    pub laptops: u64,
    /// Records that wait to be written into it.
    #[ts(type = "number")]
    pub waiting: u64,
    /// One sentence where something is not as it should be: what, what is safe, what to do.
    pub message: Option<String>,
}
