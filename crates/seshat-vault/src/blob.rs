//! The vault blob, as it lies on disk and on the server.
//!
//! ```text
//! fields: "seshat/v1/vault" | account | generation u64 | slots | sealed body | mac[32]
//! ```
//!
//! **Invariant:** nothing of a blob is believed before its MAC, under a key derived from the vault key, has
//! verified over every byte before it: no server can mix slots, bodies and generations of different blobs.

use hmac::{Hmac, KeyInit, Mac};
use seshat_protocol::{AccountId, FieldReader, FieldWriter, FieldsError, limits};
use sha2::Sha256;

use crate::context::Context;
use crate::derive::derive_key;
use crate::device_slot::DeviceSlot;
use crate::key::Key;
use crate::slot::{self, ByPassword, ByPhrase, ParsedSlot, Slot};

const TITLE: &str = "seshat/v1/vault";
/// A MAC and the length before it.
const MAC_FIELD: usize = 4 + 32;

/// A blob taken apart; nothing in it has been verified.
pub(crate) struct Parsed<'a> {
    pub(crate) account: AccountId,
    pub(crate) generation: u64,
    pub(crate) slots: Slots,
    pub(crate) body: &'a [u8],
    authenticated: &'a [u8],
    mac: [u8; 32],
}

/// The slots of one vault.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Slots {
    pub(crate) password: Slot<ByPassword>,
    pub(crate) recovery: Slot<ByPhrase>,
    /// What the last rotation left for the other devices.
    pub(crate) devices: Vec<DeviceSlot>,
    /// Kinds that this release does not know.
    pub(crate) unknown: Vec<Vec<u8>>,
}

/// Why bytes are no blob of this release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ParseError {
    Damaged,
    Newer,
}

impl From<FieldsError> for ParseError {
    fn from(_: FieldsError) -> Self {
        Self::Damaged
    }
}

/// Takes a blob apart.
pub(crate) fn parse(blob: &[u8]) -> Result<Parsed<'_>, ParseError> {
    if blob.len() > limits::VAULT_BYTES {
        return Err(ParseError::Damaged);
    }
    let mut fields = FieldReader::new(blob);
    let title = fields.text()?;
    if title != TITLE {
        return Err(if is_newer(title) { ParseError::Newer } else { ParseError::Damaged });
    }
    let account = AccountId(fields.array()?);
    let generation = fields.u64()?;
    let slots = parse_slots(fields.bytes()?)?;
    let body = fields.bytes()?;
    let mac = fields.array()?;
    fields.finish()?;
    let authenticated = &blob[..blob.len() - MAC_FIELD];
    Ok(Parsed { account, generation, slots, body, authenticated, mac })
}

/// Whether a title names a later version of this format: `seshat/vN/vault`, N above 1.
fn is_newer(title: &str) -> bool {
    title
        .strip_prefix("seshat/v")
        .and_then(|rest| rest.strip_suffix("/vault"))
        .and_then(|version| version.parse::<u32>().ok())
        .is_some_and(|version| version > 1)
}

fn parse_slots(encoded: &[u8]) -> Result<Slots, ParseError> {
    let mut fields = FieldReader::new(encoded);
    let (mut password, mut recovery) = (None, None);
    let (mut devices, mut unknown) = (Vec::new(), Vec::new());
    while !fields.is_empty() {
        // A second slot of a kind would make it a matter of order which of them counts.
        let is_second = match slot::parse(fields.bytes()?)? {
            ParsedSlot::Password(slot) => password.replace(slot).is_some(),
            ParsedSlot::Recovery(slot) => recovery.replace(slot).is_some(),
            ParsedSlot::Device(slot) => {
                devices.push(slot);
                false
            }
            ParsedSlot::Unknown(bytes) => {
                unknown.push(bytes.to_vec());
                false
            }
        };
        if is_second {
            return Err(ParseError::Damaged);
        }
    }
    match (password, recovery) {
        (Some(password), Some(recovery)) => Ok(Slots { password, recovery, devices, unknown }),
        _ => Err(ParseError::Damaged),
    }
}

/// Puts a blob together. `body` is sealed.
pub(crate) fn encode(
    (account, generation): (AccountId, u64),
    slots: &Slots,
    body: &[u8],
    vault_key: &Key,
) -> Vec<u8> {
    let slots = [slots.password.encode(), slots.recovery.encode()]
        .into_iter()
        .chain(slots.devices.iter().map(DeviceSlot::encode))
        .chain(slots.unknown.iter().cloned())
        .fold(FieldWriter::new(), |list, slot| list.bytes(&slot))
        .finish();
    let mut blob = FieldWriter::with_capacity(256 + slots.len() + body.len())
        .text(TITLE)
        .bytes(account.as_bytes())
        .u64(generation)
        .bytes(&slots)
        .bytes(body)
        .finish();
    let mac = mac_over(&blob, vault_key).finalize().into_bytes();
    blob.extend_from_slice(&FieldWriter::new().bytes(&mac).finish());
    blob
}

/// The context of the sealed body.
pub(crate) fn body_context(account: AccountId, generation: u64) -> Vec<u8> {
    let extra = FieldWriter::new().u64(generation).finish();
    let mut context = Context::new("vault-body", account);
    context.extra = &extra;
    context.bytes()
}

fn mac_over(authenticated: &[u8], vault_key: &Key) -> Hmac<Sha256> {
    let key = derive_key(&[], &[vault_key.expose()], "vault mac");
    let mut mac =
        <Hmac<Sha256> as KeyInit>::new_from_slice(key.expose()).expect("HMAC takes any key");
    mac.update(authenticated);
    mac
}

impl Parsed<'_> {
    /// Whether the holder of the vault key wrote exactly these bytes; in constant time.
    pub(crate) fn is_authentic(&self, vault_key: &Key) -> bool {
        mac_over(self.authenticated, vault_key).verify_slice(&self.mac).is_ok()
    }
}
