//! Copies: whole or not there, looked into without a trace, taken in without a loss.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use seshat_protocol::{AccountId, DocumentId, Sealed};
use seshat_store::{
    AcceptedRecord, Ack, Head, KNOWN_VERSION, NewRecord, Store, StoreError, VaultOrigin, Write,
};

use crate::common::{
    ACCOUNT, OURS, THEIRS, Writer, all, come, folder, live_digest, page_of, place, purge, reopen,
    store,
};

/// Some of everything, purged and in quarantine too.
fn full(dir: &Path) -> Store {
    let mut store = store(dir);
    store.link_server("https://sync.example.org", "ada@example.org").unwrap();
    let (mut ours, mut theirs) = (Writer::new(OURS), Writer::new(THEIRS));
    let words: Vec<_> = (0..4).map(|_| ours.update(1)).collect();
    let snapshot = ours.snapshot(1, &words.iter().collect::<Vec<_>>());
    let mut records = words.clone();
    records.extend([snapshot.clone(), ours.update(2)]);
    let summaries = vec![(DocumentId([1; 16]), Sealed(vec![4; 40]))];
    store.append(&Write { records, summaries, ..Write::default() }).unwrap();
    let acks: Vec<_> =
        words.iter().chain([&snapshot]).map(|new| (new.record.id, Ack::Stored)).collect();
    store.acknowledge(&acks).unwrap();
    let (placed, aside) = (theirs.update(3), theirs.update(3));
    let mut page = page_of(&[&placed]);
    page.records.push(AcceptedRecord { place: None, ..come(&aside) });
    store.accept(&page).unwrap();
    assert_eq!(purge(&mut store).records, 4);
    store
}

