//! Why the store could not do something. Each sentence says what happened, what is safe, and what to do.

use seshat_protocol::{AccountId, RecordId};

/// Why the store could not do something. Whichever it is, nothing was half written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// No store in this folder.
    #[error(
        "There is no vault in this folder; nothing was changed; choose another folder or make a vault here."
    )]
    Missing,
    /// A store is in this folder already.
    #[error(
        "There is a vault in this folder already; it was not touched; open it, or choose another folder."
    )]
    Exists,
    /// Another process holds the store.
    #[error(
        "This vault is open in another window or program; nothing was changed; use that one, or close it and try again."
    )]
    InUse,
    /// Written by a newer program.
    #[error(
        "This vault was written by a newer Seshat (format {found}, this one knows {known}); nothing was changed; update Seshat and open it again."
    )]
    Newer {
        /// The file's `user_version`.
        found: u32,
        /// The newest that this program knows.
        known: u32,
    },
    /// The file is not what this program wrote.
    #[error(
        "The file that holds this vault is damaged; nothing in it was changed; restore a backup, or set this laptop up again from your server."
    )]
    Damaged {
        /// Where, for logs and `check`; never content.
        detail: String,
    },
    /// No room.
    #[error(
        "The disk is full, so this was not saved; everything saved before is safe; make room and it will be saved again."
    )]
    DiskFull,
    /// The disk or its permissions.
    #[error(
        "The disk did not do what was asked, so this was not saved; everything saved before is safe; check the disk and its permissions."
    )]
    Io(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// A record was written or received before there was a vault.
    #[error("There is no vault here yet, so nothing was saved; make a vault or join one first.")]
    NoVault,
    /// A vault of another account, where there is one.
    #[error(
        "This is the vault of another account; the one on this laptop was not touched; use another folder for the other account."
    )]
    OtherAccount {
        /// The account that the store belongs to.
        ours: AccountId,
    },
    /// A record that does not continue its device's chain.
    #[error(
        "This change does not follow the last one saved, so it was not saved; everything saved before is safe; close the vault and open it again."
    )]
    NotNext {
        /// The sequence that would have been next.
        expected: u64,
        /// The sequence that came.
        found: u64,
    },
    /// An id that a stored record has already.
    #[error(
        "This change has the name of an earlier one, so it was not saved; everything saved before is safe; close the vault and open it again."
    )]
    KnownId {
        /// The id.
        id: RecordId,
    },
    /// No server is linked.
    #[error(
        "This laptop is not connected to a server; everything is safe on it; connect it in the settings."
    )]
    NoServer,
    /// A page of another history than the cursor's.
    #[error(
        "The server now has another history; everything is safe on this laptop and will be offered to it again."
    )]
    OtherEpoch,
}

impl StoreError {
    pub(crate) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged { detail: detail.into() }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode;
        match &error {
            rusqlite::Error::SqliteFailure(code, _) => match code.code {
                ErrorCode::DiskFull => Self::DiskFull,
                ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => Self::InUse,
                ErrorCode::DatabaseCorrupt
                | ErrorCode::NotADatabase
                | ErrorCode::SchemaChanged
                | ErrorCode::TypeMismatch
                | ErrorCode::ConstraintViolation => Self::damaged(error.to_string()),
                // A file that lost its tables reads as one without them: "no such table" is ErrorCode::Unknown.
                ErrorCode::Unknown => Self::damaged(error.to_string()),
                _ => Self::Io(error.into()),
            },
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..)
            | rusqlite::Error::QueryReturnedNoRows
            | rusqlite::Error::SqlInputError { .. } => Self::damaged(error.to_string()),
            _ => Self::Io(error.into()),
        }
    }
}

impl From<std::io::Error> for StoreError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Io(error.into()),
        }
    }
}
