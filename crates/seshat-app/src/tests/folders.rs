//! Laptops that sync through a folder.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use seshat_sync::SETTLE_MS;
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use super::laptops::{Laptop, account, laptops, novel};
use crate::{AlarmKind, Desk, FailureCode, SyncReport, VaultState};

const NEW_PASSWORD: &str = "nine otters underneath the old bridge";

/// Two laptops of one account at one folder, which the first has made.
fn at_a_folder() -> (TempDir, Laptop, Laptop) {
    let folder = tempfile::tempdir().unwrap();
    let [anna, ben] = laptops(["Anna's", "Ben's"]);
    anna.desk.create_folder(folder.path()).unwrap();
    ben.desk.connect_folder(folder.path()).unwrap();
    (folder, anna, ben)
}

fn sync(laptop: &Laptop) -> SyncReport {
    let report = laptop.desk.sync().unwrap();
    assert!(report.complete && report.waiting == 0, "{report:?}");
    report
}

fn sync_both(anna: &Laptop, ben: &Laptop) {
    for laptop in [anna, ben, anna, ben] {
        sync(laptop);
    }
}

/// A laptop without a vault; its home goes with it.
fn bare() -> (TempDir, Desk) {
    let home = tempfile::tempdir().unwrap();
    let desk = Desk::at(home.path().join("vault"), "New".to_owned());
    (home, desk)
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut to_look_at = vec![folder.to_owned()];
    while let Some(folder) = to_look_at.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                to_look_at.push(path);
            } else if path.to_str().unwrap().ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Everything that lies in one copy of the folder comes to lie in the other, and the other way round.
fn carry(one: &Path, other: &Path) {
    for (from, to) in [(one, other), (other, one)] {
        for file in files(from, "") {
            let target = to.join(file.strip_prefix(from).unwrap());
            if !target.exists() {
                fs::create_dir_all(target.parent().unwrap()).unwrap();
                fs::copy(file, target).unwrap();
            }
        }
    }
}

fn alarms(laptop: &Laptop) -> Vec<(AlarmKind, bool)> {
    laptop.desk.alarms().unwrap().iter().map(|alarm| (alarm.kind, alarm.healed)).collect()
}

/// A clock for the folder that can be put forward.
fn clock(laptops: &[&Laptop]) -> Arc<AtomicU64> {
    let clock = Arc::new(AtomicU64::new(1_800_000_000_000));
    for laptop in laptops {
        let clock = Arc::clone(&clock);
        laptop.desk.set_folder_clock(Arc::new(move || clock.load(Ordering::Relaxed)));
    }
    clock
}

#[test]
fn two_laptops_through_one_folder_write_the_same_scene_and_keep_every_word() {
    let (folder, anna, ben) = at_a_folder();
    let (novel, scene) = novel(&anna);
    sync_both(&anna, &ben);
    anna.write(&novel, &scene, 1, "The ferry left without him.");
    ben.write(&novel, &scene, 1, "It rained.");
    sync_both(&anna, &ben);
    let text = anna.flat(&novel, &scene);
    assert!(text.contains("The ferry left without him.") && text.contains("It rained."), "{text}");
    assert_eq!(ben.flat(&novel, &scene), text);
    assert_eq!(alarms(&anna), []);
    assert_eq!(alarms(&ben), []);
    let state = ben.desk.folder_state().unwrap().unwrap();
    assert!(state.there && state.laptops == 2 && state.message.is_none(), "{state:?}");
    for file in files(folder.path(), "") {
        let bytes = fs::read(&file).unwrap();
        assert!(!bytes.windows(5).any(|found| found == b"ferry"), "{}", file.display());
    }
}

#[test]
fn laptops_at_rest_write_nothing_into_the_folder() {
    let (folder, anna, ben) = at_a_folder();
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "The ferry left.");
    sync_both(&anna, &ben);
    sync_both(&anna, &ben);
    let before = files(folder.path(), "");
    sync_both(&anna, &ben);
    assert_eq!(files(folder.path(), ""), before);
}

