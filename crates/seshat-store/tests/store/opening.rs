use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use rusqlite::Connection;
use seshat_store::{KNOWN_VERSION, Store, StoreError};

use crate::common::{OURS, Writer, folder, reopen, store};

/// Tells the test below, when it is run as a process of its own, which store to hold.
const HOLD: &str = "SESHAT_TEST_HOLD";

#[expect(clippy::disallowed_methods, reason = "how a test talks to itself in another process")]
fn told(variable: &str) -> Option<std::path::PathBuf> {
    std::env::var_os(variable).map(Into::into)
}

#[test]
fn a_store_is_neither_opened_where_none_is_nor_made_where_one_is() {
    let dir = folder();
    assert!(matches!(Store::open(dir.path()), Err(StoreError::Missing)));
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "looking left something behind");
    drop(Store::create(dir.path()).unwrap());
    assert!(matches!(Store::create(dir.path()), Err(StoreError::Exists)));
    Store::open(dir.path()).unwrap().integrity().unwrap();
}

#[test]
fn a_store_that_was_half_made_when_the_power_went_is_made_anew() {
    let dir = folder();
    for name in ["seshat.db.new", "seshat.db.new-wal", "seshat.db.new-journal"] {
        fs::write(dir.path().join(name), b"half of something").unwrap();
    }
    assert!(matches!(Store::open(dir.path()), Err(StoreError::Missing)));
    Store::create(dir.path()).unwrap().integrity().unwrap();
    assert!(!dir.path().join("seshat.db.new").exists());
}

#[test]
fn a_second_opening_in_the_same_process_is_told_that_it_is_in_use() {
    let dir = folder();
    let first = store(dir.path());
    assert!(matches!(Store::open(&dir.path().join("vault")), Err(StoreError::InUse)));
    assert!(matches!(Store::create(&dir.path().join("vault")), Err(StoreError::InUse)));
    drop(first);
    reopen(dir.path()).integrity().unwrap();
}

#[test]
fn a_second_process_is_told_that_it_is_in_use_until_the_first_dies() {
    let dir = folder();
    drop(store(dir.path()));
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "opening::a_process_that_holds_a_store", "--ignored", "--nocapture"])
        .env(HOLD, dir.path().join("vault"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.map_while(Result::ok).any(|line| line.contains("held")), "the child has failed");
    assert!(matches!(Store::open(&dir.path().join("vault")), Err(StoreError::InUse)));
    child.kill().unwrap();
    child.wait().unwrap();
    reopen(dir.path()).integrity().unwrap();
}

#[test]
#[ignore = "run by the test above, in another process"]
fn a_process_that_holds_a_store() {
    let Some(dir) = told(HOLD) else { return };
    let store = Store::open(&dir).unwrap();
    println!("\nheld");
    std::thread::sleep(std::time::Duration::from_secs(60));
    drop(store);
}

#[test]
fn another_program_cannot_open_the_database_beside_us() {
    let dir = folder();
    let mut store = store(dir.path());
    store.append(&Writer::new(OURS).write(&[b"one"])).unwrap();
    let other = Connection::open(dir.path().join("vault/seshat.db")).unwrap();
    other.busy_timeout(std::time::Duration::ZERO).unwrap();
    assert!(
        other.query_row("SELECT count(*) FROM records", [], |row| row.get::<_, i64>(0)).is_err()
    );
    assert!(!dir.path().join("vault/seshat.db-shm").exists(), "exclusive locking needs none");
}

#[test]
fn a_newer_format_is_refused_and_left_as_it_is() {
    let dir = folder();
    drop(store(dir.path()));
    let path = dir.path().join("vault/seshat.db");
    let newer = Connection::open(&path).unwrap();
    newer.pragma_update(None, "user_version", KNOWN_VERSION + 1).unwrap();
    newer.execute_batch("PRAGMA journal_mode = DELETE").unwrap();
    drop(newer);
    let before = fs::read(&path).unwrap();
    let refused = Store::open(&dir.path().join("vault"));
    assert!(
        matches!(refused, Err(StoreError::Newer { found, known }) if found == known + 1),
        "{refused:?}"
    );
    assert_eq!(fs::read(&path).unwrap(), before, "an old program wrote into a newer file");
}

#[test]
fn another_program_s_database_is_not_taken_for_ours() {
    let dir = folder();
    for version in [0, 1] {
        let path = dir.path().join("seshat.db");
        let other = Connection::open(&path).unwrap();
        other.execute_batch("CREATE TABLE IF NOT EXISTS notes (text TEXT)").unwrap();
        other.pragma_update(None, "user_version", version).unwrap();
        drop(other);
        let before = fs::read(&path).unwrap();
        assert!(matches!(Store::open(dir.path()), Err(StoreError::Damaged { .. })));
        assert_eq!(fs::read(&path).unwrap(), before, "it was written to");
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_on_the_machine_can_read_the_files() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let dir = folder();
    let vault = dir.path().join("vault");
    let mut opened = store(dir.path());
    opened.append(&Writer::new(OURS).write(&[b"one"])).unwrap();
    assert_eq!(mode(&vault), 0o700);
    for entry in fs::read_dir(&vault).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    drop(opened);
    // A copy from a memory stick comes with other modes.
    fs::set_permissions(&vault, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(vault.join("seshat.db"), fs::Permissions::from_mode(0o644)).unwrap();
    let opened = reopen(dir.path());
    assert_eq!((mode(&vault), mode(&vault.join("seshat.db"))), (0o700, 0o600));
    drop(opened);
}

#[test]
fn after_closing_everything_is_in_the_one_file() {
    let dir = folder();
    let mut opened = store(dir.path());
    opened.append(&Writer::new(OURS).write(&[b"one", b"two"])).unwrap();
    opened.close().unwrap();
    let copy = folder();
    fs::create_dir(copy.path().join("vault")).unwrap();
    fs::copy(dir.path().join("vault/seshat.db"), copy.path().join("vault/seshat.db")).unwrap();
    assert_eq!(reopen(copy.path()).waiting().unwrap(), 2);
    let names: Vec<_> = fs::read_dir(dir.path().join("vault"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "seshat.db" && name != "seshat.lock")
        .collect();
    assert!(names.is_empty(), "left beside the file: {names:?}");
}
