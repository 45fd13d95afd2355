//! What an author sees of syncing.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// When this laptop talks to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SyncMode {
    /// By itself.
    #[default]
    Automatic,
    /// Only when the author asks for a sync: where the network is paid by what goes over it.
    WhenAsked,
    /// Not at all.
    Offline,
}

/// How things stand between this laptop, the server and the other laptops.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SyncFacts {
    /// When this laptop talks to the server.
    pub mode: SyncMode,
    /// All of it in one sentence; empty while the vault is locked or nothing is connected.
    pub headline: String,
    /// Texts of which changes wait for the server.
    #[ts(type = "number")]
    pub waiting_scenes: u64,
    /// The server had no more room for the account when it was last sent something.
    pub no_room: bool,
    /// Records that the server will not take.
    #[ts(type = "number")]
    pub refused: u64,
    /// When this laptop and the server last had the same, in milliseconds since 1970; null before that in this run.
    #[ts(type = "number | null")]
    pub even_at: Option<u64>,
    /// The account's laptops without those that were shut out, this one first.
    pub laptops: Vec<LaptopSync>,
    /// The server was restored from a backup; until the author puts the alarm away.
    pub restored: Option<RestoredServer>,
    /// While everything is fetched to this laptop for the first time.
    pub first: Option<FirstSync>,
    /// What another laptop deleted, and what waits for the author's word.
    pub held: Option<HeldDeletion>,
}

/// What is known of a laptop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct LaptopSync {
    /// 32 hex digits.
    pub id: String,
    /// As the author called it.
    pub name: String,
    /// Whether it is this one.
    pub this_one: bool,
    /// What it has.
    pub has: LaptopHas,
    /// The hour in which the server last heard from it, in milliseconds since 1970.
    #[ts(type = "number | null")]
    pub seen_at: Option<u64>,
}

/// What a laptop has of what the server has.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum LaptopHas {
    /// All of it, as far as this laptop knows.
    Everything,
    /// Not all of it yet.
    NotYet,
    /// The server has not said.
    Unknown,
}

/// The server was set back to a backup.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RestoredServer {
    /// When that was noticed, in milliseconds since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// Whether this laptop has sent it what it lacked.
    pub sent_again: bool,
}

/// How far the first sync is.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct FirstSync {
    /// Of the server's positions, how many are stored here.
    #[ts(type = "number")]
    pub done: u64,
    /// How many there are; 0 while that is not known.
    #[ts(type = "number")]
    pub total: u64,
    /// Bytes of records fetched in this run.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Novels that can be written in, because their outline and every text in it are here, in the order in which they
    /// came.
    pub ready: Vec<String>,
}

/// What another laptop deleted and what was not done here, because it is so much. Nothing is fetched until the author
/// has answered; what is written here goes to the server as ever.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HeldDeletion {
    /// What happened, what is safe, what to do: one sentence.
    pub message: String,
    /// The laptops that did it, as the author called them.
    pub laptops: Vec<String>,
    /// The novels.
    pub novels: Vec<HeldNovel>,
}

/// Of a novel, what would go.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct HeldNovel {
    /// The novel.
    pub novel: String,
    /// Its title.
    pub title: String,
    /// Texts that would go to the trash.
    #[ts(type = "number")]
    pub trashed: u64,
    /// Texts that would lose all their words.
    #[ts(type = "number")]
    pub emptied: u64,
    /// Texts that it has.
    #[ts(type = "number")]
    pub of: u64,
}

/// The author's word on a deletion.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum DeletionAnswer {
    /// It was meant: do it here too. What goes to the trash can come back, and every text has its history.
    Delete,
    /// It was not: everything stays, here and everywhere.
    Keep,
}

/// A record that the server will not take.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct RefusedRecord {
    /// The novel that it belongs to, if that is known.
    pub novel: Option<String>,
    /// That novel's title.
    pub title: Option<String>,
    /// The text that it belongs to; null where it is the novel's outline.
    pub scene: Option<String>,
    /// What the server said.
    pub reason: String,
}
