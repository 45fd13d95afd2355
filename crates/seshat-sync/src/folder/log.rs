//! The index on this laptop's own disk: a list of what happened, one line each, only ever added to.
//!
//! **Invariants:** a line is on the disk before anything that follows from it is handed over. A line that is cut or damaged
//! ends the list, and so does nothing worse than to have files looked at once more. No line says anything that the folder
//! does not say to everybody, but for its own path.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use seshat_protocol::{AccountId, DeviceId, RecordId};
use sha2::{Digest, Sha256};

use super::bytes::{FileId, Key};

/// Hex digits of the checksum in front of each line.
const CHECK: usize = 16;

/// A record in a chunk.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub(crate) struct Item {
    #[serde(rename = "k")]
    pub(crate) key: Key,
    #[serde(rename = "i")]
    pub(crate) id: RecordId,
    /// What it replaces; never itself.
    #[serde(rename = "n", default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) names: Vec<RecordId>,
    /// Its place in the order in which this laptop first saw records.
    #[serde(rename = "p")]
    pub(crate) position: u64,
}

/// What happened.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Line {
    /// The list begins: for which account, where, under which name, and behind which position.
    Began { account: AccountId, root: String, epoch: String, last: u64 },
    /// A chunk was read; not `whole`: only these of its records were handed over before it went.
    Chunk { file: FileId, writer: DeviceId, number: u64, whole: bool, items: Vec<Item> },
    /// A vault was read.
    Vault { file: FileId, writer: DeviceId, merged: Vec<FileId> },
    /// A file is here and looks so.
    File { name: String, len: u64, modified: u64, file: FileId },
    /// A file is no longer here.
    NoFile { name: String },
    /// No file holds this any more, since then.
    Away { file: FileId, since: u64 },
    /// One does again.
    Here { file: FileId },
    /// Nothing in it is needed any more, since then.
    Spare { file: FileId, since: u64 },
    /// Something in it is.
    Needed { file: FileId },
    /// Records may be removed for all that is known, since then.
    Replaced { ids: Vec<RecordId>, since: u64 },
    /// They may not.
    Counts { ids: Vec<RecordId> },
    /// Not known any more.
    Forgotten { file: FileId },
}

/// The list on the disk.
#[derive(Debug)]
pub(crate) struct Log {
    path: PathBuf,
    /// Open, from the first line that was added.
    file: Option<File>,
    pub(crate) lines: usize,
}

impl Log {
    /// The list at `path`, with what is in it; empty if there is none that can be used.
    pub(crate) fn open(path: PathBuf) -> io::Result<(Self, Vec<Line>)> {
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read?,
        };
        let (lines, whole) = read(&bytes);
        if whole < bytes.len() {
            // What is added from now on must not stand behind half a line.
            let file = OpenOptions::new().write(true).open(&path)?;
            file.set_len(u64::try_from(whole).unwrap_or(0))?;
            file.sync_all()?;
        }
        Ok((Self { path, file: None, lines: lines.len() }, lines))
    }

    /// Adds lines; they are on the disk when it returns.
    pub(crate) fn add(&mut self, lines: &[Line]) -> io::Result<()> {
        let added = self.try_add(lines);
        if added.is_err() {
            // Opened anew, and cut behind its last whole line, before anything else is added.
            self.file = None;
        }
        added
    }

    fn try_add(&mut self, lines: &[Line]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        if self.file.is_none() {
            if self.lines > 0 {
                let (again, _) = Self::open(self.path.clone())?;
                self.lines = again.lines;
            }
            let mut options = OpenOptions::new();
            self.file = Some(private(&mut options).create(true).append(true).open(&self.path)?);
        }
        let Some(file) = &mut self.file else { return Ok(()) };
        file.write_all(&written(lines))?;
        file.sync_data()?;
        self.lines += lines.len();
        Ok(())
    }

    /// Puts these lines in the place of all that are there, at once.
    pub(crate) fn begin_again(&mut self, lines: &[Line]) -> io::Result<()> {
        self.file = None;
        let new = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        let mut file = private(&mut options).create(true).write(true).truncate(true).open(&new)?;
        file.write_all(&written(lines))?;
        file.sync_all()?;
        fs::rename(&new, &self.path)?;
        if let Some(folder) = self.path.parent().filter(|folder| *folder != Path::new("")) {
            super::disk::sync_folder(folder)?;
        }
        self.lines = lines.len();
        Ok(())
    }
}

/// For its owner alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}

fn written(lines: &[Line]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for line in lines {
        let json = serde_json::to_string(line).expect("ids, numbers and names can be written");
        bytes.extend_from_slice(format!("{} {json}\n", check(json.as_bytes())).as_bytes());
    }
    bytes
}

/// The lines up to the first that is cut or damaged, and how many bytes they are.
fn read(bytes: &[u8]) -> (Vec<Line>, usize) {
    let mut lines = Vec::new();
    let mut whole = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(read) = read_line(line) else { break };
        lines.push(read);
        whole += line.len();
    }
    (lines, whole)
}

fn read_line(line: &[u8]) -> Option<Line> {
    let (said, json) = line.strip_suffix(b"\n")?.split_at_checked(CHECK)?;
    let json = json.strip_prefix(b" ")?;
    if said != check(json).as_bytes() {
        return None;
    }
    serde_json::from_slice(json).ok()
}

fn check(json: &[u8]) -> String {
    let hash = Sha256::digest(json);
    hash.iter().take(CHECK / 2).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines() -> Vec<Line> {
        let file = FileId([1; 16]);
        let item = |n: u8| Item {
            key: Key([n; 16]),
            id: RecordId([n; 16]),
            names: vec![RecordId([9; 16])],
            position: u64::from(n),
        };
        let (writer, items) = (DeviceId([2; 16]), vec![item(1), item(2)]);
        let root = "/media/stick \u{201c}blue\u{201d}\n".to_owned();
        vec![
            Line::Began { account: AccountId([1; 16]), root, epoch: "e".into(), last: 0 },
            Line::Chunk { file, writer, number: 1, whole: true, items },
            Line::File { name: "laptops/1.chunk".into(), len: 3, modified: 4, file },
        ]
    }

    #[test]
    fn a_list_cut_at_any_byte_gives_its_whole_lines_and_goes_on_behind_them() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index");
        let all = written(&lines());
        for end in 0..=all.len() {
            fs::write(&path, &all[..end]).unwrap();
            let (mut log, read) = Log::open(path.clone()).unwrap();
            assert_eq!(read, lines()[..read.len()], "cut at {end}");
            let more = Line::NoFile { name: "laptops/1.chunk".into() };
            log.add(std::slice::from_ref(&more)).unwrap();
            let (_, again) = Log::open(path.clone()).unwrap();
            assert_eq!(again.len(), read.len() + 1, "cut at {end}");
            assert_eq!(again.last(), Some(&more), "cut at {end}");
        }
    }

    #[test]
    fn a_changed_byte_ends_the_list_and_never_changes_what_it_says() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("index");
        let all = written(&lines());
        for at in 0..all.len() {
            let mut bytes = all.clone();
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            let (_, read) = Log::open(path.clone()).unwrap();
            assert!(read.len() < lines().len(), "changed at {at}");
            assert_eq!(read, lines()[..read.len()], "changed at {at}");
        }
    }
}
