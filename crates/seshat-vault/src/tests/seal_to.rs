//! Sealing to one device: HPKE as it is used here.

use seshat_protocol::Bytes32;

use super::{TestEntropy, flips};
use crate::key::Key;
use crate::seal_to::{SEALED_KEY, SealToError, exchange_public, open_from, seal_to};

#[test]
fn a_key_opens_for_its_receiver_in_its_context_and_bit_for_bit() {
    let mut entropy = TestEntropy::new(1);
    let (secret, key) = (Key::make(&mut entropy).unwrap(), Key::make(&mut entropy).unwrap());
    let sealed = seal_to(&exchange_public(&secret), b"here", &key, &mut entropy).unwrap();
    assert_eq!(sealed.0.len(), SEALED_KEY);
    assert!(open_from(&secret, b"here", &sealed.0).unwrap().same(&key));
    assert!(open_from(&secret, b"there", &sealed.0).is_err());
    assert!(open_from(&key, b"here", &sealed.0).is_err());
    for (bit, flipped) in flips(&sealed.0) {
        assert!(open_from(&secret, b"here", &flipped).is_err(), "bit {bit}");
    }
    for end in 0..sealed.0.len() {
        assert!(open_from(&secret, b"here", &sealed.0[..end]).is_err(), "cut at {end}");
    }
    let again = seal_to(&exchange_public(&secret), b"here", &key, &mut entropy).unwrap();
    assert_ne!(again.0[..32], sealed.0[..32], "an ephemeral key was used twice");
    let none =
        seal_to(&exchange_public(&secret), b"here", &key, &mut TestEntropy::failing_after(0));
    assert!(matches!(none, Err(SealToError::Entropy(_))));
}

#[test]
fn a_public_key_of_low_order_gets_nothing_and_opens_nothing() {
    let mut entropy = TestEntropy::new(2);
    let key = Key::make(&mut entropy).unwrap();
    let mut one = [0; 32];
    one[0] = 1;
    let mut minus_one = [0xFF; 32];
    (minus_one[0], minus_one[31]) = (0xEC, 0x7F);
    for low in [[0; 32], one, minus_one] {
        let sealed = seal_to(&Bytes32(low), b"", &key, &mut entropy);
        assert_eq!(sealed.err(), Some(SealToError::BadKey), "{low:?}");
        let forged = [&low[..], &[0; 48]].concat();
        assert!(open_from(&key, b"", &forged).is_err());
    }
}
