//! A disk that fills up: a file system of a few megabytes in a mount namespace of its own, so that nobody else
//! sees it and it is gone with its process.

use std::ffi::OsString;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A small disk, mounted for as long as this lives.
#[derive(Debug)]
pub struct SmallDisk {
    holder: Child,
    folder: PathBuf,
}

impl SmallDisk {
    /// A disk of so many KiB at `folder`, or nothing where the system allows none (no Linux, no namespaces).
    ///
    /// # Panics
    /// When the folder cannot be made.
    #[must_use]
    pub fn mount(folder: &Path, kib: usize) -> Option<Self> {
        fs::create_dir_all(folder).expect("a folder can be made");
        let script =
            "mount -t tmpfs -o \"size=$1k\" tmpfs \"$0\" && echo mounted && exec sleep 600";
        let mut holder = Command::new("unshare")
            .args(["--map-root-user", "--mount", "sh", "-c", script])
            .arg(folder)
            .arg(kib.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let stdout = holder.stdout.take()?;
        let disk = Self { holder, folder: folder.to_owned() };
        let mut line = String::new();
        let _read = BufReader::new(stdout).read_line(&mut line).is_ok();
        (line.trim() == "mounted").then_some(disk)
    }

    /// What stands in front of a program that is to see the disk.
    #[must_use]
    pub fn wrapper(&self) -> Vec<OsString> {
        let process = self.holder.id().to_string();
        ["nsenter", "--target", &process, "--user", "--mount", "--preserve-credentials", "--"]
            .map(OsString::from)
            .to_vec()
    }

    /// Runs a shell line that sees the disk.
    ///
    /// # Panics
    /// When it fails.
    pub fn shell(&self, line: &str) -> String {
        let wrapper = self.wrapper();
        let output = Command::new(&wrapper[0])
            .args(&wrapper[1..])
            .args(["sh", "-c", line])
            .current_dir("/")
            .output()
            .expect("a shell can be started");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Leaves only so many KiB free.
    pub fn fill_up_to(&self, free: usize) {
        let ballast = self.folder.join("ballast").display().to_string();
        let folder = self.folder.display();
        let _done = self.shell(&format!(
            "rm -f {ballast}; left=$(df --output=avail -k {folder} | tail -1); \
             dd if=/dev/zero of={ballast} bs=1024 count=$((left - {free})) 2>/dev/null"
        ));
    }

    /// Makes room again.
    pub fn empty(&self) {
        let _done = self.shell(&format!("rm -f {}", self.folder.join("ballast").display()));
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ended = self.holder.kill().is_ok();
        let _reaped = self.holder.wait().is_ok();
    }
}
