//! The HTTP API, `/v1`: JSON in both directions, byte strings in base64url.
//!
//! **Invariant:** what a server is sent has no field that it does not know; what it answers may have some, because servers
//! are updated before laptops are.

use serde::{Deserialize, Serialize};

use crate::{
    AccountId, Blob, Bytes32, DeviceEntry, DeviceId, ListedDevice, Receipt, Record, RecordId,
    SignInDescription,
};

/// The paths. Who may ask: *anybody*; a *device*, which signs ([`crate::http_signature`]); or a *person* with
/// the token of a sign-in.
pub mod route {
    /// `GET` by anybody.
    pub const HEALTH: &str = "/healthz";
    /// `GET` by anybody → [`super::Capabilities`].
    pub const CAPABILITIES: &str = "/v1/capabilities";
    /// `POST` [`crate::CreateAccount`] by anybody → 201 [`crate::AccountCreated`].
    pub const ACCOUNTS: &str = "/v1/accounts";
    /// `POST` [`crate::ChallengeRequest`] by anybody → [`crate::ChallengeReply`].
    pub const CHALLENGE: &str = "/v1/sign-in/challenge";
    /// `POST` [`crate::SignInRequest`] by anybody → [`crate::SignInReply`].
    pub const SIGN_IN: &str = "/v1/sign-in";
    /// By a device or a person: `GET` → [`super::VaultReply`] with `ETag`, or 304; `PUT`
    /// [`super::VaultUpdate`] with `If-Match` → [`super::VaultUpdated`], or 412.
    pub const VAULT: &str = "/v1/vault";
    /// `POST` [`super::PushRequest`] by a device → [`super::PushResponse`].
    pub const RECORDS: &str = "/v1/records";
    /// `GET ?cursor&limit&max_bytes` by a device → [`super::Changes`]. With `&live=1` records that another one replaces
    /// are left out.
    pub const CHANGES: &str = "/v1/changes";
    /// `GET` by a device → [`crate::Devices`].
    pub const DEVICES: &str = "/v1/devices";
    /// `POST` [`crate::AskToJoin`] by anybody → 201 [`crate::JoinAsked`]; `GET` by a device →
    /// [`crate::OpenJoins`].
    pub const JOINS: &str = "/v1/joins";
    /// Followed by a [`crate::JoinId`]: `GET` by who asked, with the token → [`crate::JoinProgress`]; `DELETE`
    /// by a device → empty object. With [`JOIN_REVEAL`], [`JOIN_OFFER`] or [`JOIN_GRANT`] behind it: `PUT` →
    /// empty object.
    pub const JOIN: &str = "/v1/joins/";
    /// `PUT` [`crate::JoinReveal`] by who asked, with the token.
    pub const JOIN_REVEAL: &str = "/reveal";
    /// `PUT` [`crate::JoinOffer`] by a device.
    pub const JOIN_OFFER: &str = "/offer";
    /// `PUT` [`crate::JoinGrant`] by a device.
    pub const JOIN_GRANT: &str = "/grant";
    /// `GET` by a device → `text/event-stream`: an event `head` with a [`super::Head`], at once and after every
    /// change. With `?wait=SECONDS&head=N` → [`super::Head`] as JSON, once the head is another one than `N` or after
    /// so many seconds (at most [`super::limits::WAIT_SECONDS`]).
    pub const EVENTS: &str = "/v1/events";
    /// By a device: `GET` → [`super::AccountUsage`]. By a person: `DELETE` → empty object; everything that the
    /// server holds for the account goes, for ever.
    pub const ACCOUNT: &str = "/v1/account";
    /// `GET` by a device or a person: everything that the server holds for the account.
    pub const EXPORT: &str = "/v1/export";
    /// `GET ?cursor` by a device: everything behind the cursor that is not replaced, as [`crate::PackFrame`]s.
    pub const PACK: &str = "/v1/pack";
    /// Followed by the hash of a blob, in lower-case hexadecimal digits, by a device: `PUT ?len&part`, the body being
    /// that part → [`crate::BlobProgress`]; `GET` → the blob, also by `Range`; `HEAD`.
    pub const BLOB: &str = "/v1/blobs/";
    /// Behind the path of a blob: `GET` by a device → [`crate::BlobProgress`].
    pub const BLOB_PARTS: &str = "/parts";
    /// `GET` by anybody: whether this server can serve, for a load balancer.
    pub const READY: &str = "/readyz";
    /// `GET` by anybody whom the proxy lets: counters in Prometheus' text format, none of them about an account.
    pub const METRICS: &str = "/metrics";
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
    /// Blobs that one record may show.
    pub const BLOBS: usize = 256;
    /// Bytes of every part of a blob but the last.
    pub const BLOB_PART_BYTES: usize = 4 * 1024 * 1024;
    /// Bytes of a blob.
    pub const BLOB_BYTES: u64 = 64 * 1024 * 1024;
    /// Bytes of an offer, a reveal or a grant.
    pub const JOIN_BYTES: usize = 2048;
    /// Laptops that may ask to join one account at a time.
    pub const JOINS: usize = 3;
    /// Devices that one update of the vault may revoke.
    pub const REVOKE: usize = 256;
    /// Bytes of an invitation.
    pub const INVITE_BYTES: usize = 128;
    /// Seconds that one question for the head may wait for an answer.
    pub const WAIT_SECONDS: u64 = 55;
    /// Seconds of silence after which a stream of events says that it is still there.
    pub const QUIET_SECONDS: u64 = 25;
}

