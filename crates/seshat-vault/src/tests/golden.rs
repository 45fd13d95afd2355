//! A vault, a record and a kit that a release has written open in every later one.

use seshat_protocol::Record;

use super::{PASSWORD, SCENE, open_with};
use crate::vault::unlock;
use crate::{Secret, kit};

const VAULT: &[u8] = include_bytes!("../../../../tests/golden/vault-v1.bin");
const RECORD: &str = include_str!("../../../../tests/golden/record-v1.json");
const KIT: &str = include_str!("../../../../tests/golden/kit-v1.txt");

#[test]
fn what_version_1_wrote_still_opens() {
    let kit = kit::parse(KIT).unwrap_or_else(|error| panic!("{error}"));
    let vault = open_with(VAULT, PASSWORD, kit.code.as_ref()).unwrap();
    assert!(unlock(VAULT, Secret::Recovery(&kit.phrase), None).is_ok());
    let record: Record = serde_json::from_str(RECORD).unwrap();
    vault.verify_record(&record).unwrap();
    assert_eq!(vault.open_header(&record).unwrap().place, SCENE);
    assert_eq!(vault.open_body(&record, &SCENE).unwrap()[..], *b"It was a dark night.");
}

/// How the golden files were made, for the next version of the format:
/// `cargo test -p seshat-vault -- --ignored write_golden_files`.
#[test]
#[ignore = "writes files; only a new version of the format needs it"]
fn write_golden_files() {
    use super::{ACCOUNT, DEVICE, NOVEL, TestEntropy, draft, password};
    use crate::{AccountCodeUse, KdfParams, NewVault, vault::create};
    let mut entropy = TestEntropy::new(2026);
    let password = password(PASSWORD);
    let (kdf, account_code) = (KdfParams::FLOOR, AccountCodeUse::Make);
    let new = NewVault { account: ACCOUNT, password: &password, kdf, account_code };
    let mut made = create(&new, &mut entropy).unwrap();
    made.vault.make_novel_key(NOVEL, &mut entropy).unwrap();
    let device = made.vault.make_device("Desk", 1_700_000_000_000, DEVICE, &mut entropy).unwrap();
    let draft = draft(b"It was a dark night.");
    let record = made.vault.seal_record(&device, draft, &mut entropy).unwrap();
    let page = kit::text(Some("ana@example.org"), &made.phrase, made.code.as_ref());
    let blob = made.vault.to_blob(&mut entropy).unwrap();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/golden");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, bytes) in [
        ("vault-v1.bin", &blob[..]),
        ("record-v1.json", serde_json::to_string_pretty(&record).unwrap().as_bytes()),
        ("kit-v1.txt", page.as_bytes()),
    ] {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
}