#[test]
fn a_new_laptop_joins_by_the_kit_from_the_folder_alone() {
    let (folder, anna, ben) = at_a_folder();
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "The ferry left without him.");
    sync_both(&anna, &ben);
    let (_home, cleo) = bare();
    let (kit, new) = (account().0.clone(), NEW_PASSWORD.to_owned());
    cleo.recover_from_folder(folder.path(), kit, new).unwrap();
    let report = cleo.sync().unwrap();
    assert!(report.complete, "{report:?}");
    assert_eq!(cleo.show_scene(&novel, &scene).unwrap().flat, anna.flat(&novel, &scene));
    cleo.append_markdown(&novel, &scene, "Cleo saw it too.\n").unwrap();
    cleo.sync().unwrap();
    sync_both(&anna, &ben);
    assert!(anna.flat(&novel, &scene).contains("Cleo saw it too."));
    assert_eq!(ben.desk.security().unwrap().devices.len(), 3);
    assert!(anna.desk.status(0).notice.is_some_and(|notice| notice.contains("password")));

    let (_home, dora) = bare();
    let wrong = dora.join_folder(folder.path(), "lantern gravel oboe tuesday".to_owned(), None);
    assert_eq!(wrong.unwrap_err().code, FailureCode::WrongPassword, "the old password is over");
    assert_eq!(dora.vault_state().unwrap(), VaultState::Absent);
    dora.join_folder(folder.path(), NEW_PASSWORD.to_owned(), None).unwrap();
    assert!(dora.sync().unwrap().complete);
    assert!(dora.show_scene(&novel, &scene).unwrap().flat.contains("Cleo saw it too."));
}

#[test]
fn novels_made_on_two_copies_of_a_folder_at_once_open_on_both() {
    let (folder, anna, ben) = at_a_folder();
    sync_both(&anna, &ben);
    let copy = tempfile::tempdir().unwrap();
    carry(folder.path(), copy.path());
    ben.desk.connect_folder(copy.path()).unwrap();
    sync(&ben);
    // Each has a key that the other does not know, and each has written a vault.
    anna.desk.create_novel("The Ferry", "en-GB").unwrap();
    ben.desk.create_novel("The Bridge", "en-GB").unwrap();
    sync(&anna);
    sync(&ben);
    for _ in 0..3 {
        carry(folder.path(), copy.path());
        sync(&anna);
        sync(&ben);
    }
    for laptop in [&anna, &ben] {
        let mut titles: Vec<_> =
            laptop.desk.library().unwrap().into_iter().map(|card| card.title).collect();
        titles.sort();
        assert_eq!(titles, ["The Bridge", "The Ferry"]);
        assert_eq!(alarms(laptop), [], "two vaults at once are nothing unusual here");
    }
}

#[test]
fn half_a_file_is_no_alarm_and_nothing_is_put_aside() {
    let (folder, anna, ben) = at_a_folder();
    let (novel, scene) = novel(&anna);
    sync_both(&anna, &ben);
    let before: BTreeSet<_> = files(folder.path(), "").into_iter().collect();
    anna.write(&novel, &scene, 1, "The ferry left without him.");
    sync(&anna);
    let new: Vec<_> =
        files(folder.path(), "").into_iter().filter(|file| !before.contains(file)).collect();
    assert_eq!(new.len(), 1);
    let bytes = fs::read(&new[0]).unwrap();
    for end in (0..bytes.len()).step_by(bytes.len() / 24 + 1) {
        fs::write(&new[0], &bytes[..end]).unwrap();
        let report = sync(&ben);
        assert_eq!((report.down, report.message), (0, None), "cut at {end}");
    }
    let state = ben.desk.folder_state().unwrap().unwrap();
    assert_eq!(state.unusable, 1);
    assert!(state.message.is_some());
    fs::write(&new[0], &bytes).unwrap();
    assert_eq!(sync(&ben).down, 1);
    assert_eq!(ben.flat(&novel, &scene), anna.flat(&novel, &scene));
    assert_eq!(alarms(&ben), []);
}

#[test]
fn without_the_folder_everything_waits_and_an_empty_mount_point_stays_empty() {
    let (folder, anna, ben) = at_a_folder();
    let (novel, scene) = novel(&anna);
    sync_both(&anna, &ben);
    let elsewhere = folder.path().with_extension("unplugged");
    fs::rename(folder.path(), &elsewhere).unwrap();
    fs::create_dir(folder.path()).unwrap();
    anna.write(&novel, &scene, 1, "Written on the train.");
    let report = anna.desk.sync().unwrap();
    assert!(!report.online && !report.complete && report.waiting > 0, "{report:?}");
    assert!(report.message.is_some_and(|said| said.contains("plug in the stick")));
    let state = anna.desk.folder_state().unwrap().unwrap();
    assert!(!state.there && state.waiting > 0, "{state:?}");
    assert_eq!(files(folder.path(), ""), Vec::<PathBuf>::new());
    fs::remove_dir(folder.path()).unwrap();
    fs::rename(&elsewhere, folder.path()).unwrap();
    sync_both(&anna, &ben);
    assert!(ben.flat(&novel, &scene).contains("Written on the train."));
    assert_eq!(alarms(&anna), []);
}

