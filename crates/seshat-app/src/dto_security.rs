//! What crosses to the window and to `--json` about the vault itself: its protection, its devices, who asks to join.
//!
//! **Invariant:** everything in here may be read over the author's shoulder: parameters, counts, names, public facts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the vault is protected. Never a secret.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Security {
    /// Argon2id: memory in MiB.
    pub memory_mib: u32,
    /// Argon2id: passes over that memory.
    pub passes: u32,
    /// Argon2id: lanes, computed in parallel.
    pub lanes: u32,
    /// How often the vault was written.
    #[ts(type = "number")]
    pub generation: u64,
    /// The epoch of the key that seals record headers.
    pub header_epoch: u32,
    /// The newest epoch of each novel's key, highest first.
    pub novel_epochs: Vec<u32>,
    /// Whether new laptops need the account code as well.
    pub account_code: bool,
    /// Whether the Emergency Kit can be shown again.
    pub kit_again: bool,
    /// After how many minutes without a touch the vault is locked; null: never.
    pub idle_minutes: Option<u32>,
    /// Until when this laptop opens the vault without the password, in milliseconds since 1970.
    #[ts(type = "number | null")]
    pub remembered_until: Option<u64>,
    /// Whether the system's keychain can be used.
    pub keychain: KeychainState,
    /// What opens the vault.
    pub slots: Vec<Slot>,
    /// The account's devices, this one first.
    pub devices: Vec<DeviceCard>,
}

/// What the system's keychain is like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum KeychainState {
    /// It can be used.
    Ready,
    /// There is one, and it is locked.
    Locked,
    /// There is none.
    Absent,
}

/// Something that opens the vault.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Slot {
    /// What it is opened by.
    pub kind: SlotKind,
    /// The generation of the vault in which it was made.
    #[ts(type = "number")]
    pub generation: u64,
}

/// What a slot is opened by.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum SlotKind {
    /// The password.
    Password,
    /// The recovery phrase of the Emergency Kit.
    Recovery,
    /// Another device, after new keys were made.
    Device,
}

/// A device of the account.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct DeviceCard {
    /// 32 hex digits.
    pub id: String,
    /// As the author calls it.
    pub name: String,
    /// Whether it is this laptop.
    pub this_one: bool,
    /// Whether it was shut out.
    pub revoked: bool,
    /// Milliseconds since 1970, by its own clock.
    #[ts(type = "number")]
    pub created_at: u64,
    /// When the server last heard of it, to the hour; null where nobody knows.
    #[ts(type = "number | null")]
    pub seen_at: Option<u64>,
    /// Whether there is a receipt by which the server confirmed just these keys.
    pub countersigned: bool,
}

/// How far this laptop is with asking to join.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct JoinState {
    /// How far.
    pub step: JoinStep,
    /// Six digits, to be compared with those on the other laptop.
    pub code: Option<String>,
}

/// The steps of joining by approval.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum JoinStep {
    /// No other laptop has answered yet.
    Waiting,
    /// Both laptops show a code.
    Compare,
    /// The vault is on this laptop, and open.
    Joined,
    /// The other laptop refused.
    Denied,
    /// Ten minutes are over, or nothing was asked.
    Ended,
}

/// A laptop that asks to join.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct JoinAsking {
    /// Names the question.
    pub join: String,
    /// Six digits, to be compared with those on the new laptop; null until both have answered.
    pub code: Option<String>,
    /// Milliseconds since 1970, by the server's clock.
    #[ts(type = "number")]
    pub asked_at: u64,
}

/// Whether a novel has a passphrase of its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum NovelLock {
    /// It has none.
    #[default]
    None,
    /// It has one, and is closed: title and text are out of reach.
    Locked,
    /// It has one, and is open until the vault is locked.
    Open,
}
