use std::time::Instant;

use seshat_protocol::{AccountId, DocumentId, NovelId, Sealed};
use seshat_store::{Head, Store, StoreError, StoredDocument, VaultOrigin, VaultSync, Write};

use crate::common::{ACCOUNT, OURS, Writer, all, folder, place, reopen, store};

#[test]
fn what_was_appended_is_there_after_reopening() {
    let dir = folder();
    let mut writer = Writer::new(OURS);
    let mut write = writer.write(&[b"one", b"two", b"three"]);
    write.summaries.push((DocumentId([1; 16]), Sealed(vec![4; 40])));
    let mut opened = store(dir.path());
    opened.append(&write).unwrap();
    drop(opened);

    let opened = reopen(dir.path());
    let found: Vec<_> = opened.records_of(DocumentId([1; 16])).unwrap();
    let written: Vec<_> = write.records.iter().map(|new| new.record.clone()).collect();
    assert_eq!(found.iter().map(|stored| stored.record.clone()).collect::<Vec<_>>(), written);
    assert!(found.iter().all(|stored| stored.kind == 1));
    assert_eq!(opened.summary(DocumentId([1; 16])).unwrap(), Some(Sealed(vec![4; 40])));
    assert_eq!(opened.head(OURS).unwrap(), writer.head);
    assert_eq!(opened.outbox(10, 1 << 20).unwrap(), written, "all of it waits for a server");
    opened.integrity().unwrap();
}

#[test]
fn a_record_that_does_not_continue_the_chain_is_refused_with_everything_beside_it() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut writer = Writer::new(OURS);
    store.append(&writer.write(&[b"one"])).unwrap();
    let head = store.head(OURS).unwrap();

    let mut gap = Writer::after(OURS, Head { sequence: 2, ..head }).write(&[b"three"]);
    gap.summaries.push((DocumentId([5; 16]), Sealed(vec![1])));
    let refused = store.append(&gap);
    assert!(matches!(refused, Err(StoreError::NotNext { expected: 2, found: 3 })), "{refused:?}");

    let mut fork = Writer::after(OURS, Head { sequence: 1, ..Head::NONE });
    assert!(matches!(store.append(&fork.write(&[b"two"])), Err(StoreError::NotNext { .. })));

    let mut half = Writer::after(OURS, head);
    let mut write = half.write(&[b"two", b"three"]);
    write.records[1].record.sequence = 9;
    assert!(matches!(store.append(&write), Err(StoreError::NotNext { expected: 3, found: 9 })));

    assert_eq!(store.head(OURS).unwrap(), head, "the head moved");
    assert_eq!(all(&store).len(), 1, "half a write was kept");
    assert_eq!(store.summary(DocumentId([5; 16])).unwrap(), None, "half a write was kept");
    assert_eq!(store.waiting().unwrap(), 1);
}

#[test]
fn an_id_is_never_given_twice() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut writer = Writer::new(OURS);
    let first = writer.write(&[b"one"]);
    store.append(&first).unwrap();
    let mut second = writer.write(&[b"two"]);
    second.records[0].record.id = first.records[0].record.id;
    assert!(matches!(store.append(&second), Err(StoreError::KnownId { .. })));
    assert_eq!(store.waiting().unwrap(), 1);
}

#[test]
fn nothing_is_written_before_there_is_a_vault() {
    let dir = folder();
    let mut store = Store::create(dir.path()).unwrap();
    let write = Writer::new(OURS).write(&[b"one"]);
    assert!(matches!(store.append(&write), Err(StoreError::NoVault)));
    let write = Write { vault: Some(vec![1]), ..Write::default() };
    assert!(matches!(store.append(&write), Err(StoreError::NoVault)));
    assert!(matches!(store.vault_stored(b"blob", "1"), Err(StoreError::NoVault)));
    assert!(store.vault().unwrap().is_none());
}

#[test]
fn the_vault_of_another_account_never_takes_the_place_of_ours() {
    let dir = folder();
    let mut store = store(dir.path());
    let other = AccountId([9; 16]);
    let from_server = VaultOrigin::Server { revision: "7" };
    let refused = store.save_vault(other, b"theirs", from_server, &[("name", Some(b"x"))]);
    assert!(matches!(refused, Err(StoreError::OtherAccount { ours }) if ours == ACCOUNT));
    assert_eq!(store.vault().unwrap().unwrap().blob, b"blob");
    assert_eq!(store.setting("name").unwrap(), None, "a setting changed without its vault");
}

