//! Laptops through a folder that another program carries, or that is a stick: in any order, in halves, twice, and gone.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use seshat_protocol::{AccountId, DeviceId};
use seshat_sync::{
    FolderPlace, FolderTransport, Outcome, Report, SETTLE_MS, SyncOptions, TransportError,
    folder_vaults, put_folder_vault, sync_once,
};
use tempfile::TempDir;

use crate::world::{Dice, Laptop, Number, vault};

const ACCOUNT: AccountId = AccountId([0xAC; 16]);
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// A clock that stands until somebody sets it.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn pass(&self, millis: u64) {
        self.0.fetch_add(millis, Ordering::Relaxed);
    }
}

/// A laptop and its way to a folder.
struct Side {
    laptop: Laptop,
    folder: FolderTransport,
    root: PathBuf,
    own: TempDir,
    clock: Clock,
}

impl Side {
    fn new(number: u8, root: &Path, clock: &Clock) -> Self {
        let own = tempfile::tempdir().unwrap();
        let folder = transport(number, root, own.path(), clock);
        let (root, clock) = (root.to_owned(), clock.clone());
        Self { laptop: Laptop::new(number), folder, root, own, clock }
    }

    /// The program starts anew.
    fn restart(&mut self) {
        let number = self.laptop.device.0[0];
        self.folder = transport(number, &self.root, self.own.path(), &self.clock);
    }

    async fn round(&self) -> Report {
        sync_once(&self.folder, &self.laptop, SyncOptions::default()).await.unwrap()
    }

    async fn sync(&self) {
        let report = self.round().await;
        assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    }

    /// As the app asks it: what is in the store contains itself.
    fn tidy(&self) -> seshat_sync::Tidied {
        let held = self.laptop.ids();
        self.folder.tidy(&|id| !held.contains(&id)).unwrap()
    }

    fn digest(&self) -> seshat_protocol::Digest {
        let state = self.laptop.state();
        crate::world::digest(state.held.iter())
    }
}

pub(crate) fn transport_to(number: u8, root: &Path, own: &Path) -> FolderTransport {
    transport(number, root, own, &Clock::default())
}

fn transport(number: u8, root: &Path, own: &Path, clock: &Clock) -> FolderTransport {
    let place = FolderPlace {
        root: root.to_owned(),
        account: ACCOUNT,
        device: DeviceId([number; 16]),
        index: own.join("folder-index"),
        name: [number; 16],
    };
    let clock = clock.clone();
    FolderTransport::new(place, Arc::new(move || clock.0.load(Ordering::Relaxed)))
}

/// A folder with the first laptop's vault in it.
pub(crate) fn begun(root: &Path) {
    let blob = vault(&BTreeSet::from([1]));
    put_folder_vault(root, (ACCOUNT, DeviceId([1; 16])), &blob.0, &[], &[]).unwrap();
}

/// A folder and so many laptops at it.
fn at_one_folder<const N: usize>() -> (TempDir, Clock, [Side; N]) {
    let dir = tempfile::tempdir().unwrap();
    begun(dir.path());
    let clock = Clock::default();
    let mut number = 0;
    let sides = std::array::from_fn(|_| {
        number += 1;
        Side::new(number, dir.path(), &clock)
    });
    (dir, clock, sides)
}

/// Every file below a folder, by its path in it.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut to_look_at = vec![root.to_owned()];
    while let Some(folder) = to_look_at.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                to_look_at.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

fn chunks(root: &Path) -> Vec<PathBuf> {
    let names = files(root).into_keys().filter(|name| name.ends_with(".chunk"));
    names.map(|name| root.join(name)).collect()
}

async fn sync_all(sides: &[&Side]) {
    for side in sides.iter().chain(sides) {
        side.sync().await;
    }
}

