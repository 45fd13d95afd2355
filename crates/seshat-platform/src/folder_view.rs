//! Showing a file in its folder, in whatever the desktop has for looking at files.
//!
//! On Linux that is `org.freedesktop.FileManager1` on the session bus, which marks the file, and where nobody answers
//! there, `xdg-open` with the folder. Other systems: not built yet.

use std::path::Path;

/// Nothing on this system showed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("nothing on this system shows files in their folders")]
pub struct NotShown;

/// Shows a file or a folder in the folder that it is in.
///
/// # Errors
/// When the system has nothing for that.
pub fn show_in_folder(path: &Path) -> Result<(), NotShown> {
    #[cfg(target_os = "linux")]
    return linux::show(path);
    #[cfg(not(target_os = "linux"))]
    {
        let _nobody = path;
        Err(NotShown)
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::fmt::Write as _;
    use std::os::unix::ffi::OsStrExt as _;
    use std::path::Path;
    use std::process::{Command, Stdio};
    use std::time::Duration;

    use zbus::blocking::connection::Builder;

    use super::NotShown;

    /// What the file manager may take to answer; starting it is in that.
    const PATIENCE: Duration = Duration::from_secs(5);

    const MANAGER: &str = "org.freedesktop.FileManager1";

    pub(super) fn show(path: &Path) -> Result<(), NotShown> {
        asked(path).or_else(|_| opened(path))
    }

    fn asked(path: &Path) -> zbus::Result<()> {
        let bus = Builder::session()?.method_timeout(PATIENCE).build()?;
        let address = address(path);
        let items = (vec![address.as_str()], "");
        bus.call_method(
            Some(MANAGER),
            "/org/freedesktop/FileManager1",
            Some(MANAGER),
            "ShowItems",
            &items,
        )?;
        Ok(())
    }

    fn opened(path: &Path) -> Result<(), NotShown> {
        let folder =
            path.parent().filter(|folder| !folder.as_os_str().is_empty()).ok_or(NotShown)?;
        let mut child = Command::new("xdg-open")
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|_| NotShown)?;
        // It may be the file manager itself: it is waited for where nobody waits, so that it leaves no dead process.
        let waits = std::thread::Builder::new().name("xdg-open".to_owned());
        let _waiting = waits.spawn(move || child.wait());
        Ok(())
    }

    /// `file:///home/ada/The%20Ferry.epub` (RFC 8089).
    pub(super) fn address(path: &Path) -> String {
        let mut address = String::from("file://");
        for byte in path.as_os_str().as_bytes() {
            if byte.is_ascii_alphanumeric() || b"/-._~".contains(byte) {
                address.push(char::from(*byte));
            } else {
                let _written = write!(address, "%{byte:02X}");
            }
        }
        address
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_path_is_an_address_whatever_is_in_it() {
            let path = Path::new("/home/ada/The Ferry #1 é%.epub");
            assert_eq!(address(path), "file:///home/ada/The%20Ferry%20%231%20%C3%A9%25.epub");
        }
    }
}
