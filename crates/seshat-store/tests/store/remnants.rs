use std::fs;
use std::path::Path;

use seshat_protocol::{DocumentId, Sealed};
use seshat_store::{Ack, VaultOrigin, Write};

use crate::common::{ACCOUNT, OURS, Writer, folder, store};

fn is_anywhere(dir: &Path, needle: &[u8]) -> bool {
    fs::read_dir(dir).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        bytes.windows(needle.len()).any(|window| window == needle)
    })
}

#[test]
fn what_was_deleted_or_overwritten_is_in_no_file_after_a_checkpoint() {
    let dir = folder();
    let vault = dir.path().join("vault");
    let mut store = store(dir.path());
    let canary = |name: &str| format!("canary {name} ").repeat(300).into_bytes();
    let document = DocumentId([1; 16]);
    let summary = |bytes| Write { summaries: vec![(document, Sealed(bytes))], ..Write::default() };
    let write = Writer::new(OURS).write(&[b"one"]);
    let id = write.records[0].record.id;

    store.append(&write).unwrap();
    store.append(&summary(canary("summary"))).unwrap();
    store.set_setting("note", Some(&canary("setting"))).unwrap();
    store.save_vault(ACCOUNT, &canary("vault"), VaultOrigin::Here, &[]).unwrap();
    store.acknowledge(&[(id, Ack::Rejected("canary reason".into()))]).unwrap();
    for name in ["summary", "setting", "vault", "reason"] {
        let needle = format!("canary {name}");
        assert!(is_anywhere(&vault, needle.as_bytes()), "{name}: this test could not see it");
    }
    store.append(&summary(vec![1])).unwrap();
    store.set_setting("note", None).unwrap();
    store.save_vault(ACCOUNT, b"small", VaultOrigin::Here, &[]).unwrap();
    store.acknowledge(&[(id, Ack::Stored)]).unwrap();
    store.checkpoint().unwrap();
    assert!(!is_anywhere(&vault, b"canary"), "a remnant is left after the checkpoint");
    store.integrity().unwrap();
    drop(store);
    assert!(!is_anywhere(&vault, b"canary"), "a remnant is left after closing");
}
