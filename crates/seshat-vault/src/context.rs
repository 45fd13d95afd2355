//! What a sealed thing is bound to: the account, the place, the device and the version.
//!
//! **Invariant:** the context is rebuilt by the reader from *where it asked*. It is not stored beside the
//! ciphertext, so a server that moves, renames or replays ciphertexts makes them fail to open.

use seshat_protocol::{
    AccountId, DeviceId, DocumentId, FORMAT_LABEL, FieldWriter, NovelId, RecordId,
};

/// What a record or a local cache holds. The codes are part of the format.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
#[non_exhaustive]
pub enum Kind {
    /// A change of a scene's text.
    SceneUpdate = 1,
    /// All of a scene's text.
    SceneSnapshot = 2,
    /// A change of a novel's binder.
    BinderUpdate = 3,
    /// All of a novel's binder.
    BinderSnapshot = 4,
    /// What this device remembers about a document; never leaves it.
    LocalSummary = 64,
    /// The last text of a document that could be read; never leaves this device.
    LocalText = 65,
    /// What a merge brought to a document; never leaves this device.
    LocalReport = 66,
}

impl Kind {
    /// The code that stands in a record's header.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::SceneUpdate => 1,
            Self::SceneSnapshot => 2,
            Self::BinderUpdate => 3,
            Self::BinderSnapshot => 4,
            Self::LocalSummary => 64,
            Self::LocalText => 65,
            Self::LocalReport => 66,
        }
    }

    /// The kind with this code; `None` for one that this release does not know.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            1 => Some(Self::SceneUpdate),
            2 => Some(Self::SceneSnapshot),
            3 => Some(Self::BinderUpdate),
            4 => Some(Self::BinderSnapshot),
            64 => Some(Self::LocalSummary),
            65 => Some(Self::LocalText),
            66 => Some(Self::LocalReport),
            _ => None,
        }
    }

    /// How the kind is called in a context.
    fn name(self) -> &'static str {
        match self {
            Self::SceneUpdate => "scene-update",
            Self::SceneSnapshot => "scene-snapshot",
            Self::BinderUpdate => "binder-update",
            Self::BinderSnapshot => "binder-snapshot",
            Self::LocalSummary => "local-summary",
            Self::LocalText => "local-text",
            Self::LocalReport => "local-report",
        }
    }

    /// Whether it is a cache, which is never in a record.
    #[must_use]
    pub fn is_local(self) -> bool {
        match self {
            Self::SceneUpdate | Self::SceneSnapshot | Self::BinderUpdate | Self::BinderSnapshot => {
                false
            }
            Self::LocalSummary | Self::LocalText | Self::LocalReport => true,
        }
    }

    /// Whether it is all of a document and not a change of it: what may stand for other records.
    #[must_use]
    pub fn is_snapshot(self) -> bool {
        matches!(self, Self::SceneSnapshot | Self::BinderSnapshot)
    }
}

/// Where something belongs: what it is, in which document of which novel.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    /// What it is.
    pub kind: Kind,
    /// The novel, whose key seals it.
    pub novel: NovelId,
    /// The scene or binder.
    pub document: DocumentId,
}

/// Everything that can be bound; what does not apply is empty.
pub(crate) struct Context<'a> {
    kind: &'static str,
    account: AccountId,
    pub(crate) novel: Option<NovelId>,
    pub(crate) document: Option<DocumentId>,
    pub(crate) record: Option<RecordId>,
    pub(crate) epoch: Option<u32>,
    pub(crate) device: Option<DeviceId>,
    pub(crate) sequence: Option<u64>,
    pub(crate) replaces: &'a [RecordId],
    /// Slots: KDF, generation and use of the account code. Vault body: generation. Else empty.
    pub(crate) extra: &'a [u8],
}

impl Context<'_> {
    /// A context with nothing but a kind and an account.
    pub(crate) fn new(kind: &'static str, account: AccountId) -> Self {
        Self {
            kind,
            account,
            novel: None,
            document: None,
            record: None,
            epoch: None,
            device: None,
            sequence: None,
            replaces: &[],
            extra: &[],
        }
    }

    /// A context at a place.
    pub(crate) fn at(place: &Place, account: AccountId) -> Self {
        let mut context = Self::new(place.kind.name(), account);
        context.novel = Some(place.novel);
        context.document = Some(place.document);
        context
    }

    /// The bytes that go into the key derivation.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let replaces: Vec<u8> = self.replaces.iter().flat_map(|id| id.0).collect();
        FieldWriter::with_capacity(256 + replaces.len() + self.extra.len())
            .text(FORMAT_LABEL)
            .text(self.kind)
            .bytes(self.account.as_bytes())
            .bytes(self.novel.as_ref().map_or(&[], |id| id.as_bytes()))
            .bytes(self.document.as_ref().map_or(&[], |id| id.as_bytes()))
            .bytes(self.record.as_ref().map_or(&[], |id| id.as_bytes()))
            .bytes(self.epoch.map(u32::to_be_bytes).as_ref().map_or(&[], |number| &number[..]))
            .bytes(self.device.as_ref().map_or(&[], |id| id.as_bytes()))
            .bytes(self.sequence.map(u64::to_be_bytes).as_ref().map_or(&[], |number| &number[..]))
            .bytes(&replaces)
            .bytes(self.extra)
            .finish()
    }
}