fn assert_even(sides: &[&Side]) {
    let devices = sides[0].laptop.state().devices.clone();
    for side in sides {
        assert_eq!(side.laptop.ids(), sides[0].laptop.ids(), "they hold different records");
        let state = side.laptop.state();
        assert!(state.outbox.is_empty(), "something waits");
        assert!(state.quarantine.is_empty(), "something is put aside");
        assert_eq!(state.devices, devices, "they have different vaults");
    }
}

#[tokio::test]
async fn three_laptops_at_one_folder_come_to_hold_the_same_and_then_nobody_writes() {
    let (dir, _, [a, b, c]) = at_one_folder();
    a.laptop.written(5);
    b.laptop.written(250);
    sync_all(&[&a, &b, &c]).await;
    c.laptop.written(3);
    sync_all(&[&c, &a, &b]).await;
    assert_eq!(a.laptop.ids().len(), 258);
    for side in [&a, &b, &c] {
        side.sync().await;
        assert_eq!(side.laptop.alarms(), [""; 0], "there is nothing to say");
    }
    let before = files(dir.path());
    sync_all(&[&a, &b, &c]).await;
    assert_eq!(files(dir.path()), before, "laptops with nothing to say wrote something");
    let (a, b, c) = (&a, &b, &c);
    {
        let ids = a.laptop.ids();
        assert_eq!(b.laptop.ids(), ids);
        assert_eq!(c.laptop.ids(), ids);
    }
}

#[tokio::test]
async fn a_laptop_that_starts_anew_goes_on_where_it_was() {
    let (dir, _, [a, mut b]) = at_one_folder();
    a.laptop.written(7);
    sync_all(&[&a, &b]).await;
    b.restart();
    let report = b.round().await;
    assert_eq!((report.pulled, report.pushed), (0, 0), "what was read is not read again");
    a.laptop.write(vec![9]);
    a.sync().await;
    b.restart();
    assert_eq!(b.round().await.pulled, 1);
    assert_eq!(chunks(dir.path()).len(), 2);
}

#[tokio::test]
async fn a_file_cut_at_any_byte_is_nothing_and_is_taken_when_it_is_whole() {
    let (dir, _, [a, b]) = at_one_folder();
    sync_all(&[&a, &b]).await;
    let before = files(dir.path());
    a.laptop.write(vec![1, 2, 3]);
    a.laptop.write(vec![4, 5, 6]);
    a.sync().await;
    let written = chunks(dir.path()).into_iter().find(|path| {
        !before.contains_key(path.strip_prefix(dir.path()).unwrap().to_str().unwrap())
    });
    let path = written.unwrap();
    let bytes = fs::read(&path).unwrap();
    for end in 0..bytes.len() {
        // As a program does that writes into the file itself, and as one that makes room for all of it first.
        for half in [bytes[..end].to_vec(), [&bytes[..end], &vec![0; bytes.len() - end]].concat()] {
            fs::write(&path, &half).unwrap();
            let report = b.round().await;
            assert!(matches!(report.outcome, Outcome::Done), "cut at {end}: {report:?}");
            assert_eq!(report.pulled, 0, "cut at {end}");
        }
    }
    assert_eq!(b.laptop.alarms(), [""; 0]);
    fs::write(&path, &bytes).unwrap();
    assert_eq!(b.round().await.pulled, 2);
    assert_even(&[&a, &b]);
}

#[tokio::test]
async fn a_file_that_got_its_time_before_its_content_is_looked_at_again() {
    let (dir, _, [a, b]) = at_one_folder();
    a.laptop.written(1);
    a.sync().await;
    let path = chunks(dir.path()).remove(0);
    let bytes = fs::read(&path).unwrap();
    let time = fs::metadata(&path).unwrap().modified().unwrap();
    let write = |content: &[u8]| {
        fs::write(&path, content).unwrap();
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    };
    write(&vec![0; bytes.len()]);
    assert_eq!(b.round().await.pulled, 0);
    write(&bytes);
    assert_eq!(b.round().await.pulled, 1, "length and time are the same, and the content is not");
}

