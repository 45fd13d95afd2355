//! What crosses to the window and to `--json`: plain data, and nothing that could open anything.
//!
//! The TypeScript side is generated from this file (`ui/src/host/bindings/`); CI fails when it is stale.
//! **Invariant:** no key, no password and no recovery word is in any of these types but [`Kit`], which exists to
//! be shown to the author once.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{CommentRow, NovelLock, SyncFacts};

/// Marks and their values on a run of text, by name: `emphasis: true`, `link: "https://…"`.
pub type Attributes = serde_json::Map<String, serde_json::Value>;

/// Where the vault stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum VaultState {
    /// There is none in this home yet.
    Absent,
    /// There is one, and no key is in memory.
    Locked,
    /// Unlocked.
    Open,
}

/// What a program may do about a failure. The sentence beside it is for the author.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum FailureCode {
    /// The password does not open the vault.
    WrongPassword,
    /// A new password that is too easy to guess.
    WeakPassword,
    /// The vault is locked.
    Locked,
    /// The account code is needed as well.
    CodeNeeded,
    /// The novel has a passphrase of its own and is closed.
    NovelLocked,
    /// What was named does not exist.
    NotFound,
    /// There is a vault already.
    Exists,
    /// The server takes new accounts by invitation: a code is needed, or another one.
    InvitationNeeded,
    /// The server cannot be reached; nothing is wrong here.
    Offline,
    /// The edit's session is over: open the scene again.
    Stale,
    /// Anything that only the author can act on.
    Other,
}

/// Why a command did not do what it was asked: one sentence that says what happened, what is safe, what to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Failure {
    /// For programs.
    pub code: FailureCode,
    /// For the author.
    pub message: String,
}

/// How well a new password would hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct PasswordStrength {
    /// 0 (guessed at once) to 4.
    pub score: u8,
    /// Whether Seshat takes it: score 3 or better.
    pub accepted: bool,
    /// How to make it better.
    pub advice: Option<String>,
}

/// The Emergency Kit, shown at creation and again on demand.
#[derive(Clone, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Kit {
    /// The whole kit as a text file.
    pub text: String,
    /// The 24 words of the recovery phrase.
    pub words: Vec<String>,
    /// Three positions, counted from 1, whose words the author is asked for.
    pub confirm: Vec<u32>,
    /// The account code, where one is in use.
    pub account_code: Option<String>,
}

/// A novel in the library.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NovelCard {
    /// 32 hex digits.
    pub id: String,
    /// As the author wrote it.
    pub title: String,
    /// BCP 47, such as `en-GB`.
    pub language: String,
    /// Words in all scenes.
    #[ts(type = "number")]
    pub words: u64,
    /// Chapters.
    #[ts(type = "number")]
    pub chapters: u64,
    /// Milliseconds since 1970, of the newest change this laptop has.
    #[ts(type = "number | null")]
    pub edited_at: Option<u64>,
    /// Whether it has a passphrase of its own. A closed novel shows neither title nor counts.
    pub lock: NovelLock,
    /// Whether the Emergency Kit opens it too, where it has one.
    pub kit_opens: bool,
}

/// A novel's binder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Outline {
    /// The novel.
    pub novel: NovelCard,
    /// Parts and chapters, in reading order.
    pub nodes: Vec<OutlineNode>,
    /// Folders and notes, which are no part of the manuscript.
    pub notes: Vec<OutlineNode>,
}

/// What a node of the binder is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum NodeKind {
    /// Holds chapters.
    Part,
    /// Holds scenes.
    Chapter,
    /// Has text.
    Scene,
    /// Holds folders and notes; no part of the manuscript.
    Folder,
    /// Has text; no part of the manuscript: never counted, never exported.
    Note,
    /// Made by a newer Seshat: shown, kept in its place, not opened.
    Other,
}

/// How far a scene is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SceneStatus {
    /// ○
    Todo,
    /// ◌
    Draft,
    /// ◐
    Revised,
    /// ●
    Final,
}