/// `GET /v1/capabilities`: how a client knows that this is a Seshat server and which one.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Ed25519: signs the receipts of this server's devices, for as long as it has its database.
    pub server_key: Bytes32,
    /// Who may begin an account here.
    #[serde(default)]
    pub registration: Registration,
}

/// Who may begin an account.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Registration {
    /// Anybody.
    #[default]
    Open,
    /// Whoever has an invitation.
    Invited,
    /// Nobody.
    Closed,
    /// An answer of a newer server.
    #[serde(other)]
    Unknown,
}

/// How far an account's history has come: what [`route::EVENTS`] tells. A hint: what there is to fetch is what
/// [`route::CHANGES`] says.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Head {
    /// The account's newest position.
    pub head: u64,
    /// See [`Changes::epoch`].
    pub epoch: String,
}

/// `GET /v1/account`: how much room an account takes up.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountUsage {
    /// Records that the server holds.
    pub records: u64,
    /// Bytes of header and body of them, and of blobs.
    pub bytes: u64,
    /// The most bytes that the account may take up, if that is bounded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quota: Option<u64>,
}

/// `GET /v1/export`: one line of it, in this order. Without a last one that is [`ExportLine::End`] it was cut short.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum ExportLine {
    /// Whose it is.
    Account(AccountExport),
    /// The vault.
    Vault(VaultReply),
    /// A device that was ever registered.
    Device(ListedDevice),
    /// A record, with its body.
    Record(ChangedRecord),
    /// There is nothing more.
    End(ExportEnd),
}

/// Whose export it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountExport {
    /// The account.
    pub account: AccountId,
    /// As it is compared: trimmed and in lower case.
    pub email: String,
    /// Milliseconds since 1970.
    pub created_at: u64,
    /// See [`Changes::epoch`].
    pub epoch: String,
}

/// How an export ends.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ExportEnd {
    /// The account's newest position.
    pub head: u64,
    /// How many records were told.
    pub records: u64,
    /// See [`Changes::digest`].
    pub digest: Digest,
}

/// `POST /v1/records`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PushRequest {
    /// At most [`limits::RECORDS`].
    pub records: Vec<Record>,
}

