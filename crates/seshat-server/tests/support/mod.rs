//! An author with keys, and records of hers. Everything follows from a seed, nothing is sealed: the server
//! cannot tell the difference, which is its point.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

mod described;
pub mod desk;
pub mod postgres;
pub mod process;

use ed25519_dalek::{Signer, SigningKey};
use seshat_protocol::{
    AccountId, Blob, Bytes16, Bytes32, Bytes64, CreateAccount, DeviceEntry, DeviceId,
    FIRST_PREVIOUS, KdfDescription, Record, RecordId, Sealed, SignInDescription, VaultReply,
    create_account_message, device_certificate_message,
};
use seshat_server::meta::{Held, NewAccount, Push};
use sha2::{Digest, Sha256};

/// An author, her first laptop and her keys.
#[derive(Clone)]
pub struct Author {
    pub account: AccountId,
    pub email: String,
    pub password: SigningKey,
    pub recovery: SigningKey,
    pub identity: SigningKey,
    pub laptop: SigningKey,
}

/// 32 bytes that follow from `seed` and `what`.
pub fn bytes(seed: u64, what: &str) -> [u8; 32] {
    Sha256::new().chain_update(seed.to_be_bytes()).chain_update(what).finalize().into()
}

/// 16 bytes that follow from `seed` and `what`.
pub fn id(seed: u64, what: &str) -> [u8; 16] {
    bytes(seed, what)[..16].try_into().unwrap()
}

pub fn sign(key: &SigningKey, message: &[u8]) -> Bytes64 {
    Bytes64(key.sign(message).to_bytes())
}

pub fn public(key: &SigningKey) -> Bytes32 {
    Bytes32(key.verifying_key().to_bytes())
}

impl Author {
    pub fn new(seed: u64) -> Self {
        let key = |what| SigningKey::from_bytes(&bytes(seed, what));
        Self {
            account: AccountId(id(seed, "account")),
            email: format!("author-{seed}@example.org"),
            password: key("password"),
            recovery: key("recovery"),
            identity: key("identity"),
            laptop: key("laptop"),
        }
    }

    pub fn device_id(&self) -> DeviceId {
        DeviceId(self.account.0)
    }

    pub fn device(&self) -> DeviceEntry {
        self.certify(self.device_id(), &self.laptop)
    }

    /// Another laptop of hers.
    pub fn other_device(&self, seed: u64) -> (SigningKey, DeviceEntry) {
        let key = SigningKey::from_bytes(&bytes(seed, "other laptop"));
        let entry = self.certify(DeviceId(id(seed, "other device")), &key);
        (key, entry)
    }

    fn certify(&self, id: DeviceId, key: &SigningKey) -> DeviceEntry {
        let (signing_key, exchange_key) = (public(key), Bytes32([5; 32]));
        let message = device_certificate_message(self.account, id, &signing_key, &exchange_key);
        let certificate = sign(&self.identity, &message);
        DeviceEntry { id, signing_key, exchange_key, certificate }
    }

    pub fn description(&self) -> SignInDescription {
        SignInDescription {
            kdf: KdfDescription {
                memory_kib: 65_536,
                passes: 3,
                lanes: 4,
                salt: Bytes16(self.account.0),
            },
            account_code: false,
            password_key: public(&self.password),
            recovery_key: public(&self.recovery),
        }
    }

    pub fn creation(&self, origin: &str) -> CreateAccount {
        let message = create_account_message(origin, self.account, &self.email);
        CreateAccount {
            account: self.account,
            email: self.email.clone(),
            identity_key: public(&self.identity),
            sign_in: self.description(),
            vault: Blob(b"the first vault".to_vec()),
            device: self.device(),
            proof: sign(&self.password, &message),
            invite: None,
        }
    }

    pub fn new_account(&self) -> NewAccount {
        NewAccount {
            account: self.account,
            email: self.email.clone(),
            identity_key: public(&self.identity),
            sign_in: self.description(),
            vault: VaultReply { revision: "first".to_owned(), vault: Blob(vec![1]) },
            device: self.device(),
            invite: None,
            invited_only: false,
            now: 1,
        }
    }

    /// The `sequence`-th record of her first laptop, with a body of `length` bytes.
    pub fn record(&self, sequence: u64, length: usize) -> Record {
        Record {
            id: RecordId(id(sequence, &self.email)),
            device: self.device_id(),
            sequence,
            previous: FIRST_PREVIOUS,
            header: Sealed(Vec::new()),
            body: Sealed(vec![u8::try_from(sequence % 251).unwrap(); length]),
            replaces: Vec::new(),
            blobs: Vec::new(),
            signature: Bytes64([9; 64]),
        }
    }

    pub fn records(&self, sequences: std::ops::Range<u64>) -> Vec<Record> {
        sequences.map(|sequence| self.record(sequence, 40)).collect()
    }

    pub fn push(&self, records: Vec<Record>) -> Push {
        let records = records.into_iter().map(Held::from).collect();
        Push { account: self.account, by: self.device_id(), records, quota_default: None, now: 7 }
    }
}

/// XOR of SHA-256 over the ids, computed here from nothing but the ids.
pub fn xor<'a>(ids: impl IntoIterator<Item = &'a RecordId>) -> Bytes32 {
    ids.into_iter().fold(Bytes32([0; 32]), |mut sum, id| {
        sum.0.iter_mut().zip(Sha256::digest(id.0)).for_each(|(byte, hashed)| *byte ^= hashed);
        sum
    })
}
