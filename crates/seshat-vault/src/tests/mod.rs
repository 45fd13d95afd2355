//! Tests of the crate as a whole, and what they share.

mod attacks;
mod bip39_vectors;
mod devices;
mod envelope;
mod golden;
mod images;
mod join;
mod kit;
mod kit_again;
mod merge;
mod novel_lock;
mod padding;
mod place;
mod primitives;
mod receipt;
mod records;
mod remember;
mod rotation;
mod seal_to;
mod secrets;
mod sign_in;
mod simulation;
mod slots;
mod vault;
mod vectors;

use seshat_protocol::{AccountId, DeviceId, DocumentId, FIRST_PREVIOUS, NovelId, RecordId};
use sha2::{Digest, Sha256};

use crate::vault::{create, unlock};
use crate::{
    AccountCode, AccountCodeUse, Created, Device, Draft, Entropy, EntropyError, KdfParams, Kind,
    NewVault, OpenVault, Password, Place, Secret, UnlockError,
};

pub(crate) const ACCOUNT: AccountId = AccountId([0xAC; 16]);
pub(crate) const NOVEL: NovelId = NovelId([0x0E; 16]);
pub(crate) const DEVICE: DeviceId = DeviceId([0xDE; 16]);
pub(crate) const PASSWORD: &str = "lantern gravel oboe tuesday";
pub(crate) const SCENE: Place =
    Place { kind: Kind::SceneUpdate, novel: NOVEL, document: DocumentId([0x5C; 16]) };

/// The same bytes at every run for the same seed; different ones at every call.
pub(crate) struct TestEntropy {
    seed: u64,
    drawn: u64,
    /// Calls until it fails.
    left: Option<u32>,
}

impl TestEntropy {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, drawn: 0, left: None }
    }

    /// Works `calls` times, then never again.
    pub(crate) fn failing_after(calls: u32) -> Self {
        Self { seed: 0, drawn: 0, left: Some(calls) }
    }
}

impl Entropy for TestEntropy {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        if let Some(left) = &mut self.left {
            *left = left.checked_sub(1).ok_or(EntropyError)?;
        }
        for chunk in out.chunks_mut(32) {
            self.drawn += 1;
            let input = [self.seed.to_be_bytes(), self.drawn.to_be_bytes()].concat();
            chunk.copy_from_slice(&Sha256::digest(input)[..chunk.len()]);
        }
        Ok(())
    }
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

/// A new vault at no cost.
pub(crate) fn created(account_code: AccountCodeUse, entropy: &mut dyn Entropy) -> Created {
    let password = password(PASSWORD);
    let new =
        NewVault { account: ACCOUNT, password: &password, kdf: KdfParams::CHEAP, account_code };
    create(&new, entropy).unwrap()
}

/// A vault with one novel and one device in it.
pub(crate) fn furnished(entropy: &mut dyn Entropy) -> (Created, Device) {
    let mut created = created(AccountCodeUse::None, entropy);
    created.vault.make_novel_key(NOVEL, entropy).unwrap();
    let device = created.vault.make_device("Desk", 1_700_000_000_000, DEVICE, entropy).unwrap();
    (created, device)
}

/// Opens with a password and perhaps a code.
pub(crate) fn open_with(
    blob: &[u8],
    text: &str,
    code: Option<&AccountCode>,
) -> Result<OpenVault, UnlockError> {
    unlock(blob, Secret::Password { password: &password(text), code }, None)
}

/// The device's first record.
pub(crate) fn draft(payload: &[u8]) -> Draft<'_> {
    Draft {
        id: RecordId([0x1D; 16]),
        place: SCENE,
        sequence: 1,
        previous: FIRST_PREVIOUS,
        written_at: 1_700_000_000_123,
        replaces: vec![RecordId([0x0B; 16]), RecordId([0x0C; 16])],
        blobs: Vec::new(),
        payload,
    }
}

/// Every copy of `bytes` with one bit turned.
pub(crate) fn flips(bytes: &[u8]) -> impl Iterator<Item = (usize, Vec<u8>)> + '_ {
    (0..bytes.len() * 8).map(|bit| {
        let mut flipped = bytes.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        (bit, flipped)
    })
}

/// A file of the corpus: of `SESHAT_CORPUS`, else of the folder beside the repository. `None` without one.
pub(crate) fn corpus(path: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "where the corpus lies is not the crate's to know"
    )]
    let named = std::env::var_os("SESHAT_CORPUS").map(std::path::PathBuf::from);
    let beside = || std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let text = std::fs::read_to_string(named.unwrap_or_else(beside).join(path)).ok();
    if text.is_none() {
        println!("left out: the corpus has no {path} here (SESHAT_CORPUS)");
    }
    text
}
