//! A disk that is really full: a small tmpfs. Needs the right to mount one; without it the test says so.

use std::path::Path;
use std::process::Command;

use seshat_store::{Store, StoreError};

use crate::common::{OURS, Writer, all, folder, store};

struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    fn mount() -> Option<Self> {
        let dir = folder();
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"])
            .arg(dir.path())
            .output()
            .is_ok_and(|output| output.status.success());
        mounted.then_some(Self(dir))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.0.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "the small disk stayed mounted");
    }
}

#[test]
fn a_full_disk_is_said_so_nothing_is_half_written_and_room_cures_it() {
    let Some(disk) = SmallDisk::mount() else {
        println!("left out: no right to mount a small disk here");
        return;
    };
    let mut store = store(disk.path());
    let mut writer = Writer::new(OURS);
    let ballast = disk.path().join("ballast");
    std::fs::write(&ballast, vec![1; 300 * 1024]).unwrap();
    let mut saved = Vec::new();
    let failed = loop {
        let write = writer.write(&[&[7; 9000], &[8; 9000]]);
        match store.append(&write) {
            Ok(()) => saved.extend(write.records.into_iter().map(|new| new.record)),
            Err(StoreError::DiskFull) => break write,
            Err(other) => panic!("a full disk was called {other:?}"),
        }
        assert!(saved.len() < 1000, "the disk never was full");
    };
    assert!(!saved.is_empty());
    assert_eq!(all(&store), saved, "the failed save left something, or took something");
    assert!(matches!(store.append(&failed), Err(StoreError::DiskFull)), "still full");
    std::fs::remove_file(ballast).unwrap();
    store.append(&failed).unwrap();
    saved.extend(failed.records.into_iter().map(|new| new.record));
    drop(store);
    let store = Store::open(&disk.path().join("vault")).unwrap();
    assert_eq!(all(&store), saved);
    store.integrity().unwrap();
}

#[test]
fn a_store_that_finds_no_room_to_be_made_does_not_exist() {
    let Some(disk) = SmallDisk::mount() else {
        println!("left out: no right to mount a small disk here");
        return;
    };
    std::fs::write(disk.path().join("ballast"), vec![1; 1020 * 1024]).unwrap();
    let made = Store::create(&disk.path().join("vault"));
    assert!(matches!(made, Err(StoreError::DiskFull)), "{made:?}");
    assert!(matches!(Store::open(&disk.path().join("vault")), Err(StoreError::Missing)));
    std::fs::remove_file(disk.path().join("ballast")).unwrap();
    Store::create(&disk.path().join("vault")).unwrap().integrity().unwrap();
}