#[tokio::test]
async fn what_a_power_cut_left_of_a_laptops_own_file_is_written_again() {
    let (dir, clock, [a, b]) = at_one_folder();
    a.laptop.written(1);
    sync_all(&[&a, &b]).await;
    let path = chunks(dir.path()).remove(0);
    let length = fs::metadata(&path).unwrap().len();
    for (round, end) in (0..length).step_by(17).enumerate() {
        let body = u8::try_from(round).unwrap();
        let path = chunks(dir.path()).into_iter().max().unwrap();
        let bytes = fs::read(&path).unwrap();
        let cut = usize::try_from(end).unwrap().min(bytes.len() - 1);
        fs::write(&path, &bytes[..cut]).unwrap();
        fs::write(path.with_extension("chunk.part"), &bytes[..cut]).unwrap();
        a.laptop.write(vec![body]);
        a.sync().await;
        clock.pass(SETTLE_MS);
        sync_all(&[&a, &b]).await;
        assert_even(&[&a, &b]);
        assert_eq!(a.laptop.lasting(), [""; 0], "cut at {end}");
    }
    let newcomer = Side::new(3, dir.path(), &clock);
    sync_all(&[&newcomer]).await;
    assert_eq!(newcomer.laptop.ids(), a.laptop.ids(), "the folder alone has everything");
}

#[tokio::test]
async fn a_file_deleted_by_mistake_is_told_after_an_hour_and_written_again() {
    let (dir, clock, [a, b]) = at_one_folder();
    a.laptop.written(3);
    sync_all(&[&a, &b]).await;
    let path = chunks(dir.path()).remove(0);
    let bytes = fs::read(&path).unwrap();
    fs::remove_file(&path).unwrap();
    for _ in 0..2 {
        sync_all(&[&a, &b]).await;
        clock.pass(SETTLE_MS / 3);
    }
    assert_eq!(b.laptop.alarms(), [""; 0], "it may come back");
    fs::write(&path, &bytes).unwrap();
    sync_all(&[&a, &b]).await;
    clock.pass(SETTLE_MS * 2);
    sync_all(&[&a, &b]).await;
    assert_eq!(b.laptop.alarms(), [""; 0], "it came back");

    fs::remove_file(&path).unwrap();
    b.sync().await;
    clock.pass(SETTLE_MS);
    b.sync().await;
    assert_eq!(b.laptop.alarms(), ["head back"], "three changes are forgotten");
    assert_eq!(b.laptop.lasting(), [""; 0], "and written again");
    a.sync().await;
    let newcomer = Side::new(3, dir.path(), &clock);
    sync_all(&[&newcomer, &a, &b]).await;
    assert_even(&[&a, &b, &newcomer]);
    assert_eq!(newcomer.laptop.ids().len(), 3);
}

#[tokio::test]
async fn where_no_folder_is_nothing_is_written_and_it_goes_on_when_it_is_back() {
    let (dir, clock, [a, b]) = at_one_folder();
    a.laptop.written(3);
    sync_all(&[&a, &b]).await;
    let (here, elsewhere) = (dir.path().to_owned(), dir.path().with_extension("unplugged"));
    for mount_point in [false, true] {
        fs::rename(&here, &elsewhere).unwrap();
        if mount_point {
            fs::create_dir(&here).unwrap();
        }
        a.laptop.write(vec![7]);
        let report = a.round().await;
        let offline = matches!(report.outcome, Outcome::Offline(TransportError::FolderAway { .. }));
        assert!(offline, "{report:?}");
        assert_eq!(a.laptop.state().outbox.len(), 1, "it waits");
        clock.pass(SETTLE_MS * 3);
        let _away = a.round().await;
        if mount_point {
            assert!(files(&here).is_empty(), "an empty mount point was written to");
            fs::remove_dir(&here).unwrap();
        }
        fs::rename(&elsewhere, &here).unwrap();
        sync_all(&[&a, &b]).await;
        assert_even(&[&a, &b]);
        assert_eq!(a.laptop.alarms(), [""; 0]);
    }
}

