//! Byte strings as they travel: base64url without padding in JSON, decoded strictly.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;

/// Bytes that were sealed in an envelope. Whoever holds this type and no key cannot read it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Sealed(pub Vec<u8>);

/// Other bytes of any length: a vault blob.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Blob(pub Vec<u8>);

/// 16 public bytes: a salt.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes16(pub [u8; 16]);

/// 32 public bytes: a hash, a public key, a challenge.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes32(pub [u8; 32]);

/// 64 public bytes: an Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bytes64(pub [u8; 64]);

fn decode<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    let text = Cow::<'de, str>::deserialize(deserializer)?;
    URL_SAFE_NO_PAD.decode(text.as_bytes()).map_err(|_| de::Error::custom("not base64url"))
}

fn encode<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes))
}

macro_rules! wire_bytes {
    ($name:ident, $make:expr) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                encode(&self.0, serializer)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let bytes = decode(deserializer)?;
                $make(bytes).map($name).ok_or_else(|| de::Error::custom("wrong length"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({} bytes)", stringify!($name), self.0.len())
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    };
}

wire_bytes!(Sealed, Some::<Vec<u8>>);
wire_bytes!(Blob, Some::<Vec<u8>>);
wire_bytes!(Bytes16, |bytes: Vec<u8>| bytes.try_into().ok());
wire_bytes!(Bytes32, |bytes: Vec<u8>| bytes.try_into().ok());
wire_bytes!(Bytes64, |bytes: Vec<u8>| bytes.try_into().ok());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_survive_json_and_wrong_lengths_do_not() {
        let bytes = Bytes32([7; 32]);
        let json = serde_json::to_string(&bytes).unwrap();
        assert_eq!(serde_json::from_str::<Bytes32>(&json).unwrap(), bytes);
        assert!(serde_json::from_str::<Bytes64>(&json).is_err(), "32 bytes were taken for 64");
        assert!(serde_json::from_str::<Sealed>("\"*\"").is_err(), "not base64url");
    }
}