#[test]
fn a_vault_waits_until_the_server_has_exactly_it() {
    let dir = folder();
    let mut store = store(dir.path());
    let state = |store: &Store| {
        let vault = store.vault().unwrap().unwrap();
        (vault.blob, vault.revision, vault.waiting)
    };
    let revision = |text: &str| Some(text.to_owned());
    assert_eq!(state(&store), (b"blob".to_vec(), None, VaultSync::Waiting));
    store.vault_stored(b"blob", "1").unwrap();
    assert_eq!(state(&store), (b"blob".to_vec(), revision("1"), VaultSync::Settled));
    let write = Write { vault: Some(b"new key".to_vec()), ..Write::default() };
    store.append(&write).unwrap();
    assert_eq!(state(&store), (b"new key".to_vec(), revision("1"), VaultSync::Waiting));
    // Changed again while it was on its way:
    store.save_vault(ACCOUNT, b"newer", VaultOrigin::Here, &[]).unwrap();
    store.vault_stored(b"new key", "2").unwrap();
    assert_eq!(state(&store), (b"newer".to_vec(), revision("2"), VaultSync::Waiting));
    store.save_vault(ACCOUNT, b"both", VaultOrigin::Merged { revision: "3" }, &[]).unwrap();
    assert_eq!(state(&store), (b"both".to_vec(), revision("3"), VaultSync::Waiting));
    store.save_vault(ACCOUNT, b"theirs", VaultOrigin::Server { revision: "4" }, &[]).unwrap();
    assert_eq!(state(&store), (b"theirs".to_vec(), revision("4"), VaultSync::Settled));
}

#[test]
fn settings_change_together_with_the_vault_and_can_be_removed() {
    let dir = folder();
    let mut store = store(dir.path());
    store.set_setting("kept", Some(b"k")).unwrap();
    store.set_setting("gone", Some(b"g")).unwrap();
    let settings: [(&str, Option<&[u8]>); 2] = [("gone", None), ("made", Some(b"m"))];
    store.save_vault(ACCOUNT, b"blob", VaultOrigin::Here, &settings).unwrap();
    drop(store);
    let store = reopen(dir.path());
    assert_eq!(store.setting("kept").unwrap().as_deref(), Some(b"k".as_slice()));
    assert_eq!(store.setting("gone").unwrap(), None);
    assert_eq!(store.setting("made").unwrap().as_deref(), Some(b"m".as_slice()));
}

#[test]
fn a_novel_s_documents_come_in_the_order_of_their_arrival() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut writer = Writer::new(OURS);
    let documents = [(1, 9), (1, 3), (2, 4), (1, 9), (1, 9)];
    let records =
        documents.map(|(novel, document)| writer.new_record(vec![0], place(novel, document)));
    store.append(&Write { records: records.into(), ..Write::default() }).unwrap();
    let document = |document, records| StoredDocument {
        document: DocumentId([document; 16]),
        kind: 1,
        records,
    };
    assert_eq!(store.documents_of(NovelId([1; 16])).unwrap(), [document(9, 3), document(3, 1)]);
    assert_eq!(store.novels().unwrap(), [NovelId([1; 16]), NovelId([2; 16])]);
    assert_eq!(
        store.waiting_documents().unwrap(),
        [(1, 3), (1, 9), (2, 4)]
            .map(|(novel, document)| (NovelId([novel; 16]), DocumentId([document; 16]))),
        "documents, not records"
    );
}

#[test]
fn hundreds_of_records_are_one_fast_transaction() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut writer = Writer::new(OURS);
    let records = (0..500).map(|_| writer.new_record(vec![5; 1024], place(1, 1))).collect();
    let write = Write { records, ..Write::default() };
    let begun = Instant::now();
    store.append(&write).unwrap();
    let took = begun.elapsed();
    println!("500 records of 1 KiB in {took:?}");
    assert!(took.as_secs() < 5, "it took {took:?}");
    assert_eq!(all(&store).len(), 500, "reading in batches lost or doubled some");
}

#[test]
fn reading_in_batches_gives_every_record_once_at_every_border() {
    for count in [0, 1, 63, 64, 65, 128, 129] {
        let dir = folder();
        let mut store = store(dir.path());
        let mut writer = Writer::new(OURS);
        let records: Vec<_> = (0..count).map(|_| writer.new_record(vec![1], place(1, 1))).collect();
        let written: Vec<_> = records.iter().map(|new| new.record.clone()).collect();
        store.append(&Write { records, ..Write::default() }).unwrap();
        assert_eq!(all(&store), written, "{count} records");
    }
}
