//! The account's devices as the server knows them, and the receipts by which it vouches for that.

use serde::{Deserialize, Serialize};

use crate::{AccountId, Bytes32, Bytes64, DeviceEntry, FORMAT_LABEL, FieldWriter};

/// The server's word that it registered a device, with these keys, at that time. It proves nothing about the
/// author; it shows her which laptops *this server* has let in, so that one which only a laptop vouches for
/// stands out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Receipt {
    /// Milliseconds since 1970, by the server's clock.
    pub registered_at: u64,
    /// Ed25519; the one that [`crate::Capabilities::server_key`] names.
    pub server_key: Bytes32,
    /// Over [`device_receipt_message`].
    pub signature: Bytes64,
}

/// What a receipt signs.
#[must_use]
pub fn device_receipt_message(
    account: AccountId,
    device: &DeviceEntry,
    registered_at: u64,
) -> Vec<u8> {
    FieldWriter::new()
        .text(FORMAT_LABEL)
        .text("device-receipt")
        .bytes(account.as_bytes())
        .bytes(device.id.as_bytes())
        .bytes(&device.signing_key.0)
        .bytes(&device.exchange_key.0)
        .u64(registered_at)
        .finish()
}

/// The answer to [`crate::CreateAccount`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AccountCreated {
    /// For the first device.
    pub receipt: Receipt,
}

/// A device, as the server lists it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ListedDevice {
    /// The device.
    pub device: DeviceEntry,
    /// For it.
    pub receipt: Receipt,
    /// When it was revoked, in milliseconds since 1970. It stays listed and is let in no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<u64>,
    /// The hour in which it last asked for anything, in milliseconds since 1970; later hours may be missing
    /// after a crash.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seen_at: Option<u64>,
    /// The highest cursor that it asked for changes with in this epoch: it has stored everything up to there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<u64>,
}

/// `GET /v1/devices`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Devices {
    /// All that were ever registered, in the order in which they were.
    pub devices: Vec<ListedDevice>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DeviceId;

    #[test]
    fn a_receipt_is_over_the_account_the_device_both_keys_and_the_time() {
        let entry = DeviceEntry {
            id: DeviceId([1; 16]),
            signing_key: Bytes32([2; 32]),
            exchange_key: Bytes32([3; 32]),
            certificate: Bytes64([4; 64]),
        };
        let account = AccountId([0; 16]);
        let signed = device_receipt_message(account, &entry, 5);
        let changes: [fn(&mut DeviceEntry); 3] = [
            |device| device.id.0[0] ^= 1,
            |device| device.signing_key.0[0] ^= 1,
            |device| device.exchange_key.0[0] ^= 1,
        ];
        for change in changes {
            let mut changed = entry.clone();
            change(&mut changed);
            assert_ne!(device_receipt_message(account, &changed, 5), signed);
        }
        assert_ne!(device_receipt_message(AccountId([9; 16]), &entry, 5), signed);
        assert_ne!(device_receipt_message(account, &entry, 6), signed);
    }
}
