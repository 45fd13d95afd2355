//! A device without a laptop: an account and keys that a test makes up, to ask a server for what no laptop would.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use ed25519_dalek::{Signer, SigningKey};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use seshat_protocol::http_signature::{
    ContentDigest, SignatureInput, SignedParts, header, signature_header,
};
use seshat_protocol::{
    AccountId, Blob, Bytes16, Bytes32, Bytes64, ChallengeReply, ChallengeRequest, CreateAccount,
    DeviceEntry, DeviceId, FIRST_PREVIOUS, KdfDescription, PushRequest, Record, RecordId, Sealed,
    SignInDescription, SignInKey, SignInRequest, create_account_message,
    device_certificate_message, route, sign_in_message,
};

use crate::Random;
use crate::evil::Asked;

/// How long a server may take to let a new device in.
const PATIENCE: Duration = Duration::from_secs(20);

/// An account with one device. Nothing is sealed: the server cannot tell the difference, which is its point.
#[derive(Debug)]
pub struct Device {
    /// Whose it is.
    pub account: AccountId,
    /// Its id.
    pub id: DeviceId,
    key: SigningKey,
    origin: String,
    nonce: AtomicU64,
}

impl Device {
    /// The device that follows from this seed, for a server that is known as `origin`.
    #[must_use]
    pub fn new(seed: u64, origin: &str) -> Self {
        let mut random = Random::new(seed);
        let (account, id) = (AccountId(bytes(&mut random)), DeviceId(bytes(&mut random)));
        let key = SigningKey::from_bytes(&bytes(&mut random));
        let nonce = AtomicU64::new(0);
        Self { account, id, key, origin: origin.to_owned(), nonce }
    }

    /// The request that begins the account.
    #[must_use]
    pub fn creation(&self) -> Asked {
        let email = format!("{}@example.org", self.account);
        let (public, exchange) = (public(&self.key), Bytes32([5; 32]));
        let certified = device_certificate_message(self.account, self.id, &public, &exchange);
        let proven = create_account_message(&self.origin, self.account, &email);
        let account = CreateAccount {
            account: self.account,
            identity_key: public,
            sign_in: SignInDescription {
                kdf: KdfDescription {
                    memory_kib: 65_536,
                    passes: 3,
                    lanes: 4,
                    salt: Bytes16([7; 16]),
                },
                account_code: false,
                password_key: public,
                recovery_key: public,
            },
            vault: Blob(b"a vault".to_vec()),
            device: DeviceEntry {
                id: self.id,
                signing_key: public,
                exchange_key: exchange,
                certificate: self.sign(&certified),
            },
            proof: self.sign(&proven),
            invite: None,
            email,
        };
        plain("POST", route::ACCOUNTS, &account)
    }

    /// Begins the account, and waits until the server takes what its device signs: no signature does that is older than
    /// the server, and a signature counts time in whole seconds.
    ///
    /// # Panics
    /// When the server does not take it.
    pub fn create_account(&self, port: u16) {
        let answered = self.creation().send_to(port);
        let said = String::from_utf8_lossy(&answered.body);
        assert_eq!(answered.status, 201, "{said}");
        let began = now();
        while self.asks("GET", route::ACCOUNT, Vec::new()).send_to(port).status != 200 {
            assert!(now() - began < PATIENCE, "it is never let in");
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The request for a challenge.
    #[must_use]
    pub fn challenge(&self) -> Asked {
        let asked = ChallengeRequest { account: Some(self.account), email: None };
        plain("POST", route::CHALLENGE, &asked)
    }

    /// The right answer to a challenge.
    ///
    /// # Panics
    /// When it is no challenge.
    #[must_use]
    pub fn answer(&self, challenge: &Value) -> Asked {
        let challenge: ChallengeReply = Deserialize::deserialize(challenge).expect("a challenge");
        let message = sign_in_message(&self.origin, self.account, &challenge.challenge);
        let answer = SignInRequest {
            account: self.account,
            challenge: challenge.challenge,
            key: SignInKey::Password,
            signature: self.sign(&message),
        };
        plain("POST", route::SIGN_IN, &answer)
    }

    /// A request that is rightly signed now.
    ///
    /// # Panics
    /// When the target cannot stand in a request.
    #[must_use]
    pub fn asks(&self, method: &str, target: &str, body: Vec<u8>) -> Asked {
        let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
        let input = SignatureInput {
            account: self.account,
            device: self.id,
            created: seconds(),
            nonce: self.nonce(),
            if_match: false,
        };
        let digest = ContentDigest::of(&body);
        let origin = self.origin.as_str();
        let parts = SignedParts { method, path, query, digest, origin, if_match: None };
        let base = input.base(&parts).expect("plain ASCII");
        let headers = [
            ("content-type", "application/json".to_owned()),
            (header::CONTENT_DIGEST, digest.to_header()),
            (header::ORIGIN, origin.to_owned()),
            (header::SIGNATURE_INPUT, input.to_header()),
            (header::SIGNATURE, signature_header(&self.sign(base.as_bytes()))),
        ];
        let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Asked { method: method.to_owned(), target: target.to_owned(), headers, body }
    }

    /// A record of this device that follows from its number.
    #[must_use]
    pub fn record(&self, number: u64, length: usize) -> Record {
        let mut id = [0; 16];
        id[..8].copy_from_slice(&number.to_be_bytes());
        id[8..].copy_from_slice(&self.id.0[..8]);
        Record {
            id: RecordId(id),
            device: self.id,
            sequence: number,
            previous: FIRST_PREVIOUS,
            header: Sealed(vec![1; 40]),
            body: Sealed(number.to_be_bytes().into_iter().cycle().take(length).collect()),
            replaces: Vec::new(),
            blobs: Vec::new(),
            signature: Bytes64([9; 64]),
        }
    }

    /// A request that pushes records.
    ///
    /// # Panics
    /// Never: records can be written as JSON.
    #[must_use]
    pub fn push(&self, records: Vec<Record>) -> Asked {
        let body = serde_json::to_vec(&PushRequest { records }).expect("records are JSON");
        self.asks("POST", route::RECORDS, body)
    }

    fn sign(&self, message: &[u8]) -> Bytes64 {
        Bytes64(self.key.sign(message).to_bytes())
    }

    /// Never the same twice, also not in another run against the same server.
    fn nonce(&self) -> Bytes16 {
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.nonce.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        let process = u64::from(std::process::id()) << 32 | u64::from(subsecond());
        nonce[8..].copy_from_slice(&process.to_be_bytes());
        Bytes16(nonce)
    }
}

/// A request that nobody signed.
///
/// # Panics
/// When the body cannot be written as JSON.
#[must_use]
pub fn plain(method: &str, target: &str, body: &impl Serialize) -> Asked {
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let body = serde_json::to_vec(body).expect("it can be written as JSON");
    Asked { method: method.to_owned(), target: target.to_owned(), headers, body }
}

fn public(key: &SigningKey) -> Bytes32 {
    Bytes32(key.verifying_key().to_bytes())
}

fn bytes<const N: usize>(random: &mut Random) -> [u8; N] {
    std::array::from_fn(|_| random.bits().to_le_bytes()[0])
}

#[allow(clippy::disallowed_methods, reason = "a real server looks at the real time")]
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

fn seconds() -> u64 {
    now().as_secs()
}

fn subsecond() -> u32 {
    now().subsec_nanos()
}
