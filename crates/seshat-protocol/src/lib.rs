//! What client and server must spell alike: ids, sealed bytes, records, requests.
//!
//! **Invariant:** nothing in here can hold a key, a password or a readable word of a novel. The server links
//! this crate and no other of ours, so what it can know is what these types can say.

mod api;
mod bytes;
mod device;
mod fields;
pub mod http_signature;
mod id;
mod joins;
mod pack;
mod record;
#[cfg(feature = "schema")]
mod schema;
mod sign_in;

pub use api::{
    AccountExport, AccountUsage, Capabilities, ChangedRecord, Changes, Digest, ErrorBody,
    ErrorCode, ExportEnd, ExportLine, Head, PushOutcome, PushRequest, PushResponse, PushResult,
    Registration, VaultReply, VaultUpdate, VaultUpdated, limits, route,
};
pub use bytes::{Blob, Bytes16, Bytes32, Bytes64, Sealed};
pub use device::{AccountCreated, Devices, ListedDevice, Receipt, device_receipt_message};
pub use fields::{FieldReader, FieldWriter, FieldsError};
pub use id::{AccountId, DeviceId, DocumentId, IdError, JoinId, NovelId, RecordId};
pub use joins::{
    AskToJoin, JoinAsked, JoinGrant, JoinOffer, JoinProgress, JoinReveal, OpenJoin, OpenJoins,
};
pub use pack::{BlobProgress, PackEnd, PackError, PackFrame, PackReader};
pub use record::{FIRST_PREVIOUS, Record};
pub use sign_in::{
    ChallengeReply, ChallengeRequest, CreateAccount, DeviceEntry, KdfDescription,
    SignInDescription, SignInKey, SignInReply, SignInRequest, create_account_message,
    device_certificate_message, sign_in_message,
};

/// The version of the wire protocol, as it stands in every path: `/v1`.
pub const PROTOCOL_VERSION: u32 = 1;

/// The label that opens every signed or sealed context of this format.
pub const FORMAT_LABEL: &str = "seshat/v1";
