//! Accounts and sign-in: a challenge, answered by an Ed25519 signature. No password and no hash of one travels.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Blob, Bytes16, Bytes32, Bytes64, DeviceId, FORMAT_LABEL, FieldWriter};

/// How a password becomes 32 bytes: Argon2id (RFC 9106), version 0x13.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KdfDescription {
    /// m, in KiB.
    pub memory_kib: u32,
    /// t.
    pub passes: u32,
    /// p.
    pub lanes: u32,
    /// 16 random bytes.
    pub salt: Bytes16,
}

/// What a server must know so that an author with an email address and a password can sign in on a new laptop.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInDescription {
    /// How to stretch the password.
    pub kdf: KdfDescription,
    /// Whether the account code is a second secret of the password slot.
    pub account_code: bool,
    /// Public half of the sign-in key that comes from the password.
    pub password_key: Bytes32,
    /// Public half of the sign-in key that comes from the recovery phrase.
    pub recovery_key: Bytes32,
}

/// A device as the account certifies it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct DeviceEntry {
    /// The device.
    pub id: DeviceId,
    /// Ed25519: signs its records and its requests.
    pub signing_key: Bytes32,
    /// X25519: what is sealed to this device alone.
    pub exchange_key: Bytes32,
    /// Ed25519 by the account's identity key over account, id and both keys.
    pub certificate: Bytes64,
}

/// `POST /v1/accounts`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CreateAccount {
    /// Made by the client with the vault; names it for ever.
    pub account: AccountId,
    /// How the author names the account. Compared without regard to case.
    pub email: String,
    /// The public half of the account's identity key, which certifies devices.
    pub identity_key: Bytes32,
    /// How a new laptop may sign in.
    pub sign_in: SignInDescription,
    /// The first vault blob.
    pub vault: Blob,
    /// The first device.
    pub device: DeviceEntry,
    /// By the password's sign-in key over [`create_account_message`]: who registers a key holds it.
    pub proof: Bytes64,
    /// What whoever runs the server gave the author, if it takes accounts by invitation only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invite: Option<String>,
}

/// `POST /v1/sign-in/challenge`: exactly one of the two is given, else the server answers 400.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChallengeRequest {
    /// A laptop that does not yet know its account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A laptop that does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountId>,
}

/// The same shape for accounts that exist and for those that do not; stable for both.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ChallengeReply {
    /// The account that goes by this email address.
    pub account: AccountId,
    /// How to stretch the password.
    pub kdf: KdfDescription,
    /// Whether the account code is needed as well.
    pub account_code: bool,
    /// To be signed once, within five minutes.
    pub challenge: Bytes32,
}

/// Which of a person's keys answers a challenge. Devices do not sign in: they sign each request.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "lowercase", deny_unknown_fields)]
pub enum SignInKey {
    /// The key that comes from the password.
    Password,
    /// The key that comes from the recovery phrase.
    Recovery,
}

/// `POST /v1/sign-in`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SignInRequest {
    /// The account.
    pub account: AccountId,
    /// The challenge being answered.
    pub challenge: Bytes32,
    /// Which key signed.
    pub key: SignInKey,
    /// Over [`sign_in_message`].
    pub signature: Bytes64,
}

/// A session: the token goes into `Authorization: Bearer …`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SignInReply {
    /// 32 random bytes in base64url.
    pub token: String,
    /// Seconds until the token ends.
    pub expires_in: u64,
}

/// What a sign-in signs. It names the server's origin as the *client* dialled it, so that an answer given to
/// one host is worthless at another.
#[must_use]
pub fn sign_in_message(origin: &str, account: AccountId, challenge: &Bytes32) -> Vec<u8> {
    FieldWriter::new()
        .text(FORMAT_LABEL)
        .text("sign-in")
        .text(origin)
        .bytes(account.as_bytes())
        .bytes(&challenge.0)
        .finish()
}

/// What the creation of an account signs.
#[must_use]
pub fn create_account_message(origin: &str, account: AccountId, email: &str) -> Vec<u8> {
    FieldWriter::new()
        .text(FORMAT_LABEL)
        .text("create-account")
        .text(origin)
        .bytes(account.as_bytes())
        .text(email)
        .finish()
}

/// What the account's identity key signs to certify a device: the account, the device and both its public keys.
#[must_use]
pub fn device_certificate_message(
    account: AccountId,
    device: DeviceId,
    signing_key: &Bytes32,
    exchange_key: &Bytes32,
) -> Vec<u8> {
    FieldWriter::new()
        .text(FORMAT_LABEL)
        .text("device")
        .bytes(account.as_bytes())
        .bytes(device.as_bytes())
        .bytes(&signing_key.0)
        .bytes(&exchange_key.0)
        .finish()
}