#[tokio::test]
async fn conflicted_copies_count_once_and_do_in_the_place_of_what_is_missing() {
    let (dir, clock, [a, b]) = at_one_folder();
    a.laptop.written(4);
    a.sync().await;
    let path = chunks(dir.path()).remove(0);
    for name in ["x.sync-conflict-20261122-201500-ABCDEFG.chunk", "x (Ada's conflicted copy).chunk"]
    {
        fs::copy(&path, path.with_file_name(name)).unwrap();
    }
    let vaults: Vec<_> =
        files(dir.path()).into_keys().filter(|name| name.ends_with(".vault")).collect();
    for (n, name) in vaults.iter().enumerate() {
        let copy = dir.path().join(name).with_file_name(format!("copy {n}.vault"));
        fs::copy(dir.path().join(name), copy).unwrap();
    }
    assert_eq!(b.round().await.pulled, 4, "each record once");
    fs::remove_file(&path).unwrap();
    clock.pass(SETTLE_MS * 2);
    sync_all(&[&a, &b]).await;
    clock.pass(SETTLE_MS * 2);
    sync_all(&[&a, &b]).await;
    assert_eq!(a.laptop.alarms(), [""; 0], "a copy is there");

    // A whole folder that a program renamed.
    let account = fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let name = account.file_name().unwrap().to_str().unwrap().to_owned();
    let other = dir.path().join(format!("{name} (conflicted copy)"));
    fs::create_dir(&other).unwrap();
    let file = chunks(dir.path()).remove(0);
    fs::rename(&file, other.join(file.file_name().unwrap())).unwrap();
    let newcomer = Side::new(3, dir.path(), &clock);
    sync_all(&[&newcomer, &a, &b]).await;
    assert_even(&[&a, &b, &newcomer]);
}

#[tokio::test]
async fn a_folder_that_was_set_back_raises_the_alarm_and_gets_back_what_it_lost() {
    let (dir, clock, [a, b]) = at_one_folder();
    a.laptop.written(2);
    sync_all(&[&a, &b]).await;
    let old = files(dir.path());
    a.laptop.write(vec![7]);
    b.laptop.write(vec![8]);
    sync_all(&[&a, &b]).await;
    for name in files(dir.path()).into_keys().filter(|name| !old.contains_key(name)) {
        fs::remove_file(dir.path().join(name)).unwrap();
    }
    sync_all(&[&a, &b]).await;
    clock.pass(SETTLE_MS);
    sync_all(&[&b, &a]).await;
    assert!(b.laptop.alarms().contains(&"head back"), "{:?}", b.laptop.alarms());
    assert_eq!(b.laptop.lasting(), [""; 0]);
    let newcomer = Side::new(3, dir.path(), &clock);
    sync_all(&[&newcomer, &a, &b]).await;
    assert_eq!(newcomer.laptop.ids().len(), 4);
    assert_even(&[&a, &b, &newcomer]);
}

#[tokio::test]
async fn a_record_that_was_altered_is_shown_beside_the_right_one_and_never_in_its_place() {
    let (dir, _, [a, b]) = at_one_folder();
    a.laptop.written(1);
    a.sync().await;
    let path = chunks(dir.path()).remove(0);
    let bytes = fs::read(&path).unwrap();
    let body = bytes.len() - 32;
    let mut evil = bytes[..body].to_vec();
    *evil.last_mut().unwrap() ^= 1;
    use sha2::{Digest as _, Sha256};
    let hash = Sha256::digest(&evil);
    evil.extend_from_slice(&hash);
    // Sorted before the right one, so it is seen first.
    fs::write(path.with_file_name("0.chunk"), &evil).unwrap();
    let page = seshat_sync::PageRequest {
        cursor: 0,
        limit: 100,
        max_bytes: 1 << 20,
        paged: seshat_sync::Paged::Everything,
    };
    let changes = seshat_sync::Transport::changes(&b.folder, page).await.unwrap();
    let signatures: BTreeSet<_> =
        changes.records.iter().map(|it| it.record.signature.0.to_vec()).collect();
    assert_eq!(changes.records.len(), 2);
    assert_eq!(signatures.len(), 2, "the laptop sees both, and takes the one that is signed");
    assert_eq!(changes.digest.count, 1, "one id");
}

