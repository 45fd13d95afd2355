//! The files of a project: where version 2 and version 3 keep them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::import::ImportError;
use crate::import::guard::MAX_DOCUMENT_BYTES;
use crate::import::refusal::Refusal;

/// How much is read of all files together.
const MOST_BYTES: u64 = 4 * MAX_DOCUMENT_BYTES;

/// The longest id: a UUID has 36 characters.
const LONGEST_ID: usize = 64;

/// A project's folder.
pub(super) struct Files {
    folder: PathBuf,
    description: PathBuf,
    left: u64,
}

/// What belongs to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    Text,
    Synopsis,
    Notes,
    Comments,
    Styles,
}

impl Files {
    /// The project at `path`, its folder or the file that describes it.
    pub(super) fn open(path: &Path) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
        let real = path.canonicalize().map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => ImportError::Missing { path: path.to_owned() },
            _ => unreadable(source),
        })?;
        if real.is_file() {
            let folder = real.parent().map(Path::to_owned).unwrap_or_default();
            return Ok(Self { folder, description: real, left: MOST_BYTES });
        }
        let mut found = Vec::new();
        for entry in fs::read_dir(&real).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?.path();
            if entry.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("scrivx")) {
                found.push(entry);
            }
        }
        found.sort();
        let description = found.into_iter().next().ok_or(ImportError::WrongKind {
            path: path.to_owned(),
            expected: "a project of Scrivener, with a file that ends in .scrivx in it",
        })?;
        Ok(Self { folder: real, description, left: MOST_BYTES })
    }

    /// The project's name.
    pub(super) fn name(&self) -> Option<String> {
        let name = match self.folder.extension() {
            Some(ending) if ending.eq_ignore_ascii_case("scriv") => self.folder.file_stem(),
            _ => self.description.file_stem(),
        };
        name.map(|name| name.to_string_lossy().into_owned())
    }

    /// The file that describes the project.
    pub(super) fn description(&mut self) -> Result<Vec<u8>, Refusal> {
        let path = self.description.clone();
        self.read_path(&path)?.ok_or(Refusal::PartMissing("its binder"))
    }

    /// The styles that texts name by number.
    pub(super) fn styles(&mut self) -> Result<Option<Vec<u8>>, Refusal> {
        self.read_in(Path::new("Files/styles.xml"))
    }

    /// A file of the item `id`.
    pub(super) fn read(&mut self, id: &str, part: Part) -> Result<Option<Vec<u8>>, Refusal> {
        if !is_id(id) {
            return Ok(None);
        }
        let (new, old) = match part {
            Part::Text => ("content.rtf", format!("{id}.rtf")),
            Part::Synopsis => ("synopsis.txt", format!("{id}_synopsis.txt")),
            Part::Notes => ("notes.rtf", format!("{id}_notes.rtf")),
            Part::Comments => ("content.comments", format!("{id}.comments")),
            Part::Styles => ("content.styles", format!("{id}.styles")),
        };
        if let Some(bytes) = self.read_in(&Path::new("Files/Data").join(id).join(new))? {
            return Ok(Some(bytes));
        }
        if let Some(bytes) = self.read_in(&Path::new("Files/Docs").join(old))? {
            return Ok(Some(bytes));
        }
        if part != Part::Text {
            return Ok(None);
        }
        // A text without formatting.
        match self.read_in(&Path::new("Files/Data").join(id).join("content.txt"))? {
            Some(bytes) => Ok(Some(bytes)),
            None => self.read_in(&Path::new("Files/Docs").join(format!("{id}.txt"))),
        }
    }

    /// The image of the item `id`.
    pub(super) fn image(&mut self, id: &str, ending: &str) -> Result<Option<Vec<u8>>, Refusal> {
        if !is_id(id) || !is_id(ending) {
            return Ok(None);
        }
        let new = Path::new("Files/Data").join(id).join(format!("content.{ending}"));
        match self.read_in(&new)? {
            Some(bytes) => Ok(Some(bytes)),
            None => self.read_in(&Path::new("Files/Docs").join(format!("{id}.{ending}"))),
        }
    }

    /// How many snapshots there are: earlier versions, which stay in the project.
    pub(super) fn snapshots(&self) -> usize {
        let list = |path: PathBuf| fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
        list(self.folder.join("Snapshots"))
            .flat_map(|folder| list(folder.path()))
            .filter(|file| file.path().extension().is_some_and(|ending| ending == "rtf"))
            .count()
    }

    fn read_in(&mut self, inside: &Path) -> Result<Option<Vec<u8>>, Refusal> {
        let Ok(real) = self.folder.join(inside).canonicalize() else { return Ok(None) };
        // A link in a project from a stranger could otherwise carry any file of this computer into the novel.
        if !real.starts_with(&self.folder) {
            return Ok(None);
        }
        self.read_path(&real)
    }

    fn read_path(&mut self, path: &Path) -> Result<Option<Vec<u8>>, Refusal> {
        let most = MAX_DOCUMENT_BYTES.min(self.left);
        if !path.is_file() {
            return Ok(None);
        }
        let file = fs::File::open(path).map_err(|_| Refusal::Damaged)?;
        let mut bytes = Vec::new();
        file.take(most + 1).read_to_end(&mut bytes).map_err(|_| Refusal::Damaged)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length > most {
            return Err(Refusal::TooLarge(MAX_DOCUMENT_BYTES / 1_000_000));
        }
        self.left -= length;
        Ok(Some(bytes))
    }
}

/// Ids are numbers or UUIDs: no dot, no slash.
fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST_ID
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
