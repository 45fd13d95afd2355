//! The HTTP API, `/v1`: JSON in both directions, byte strings in base64url.

use serde::{Deserialize, Serialize};

use crate::{Blob, Bytes32, DeviceEntry, Record, RecordId, SignInDescription};

/// The paths.
pub mod route {
    /// `GET`, no session.
    pub const HEALTH: &str = "/healthz";
    /// `GET`, no session → [`super::Capabilities`].
    pub const CAPABILITIES: &str = "/v1/capabilities";
    /// `POST` [`crate::CreateAccount`], no session → 201, empty object.
    pub const ACCOUNTS: &str = "/v1/accounts";
    /// `POST` [`crate::ChallengeRequest`], no session → [`crate::ChallengeReply`].
    pub const CHALLENGE: &str = "/v1/sign-in/challenge";
    /// `POST` [`crate::SignInRequest`], no session → [`crate::SignInReply`].
    pub const SIGN_IN: &str = "/v1/sign-in";
    /// `GET` → [`super::VaultReply`] with `ETag`, or 304; `PUT` [`super::VaultUpdate`] with `If-Match`
    /// → [`super::VaultUpdated`], or 412.
    pub const VAULT: &str = "/v1/vault";
    /// `POST` [`super::PushRequest`] → [`super::PushResponse`].
    pub const RECORDS: &str = "/v1/records";
    /// `GET ?cursor&limit&max_bytes` → [`super::Changes`].
    pub const CHANGES: &str = "/v1/changes";
}

/// What one request may carry.
pub mod limits {
    /// Records in one push, and in one page of changes.
    pub const RECORDS: usize = 100;
    /// Bytes of header and body in one push or page. A page always holds at least one record.
    pub const BATCH_BYTES: usize = 8 * 1024 * 1024;
    /// Bytes of header and body of one record.
    pub const RECORD_BYTES: usize = 4 * 1024 * 1024;
    /// Bytes of a vault blob.
    pub const VAULT_BYTES: usize = 1024 * 1024;
    /// Bytes of any request body: a full batch in base64, with room for its JSON.
    pub const BODY_BYTES: usize = 12 * 1024 * 1024;
    /// Records that one record may replace.
    pub const REPLACES: usize = 4096;
}

/// `GET /v1/capabilities`: how a client knows that this is a Seshat server and which one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Capabilities {
    /// Always `"seshat"`.
    pub service: String,
    /// The server's release.
    pub version: String,
    /// Protocol versions that it speaks.
    pub protocols: Vec<u32>,
    /// 100 or fewer.
    pub max_records: usize,
    /// Bytes of header and body in one request.
    pub max_batch_bytes: usize,
    /// Bytes of header and body of one record.
    pub max_record_bytes: usize,
}

/// `POST /v1/records`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PushRequest {
    /// At most [`limits::RECORDS`].
    pub records: Vec<Record>,
}

/// What became of one record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "lowercase")]
pub enum PushOutcome {
    /// Stored now.
    Stored,
    /// Stored before: the same id with the same content.
    Known,
    /// Not stored, and sending it again will not help.
    Rejected {
        /// For a person; never contains user data.
        reason: String,
    },
}

/// One record's outcome.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PushResult {
    /// The record.
    pub id: RecordId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: PushOutcome,
}

/// The answer to a push, in the order of the request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct PushResponse {
    /// One for each record.
    pub results: Vec<PushResult>,
    /// The account's head after this push.
    pub head: u64,
    /// See [`Changes::epoch`].
    pub epoch: String,
}

/// A record and the position that the server gave it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ChangedRecord {
    /// 1, 2, 3 … without a gap, per account.
    pub position: u64,
    /// The record as it was pushed.
    pub record: Record,
}

/// A set of record ids in 40 bytes. Different digests mean different sets; equal ones are a hint that the sets are
/// equal, and no proof against a server that chooses ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Digest {
    /// How many.
    pub count: u64,
    /// XOR of SHA-256 over each id's 16 bytes.
    pub xor: Bytes32,
}

/// `GET /v1/changes`: what came after a cursor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Changes {
    /// In the order of their positions.
    pub records: Vec<ChangedRecord>,
    /// The cursor for the next page.
    pub next: u64,
    /// Whether a next page has anything.
    pub has_more: bool,
    /// The account's newest position.
    pub head: u64,
    /// Names this server's history. It changes when the server was restored from a backup.
    pub epoch: String,
    /// Over all records that the server holds for the account.
    pub digest: Digest,
}

/// `GET /v1/vault`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultReply {
    /// Opaque; also the `ETag`.
    pub revision: String,
    /// The blob.
    pub vault: Blob,
}

/// `PUT /v1/vault` with `If-Match: "revision"`: all of it takes effect, or none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct VaultUpdate {
    /// The new blob.
    pub vault: Blob,
    /// New sign-in keys, after a password change or recovery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<SignInDescription>,
    /// A device that joins with this update.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceEntry>,
}

/// The answer to an accepted [`VaultUpdate`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct VaultUpdated {
    /// The new revision.
    pub revision: String,
}

/// Why a request failed, for programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// 400: the request is not what this route takes.
    Malformed,
    /// 401: no session, an ended one, or a wrong answer to a challenge. The cause is not told apart.
    SignInRequired,
    /// 404: no such route.
    NotFound,
    /// 405: the route has other methods.
    MethodNotAllowed,
    /// 409: the account or the email address is taken.
    AccountExists,
    /// 412: the vault has another revision.
    VaultChanged,
    /// 413: larger than the limits say.
    TooLarge,
    /// 507: no room on the server.
    Full,
    /// 500: the server's own fault; trying again later may help.
    Internal,
    /// An answer of a newer server.
    #[serde(other)]
    Unknown,
}

/// The body of every answer that is not 2xx or 304.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct ErrorBody {
    /// For programs.
    pub code: ErrorCode,
    /// One sentence for a person; never contains user data.
    pub message: String,
}