#[tokio::test]
async fn vaults_that_were_changed_at_once_are_all_merged() {
    let (dir, _, [a, b, c]) = at_one_folder();
    // Each adds itself without having seen the others, as on three replicas of one folder.
    let before = files(dir.path());
    let mut seen = before.clone();
    for side in [&a, &b, &c] {
        side.sync().await;
        let after = files(dir.path());
        for name in after.keys().filter(|name| !before.contains_key(*name)) {
            fs::remove_file(dir.path().join(name)).unwrap();
        }
        seen.extend(after);
    }
    for (name, bytes) in &seen {
        fs::write(dir.path().join(name), bytes).unwrap();
    }
    assert!(folder_vaults(dir.path()).unwrap().len() > 1, "nobody has merged them yet");
    for _ in 0..3 {
        sync_all(&[&a, &b, &c]).await;
    }
    assert_even(&[&a, &b, &c]);
    assert_eq!(a.laptop.state().devices.len(), 3);
    let rest = files(dir.path());
    sync_all(&[&a, &b, &c]).await;
    assert_eq!(files(dir.path()), rest, "they do not come to rest");
}

#[tokio::test]
async fn an_older_vault_in_the_place_of_the_known_one_is_seen_and_the_newer_is_written_again() {
    let (dir, clock, [a, b]) = at_one_folder();
    let old: BTreeSet<_> = files(dir.path()).into_keys().collect();
    sync_all(&[&a, &b]).await;
    let revision = a.laptop.state().sync.vault_revision.clone();
    for name in files(dir.path()).into_keys().filter(|name| !old.contains(name)) {
        fs::remove_file(dir.path().join(name)).unwrap();
    }
    assert!(!a.folder.is_vault_set_back(revision.as_deref()).unwrap(), "it may come back");
    clock.pass(SETTLE_MS);
    assert!(a.folder.is_vault_set_back(revision.as_deref()).unwrap());
    sync_all(&[&a, &b]).await;
    assert_even(&[&a, &b]);
    let newcomer = Side::new(3, dir.path(), &clock);
    newcomer.sync().await;
    assert_eq!(newcomer.laptop.state().devices.len(), 3, "the folder has the newer one again");
    let revision = a.laptop.state().sync.vault_revision.clone();
    assert!(!a.folder.is_vault_set_back(revision.as_deref()).unwrap());
}

#[tokio::test]
async fn a_lost_index_costs_reading_everything_once_more_and_nothing_else() {
    let (dir, _, [a, mut b]) = at_one_folder();
    a.laptop.written(30);
    sync_all(&[&a, &b]).await;
    fs::remove_file(b.own.path().join("folder-index")).unwrap();
    b.restart();
    a.laptop.write(vec![77]);
    // The new one has another name: a program that has run since has other random bytes.
    b.folder = {
        let place = FolderPlace {
            root: dir.path().to_owned(),
            account: ACCOUNT,
            device: b.laptop.device,
            index: b.own.path().join("folder-index"),
            name: [99; 16],
        };
        FolderTransport::new(place, Arc::new(|| 0))
    };
    sync_all(&[&a, &b]).await;
    assert_even(&[&a, &b]);
    assert_eq!(b.laptop.ids().len(), 31);
}

