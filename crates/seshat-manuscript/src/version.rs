//! Versions: names for what a document held at some moment, and the list of those that were given a name.
//!
//! **Invariant:** a [`Version`] says *which* changes were there and nothing else. It holds no time and no text,
//! means the same on every laptop, and stays readable for as long as the document lives, because the history is
//! never thrown away.

use std::fmt;
use std::str::FromStr;

use loro::{Frontiers, ID, LoroDoc, LoroMap, LoroValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use serde_json::{Value, json};

use crate::replica::GENESIS_PEER;

/// The map of versions with a name, in scenes and binders alike.
const VERSIONS: &str = "versions";

/// Which changes of one document were there. Written as hexadecimal digits; "0" is the beginning.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(Vec<(u64, i32)>);

/// Why a version cannot be shown, brought back or named. Nothing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VersionError {
    /// A text that names no version.
    #[error("this does not name a version")]
    Malformed,
    /// Parts of the version have not arrived, or it belongs to another document.
    #[error("this version is not here, or not whole yet")]
    Unknown,
    /// An id that cannot stand in the list: up to 64 ASCII letters, digits and hyphens.
    #[error("this is not the id of a version")]
    UnfitId,
    /// What was brought back was not what the version says, so it was taken back.
    #[error("this version could not be brought back; the text is as it was")]
    Unfaithful,
}

impl Version {
    pub(crate) fn from_frontiers(frontiers: &Frontiers) -> Self {
        let mut ids: Vec<_> = frontiers
            .iter()
            .filter(|id| id.peer != GENESIS_PEER)
            .map(|id| (id.peer, id.counter))
            .collect();
        ids.sort_unstable();
        Self(ids)
    }

    /// The version of a document that nobody has written to.
    #[must_use]
    pub fn beginning() -> Self {
        Self(Vec::new())
    }

    /// Whether nobody had written by then.
    #[must_use]
    pub fn is_beginning(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = ID> + '_ {
        self.0.iter().map(|&(peer, counter)| ID::new(peer, counter))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("0");
        }
        self.0.iter().try_for_each(|(peer, counter)| write!(f, "{peer:016x}{counter:08x}"))
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        if text == "0" {
            return Ok(Self::beginning());
        }
        if !text.is_ascii() || text.is_empty() {
            return Err(VersionError::Malformed);
        }
        let mut ids = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (peer, counter) = rest.split_at_checked(16).ok_or(VersionError::Malformed)?;
            let (counter, after) = counter.split_at_checked(8).ok_or(VersionError::Malformed)?;
            let peer = u64::from_str_radix(peer, 16).map_err(|_| VersionError::Malformed)?;
            let counter = i32::from_str_radix(counter, 16).map_err(|_| VersionError::Malformed)?;
            ids.push((peer, counter));
            rest = after;
        }
        let version = Self(ids);
        // One text for each version, and no counter below 0.
        let ordered = version.0.is_sorted_by(|one, next| one.0 < next.0);
        if ordered && version.to_string() == text {
            Ok(version)
        } else {
            Err(VersionError::Malformed)
        }
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}

/// Why a version was given a name.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum VersionKind {
    /// The author wanted it.
    Named,
    /// An older version was brought back after it.
    BeforeRestore,
    /// A replacement in many scenes came after it.
    BeforeReplace,
    /// The writing of another laptop was merged in after it.
    BeforeMerge,
    /// What a newer version of Seshat added, by its name.
    Unknown(String),
}

impl VersionKind {
    /// The name in the format.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Named => "named",
            Self::BeforeRestore => "before-restore",
            Self::BeforeReplace => "before-replace",
            Self::BeforeMerge => "before-merge",
            Self::Unknown(name) => name,
        }
    }
}

impl From<String> for VersionKind {
    fn from(name: String) -> Self {
        [Self::Named, Self::BeforeRestore, Self::BeforeReplace, Self::BeforeMerge]
            .into_iter()
            .find(|kind| kind.name() == name)
            .unwrap_or(Self::Unknown(name))
    }
}

impl From<VersionKind> for String {
    fn from(kind: VersionKind) -> Self {
        kind.name().to_owned()
    }
}

/// A version that was given a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamedVersion {
    /// For renaming and forgetting it.
    pub id: String,
    /// Why it is there.
    pub kind: VersionKind,
    /// Its name; may be empty.
    pub name: String,
    /// When it was named, in whatever unit the caller counts.
    pub at: i64,
    /// What it is.
    pub version: Version,
}

/// Whether `id` may be a key. Loro panics at some characters in names, so only harmless ones pass.
pub(crate) fn is_key(id: &str) -> bool {
    (1..=64).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

pub(crate) fn map(doc: &LoroDoc) -> LoroMap {
    doc.get_map(VERSIONS)
}

/// Everything in the list as JSON by id.
pub(crate) fn entries(doc: &LoroDoc) -> Vec<(String, Value)> {
    let mut entries: Vec<_> = match map(doc).get_value() {
        LoroValue::Map(map) => {
            map.iter().map(|(id, value)| (id.clone(), Value::from(value.clone()))).collect()
        }
        _ => Vec::new(),
    };
    entries.sort_by(|one, other| one.0.cmp(&other.0));
    entries
}

/// Reads an entry; `None` for what this version of Seshat cannot read, which stays.
pub(crate) fn read(id: &str, value: &Value) -> Option<NamedVersion> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    Some(NamedVersion {
        id: id.to_owned(),
        kind: text("kind")?.to_owned().into(),
        name: text("name").unwrap_or_default().to_owned(),
        at: value.get("at").and_then(Value::as_i64).unwrap_or(0),
        version: text("version")?.parse().ok()?,
    })
}

/// All that can be read, oldest first.
pub(crate) fn named(doc: &LoroDoc) -> Vec<NamedVersion> {
    let mut named: Vec<_> = entries(doc).iter().filter_map(|(id, value)| read(id, value)).collect();
    named.sort_by(|one, other| (one.at, &one.id).cmp(&(other.at, &other.id)));
    named
}

/// The entry of `version` with the fields of `more`.
pub(crate) fn entry(named: &NamedVersion, more: Option<(&str, Value)>) -> LoroValue {
    let mut value = json!({
        "kind": named.kind.name(),
        "name": named.name,
        "at": named.at,
        "version": named.version.to_string(),
    });
    if let (Some(fields), Some((key, more))) = (value.as_object_mut(), more) {
        fields.insert(key.to_owned(), more);
    }
    value.into()
}

/// Gives an entry another name and keeps whatever else it holds.
pub(crate) fn rename(doc: &LoroDoc, id: &str, name: &str) -> Result<(), VersionError> {
    let found = entries(doc).into_iter().find(|(key, _)| key == id);
    let (_, mut value) = found.ok_or(VersionError::Unknown)?;
    let fields = value.as_object_mut().ok_or(VersionError::Unknown)?;
    fields.insert("name".to_owned(), name.into());
    map(doc).insert(id, LoroValue::from(value)).map_err(|_| VersionError::UnfitId)
}

/// Takes an entry out; the changes that it named stay.
pub(crate) fn forget(doc: &LoroDoc, id: &str) -> Result<(), VersionError> {
    if map(doc).get(id).is_none() {
        return Err(VersionError::Unknown);
    }
    map(doc).delete(id).map_err(|_| VersionError::UnfitId)
}
