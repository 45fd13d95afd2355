//! Backups and bringing them back: sealed, opened before they count, and never at the cost of what is there.

use std::fs;
use std::path::{Path, PathBuf};

use seshat_store::{Fault, Store};

use super::keeping::{damage, unlock};
use super::laptops::{Laptop, account, laptops, novel};
use crate::backup_files::{FOLDER, list, make_folder};
use crate::{Desk, FailureCode, VaultState};

fn backups(desk: &Desk) -> Vec<PathBuf> {
    let rows = list(&desk.home().join(FOLDER)).unwrap();
    rows.into_iter().map(|row| PathBuf::from(row.path)).collect()
}

/// A new desk in an empty folder.
fn empty() -> (tempfile::TempDir, Desk) {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(home.path().join("vault"), "New laptop".to_owned());
    (home, desk)
}

/// A backup in a folder that is not the vault's.
fn copy_outside(laptop: &Laptop) -> (tempfile::TempDir, PathBuf) {
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("novels.seshat");
    laptop.desk.backup_to(&file).unwrap();
    (outside, file)
}

fn words(desk: &Desk) -> u64 {
    desk.library().unwrap().iter().map(|card| card.words).sum()
}

fn contains(file: &Path, text: &[u8]) -> bool {
    fs::read(file).unwrap().windows(text.len()).any(|window| window == text)
}

#[test]
fn a_backup_is_sealed_private_and_holds_everything_but_the_keys_of_this_laptop() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "A quite remarkable ferry.");
    anna.desk.backup_now().unwrap();
    let files = backups(&anna.desk);
    assert_eq!(files.len(), 1);
    assert!(!contains(&files[0], b"remarkable"), "no word is readable in it");
    let copy = Store::open_copy(&files[0]).unwrap();
    for kept in ["device", "device-keys", "account-code", "remembered", "receipt"] {
        assert_eq!(copy.setting(kept).unwrap(), None, "{kept}");
    }
    let ours = anna.inside(|_, store| Ok(store.all_records().count()));
    assert_eq!(copy.all_records().count(), ours);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&files[0]), mode(files[0].parent().unwrap())), (0o600, 0o700));
    }
    let status = anna.desk.backups().unwrap();
    assert_eq!((status.backups.len(), status.failure), (1, None));
}

#[test]
fn a_backup_comes_back_in_an_empty_folder_as_a_new_laptop() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two three.");
    let (_outside, file) = copy_outside(&anna);
    let (_home, desk) = empty();
    let restored = desk.restore_backup(&file, account().0.clone()).unwrap();
    assert!(restored.vault && restored.novels == 1 && restored.problems.is_empty());
    assert_eq!(desk.vault_state().unwrap(), VaultState::Open);
    assert_eq!(words(&desk), 3);
    assert_eq!(desk.check().unwrap().problems, Vec::<String>::new());
    let device = desk.with_session(|session, _| Ok(session.device_id())).unwrap();
    assert_ne!(device, anna.device, "it writes under numbers of its own");
    desk.append_markdown(&novel, &scene, "Four.").unwrap();
    assert_eq!(words(&desk), 4);
    let heads = desk.with_session(|_, store| Ok(store.head(anna.device)?)).unwrap();
    let theirs = anna.inside(|_, store| Ok(store.head(anna.device)?));
    assert_eq!(heads, theirs, "the other laptop's chain was not touched");
}

#[test]
fn the_password_restores_as_well_and_a_wrong_one_changes_nothing() {
    let [anna] = laptops(["Desk"]);
    let _written = novel(&anna);
    let (_outside, file) = copy_outside(&anna);
    let (home, desk) = empty();
    let wrong = desk.restore_backup(&file, "not the password at all".to_owned()).unwrap_err();
    assert_eq!(wrong.code, FailureCode::WrongPassword);
    assert!(!home.path().join("vault/seshat.db").exists());
    desk.restore_backup(&file, "lantern gravel oboe tuesday".to_owned()).unwrap();
    assert_eq!(desk.library().unwrap().len(), 1);
}