#[tokio::test]
async fn many_small_files_become_few_and_no_laptop_notices() {
    let (dir, clock, [a, b]) = at_one_folder();
    for n in 0..40 {
        a.laptop.write(vec![n]);
        a.sync().await;
    }
    b.sync().await;
    assert_eq!(chunks(dir.path()).len(), 40);
    let tidied = a.tidy();
    assert_eq!((tidied.bundled, tidied.deleted), (40, 0));
    assert_eq!(a.tidy().bundled, 0, "once is enough");
    assert_eq!(chunks(dir.path()).len(), 41, "both are there for a day");
    let report = b.round().await;
    assert_eq!(report.pulled, 0);
    clock.pass(DAY_MS);
    assert_eq!(b.tidy().deleted, 0, "they are not b's");
    assert_eq!(a.tidy().deleted, 40);
    assert_eq!(chunks(dir.path()).len(), 1);
    for _ in 0..3 {
        sync_all(&[&a, &b]).await;
        clock.pass(SETTLE_MS);
    }
    assert_eq!(a.laptop.alarms(), [""; 0]);
    assert_eq!(b.laptop.alarms(), [""; 0]);
    let newcomer = Side::new(3, dir.path(), &clock);
    sync_all(&[&newcomer, &a, &b]).await;
    assert_even(&[&a, &b, &newcomer]);
}

#[tokio::test]
async fn what_a_snapshot_contains_goes_a_month_later_and_only_where_that_was_verified() {
    let (dir, clock, [a, b]) = at_one_folder();
    a.laptop.written(10);
    sync_all(&[&a, &b]).await;
    a.laptop.compact();
    sync_all(&[&a, &b]).await;
    let digest = a.digest();
    let tidied = || {
        let before = chunks(dir.path()).len();
        a.tidy();
        before - chunks(dir.path()).len()
    };
    assert_eq!(tidied(), 0);
    clock.pass(40 * DAY_MS);
    assert_eq!(tidied(), 0, "this laptop still has what is replaced, so it has not looked");
    a.laptop.purge();
    assert_eq!(tidied(), 0);
    clock.pass(29 * DAY_MS);
    assert_eq!(tidied(), 0, "a month is not over");
    clock.pass(2 * DAY_MS);
    assert_eq!(tidied(), 0, "now it is, and a day more");
    clock.pass(DAY_MS);
    assert_eq!(tidied(), 1);
    for _ in 0..3 {
        sync_all(&[&a, &b]).await;
        clock.pass(SETTLE_MS);
    }
    assert_eq!(a.laptop.alarms(), [""; 0]);
    assert_eq!(b.laptop.alarms(), [""; 0]);
    assert_eq!(a.digest(), digest, "nothing that was replaced counts again");
    let newcomer = Side::new(3, dir.path(), &clock);
    sync_all(&[&newcomer]).await;
    assert_eq!(
        newcomer.laptop.state().numbers(),
        a.laptop.state().numbers(),
        "the snapshot has it all"
    );
}

#[tokio::test]
async fn old_vaults_go_a_month_after_they_were_merged() {
    let (dir, clock, [a, b]) = at_one_folder();
    sync_all(&[&a, &b]).await;
    let count = || files(dir.path()).into_keys().filter(|name| name.ends_with(".vault")).count();
    let before = count();
    a.tidy();
    b.tidy();
    clock.pass(31 * DAY_MS);
    assert!(a.tidy().deleted > 0);
    b.tidy();
    assert_eq!(count(), 1, "of {before}");
    for _ in 0..2 {
        sync_all(&[&a, &b]).await;
        clock.pass(SETTLE_MS);
    }
    let revision = a.laptop.state().sync.vault_revision.clone();
    assert!(!a.folder.is_vault_set_back(revision.as_deref()).unwrap());
}

#[test]
fn a_folder_without_a_vault_or_none_at_all_has_none() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(folder_vaults(dir.path()), Err(TransportError::FolderAway { .. })));
    let nowhere = dir.path().join("nowhere");
    assert!(matches!(folder_vaults(&nowhere), Err(TransportError::FolderAway { .. })));
    let put = put_folder_vault(&nowhere, (ACCOUNT, DeviceId([1; 16])), &[1], &[], &[]);
    assert!(put.is_err(), "a folder that is not there is not made");
    assert!(!nowhere.exists());
    begun(dir.path());
    let found = folder_vaults(dir.path()).unwrap();
    assert_eq!(found.len(), 1);
    let other = put_folder_vault(dir.path(), (ACCOUNT, DeviceId([2; 16])), &[2], &[], &[]);
    assert!(matches!(other, Err(TransportError::VaultChanged)), "a vault is there already");
}

