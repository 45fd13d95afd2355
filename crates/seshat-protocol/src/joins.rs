//! A new laptop that joins by being approved on one that the account has: the server is their mailbox. What
//! the two say to each other is opaque to it.

use serde::{Deserialize, Serialize};

use crate::{Blob, Bytes32, JoinId};

/// `POST /v1/joins`, by anybody.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AskToJoin {
    /// The account's address, compared without regard to case.
    pub email: String,
    /// What the new laptop commits to before it has seen anything.
    pub commitment: Bytes32,
}

/// The answer to [`AskToJoin`], the same whether the account exists or not.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JoinAsked {
    /// Names this asking.
    pub join: JoinId,
    /// 32 random bytes in base64url, for `Authorization: Bearer …` on this asking's routes.
    pub token: String,
}

/// `GET /v1/joins/{join}`: how far it has come.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct JoinProgress {
    /// From a laptop of the account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offer: Option<Blob>,
    /// From the same one, after the author compared the codes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Blob>,
    /// The author said no.
    pub denied: bool,
}

/// `PUT /v1/joins/{join}/reveal`, once, after the offer.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JoinReveal {
    /// What was committed to.
    pub reveal: Blob,
}

/// `PUT /v1/joins/{join}/offer`, once, by a device of the account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JoinOffer {
    /// For the new laptop.
    pub offer: Blob,
}

/// `PUT /v1/joins/{join}/grant`, once, after the reveal, by a device of the account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct JoinGrant {
    /// For the new laptop.
    pub grant: Blob,
}

/// A laptop that asks to join, as the account's devices see it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenJoin {
    /// Names this asking.
    pub join: JoinId,
    /// What it came with.
    pub commitment: Bytes32,
    /// Milliseconds since 1970, by the server's clock.
    pub asked_at: u64,
    /// Whether a device has answered.
    pub offered: bool,
    /// What was committed to, once it is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reveal: Option<Blob>,
}

/// `GET /v1/joins`: those that are neither granted nor denied, the oldest first.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OpenJoins {
    /// At most three.
    pub joins: Vec<OpenJoin>,
}
