//! What crosses to the window of backups and of compaction.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A backup that was opened and found whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BackupRow {
    /// The file.
    pub path: String,
    /// Milliseconds since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// Bytes.
    #[ts(type = "number")]
    pub size: u64,
}

/// How backups stand.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct BackupStatus {
    /// Where the rotating ones are.
    pub folder: String,
    /// Newest first.
    pub backups: Vec<BackupRow>,
    /// When a copy was last saved outside of this folder, in milliseconds since 1970.
    #[ts(type = "number | null")]
    pub outside_at: Option<u64>,
    /// One sentence when it is time to save a copy elsewhere.
    pub reminder: Option<String>,
    /// One sentence when the vault lies where another program syncs files.
    pub synced_folder: Option<String>,
    /// Why the last one failed, if it did.
    pub failure: Option<String>,
}

/// What a readable copy wrote.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PlainReport {
    /// Where it is.
    pub path: String,
    /// Novels in it.
    #[ts(type = "number")]
    pub novels: u64,
    /// Scenes and notes in it.
    #[ts(type = "number")]
    pub texts: u64,
    /// Words in it.
    #[ts(type = "number")]
    pub words: u64,
    /// What could not be read and is missing, a sentence each.
    pub problems: Vec<String>,
}

/// What bringing a backup back did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Restored {
    /// Novels in the backup.
    #[ts(type = "number")]
    pub novels: u64,
    /// Records that were not here.
    #[ts(type = "number")]
    pub records: u64,
    /// Whether the vault itself came from the backup.
    pub vault: bool,
    /// What of the backup could not be used, a sentence each.
    pub problems: Vec<String>,
}

/// What a compaction did.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CompactReport {
    /// Documents that were put into one record each.
    #[ts(type = "number")]
    pub documents: u64,
    /// Records that those contain.
    #[ts(type = "number")]
    pub replaced: u64,
    /// Records that were removed from this laptop.
    #[ts(type = "number")]
    pub removed: u64,
    /// Bytes of records on this laptop before.
    #[ts(type = "number")]
    pub before: u64,
    /// Bytes after.
    #[ts(type = "number")]
    pub after: u64,
    /// Documents that had to be left as they are, a sentence each.
    pub left: Vec<String>,
}