/// A program that carries files from one laptop's copy of the folder to another's, badly.
struct Carrier {
    roots: Vec<PathBuf>,
    /// Files that were deleted somewhere and shall be deleted everywhere.
    deleted: BTreeSet<String>,
    known: Vec<BTreeSet<String>>,
}

impl Carrier {
    fn new(roots: Vec<PathBuf>) -> Self {
        let known = roots.iter().map(|root| files(root).into_keys().collect()).collect();
        Self { roots, deleted: BTreeSet::new(), known }
    }

    /// Notices what was deleted since the last look.
    fn look(&mut self) {
        for (root, known) in self.roots.iter().zip(&mut self.known) {
            let now: BTreeSet<String> = files(root).into_keys().collect();
            self.deleted.extend(known.difference(&now).cloned());
            *known = now;
        }
    }

    /// Carries one thing, or half of it.
    fn step(&mut self, dice: &mut Dice) {
        self.look();
        let (from, to) = (self.one(dice), self.one(dice));
        let (theirs, ours) = (files(&self.roots[from]), files(&self.roots[to]));
        let dice_of =
            |dice: &mut Dice, count: usize| usize::try_from(dice.below(count as u64)).unwrap();
        match dice.below(8) {
            0 => {
                let gone: Vec<_> =
                    self.deleted.iter().filter(|name| ours.contains_key(*name)).cloned().collect();
                if !gone.is_empty() {
                    self.delete(to, &gone[dice_of(dice, gone.len())]);
                }
            }
            1 => {
                // A copy under another name.
                let chunks: Vec<_> =
                    ours.iter().filter(|(name, _)| !name.contains("conflict")).collect();
                if !chunks.is_empty() {
                    let (name, bytes) = chunks[dice_of(dice, chunks.len())];
                    let copy = name.replace('.', ".sync-conflict.");
                    self.put(to, &copy, bytes);
                }
            }
            n => {
                let new: Vec<_> = theirs
                    .iter()
                    .filter(|(name, bytes)| {
                        ours.get(*name) != Some(*bytes) && !self.deleted.contains(*name)
                    })
                    .collect();
                if !new.is_empty() {
                    let (name, bytes) = new[dice_of(dice, new.len())];
                    let end = if n < 4 { dice_of(dice, bytes.len() + 1) } else { bytes.len() };
                    // Never a half over a whole.
                    if end == bytes.len() || !ours.contains_key(name) {
                        self.put(to, name, &bytes[..end]);
                    }
                }
            }
        }
    }

    fn one(&self, dice: &mut Dice) -> usize {
        usize::try_from(dice.below(self.roots.len() as u64)).unwrap()
    }

    fn put(&mut self, to: usize, name: &str, bytes: &[u8]) {
        let path = self.roots[to].join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self.known[to].insert(name.to_owned());
    }

    fn delete(&mut self, to: usize, name: &str) {
        fs::remove_file(self.roots[to].join(name)).unwrap();
        self.known[to].remove(name);
    }

    /// Brings every copy up to date.
    fn finish(&mut self) {
        self.look();
        let mut all: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (name, bytes) in self.roots.iter().flat_map(|root| files(root)) {
            let kept = all.entry(name).or_default();
            if bytes.len() > kept.len() {
                *kept = bytes;
            }
        }
        all.retain(|name, _| !self.deleted.contains(name));
        for to in 0..self.roots.len() {
            for name in files(&self.roots[to]).keys().filter(|name| !all.contains_key(*name)) {
                self.delete(to, name);
            }
            for (name, bytes) in &all {
                self.put(to, name, bytes);
            }
        }
    }
}