#[test]
fn a_restore_never_replaces_another_vault() {
    let [anna] = laptops(["Desk"]);
    let _written = novel(&anna);
    let (_outside, file) = copy_outside(&anna);
    let (_home, other) = empty();
    other.create_vault("another gravel oboe monday".to_owned(), crate::SecondSecret::None).unwrap();
    other.create_novel("Theirs", "en").unwrap();
    let refused = other.restore_backup(&file, account().0.clone()).unwrap_err();
    assert!(refused.message.contains("another account"), "{refused}");
    other.lock().unwrap();
    other.restore_backup(&file, account().0.clone()).unwrap_err();
    other.unlock("another gravel oboe monday".to_owned()).unwrap();
    let titles: Vec<_> = other.library().unwrap().into_iter().map(|card| card.title).collect();
    assert_eq!(titles, ["Theirs"]);
}

#[test]
fn a_vault_of_the_same_account_gains_what_it_lacks_and_keeps_what_it_has() {
    let [anna, ben] = laptops(["Desk", "Travel"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "Old. ");
    anna.give(&ben);
    anna.write(&novel, &scene, 1, "From anna. ");
    let second = anna.desk.create_novel("Second", "en").unwrap().id;
    let (_outside, file) = copy_outside(&anna);
    ben.write(&novel, &scene, 1, "From ben. ");
    let restored = ben.desk.restore_backup(&file, String::new()).unwrap();
    assert!(restored.records > 0 && !restored.vault);
    let text = ben.flat(&novel, &scene);
    assert!(["Old. ", "From anna. ", "From ben. "].iter().all(|it| text.contains(it)), "{text}");
    assert!(ben.desk.outline(&second).is_ok(), "with the keys of the new novel");
    assert_eq!(ben.desk.restore_backup(&file, String::new()).unwrap().records, 0, "once is enough");
    assert_eq!(ben.problems(), Vec::<String>::new());
}

#[test]
fn of_a_damaged_backup_everything_that_is_sound_comes_back_and_the_rest_is_named() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 5);
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("seshat.db");
    anna.desk.backup_to(&file).unwrap();
    damage(&Desk::at(outside.path().to_owned(), String::new()), &scene, 2);
    let (_home, desk) = empty();
    let restored = desk.restore_backup(&file, account().0.clone()).unwrap();
    assert_eq!(restored.problems.len(), 1, "{:?}", restored.problems);
    let records = desk.with_session(|_, store| Ok(store.all_records().count())).unwrap();
    assert_eq!(records + 1, anna.records(), "all but the one");
    assert_eq!(desk.show_scene(&novel, &scene).unwrap().words, 2, "what came before it");
}

#[test]
fn what_is_no_backup_is_refused_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let (home, desk) = empty();
    fs::write(dir.path().join("noise"), [7; 5000]).unwrap();
    fs::write(dir.path().join("nothing"), []).unwrap();
    for name in ["noise", "nothing", "missing"] {
        let said = desk.restore_backup(&dir.path().join(name), "x".to_owned()).unwrap_err();
        assert_eq!(said.message.matches("; ").count(), 2, "{said}");
    }
    assert!(!home.path().join("vault").join("seshat.db").exists());
}

#[test]
fn a_damaged_vault_is_put_aside_and_kept_when_a_backup_takes_its_place() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two three.");
    let (_outside, file) = copy_outside(&anna);
    let home = anna.desk.home().to_owned();
    let anna = anna.gone();
    fs::write(home.join("seshat.db"), [7; 5000]).unwrap();
    let desk = Desk::at(home.clone(), "Again".to_owned());
    desk.restore_backup(&file, "wrong".to_owned()).unwrap_err();
    assert_eq!(fs::read(home.join("seshat.db")).unwrap(), [7; 5000], "it stays until then");
    desk.restore_backup(&file, account().0.clone()).unwrap();
    assert_eq!(words(&desk), 3);
    let kept = fs::read_dir(&home).unwrap().map(|entry| entry.unwrap());
    let kept = kept.filter(|entry| entry.file_name().to_string_lossy().contains("damaged"));
    assert_eq!(kept.map(|entry| fs::read(entry.path()).unwrap()).collect::<Vec<_>>(), [[7; 5000]]);
    drop(anna);
}

