//! Laptops whose clock is wrong, by libfaketime, which stands between a program and the system's clock.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

/// What stands in front of a program that is to believe that it is so many days later (earlier, if negative); nothing
/// where the library is not installed. Only the date is another one: waiting takes as long as ever.
#[must_use]
pub fn days_off(days: i32) -> Option<Vec<OsString>> {
    let library = library()?;
    let mut preload = OsString::from("LD_PRELOAD=");
    preload.push(library);
    let offset = format!("FAKETIME={days:+}d");
    let plain = ["FAKETIME_DONT_FAKE_MONOTONIC=1", "NO_FAKE_STAT=1"];
    let mut wrapper = vec![OsString::from("env"), preload, offset.into()];
    wrapper.extend(plain.map(OsString::from));
    Some(wrapper)
}

/// `/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1`, or the like.
fn library() -> Option<PathBuf> {
    let mut folders = vec![PathBuf::from("/usr/lib"), PathBuf::from("/usr/lib64")];
    folders.extend(fs::read_dir("/usr/lib").ok()?.flatten().map(|entry| entry.path()));
    let named = |folder: PathBuf| folder.join("faketime/libfaketimeMT.so.1");
    folders.into_iter().map(named).find(|path| path.is_file())
}