/// Three laptops, each with its own copy of the folder, and a program that carries files as it likes.
struct Travels {
    roots: Vec<PathBuf>,
    clock: Clock,
    carrier: Carrier,
    sides: Vec<Side>,
    _dir: TempDir,
}

impl Travels {
    fn begin() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let roots: Vec<_> = (1..=3).map(|n| dir.path().join(n.to_string())).collect();
        fs::create_dir(&roots[0]).unwrap();
        begun(&roots[0]);
        for root in &roots[1..] {
            for (name, bytes) in files(&roots[0]) {
                fs::create_dir_all(root.join(&name).parent().unwrap()).unwrap();
                fs::write(root.join(name), bytes).unwrap();
            }
        }
        let clock = Clock::default();
        let sides = (1_u8..).zip(&roots).map(|(n, root)| Side::new(n, root, &clock)).collect();
        Self { carrier: Carrier::new(roots.clone()), roots, clock, sides, _dir: dir }
    }

    async fn step(&mut self, dice: &mut Dice) {
        let one = usize::try_from(dice.below(3)).unwrap();
        let side = &mut self.sides[one];
        match dice.below(24) {
            0..4 => {
                let size = usize::try_from(dice.below(300)).unwrap();
                side.laptop.write(vec![1; size]);
            }
            4..9 => drop(side.round().await),
            9 => side.laptop.compact(),
            10 => side.laptop.purge(),
            11 => drop(side.tidy()),
            12 => side.restart(),
            13 => self.clock.pass(dice.below(SETTLE_MS / 4)),
            14 if dice.below(4) == 0 => {
                self.carrier.finish();
                self.clock.pass(dice.below(20 * DAY_MS));
            }
            _ => self.carrier.step(dice),
        }
    }

    /// Everything is carried, and everybody syncs.
    async fn come_home(&mut self) {
        for _ in 0..6 {
            self.carrier.finish();
            for side in &self.sides {
                side.sync().await;
            }
            self.clock.pass(SETTLE_MS);
        }
        self.carrier.finish();
    }

    /// That nobody lacks anything and nothing is said; gives all numbers that were written.
    fn check(&self, seed: u64) -> BTreeSet<Number> {
        let all = self.sides.iter().flat_map(|side| side.laptop.state().numbers()).collect();
        for side in &self.sides {
            let state = side.laptop.state();
            let here: BTreeSet<_> = state.numbers().union(&state.covered).copied().collect();
            assert_eq!(here, all, "laptop {} lacks something (seed {seed})", side.laptop.device);
            assert_eq!(state.devices.len(), 3, "seed {seed}");
            drop(state);
            assert_eq!(side.laptop.lasting(), [""; 0], "seed {seed}");
            assert_eq!(side.digest(), self.sides[0].digest(), "seed {seed}");
        }
        all
    }

    async fn check_newcomer(&self, all: &BTreeSet<Number>, seed: u64) {
        let newcomer = Side::new(4, &self.roots[0], &self.clock);
        newcomer.sync().await;
        newcomer.sync().await;
        let here = newcomer.laptop.state().numbers();
        assert_eq!(here, *all, "the folder alone has not everything (seed {seed})");
    }

    async fn check_rest(&self, seed: u64) {
        let all = || self.roots[1..].iter().map(|root| files(root)).collect::<Vec<_>>();
        let before = all();
        for side in &self.sides[1..] {
            side.sync().await;
        }
        assert!(before == all(), "they do not come to rest (seed {seed})");
    }
}

#[tokio::test]
async fn laptops_whose_files_come_in_any_order_in_halves_and_twice_come_to_hold_the_same() {
    for seed in 0..12 {
        let mut dice = Dice(seed);
        let mut travels = Travels::begin();
        for _ in 0..150 {
            travels.step(&mut dice).await;
        }
        travels.come_home().await;
        let all = travels.check(seed);
        travels.check_newcomer(&all, seed).await;
        travels.check_rest(seed).await;
    }
}