#[test]
fn a_folder_that_was_set_back_raises_the_alarms_and_gets_everything_back() {
    let (folder, anna, ben) = at_a_folder();
    let (first, scene) = novel(&anna);
    sync_both(&anna, &ben);
    let clock = clock(&[&anna, &ben]);
    let old: BTreeSet<_> = files(folder.path(), "").into_iter().collect();
    anna.write(&first, &scene, 1, "The ferry left without him.");
    // A vault with a new key.
    anna.desk.create_novel("The Bridge", "en-GB").unwrap();
    sync_both(&anna, &ben);
    for file in files(folder.path(), "").into_iter().filter(|file| !old.contains(file)) {
        fs::remove_file(file).unwrap();
    }
    sync_both(&anna, &ben);
    assert_eq!(alarms(&ben), [], "it may be on its way");
    clock.fetch_add(SETTLE_MS, Ordering::Relaxed);
    sync(&ben);
    let said = ben.desk.alarms().unwrap();
    assert_eq!(alarms(&ben), [(AlarmKind::Regress, true), (AlarmKind::Regress, true)], "{said:?}");
    assert!(said.iter().all(|alarm| alarm.message.contains("folder")), "{said:?}");
    assert!(said.iter().all(|alarm| !alarm.message.contains("server")), "{said:?}");
    sync_both(&anna, &ben);
    let (_home, cleo) = bare();
    let (kit, new) = (account().0.clone(), NEW_PASSWORD.to_owned());
    cleo.recover_from_folder(folder.path(), kit, new).unwrap();
    assert!(cleo.sync().unwrap().complete);
    assert_eq!(cleo.library().unwrap().len(), 2);
    assert_eq!(cleo.show_scene(&first, &scene).unwrap().flat, anna.flat(&first, &scene));
}

#[test]
fn a_forged_record_beside_the_right_one_takes_nothing_from_a_newcomer() {
    let (folder, anna, ben) = at_a_folder();
    let (novel, scene) = novel(&anna);
    anna.write(&novel, &scene, 1, "The ferry left without him.");
    sync_both(&anna, &ben);
    for chunk in files(folder.path(), ".chunk") {
        let bytes = fs::read(&chunk).unwrap();
        let mut forged = bytes[..bytes.len() - 32].to_vec();
        // The last byte of the last record's signature.
        *forged.last_mut().unwrap() ^= 1;
        let hash = Sha256::digest(&forged);
        forged.extend_from_slice(&hash);
        let name = format!("0 {}", chunk.file_name().unwrap().to_str().unwrap());
        fs::write(chunk.with_file_name(name), forged).unwrap();
    }
    let (_home, cleo) = bare();
    let (kit, new) = (account().0.clone(), NEW_PASSWORD.to_owned());
    cleo.recover_from_folder(folder.path(), kit, new).unwrap();
    let _reported = cleo.sync().unwrap();
    let _again = cleo.sync().unwrap();
    assert_eq!(cleo.show_scene(&novel, &scene).unwrap().flat, anna.flat(&novel, &scene));
    sync(&ben);
    let fork = alarms(&ben).iter().any(|(kind, _)| *kind == AlarmKind::Fork);
    assert!(fork, "who has the right one is told");
}

#[test]
fn a_folder_that_does_not_fit_is_refused_and_left_as_it_is() {
    let [anna] = laptops(["Anna's"]);
    let folder = tempfile::tempdir().unwrap();
    let nowhere = folder.path().join("nowhere");
    assert!(anna.desk.create_folder(&nowhere).is_err());
    assert!(!nowhere.exists());
    assert!(anna.desk.connect_folder(folder.path()).is_err(), "nobody syncs there");
    let home = anna.desk.home().to_owned();
    assert!(anna.desk.create_folder(&home).is_err(), "the vault's own folder");
    assert!(anna.desk.create_folder(home.parent().unwrap()).is_err(), "one that it is in");
    assert_eq!(files(folder.path(), ""), Vec::<PathBuf>::new());

    let (_home, other) = bare();
    other.create_vault(NEW_PASSWORD.to_owned(), crate::SecondSecret::None).unwrap();
    other.create_folder(folder.path()).unwrap();
    let before = files(folder.path(), "");
    let refused = anna.desk.create_folder(folder.path()).unwrap_err();
    assert_eq!(refused.code, FailureCode::Exists);
    assert!(anna.desk.connect_folder(folder.path()).is_err());
    assert_eq!(files(folder.path(), ""), before);
}