/// One row of the binder.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct OutlineNode {
    /// The node, for moving and renaming.
    pub id: String,
    /// What it is.
    pub kind: NodeKind,
    /// As the author wrote it; may be empty.
    pub title: String,
    /// Scenes and notes: the id of the text. Else null.
    pub scene: Option<String>,
    /// Scenes: their place as scripts write it, `3/2`. Chapters: `3`. Parts: empty.
    pub path: String,
    /// Words in it and below it.
    #[ts(type = "number")]
    pub words: u64,
    /// Scenes: the first words, for rows without a title.
    pub excerpt: String,
    /// Scenes: how far.
    pub status: SceneStatus,
    /// What the scene is about, in the author's words.
    pub synopsis: String,
    /// A word of the author's own for it; may be empty.
    pub label: String,
    /// How many words it shall have.
    #[ts(type = "number | null")]
    pub target: Option<u64>,
    /// Whether it goes into exports.
    pub included: bool,
    /// It came back from the trash, because another laptop edited it; until the author has seen that.
    pub kept: bool,
    /// In order.
    pub children: Vec<OutlineNode>,
}

/// Where a new node goes.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct NewNode {
    /// Part, chapter, scene, folder or note.
    pub kind: NodeKind,
    /// The node that will hold it; null is the top.
    pub parent: Option<String>,
    /// The sibling that it follows; null puts it last.
    pub after: Option<String>,
    /// May be empty.
    pub title: String,
}

/// A stretch of text under the same marks. A text of `"\n"` begins a paragraph and carries its `block`.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Run {
    /// The characters.
    pub text: String,
    /// Their marks.
    #[ts(type = "Record<string, unknown>")]
    pub attributes: Attributes,
}

/// An open scene.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SceneView {
    /// The scene.
    pub scene: String,
    /// Names this opening; edits carry it. A new opening ends older ones.
    #[ts(type = "number")]
    pub session: u64,
    /// Edits of this session that the text already contains.
    #[ts(type = "number")]
    pub sequence: u64,
    /// The whole text.
    pub runs: Vec<Run>,
    /// Notes by their id, as runs: the bodies of footnotes.
    #[ts(type = "Record<string, Run[]>")]
    pub notes: std::collections::BTreeMap<String, Vec<Run>>,
    /// Words in it.
    #[ts(type = "number")]
    pub words: u64,
    /// Comments in the margin, in the order of their places.
    pub comments: Vec<CommentRow>,
    /// One sentence, when records of it cannot be read.
    pub damage: Option<String>,
    /// Then the last text that could be read whole, if there is one.
    pub last_good: Option<Vec<Run>>,
}

/// One exact operation. Positions and lengths count UTF-16 units of the flat text, in which every paragraph
/// begins with one newline. Operations of one edit apply in order, each to the text the one before left.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[serde(tag = "op", rename_all = "snake_case")]
#[ts(export)]
pub enum EditOp {
    /// Puts text in, under exactly these marks.
    Insert {
        /// Where.
        #[ts(type = "number")]
        at: usize,
        /// May hold newlines, each of which begins a paragraph.
        text: String,
        /// All the marks that the text shall have.
        #[ts(type = "Record<string, unknown>")]
        attributes: Attributes,
    },
    /// Takes text out.
    Delete {
        /// From where.
        #[ts(type = "number")]
        at: usize,
        /// How much.
        #[ts(type = "number")]
        length: usize,
    },
    /// Edits the text of a footnote of this scene, flat as the scene's own.
    Note {
        /// The footnote's id, as in its atom.
        note: String,
        /// In order; none of them another note's.
        ops: Vec<EditOp>,
    },
    /// Sets a mark, or with null removes it.
    Mark {
        /// First position.
        #[ts(type = "number")]
        from: usize,
        /// Behind the last position.
        #[ts(type = "number")]
        to: usize,
        /// `emphasis`, `strong`, … or, on a paragraph's newline, `block` and `align`.
        key: String,
        /// `true`, a text, or null.
        #[ts(type = "unknown")]
        value: serde_json::Value,
    },
}

/// A batch of operations on an open scene. Sent again, it is applied once.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Edit {
    /// The novel.
    pub novel: String,
    /// The scene.
    pub scene: String,
    /// From [`SceneView::session`].
    #[ts(type = "number")]
    pub session: u64,
    /// 1 for the session's first edit, then one more for each.
    #[ts(type = "number")]
    pub sequence: u64,
    /// In order.
    pub ops: Vec<EditOp>,
    /// Whether the author's fingers made it: what is pasted, replaced or put back is no day's work.
    #[serde(default)]
    pub typed: bool,
}

