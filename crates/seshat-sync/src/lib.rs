//! Sync: a pure engine that decides what comes next, a transport that carries it, and a driver that runs one
//! round between a [`Transport`] and a [`Desk`].
//!
//! **Invariants:** the engine does no I/O, asks no clock and draws no random number. Nothing in here can open
//! a record; what is in one is the desk's business. Being offline is an outcome, not an error.

mod answer;
mod backoff;
mod desk;
mod driver;
mod engine;
mod error;
mod folder;
mod http;
mod listening;
mod news;
mod origin;
mod signer;
mod transport;

pub use backoff::{BACKOFF_CEILING_MS, BACKOFF_FLOOR_MS, Backoff};
pub use desk::{
    Comparison, Desk, DeskError, Missing, Offer, Offered, OtherHistory, Received, SyncState,
    VaultStep,
};
pub use driver::{Outcome, PutOff, Report, SyncError, SyncOptions, sync_once};
pub use engine::{
    Action, EPOCH_TRIES, Ending, Engine, Event, Failure, PULL_BYTES, PUSH_BYTES, PageInfo, Start,
    VAULT_TRIES,
};
pub use error::{OfflineReason, TransportError};
pub use folder::{
    FolderClock, FolderFacts, FolderPlace, FolderTransport, FolderVault, SETTLE_MS, Tidied,
    folder_vaults, put_folder_vault,
};
pub use http::{HttpTransport, JoinTicket, Timeouts};
pub use listening::{FIRST_WORD, Listener, Silence, WAIT, Way};
pub use origin::{OriginError, origin};
pub use signer::RequestSigner;
pub use transport::{Answer, Carried, News, PageRequest, Paged, Transport, VaultFetched};