#[test]
fn a_backup_that_is_made_while_the_vault_is_locked_is_opened_when_it_is_open() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two three.");
    anna.desk.lock().unwrap();
    anna.desk.back_up_if_due();
    assert_eq!(backups(&anna.desk).len(), 1, "no key is needed");
    anna.desk.back_up_if_due();
    assert_eq!(backups(&anna.desk).len(), 1, "nothing changed since");
    unlock(&anna.desk);
    let facts = |laptop: &Laptop| {
        laptop
            .inside(|session, store| session.backup_facts(store))
            .into_values()
            .collect::<Vec<_>>()
    };
    assert!(facts(&anna).is_empty());
    anna.desk.open_backups().unwrap();
    let read = facts(&anna);
    assert_eq!(read.len(), 1);
    assert!(read[0].opened && read[0].novels.values().all(|novel| novel.words == Some(3)));
}

#[test]
fn locking_does_not_wait_for_a_backup_and_does_not_fail_with_it() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two three.");
    // A file where the folder should be.
    fs::write(anna.desk.home().join(FOLDER), b"in the way").unwrap();
    anna.desk.lock().unwrap();
    anna.desk.back_up_if_due();
    let notice = anna.desk.status(0).backup.unwrap();
    assert!(notice.contains("cannot be used for backups"), "{notice}");
    assert_eq!(notice.matches("; ").count(), 2, "{notice}");
    let before = fs::metadata(anna.desk.home().join(FOLDER)).unwrap().modified().unwrap();
    anna.desk.back_up_if_due();
    let after = fs::metadata(anna.desk.home().join(FOLDER)).unwrap().modified().unwrap();
    assert_eq!(before, after, "it is not tried again at once");
    fs::remove_file(anna.desk.home().join(FOLDER)).unwrap();
    unlock(&anna.desk);
    anna.desk.backup_now().unwrap();
    assert_eq!(anna.desk.status(0).backup, None, "what worked says nothing");
}

#[test]
fn an_emptied_vault_never_pushes_out_the_last_good_backup() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write_words((&novel, &scene), 30);
    anna.desk.backup_now().unwrap();
    let good = backups(&anna.desk)[0].clone();
    // As if it had been made half a year ago.
    let folder = anna.desk.home().join(FOLDER);
    let old = folder.join("seshat-2026-01-01-000000.seshat");
    fs::rename(&good, &old).unwrap();
    anna.desk.open_backups().unwrap();
    anna.desk.replace_markdown(&novel, &scene, "Nothing.").unwrap();
    for number in 0..20 {
        anna.desk.backup_now().unwrap();
        assert!(old.exists(), "after backup {number}");
    }
    let count = backups(&anna.desk).len();
    assert!(count <= 12, "those in between go: {count}");
}

#[test]
fn a_copy_that_is_not_whole_gets_no_name_and_nothing_goes_for_it() {
    let [anna] = laptops(["Desk"]);
    let _written = novel(&anna);
    anna.desk.backup_now().unwrap();
    let folder = anna.desk.home().join(FOLDER);
    // What a power cut leaves.
    fs::write(folder.join("seshat-2026-01-01-000000.seshat.unproved"), [0; 100]).unwrap();
    make_folder(&folder).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    // One that went bad on the disk afterwards.
    fs::write(folder.join("seshat-2026-01-02-000000.seshat"), [7; 5000]).unwrap();
    anna.desk.open_backups().unwrap();
    assert!(folder.join("seshat-2026-01-02-000000.seshat.damaged").exists(), "put aside, and kept");
    assert_eq!(backups(&anna.desk).len(), 1);
    assert!(anna.desk.backups().unwrap().failure.unwrap().contains("is damaged"));
}

