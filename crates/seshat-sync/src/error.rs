//! Why a request failed: one variant for each thing that an author would do something different about.

use seshat_protocol::ErrorCode;

/// Why no answer came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum OfflineReason {
    /// No route, no such host, connection refused.
    Unreachable,
    /// Connected or not, the answer was not complete in time.
    TimedOut,
    /// The connection ended before the answer did.
    CutShort,
}

/// Why a request failed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The address cannot be a server's.
    #[error(transparent)]
    Address(#[from] crate::OriginError),
    /// No answer, or half of one. Waiting may help.
    #[error("{}", offline_sentence(*.reason))]
    Offline {
        /// What happened.
        reason: OfflineReason,
        /// The client's own words, for logs.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// The folder that takes the place of a server is not there, or holds no vault of this account. Waiting may help.
    #[error(
        "The folder that syncs your laptops is not there, or not complete yet; your work is safe on this laptop; plug in the stick or start the program that syncs the folder."
    )]
    FolderAway {
        /// The system's own words, for logs.
        #[source]
        source: Option<std::io::Error>,
    },
    /// The folder is there and cannot be read or written. Waiting may help.
    #[error(
        "The folder that syncs your laptops cannot be used ({}); your work is safe on this laptop; check that the disk it lies on has room and may be written.", plain(.0)
    )]
    FolderTrouble(#[source] std::io::Error),
    /// This laptop's own disk refused what it has to remember about the folder.
    #[error(
        "This laptop's own disk refused what sync has to remember ({}); everything that was saved is safe; make room on it.", plain(.0)
    )]
    NotKept(#[source] std::io::Error),
    /// The connection could not be made safe.
    #[error(
        "The server could not prove who it is (its certificate was not accepted), so nothing was sent; check the address, or ask whoever runs the server."
    )]
    NotTrusted {
        /// The client's own words, for logs.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// 5xx or 429: the server's own trouble. Waiting may help.
    #[error(
        "The server has trouble of its own (status {status}); your work is safe on this laptop, and sync will try again."
    )]
    ServerTrouble {
        /// The HTTP status.
        status: u16,
        /// Seconds that it asked to wait.
        retry_after: Option<u64>,
    },
    /// An answer that no Seshat server gives.
    #[error(
        "There is no Seshat server at this address (it answered with status {status}); check the address."
    )]
    NotSeshat {
        /// The HTTP status.
        status: u16,
    },
    /// A Seshat server of another time.
    #[error(
        "This server and this Seshat do not speak the same version; your work is safe on this laptop; update the older of the two."
    )]
    OtherProtocol,
    /// The address answers with another address. It is not followed: a sign-in is made for one origin.
    #[error("This address sends visitors on to another one{}; enter that address instead.", .to.as_ref().map(|to| format!(" ({to})")).unwrap_or_default())]
    Redirected {
        /// Where to, if it is a URL.
        to: Option<String>,
    },
    /// A success whose content is not what was asked for.
    #[error(
        "The server's answer made no sense ({what}), so it was not used; your work is safe on this laptop."
    )]
    Nonsense {
        /// What did not fit; no user data.
        what: &'static str,
    },
    /// An answer longer than this route may give.
    #[error(
        "The server's answer was larger than the {limit} bytes it may have, so it was not used; your work is safe on this laptop."
    )]
    TooMuch {
        /// The bound, in bytes.
        limit: usize,
    },
    /// 401: no session, an ended one, a wrong answer to a challenge, or a signature that does not hold.
    #[error(
        "The server does not accept this laptop's word for who it is; your work is safe on this laptop."
    )]
    SignInRequired,
    /// 401: the clocks of laptop and server differ, and signing with the server's time did not help.
    #[error(
        "This laptop and the server have very different times, so the server took nothing; your work is safe on this laptop; set its clock, and the server's."
    )]
    Clock {
        /// The time that the server named, in seconds since 1970.
        server: Option<u64>,
    },
    /// 401: this device was removed from the account.
    #[error(
        "This laptop was shut out of the account, so the server takes nothing from it; everything that is on it stays on it."
    )]
    DeviceRevoked,
    /// The laptop cannot sign, so nothing was sent: its vault is locked.
    #[error("Nothing was sent, because this laptop could not sign it; your work is safe on it.")]
    NotSigned(#[source] crate::DeskError),
    /// 412: another laptop changed the vault first.
    #[error(
        "Another laptop changed the vault at the same moment; your work is safe, and sync will try again."
    )]
    VaultChanged,
    /// A Seshat server said no.
    #[error("The server refused this ({message}); your work is safe on this laptop.")]
    Refused {
        /// For programs.
        code: ErrorCode,
        /// The server's sentence, shortened and without control characters.
        message: String,
        /// The HTTP status.
        status: u16,
    },
    /// The HTTP client could not be built: no cryptography provider is installed, or no certificates are.
    #[error("This laptop cannot make secure connections ({what}); your work is safe on it.")]
    NoClient {
        /// What is missing.
        what: &'static str,
        /// The client's own words, for logs.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
}

/// What the system says, without its own number for it.
fn plain(error: &std::io::Error) -> String {
    let said = error.to_string();
    said.rsplit_once(" (os error ").map_or(said.clone(), |(words, _)| words.to_owned())
}

fn offline_sentence(reason: OfflineReason) -> &'static str {
    match reason {
        OfflineReason::Unreachable => {
            "The server cannot be reached; your work is safe on this laptop, and sync will try again."
        }
        OfflineReason::TimedOut => {
            "The server took too long to answer; your work is safe on this laptop, and sync will try again."
        }
        OfflineReason::CutShort => {
            "The connection broke in the middle of an answer; your work is safe on this laptop, and sync will try again."
        }
    }
}

impl TransportError {
    /// Whether the same request may succeed later with nothing done by anybody here.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Offline { .. }
                | Self::ServerTrouble { .. }
                | Self::FolderAway { .. }
                | Self::FolderTrouble(_)
        )
    }
}