fn bytes_in(dir: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.display().to_string(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn a_copy_has_everything_and_is_for_its_owner_alone() {
    let dir = folder();
    let store = full(dir.path());
    let copies = folder();
    let path = copies.path().join("a copy, 100% of it?#.seshat");
    store.copy_to(&path, &[]).unwrap();
    let files = bytes_in(copies.path());
    assert_eq!(files.len(), 1, "something was left beside it: {files:?}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let copy = Store::open_copy(&path).unwrap();
    copy.integrity().unwrap();
    assert_eq!(all(&copy), all(&store));
    assert_eq!(copy.heads().unwrap(), store.heads().unwrap());
    assert_eq!(copy.covered().unwrap(), store.covered().unwrap());
    assert_eq!(copy.digest().unwrap(), store.digest().unwrap());
    assert_eq!(copy.vault().unwrap(), store.vault().unwrap());
    assert_eq!(copy.waiting().unwrap(), 1);
    assert!(copy.is_in_place());
    drop(copy);
    assert_eq!(bytes_in(copies.path()), files, "looking into it changed it");
    // As a home of its own.
    let home = folder();
    fs::create_dir(home.path().join("vault")).unwrap();
    fs::copy(&path, home.path().join("vault/seshat.db")).unwrap();
    reopen(home.path()).integrity().unwrap();
}

#[test]
fn a_copy_takes_the_place_of_another_one_only_when_it_is_whole() {
    let dir = folder();
    let mut store = full(dir.path());
    let copies = folder();
    let path = copies.path().join("copy");
    store.copy_to(&path, &[]).unwrap();
    let before = fs::read(&path).unwrap();
    store.append(&Write { records: vec![next(&store)], ..Write::default() }).unwrap();
    // Something that cannot be removed stands where the copy is to be written.
    fs::create_dir(copies.path().join("copy.new")).unwrap();
    assert!(store.copy_to(&path, &[]).is_err());
    assert_eq!(fs::read(&path).unwrap(), before, "the good copy was touched");
    fs::remove_dir(copies.path().join("copy.new")).unwrap();
    // Half of one that a crash left.
    fs::write(copies.path().join("copy.new"), b"half").unwrap();
    store.copy_to(&path, &[]).unwrap();
    assert_eq!(all(&Store::open_copy(&path).unwrap()), all(&store));
    assert_eq!(bytes_in(copies.path()).len(), 1);
    assert!(store.copy_to(&copies.path().join("not there/copy"), &[]).is_err());
}

fn next(store: &Store) -> NewRecord {
    Writer::after(OURS, store.head(OURS).unwrap()).update(2)
}

#[test]
fn nothing_can_be_written_to_a_copy() {
    let dir = folder();
    let store = full(dir.path());
    let path = dir.path().join("copy");
    store.copy_to(&path, &[]).unwrap();
    let before = fs::read(&path).unwrap();
    let mut copy = Store::open_copy(&path).unwrap();
    let write = Write { records: vec![next(&store)], ..Write::default() };
    assert!(copy.append(&write).is_err());
    assert!(copy.set_setting("a", Some(b"b")).is_err());
    copy.integrity().unwrap();
    drop(copy);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert!(!dir.path().join("copy-wal").exists() && !dir.path().join("copy-shm").exists());
}

#[test]
fn a_copy_that_is_cut_short_or_newer_or_nothing_of_ours_is_refused_and_left_alone() {
    let dir = folder();
    let path = dir.path().join("copy");
    full(dir.path()).copy_to(&path, &[]).unwrap();
    let whole = fs::read(&path).unwrap();
    assert!(matches!(Store::open_copy(&dir.path().join("none")), Err(StoreError::Missing)));
    for length in [0, 10, 100, 4096, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let opened = Store::open_copy(&path);
        assert!(matches!(opened, Err(StoreError::Damaged { .. })), "{length}: {opened:?}");
        assert_eq!(fs::read(&path).unwrap(), whole[..length]);
    }
    fs::write(&path, &whole).unwrap();
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", KNOWN_VERSION + 1).unwrap();
    drop(newer);
    assert!(matches!(Store::open_copy(&path), Err(StoreError::Newer { .. })));
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    assert!(matches!(Store::open_copy(&path), Err(StoreError::Damaged { .. })));
}

#[test]
fn a_copy_of_an_older_version_is_read_and_stays_as_it_is() {
    let dir = folder();
    let path = dir.path().join("copy");
    // Back to version 2, in which nothing had been purged and nothing has blobs.
    let mut ours = Writer::new(OURS);
    let update = ours.update(2);
    let snapshot = ours.snapshot(2, &[&update]);
    let mut old = crate::common::store(dir.path());
    old.link_server("https://sync.example.org", "ada@example.org").unwrap();
    old.accept(&page_of(&[&update, &snapshot])).unwrap();
    old.copy_to(&path, &[]).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.execute_batch(crate::freshness::BACK_TO_2).unwrap();
    drop(connection);
    let before = fs::read(&path).unwrap();
    let copy = Store::open_copy(&path).unwrap();
    copy.integrity().unwrap();
    assert_eq!(all(&copy).len(), 2);
    assert_eq!(copy.digest().unwrap(), live_digest([&snapshot.record]));
    assert_eq!(copy.gaps().unwrap().unread, 1, "what it covers was never asked for");
    drop(copy);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_with_a_log_beside_it_is_read_with_its_log_and_stays_as_it_is() {
    let dir = folder();
    let mut store = full(dir.path());
    store.append(&Write { records: vec![next(&store)], ..Write::default() }).unwrap();
    // As a computer that was switched off leaves it.
    let found = folder();
    for name in ["seshat.db", "seshat.db-wal"] {
        fs::copy(dir.path().join("vault").join(name), found.path().join(name)).unwrap();
    }
    let before = bytes_in(found.path());
    assert_eq!(before.len(), 2);
    let copy = Store::open_copy(&found.path().join("seshat.db")).unwrap();
    copy.integrity().unwrap();
    assert_eq!(all(&copy), all(&store));
    drop(copy);
    assert_eq!(bytes_in(found.path()), before);
}

#[test]
fn a_database_that_was_moved_or_replaced_is_not_in_place() {
    let dir = folder();
    let store = full(dir.path());
    let (path, moved) = (dir.path().join("vault/seshat.db"), dir.path().join("moved"));
    assert!(store.is_in_place());
    fs::rename(&path, &moved).unwrap();
    assert!(!store.is_in_place());
    fs::copy(&moved, &path).unwrap();
    assert!(!store.is_in_place(), "another file under its name");
    fs::rename(&moved, &path).unwrap();
    assert!(store.is_in_place());
    fs::remove_dir_all(dir.path().join("vault")).unwrap();
    assert!(!store.is_in_place());
}

#[test]
fn an_empty_home_that_takes_in_a_copy_has_everything_and_goes_on() {
    let dir = folder();
    let full = full(dir.path());
    let other = folder();
    let mut home = store(other.path());
    let held = all(&full);
    assert_eq!(home.absorb(&full, 9).unwrap(), held.len());
    home.integrity().unwrap();
    assert_eq!(all(&home), held);
    assert_eq!(home.waiting().unwrap(), held.len(), "the server may not have it any more");
    assert_eq!(home.heads().unwrap(), full.heads().unwrap());
    assert_eq!(home.covered().unwrap(), full.covered().unwrap());
    assert_eq!(home.quarantined().unwrap(), full.quarantined().unwrap());
    assert_eq!(home.gaps().unwrap(), full.gaps().unwrap());
    assert!(home.alarms().unwrap().is_empty());
    assert_eq!(home.absorb(&full, 9).unwrap(), 0, "twice is once");
    let mut anew = Writer::after(OURS, home.head(OURS).unwrap());
    home.append(&Write { records: vec![anew.update(1)], ..Write::default() }).unwrap();
    home.integrity().unwrap();
}

#[test]
fn a_home_that_takes_in_an_older_copy_keeps_its_own_and_gets_back_what_it_lacks() {
    let dir = folder();
    let mut home = store(dir.path());
    home.link_server("https://sync.example.org", "ada@example.org").unwrap();
    let mut ours = Writer::new(OURS);
    let words: Vec<_> = (0..3).map(|_| ours.update(1)).collect();
    home.append(&Write { records: words.clone(), ..Write::default() }).unwrap();
    let copy = dir.path().join("copy");
    home.copy_to(&copy, &[]).unwrap();
    let snapshot = ours.snapshot(1, &words.iter().collect::<Vec<_>>());
    home.append(&Write { records: vec![snapshot.clone()], ..Write::default() }).unwrap();
    let acks: Vec<_> =
        words.iter().chain([&snapshot]).map(|new| (new.record.id, Ack::Stored)).collect();
    home.acknowledge(&acks).unwrap();
    assert_eq!(purge(&mut home).records, 3);
    let digest = home.digest().unwrap();

    assert_eq!(home.absorb(&Store::open_copy(&copy).unwrap(), 9).unwrap(), 3);
    home.integrity().unwrap();
    assert_eq!(home.head(OURS).unwrap(), ours.head, "an older copy takes no head back");
    assert!(home.alarms().unwrap().is_empty());
    assert_eq!((home.waiting().unwrap(), home.digest().unwrap()), (3, digest));
    home.acknowledge(&acks).unwrap();
    assert_eq!(home.digest().unwrap(), digest, "they are in the snapshot as before");
    assert_eq!(purge(&mut home).records, 3);
}

#[test]
fn only_a_copy_of_the_same_account_is_taken_in() {
    let (one, two) = (folder(), folder());
    let copy = full(one.path());
    let mut home = Store::create(&two.path().join("vault")).unwrap();
    assert!(matches!(home.absorb(&copy, 9), Err(StoreError::NoVault)));
    let other = AccountId([9; 16]);
    home.save_vault(other, b"blob", VaultOrigin::Here, &[]).unwrap();
    let refused = home.absorb(&copy, 9);
    assert!(matches!(refused, Err(StoreError::OtherAccount { ours }) if ours == other));
    assert_eq!(all(&home).len(), 0);
}

#[test]
fn what_was_aside_here_and_is_placed_there_gets_its_place() {
    let dir = folder();
    let mut home = store(dir.path());
    home.link_server("https://sync.example.org", "ada@example.org").unwrap();
    let mut theirs = Writer::new(THEIRS);
    let update = theirs.update(1);
    let snapshot = theirs.snapshot(1, &[&update]);
    let aside = AcceptedRecord { place: None, signed: false, covers: None, ..come(&snapshot) };
    let mut page = page_of(&[]);
    page.records.push(aside);
    home.accept(&page).unwrap();
    let other = folder();
    let mut there = store(other.path());
    there.link_server("https://sync.example.org", "ada@example.org").unwrap();
    there.accept(&page_of(&[&update, &snapshot])).unwrap();
    assert_eq!(home.absorb(&there, 9).unwrap(), 1, "one was here");
    home.integrity().unwrap();
    assert_eq!(home.record(snapshot.record.id).unwrap().unwrap().place, Some(snapshot.place));
    let gaps = home.gaps().unwrap();
    assert_eq!((gaps.missing(), gaps.unread), (0, 0), "{gaps:?}");
    assert_eq!(
        home.head(THEIRS).unwrap(),
        Head { sequence: 2, hash: snapshot.record.hash(ACCOUNT) }
    );
    assert_eq!(place(1, 1).document, snapshot.place.document);
}
