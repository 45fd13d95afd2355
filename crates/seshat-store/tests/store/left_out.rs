//! What a copy leaves out is nowhere in its file.

use std::fs;

use seshat_store::{Store, VaultOrigin};

use crate::common::{ACCOUNT, folder, store};

#[test]
fn a_setting_that_is_left_out_of_a_copy_is_nowhere_in_its_file() {
    let dir = folder();
    let mut ours = store(dir.path());
    let secret = [0xA5; 4000];
    let settings: [(&str, Option<&[u8]>); 2] =
        [("device-keys", Some(&secret)), ("idle-minutes", Some(b"15"))];
    ours.save_vault(ACCOUNT, b"blob", VaultOrigin::Here, &settings).unwrap();
    let path = dir.path().join("copy.seshat");
    ours.copy_to(&path, &["device-keys", "never-set"]).unwrap();

    let bytes = fs::read(&path).unwrap();
    assert!(!bytes.windows(16).any(|window| window == &secret[..16]), "in a free page of it");
    let copy = Store::open_copy(&path).unwrap();
    copy.integrity().unwrap();
    assert_eq!(copy.setting("device-keys").unwrap(), None);
    assert_eq!(copy.setting("idle-minutes").unwrap().as_deref(), Some(&b"15"[..]));
    assert_eq!(ours.setting("device-keys").unwrap().as_deref(), Some(&secret[..]));
    let names: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("copy"))
        .collect();
    assert_eq!(names, ["copy.seshat"], "no journal and nothing unfinished is left");
}
