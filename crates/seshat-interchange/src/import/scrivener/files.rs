//! The files of a project: where version 2 and version 3 keep them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::import::ImportError;
use crate::import::guard::{MAX_DOCUMENT_BYTES, MOST_PICTURE};
use crate::import::refusal::Refusal;

/// How much is read of all texts together. Pictures in them are half as long as they are written.
const MOST_BYTES: u64 = 2 * MAX_DOCUMENT_BYTES;

/// How much is read of all pictures together; further ones are left out, because photographs of the research would
/// otherwise keep a novel from coming in.
const MOST_PICTURES: u64 = 48 * 1000 * 1000;

/// The longest id: a UUID has 36 characters.
const LONGEST_ID: usize = 64;

/// A project's folder.
pub(super) struct Files {
    folder: PathBuf,
    description: PathBuf,
    left: u64,
    pictures_left: u64,
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
            return Ok(Self {
                folder,
                description: real,
                left: MOST_BYTES,
                pictures_left: MOST_PICTURES,
            });
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
        Ok(Self { folder: real, description, left: MOST_BYTES, pictures_left: MOST_PICTURES })
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
        match path.is_file() {
            true => self.read_path(&path),
            false => Err(Refusal::PartMissing("its binder")),
        }
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

    /// The image of the item `id`; [`None`] where it is not there or too large.
    pub(super) fn image(&mut self, id: &str, ending: &str) -> Result<Option<Vec<u8>>, Refusal> {
        if !is_id(id) || !is_id(ending) {
            return Ok(None);
        }
        let new = Path::new("Files/Data").join(id).join(format!("content.{ending}"));
        let old = Path::new("Files/Docs").join(format!("{id}.{ending}"));
        let Some(path) = self.inside(&new).or_else(|| self.inside(&old)) else { return Ok(None) };
        let most = MOST_PICTURE.min(self.pictures_left);
        let bytes = bounded(&path, most)?;
        let taken = bytes.as_ref().map_or(0, Vec::len);
        self.pictures_left -= u64::try_from(taken).unwrap_or(u64::MAX).min(most);
        Ok(bytes)
    }

    /// How many snapshots there are: earlier versions, which stay in the project.
    pub(super) fn snapshots(&self) -> usize {
        let list = |path: PathBuf| fs::read_dir(path).into_iter().flatten().filter_map(Result::ok);
        list(self.folder.join("Snapshots"))
            .flat_map(|folder| list(folder.path()))
            .filter(|file| file.path().extension().is_some_and(|ending| ending == "rtf"))
            .count()
    }

    /// A file of the project's folder, links followed: a link in a project from a stranger could otherwise carry any
    /// file of this computer into the novel.
    fn inside(&self, name: &Path) -> Option<PathBuf> {
        let real = self.folder.join(name).canonicalize().ok()?;
        (real.starts_with(&self.folder) && real.is_file()).then_some(real)
    }

    fn read_in(&mut self, name: &Path) -> Result<Option<Vec<u8>>, Refusal> {
        match self.inside(name) {
            Some(path) => self.read_path(&path).map(Some),
            None => Ok(None),
        }
    }

    fn read_path(&mut self, path: &Path) -> Result<Vec<u8>, Refusal> {
        let most = MAX_DOCUMENT_BYTES.min(self.left);
        let bytes = bounded(path, most)?;
        let bytes = bytes.ok_or(Refusal::TooLarge(MAX_DOCUMENT_BYTES / 1_000_000))?;
        self.left -= u64::try_from(bytes.len()).unwrap_or(u64::MAX).min(most);
        Ok(bytes)
    }
}

/// A file of at most `most` bytes; [`None`] for a larger one.
fn bounded(path: &Path, most: u64) -> Result<Option<Vec<u8>>, Refusal> {
    let file = fs::File::open(path).map_err(|_| Refusal::Damaged)?;
    let mut bytes = Vec::new();
    file.take(most + 1).read_to_end(&mut bytes).map_err(|_| Refusal::Damaged)?;
    let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
    Ok((length <= most).then_some(bytes))
}

/// Ids are numbers or UUIDs: no dot, no slash.
fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= LONGEST_ID
        && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}