/// What became of one record.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Not stored, because the account's room is used up. The client keeps it and offers it again later.
    #[serde(rename = "no_room")]
    NoRoom {
        /// For a person; never contains user data.
        reason: String,
    },
    /// Not stored, because something else has to be sent first: a blob that it names. The client keeps it.
    Waits {
        /// For a person; never contains user data.
        reason: String,
    },
}

/// One record's outcome.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PushResult {
    /// The record.
    pub id: RecordId,
    /// What became of it.
    #[serde(flatten)]
    pub outcome: PushOutcome,
}

/// The answer to a push, in the order of the request.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChangedRecord {
    /// 1, 2, 3 … per account, given without a gap. Of records that were purged the positions are left out.
    pub position: u64,
    /// The record as it was pushed.
    pub record: Record,
}

/// A set of record ids in 40 bytes: of those records that no other one names in its `replaces`, whichever of the two came
/// first. Different digests mean different sets; equal ones are a hint that the sets are
/// equal, and no proof against a server that chooses ids.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Digest {
    /// How many.
    pub count: u64,
    /// XOR of SHA-256 over each id's 16 bytes.
    pub xor: Bytes32,
}

/// `GET /v1/changes`: what came after a cursor.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Changes {
    /// In the order of their positions.
    pub records: Vec<ChangedRecord>,
    /// The cursor for the next page: the position of the last record, or the head when nothing follows.
    pub next: u64,
    /// Whether a next page has anything.
    pub has_more: bool,
    /// The account's newest position.
    pub head: u64,
    /// Names this server's history. It changes when the server was restored from a backup.
    pub epoch: String,
    /// Over all records that the server holds for the account and that none of them replaces.
    pub digest: Digest,
}

/// `GET /v1/vault`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VaultReply {
    /// Opaque; also the `ETag`.
    pub revision: String,
    /// The blob.
    pub vault: Blob,
}

/// `PUT /v1/vault` with `If-Match: "revision"`: all of it takes effect, or none.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    /// Devices that are let in no more, for ever; at most [`limits::REVOKE`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub revoke: Vec<DeviceId>,
}

/// The answer to an accepted [`VaultUpdate`].
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct VaultUpdated {
    /// The new revision.
    pub revision: String,
    /// For the device that joined, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<Receipt>,
}

/// Why a request failed, for programs.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ErrorCode {
    /// 400: the request is not what this route takes.
    Malformed,
    /// 401: no session, an ended one, a wrong answer to a challenge, or a request that is not rightly signed. The
    /// cause is not told apart.
    SignInRequired,
    /// 401: the signature's time is not one that the server takes; the `Date` of the answer says which it would.
    Clock,
    /// 401: rightly signed, by a device that was revoked.
    DeviceRevoked,
    /// 403: this server takes new accounts by invitation, and none came, or one that does not do. The cause is not
    /// told apart.
    NotInvited,
    /// 403: this server takes no new accounts.
    RegistrationClosed,
    /// 403: whoever runs the server has locked the account; what it holds stays.
    AccountLocked,
    /// 404: no such route, no such asking to join, or no such blob that is here whole.
    NotFound,
    /// 405: the route has other methods.
    MethodNotAllowed,
    /// 409: the account or the email address is taken.
    AccountExists,
    /// 409: this step of joining was done, or another one comes first.
    OutOfTurn,
    /// 412: the vault has another revision.
    VaultChanged,
    /// 413: larger than the limits say.
    TooLarge,
    /// 416: the range lies behind the blob's end.
    NoSuchRange,
    /// 429: as many laptops as may ask to join are asking; some minutes later there is room.
    TooMany,
    /// 429: too many requests; `Retry-After` says for how many seconds to wait.
    RateLimited,
    /// 503: not now; the server is starting, stopping or has too much to do. `Retry-After` says for how many seconds
    /// to wait.
    Busy,
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
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ErrorBody {
    /// For programs.
    pub code: ErrorCode,
    /// One sentence for a person; never contains user data.
    pub message: String,
}
