//! What the targets share: one vault, made once for each run, and a source of bytes that is not random.

use std::sync::LazyLock;

use seshat_protocol::{
    AccountId, DeviceId, DocumentId, FIRST_PREVIOUS, FieldWriter, NovelId, Record, RecordId,
};
use seshat_vault::{
    AccountCodeUse, Device, Draft, Entropy, EntropyError, KdfParams, Kind, NewVault, OpenVault,
    Password, Place, vault,
};

/// A counter, so that every run of one input does the same.
pub struct Counter(pub u64);

impl Entropy for Counter {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        for chunk in out.chunks_mut(8) {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            chunk.copy_from_slice(&self.0.to_be_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

pub const SCENE: Place =
    Place { kind: Kind::SceneUpdate, novel: NovelId([0x0E; 16]), document: DocumentId([0x5C; 16]) };

/// An open vault, its blob, and a record in it.
pub struct Desk {
    pub vault: OpenVault,
    pub device: Device,
    pub blob: Vec<u8>,
    pub record: Record,
}

pub static DESK: LazyLock<Desk> = LazyLock::new(|| {
    let mut entropy = Counter(1);
    let password = Password::new("lantern gravel oboe tuesday".into());
    let new = NewVault {
        account: AccountId([0xAC; 16]),
        password: &password,
        kdf: KdfParams::FLOOR,
        account_code: AccountCodeUse::None,
    };
    let mut vault = vault::create(&new, &mut entropy).expect("a vault is made").vault;
    vault.make_novel_key(SCENE.novel, &mut entropy).expect("a key is made");
    let device = vault.make_device("Desk", 1, DeviceId([0xDE; 16]), &mut entropy);
    let device = device.expect("a device is made");
    let draft = Draft {
        id: RecordId([0x1D; 16]),
        place: SCENE,
        sequence: 1,
        previous: FIRST_PREVIOUS,
        written_at: 1,
        replaces: Vec::new(),
        blobs: Vec::new(),
        payload: b"It was a dark night.",
    };
    let record = vault.seal_record(&device, draft, &mut entropy).expect("a record is sealed");
    let blob = vault.to_blob(&mut entropy).expect("a vault is sealed");
    Desk { vault, device, blob, record }
});

/// `bytes` with edits that `script` says: triples of a place (two bytes) and a new value. An edit behind the end
/// cuts there. Small scripts so reach deep into bytes that only fit as a whole.
pub fn edited(bytes: &[u8], script: &[u8]) -> Vec<u8> {
    let mut edited = bytes.to_vec();
    for edit in script.chunks_exact(3) {
        let at = usize::from(u16::from_be_bytes([edit[0], edit[1]]));
        match edited.get_mut(at) {
            Some(byte) => *byte = edit[2],
            None => edited.truncate(at % (bytes.len() + 1)),
        }
    }
    edited
}

/// All `parts` as one list of fields, then what the first bytes of `script` say: each that part once more, or left
/// out where its highest bit is set.
pub fn rearranged(parts: &[&[u8]], script: &[u8]) -> Vec<u8> {
    let script = &script[..script.len().min(24)];
    let number = |byte: u8| usize::from(byte & 0x7F) % parts.len();
    let left_out = |part| script.iter().any(|&byte| byte >= 0x80 && number(byte) == part);
    let kept = (0..parts.len()).filter(|&part| !left_out(part));
    let again = script.iter().filter(|&&byte| byte < 0x80).map(|&byte| number(byte));
    kept.chain(again).fold(FieldWriter::new(), |list, part| list.bytes(parts[part])).finish()
}