#[test]
fn a_backup_elsewhere_is_never_overwritten_and_silences_the_reminder() {
    let [anna] = laptops(["Desk"]);
    let _written = novel(&anna);
    let outside = tempfile::tempdir().unwrap();
    let file = outside.path().join("novels.seshat");
    fs::write(&file, b"precious").unwrap();
    assert!(anna.desk.backup_to(&file).is_err());
    assert_eq!(fs::read(&file).unwrap(), b"precious");
    assert_eq!(anna.desk.backups().unwrap().outside_at, None);
    anna.desk.backup_to(&outside.path().join("second.seshat")).unwrap();
    assert!(anna.desk.backups().unwrap().outside_at.is_some());
    assert_eq!(fs::read_dir(outside.path()).unwrap().count(), 2, "nothing else is left there");
    let inside = anna.desk.home().join("inside.seshat");
    anna.inside(|_, store| Ok(store.set_setting("backup-outside-at", None)?));
    anna.desk.backup_to(&inside).unwrap();
    assert_eq!(anna.desk.backups().unwrap().outside_at, None, "beside the vault is not elsewhere");
}

#[test]
fn a_vault_whose_file_is_gone_is_said_to_be_and_can_still_be_saved_elsewhere() {
    let [anna] = laptops(["Desk"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two three.");
    anna.desk.backup_now().unwrap();
    let home = anna.desk.home().to_owned();
    let away = tempfile::tempdir().unwrap();
    fs::rename(home.join("seshat.db"), away.path().join("seshat.db")).unwrap();
    anna.desk.look_at_place();
    let said = anna.desk.status(0).save_failure.unwrap();
    assert!(said.contains("no longer in"), "{said}");
    anna.write(&novel, &scene, 1, "Four ");
    assert!(anna.desk.status(0).save_failure.is_some(), "a write into the lost file is no save");
    assert!(anna.desk.backup_now().is_err());
    let file = away.path().join("rescue.seshat");
    anna.desk.backup_to(&file).unwrap();
    fs::rename(away.path().join("seshat.db"), home.join("seshat.db")).unwrap();
    anna.desk.look_at_place();
    assert_eq!(anna.desk.status(0).save_failure, None);
    let (_home, desk) = empty();
    desk.restore_backup(&file, account().0.clone()).unwrap();
    assert_eq!(words(&desk), 4);
}

#[test]
fn no_empty_vault_is_made_where_one_has_vanished() {
    let [anna] = laptops(["Desk"]);
    let _written = novel(&anna);
    anna.desk.backup_now().unwrap();
    let home = anna.desk.home().to_owned();
    let _anna = anna.gone();
    fs::remove_file(home.join("seshat.db")).unwrap();
    let desk = Desk::at(home.clone(), "Again".to_owned());
    let password = "lantern gravel oboe tuesday".to_owned();
    let made = desk.create_vault(password, crate::SecondSecret::None);
    let refused = made.map(|_| ()).unwrap_err();
    assert_eq!(refused.code, FailureCode::Exists);
    assert!(!home.join("seshat.db").exists());
    let newest = backups(&desk)[0].clone();
    desk.restore_backup(&newest, account().0.clone()).unwrap();
    assert_eq!(desk.library().unwrap().len(), 1);
}

#[test]
fn a_restore_that_the_disk_interrupts_is_finished_by_the_next() {
    let [anna, ben] = laptops(["Desk", "Travel"]);
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "One two three.");
    let (_outside, file) = copy_outside(&anna);
    for after in 0..3 {
        ben.fail_write(after, Fault::BeforeCommit);
        // Whether this one is finished is not the question.
        let _failed = ben.desk.restore_backup(&file, String::new()).is_err();
    }
    ben.desk.restore_backup(&file, String::new()).unwrap();
    assert_eq!(ben.desk.show_scene(&novel, &scene).unwrap().words, 3);
    assert_eq!(ben.problems(), Vec::<String>::new());
}
