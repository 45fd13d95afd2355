//! Sealed images beside the records that name them.

use rusqlite::Connection;
use seshat_protocol::{Bytes32, DocumentId};
use seshat_store::{NewRecord, Store, StoreError, Write};
use sha2::{Digest, Sha256};

use crate::common::{OURS, Writer, folder, place, reopen, store};

fn hash(sealed: &[u8]) -> Bytes32 {
    Bytes32(Sha256::digest(sealed).into())
}

/// Writes a record of a document that names these.
fn name(store: &mut Store, writer: &mut Writer, document: u8, blobs: &[Bytes32]) {
    let mut record = writer.naming(vec![1; 40], Vec::new());
    record.blobs = blobs.to_vec();
    writer.head.hash = record.hash(crate::common::ACCOUNT);
    let new = NewRecord { record, place: place(1, document), covers: Vec::new() };
    store.append(&Write { records: vec![new], ..Write::default() }).unwrap();
}

#[test]
fn an_image_is_kept_under_its_hash_and_no_other() {
    let dir = folder();
    let mut store = store(dir.path());
    let kept = store.keep_blob(b"sealed").unwrap();
    assert_eq!(kept, hash(b"sealed"));
    assert_eq!(store.keep_blob(b"sealed").unwrap(), kept);
    assert!(!store.keep_blob_as(kept, b"something else").unwrap());
    assert!(store.keep_blob_as(hash(b"other"), b"other").unwrap());
    drop(store);
    let store = reopen(dir.path());
    assert_eq!(store.blob(kept).unwrap().unwrap(), b"sealed");
    assert!(store.has_blob(hash(b"other")).unwrap() && !store.has_blob(hash(b"x")).unwrap());
    store.integrity().unwrap();
}

#[test]
fn what_records_name_is_known_and_missing_until_it_comes_the_newest_first() {
    let dir = folder();
    let mut store = store(dir.path());
    let mut ours = Writer::new(OURS);
    let [one, two, three] = [hash(b"one"), hash(b"two"), hash(b"three")];
    name(&mut store, &mut ours, 1, &[one, two]);
    name(&mut store, &mut ours, 2, &[two, three]);
    assert_eq!(store.missing_blobs().unwrap(), [two, three, one]);
    assert!(store.knows_blob(one).unwrap() && !store.knows_blob(hash(b"x")).unwrap());
    assert_eq!(store.blobs_of(DocumentId([1; 16])).unwrap().len(), 2);
    store.keep_blob(b"two").unwrap();
    assert_eq!(store.missing_blobs().unwrap(), [three, one]);
}

#[test]
fn only_images_that_no_record_names_are_swept() {
    let dir = folder();
    let mut store = store(dir.path());
    let named = store.keep_blob(b"named").unwrap();
    let unnamed = store.keep_blob(b"unnamed").unwrap();
    name(&mut store, &mut Writer::new(OURS), 1, &[named]);
    assert_eq!(store.sweep_blobs().unwrap(), 1);
    assert!(store.has_blob(named).unwrap() && !store.has_blob(unnamed).unwrap());
    assert_eq!(store.sweep_blobs().unwrap(), 0);
}

#[test]
fn an_image_that_was_altered_on_the_disk_is_found_and_let_go_of() {
    let dir = folder();
    let mut made = store(dir.path());
    let kept = made.keep_blob(b"sealed").unwrap();
    name(&mut made, &mut Writer::new(OURS), 1, &[kept]);
    drop(made);
    let path = dir.path().join("vault/seshat.db");
    Connection::open(&path).unwrap().execute("UPDATE blobs SET sealed = x'00'", []).unwrap();
    let mut store = reopen(dir.path());
    assert!(matches!(store.integrity(), Err(StoreError::Damaged { .. })));
    assert_eq!(store.drop_damaged_blobs().unwrap(), 1);
    store.integrity().unwrap();
    assert_eq!(store.missing_blobs().unwrap(), [kept]);
}

#[test]
fn a_copy_has_the_images_and_gives_back_those_that_are_whole() {
    let dir = folder();
    let mut home = store(dir.path());
    let whole = home.keep_blob(b"whole").unwrap();
    let broken = home.keep_blob(b"broken").unwrap();
    let copy = dir.path().join("copy");
    home.copy_to(&copy, &[]).unwrap();
    let altered = Connection::open(&copy).unwrap();
    altered.execute("UPDATE blobs SET sealed = x'00' WHERE hash = ?1", [broken.0]).unwrap();
    drop(altered);
    home.forget_blob(whole).unwrap();
    home.forget_blob(broken).unwrap();
    home.absorb(&Store::open_copy(&copy).unwrap(), 1).unwrap();
    assert!(home.has_blob(whole).unwrap() && !home.has_blob(broken).unwrap());
    home.integrity().unwrap();
}
