//! Chooses how the page is painted before any thread or window exists.
//!
//! Where there is no GPU, WebKit's default renderer costs 2.8 s more CPU at start and 70 MB. The choice is an
//! environment variable that must stand before the process begins: setting one in a running process is unsound, and
//! WebKit's allocator has a thread of its own before `main`. So the program starts itself anew with it, which loads the
//! libraries a second time: 70 ms of CPU.

#[cfg(target_os = "linux")]
use std::{ffi::OsStr, path::Path};

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "this is main's own look at its environment")]
pub(crate) fn choose() -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt;

    if !must_choose(std::env::var_os(CHOICE).as_deref(), Path::new("/dev/dri")) {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    let failure = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(CHOICE, "1")
        .exec();
    Err(failure.into())
}

#[cfg(target_os = "linux")]
const CHOICE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Whether nobody has chosen and there is no GPU. Who has set the variable, to whatever, is left to it.
#[cfg(target_os = "linux")]
fn must_choose(chosen: Option<&OsStr>, devices: &Path) -> bool {
    chosen.is_none() && !has_gpu(devices)
}

#[cfg(target_os = "linux")]
fn has_gpu(devices: &Path) -> bool {
    std::fs::read_dir(devices).is_ok_and(|nodes| {
        nodes.flatten().any(|node| node.file_name().to_string_lossy().starts_with("render"))
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn choose() -> anyhow::Result<()> {
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn without_a_gpu_the_page_is_painted_by_the_cpu() {
        let devices = tempfile::tempdir().unwrap();
        assert!(must_choose(None, &devices.path().join("none")), "no folder of devices at all");
        std::fs::write(devices.path().join("card0"), []).unwrap();
        assert!(must_choose(None, devices.path()), "a card that only shows a picture is no GPU");
    }

    #[test]
    fn a_gpu_and_an_authors_own_choice_are_left_alone() {
        let devices = tempfile::tempdir().unwrap();
        for choice in ["0", "1", ""] {
            assert!(!must_choose(Some(choice.as_ref()), devices.path()), "{choice:?}");
        }
        std::fs::write(devices.path().join("renderD128"), []).unwrap();
        assert!(!must_choose(None, devices.path()));
    }
}