/// What an edit did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Edited {
    /// Words in the scene now.
    #[ts(type = "number")]
    pub words: u64,
    /// Words in the novel now.
    #[ts(type = "number")]
    pub novel_words: u64,
    /// Words typed today, on all laptops that this one has heard from.
    #[ts(type = "number")]
    pub today: u64,
    /// Words typed here since the vault was opened.
    #[ts(type = "number")]
    pub sitting: u64,
}

/// How the network is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Link {
    /// No server is connected; everything is on this laptop.
    None,
    /// The server cannot be reached; a normal state.
    Offline,
    /// Reached at the last try.
    Online,
    /// Records are on their way.
    Syncing,
    /// The server answers and something needs the author: see the message.
    Attention,
}

/// What the footer says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Status {
    /// Grows with every change of anything below.
    #[ts(type = "number")]
    pub revision: u64,
    /// Where the vault stands.
    pub vault: VaultState,
    /// Whether words are in memory that are not yet on the disk (for a second or so of typing).
    pub writing: bool,
    /// Milliseconds since 1970 of the last write to the disk in this run.
    #[ts(type = "number | null")]
    pub saved_at: Option<u64>,
    /// Why the last write failed, if it did.
    pub save_failure: Option<String>,
    /// How the network is.
    pub link: Link,
    /// The server's address.
    pub server: Option<String>,
    /// The account's email address.
    pub email: Option<String>,
    /// Records that wait for the network.
    #[ts(type = "number")]
    pub waiting: u64,
    /// One sentence, when there is something to say about sync.
    pub message: Option<String>,
    /// One sentence that the author should read once: the password was changed on another laptop.
    pub notice: Option<String>,
    /// What the server did that an honest one does not, oldest first; empty while the vault is locked.
    pub alarms: Vec<Alarm>,
    /// How many laptops ask to join.
    #[ts(type = "number")]
    pub joins: u64,
    /// How many scenes were merged with other laptops' writing, until the author puts that away.
    #[ts(type = "number")]
    pub merges: u64,
    /// One sentence, when the author should save a copy elsewhere, or the vault lies where another program syncs files.
    pub backup: Option<String>,
    /// How things stand with the server and the other laptops.
    pub sync: SyncFacts,
    /// Scenes that changed from elsewhere since the revision that was asked about.
    pub changed_scenes: Vec<String>,
    /// Novels whose binder or counts changed from elsewhere since then.
    pub changed_novels: Vec<String>,
}

/// What an alarm is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum AlarmKind {
    /// The server went back: it shows an older vault, or fewer records, than before.
    Regress,
    /// Records of a laptop are missing.
    Gap,
    /// Two histories: of a laptop's records, or of the server's.
    Fork,
    /// The server shows another vault.
    OtherVault,
    /// The server was restored from a backup, as it says itself: news, no attack.
    Restored,
}

/// Something about the server that the author should read, until it is dismissed.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Alarm {
    /// For dismissing it.
    #[ts(type = "number")]
    pub id: u64,
    /// What it is about.
    pub kind: AlarmKind,
    /// What happened, what is safe, what to do: one sentence.
    pub message: String,
    /// When it was raised, in milliseconds since 1970.
    #[ts(type = "number")]
    pub at: u64,
    /// Whether its cause is gone; the message says so.
    pub healed: bool,
}

/// What an import brought in.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Imported {
    /// The new novel.
    pub novel: NovelCard,
    /// Scenes in it.
    #[ts(type = "number")]
    pub scenes: u64,
    /// What was kept as plain text or split, in sentences.
    pub notes: Vec<String>,
}

/// What one sync did.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct SyncReport {
    /// Whether the server was reached.
    pub online: bool,
    /// Whether everything was offered and everything fetched.
    pub complete: bool,
    /// Records sent.
    #[ts(type = "number")]
    pub up: u64,
    /// Records received that were new here.
    #[ts(type = "number")]
    pub down: u64,
    /// Records that still wait.
    #[ts(type = "number")]
    pub waiting: u64,
    /// Records that the server refused.
    #[ts(type = "number")]
    pub rejected: u64,
    /// One sentence about anything unusual.
    pub message: Option<String>,
}
