//! The server's receipts.

use seshat_protocol::{AccountId, Bytes32, DeviceId, Receipt, device_receipt_message};

use super::{ACCOUNT, DEVICE, TestEntropy, flips, furnished};
use crate::key::Key;
use crate::receipt_holds;
use crate::signing::{public_of, sign};

#[test]
fn a_receipt_holds_for_its_device_account_and_time_only() {
    let mut entropy = TestEntropy::new(1);
    let (made, _) = furnished(&mut entropy);
    let device = made.vault.device_entry(DEVICE).unwrap();
    let server = Key::make(&mut entropy).unwrap();
    let signature = sign(&server, &device_receipt_message(ACCOUNT, &device, 5));
    let receipt = Receipt { registered_at: 5, server_key: public_of(&server), signature };
    assert!(receipt_holds(&receipt, ACCOUNT, &device));
    assert!(!receipt_holds(&receipt, AccountId([1; 16]), &device));
    let later = Receipt { registered_at: 6, ..receipt };
    assert!(!receipt_holds(&later, ACCOUNT, &device));
    for change in [
        |d: &mut seshat_protocol::DeviceEntry| d.id = DeviceId([1; 16]),
        |d: &mut seshat_protocol::DeviceEntry| d.signing_key = Bytes32([1; 32]),
        |d: &mut seshat_protocol::DeviceEntry| d.exchange_key = Bytes32([1; 32]),
    ] {
        let mut other = device.clone();
        change(&mut other);
        assert!(!receipt_holds(&receipt, ACCOUNT, &other));
    }
    for (bit, flipped) in flips(&receipt.signature.0) {
        let forged =
            Receipt { signature: seshat_protocol::Bytes64(flipped.try_into().unwrap()), ..receipt };
        assert!(!receipt_holds(&forged, ACCOUNT, &device), "bit {bit}");
    }
}
