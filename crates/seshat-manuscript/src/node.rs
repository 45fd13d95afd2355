//! What the binder holds, as plain data.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use seshat_protocol::DocumentId;

/// Names a node of one novel's binder, on every laptop and for ever. Printed as "counter@peer".
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId {
    pub(crate) peer: u64,
    pub(crate) counter: i32,
}

/// A text that is not a [`NodeId`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the id of a part, chapter or scene")]
pub struct NodeIdError;

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.counter, self.peer)
    }
}

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for NodeId {
    type Err = NodeIdError;

    fn from_str(text: &str) -> Result<Self, NodeIdError> {
        let (counter, peer) = text.split_once('@').ok_or(NodeIdError)?;
        let id = Self {
            counter: counter.parse().map_err(|_| NodeIdError)?,
            peer: peer.parse().map_err(|_| NodeIdError)?,
        };
        // One text for each id: "+1@2" and "01@2" parse as numbers and are not what we print.
        if id.counter >= 0 && id.to_string() == text { Ok(id) } else { Err(NodeIdError) }
    }
}

impl Serialize for NodeId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for NodeId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// What a node is. It never changes, so two laptops cannot disagree about it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum NodeKind {
    /// Holds chapters and scenes; stands at the top.
    Part,
    /// Holds scenes; stands at the top or in a part.
    Chapter,
    /// Has a text; holds nothing.
    Scene,
    /// Holds folders and notes; stands beside the manuscript, at the top or in a folder. Never counted, never
    /// exported.
    Folder,
    /// Has a text that is not the novel's; holds nothing; stands where folders do.
    Note,
    /// What a newer version added, by its name. It keeps its place, may be moved, renamed and trashed, and
    /// stands anywhere.
    Unknown(String),
}

impl NodeKind {
    /// The name in the format.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Part => "part",
            Self::Chapter => "chapter",
            Self::Scene => "scene",
            Self::Folder => "folder",
            Self::Note => "note",
            Self::Unknown(name) => name,
        }
    }

    /// Whether it stands beside the manuscript.
    #[must_use]
    pub fn is_aside(&self) -> bool {
        matches!(self, Self::Folder | Self::Note)
    }

    /// Whether `holder` may hold it.
    ///
    /// Kinds never change, so what fits once fits after every merge.
    #[must_use]
    pub fn fits_in(&self, holder: &Self) -> bool {
        match (self, holder) {
            (_, Self::Scene | Self::Note) | (Self::Part, _) => false,
            (Self::Folder | Self::Note, holder) => *holder == Self::Folder,
            (Self::Chapter, holder) => !matches!(holder, Self::Chapter | Self::Folder),
            (Self::Scene, holder) => *holder != Self::Folder,
            (Self::Unknown(_), _) => true,
        }
    }
}

impl From<String> for NodeKind {
    fn from(name: String) -> Self {
        match name.as_str() {
            "part" => Self::Part,
            "chapter" => Self::Chapter,
            "scene" => Self::Scene,
            "folder" => Self::Folder,
            "note" => Self::Note,
            _ => Self::Unknown(name),
        }
    }
}

impl From<NodeKind> for String {
    fn from(kind: NodeKind) -> Self {
        kind.name().to_owned()
    }
}

/// How far a scene is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// To be written. Also shown for a status of a newer version, which is kept.
    #[default]
    Todo,
    /// A first draft.
    Draft,
    /// Revised.
    Revised,
    /// Final.
    Final,
}

impl Status {
    /// The name in the format.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Todo => "todo",
            Self::Draft => "draft",
            Self::Revised => "revised",
            Self::Final => "final",
        }
    }

    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "draft" => Self::Draft,
            "revised" => Self::Revised,
            "final" => Self::Final,
            _ => Self::Todo,
        }
    }
}

/// A part, chapter, scene, folder or note with what is below it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Its id.
    pub id: NodeId,
    /// What it is.
    pub kind: NodeKind,
    /// Its title; may be empty.
    pub title: String,
    /// How far it is.
    pub status: Status,
    /// Its synopsis; may be empty.
    pub synopsis: String,
    /// The text of a scene or a note; `None` for what has none.
    pub document: Option<DocumentId>,
    /// The author's label; empty for none.
    #[serde(default)]
    pub label: String,
    /// How many words it is meant to have.
    #[serde(default)]
    pub target: Option<u64>,
    /// Whether an export takes it along.
    #[serde(default = "yes")]
    pub included: bool,
    /// Whether it came back out of the trash because another laptop went on writing it, and nobody has
    /// acknowledged that yet.
    #[serde(default)]
    pub kept: bool,
    /// When it was put into the trash, in milliseconds since 1970; only on what stands there itself.
    #[serde(default)]
    pub trashed_at: Option<u64>,
    /// What is in it, in reading order.
    pub children: Vec<Node>,
}

fn yes() -> bool {
    true
}

impl Node {
    /// A node of which nothing but its id can be read.
    pub(crate) fn unreadable(id: NodeId) -> Self {
        Self {
            id,
            kind: NodeKind::Unknown(String::new()),
            title: String::new(),
            status: Status::default(),
            synopsis: String::new(),
            document: None,
            label: String::new(),
            target: None,
            included: true,
            kept: false,
            trashed_at: None,
            children: Vec::new(),
        }
    }
}
