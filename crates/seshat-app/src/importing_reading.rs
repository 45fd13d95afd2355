//! Documents that are looked into before they are imported.
//!
//! **Invariants:** what strangers made is read on a thread of its own and outside of every lock, so nobody who types waits
//! for it. One document at most is kept, in memory only, and never while the vault is locked. A file that changed is read
//! anew.

use std::fs::{self, Metadata};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, MutexGuard, PoisonError};
use std::thread;
use std::time::SystemTime;

use seshat_interchange::flow::Flow;
use seshat_interchange::import::{self, ImportedNovel};
use seshat_interchange::shape::{Shaping, shape, signs_of};

use crate::{Desk, Failure, ImportSigns, ShapingChoice};

/// Room for the calls of a reader, in bytes: as much as a program's first thread has.
const STACK: usize = 8 * 1024 * 1024;

/// How many files of a folder are looked at to see whether it changed.
const MOST_FILES: u64 = 50_000;

/// What was read.
pub(crate) enum Document {
    /// What can be cut in several ways, and the title that its file's name gives it.
    Flow(Flow, Option<String>),
    /// A folder of chapters, which is as its files are.
    Folder(ImportedNovel),
}

/// A document that was cut.
pub(crate) struct Cut {
    /// What it is then.
    pub(crate) novel: ImportedNovel,
    /// How it was cut; `None` where there is nothing to choose.
    pub(crate) shaping: Option<ShapingChoice>,
}

impl Document {
    fn read(path: &Path) -> Result<Self, Failure> {
        let failed = |error: import::ImportError| Failure::other(error.to_string());
        if import::is_folder_of_chapters(path) {
            return import::folder(path).map(Self::Folder).map_err(failed);
        }
        let named = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
        import::read(path).map(|flow| Self::Flow(flow, named)).map_err(failed)
    }

    /// Cuts it as the author chose, or as its signs suggest.
    pub(crate) fn cut(&self, choice: Option<&ShapingChoice>) -> Cut {
        match self {
            Self::Folder(novel) => Cut { novel: novel.clone(), shaping: None },
            Self::Flow(flow, named) => {
                let shaping = choice.map_or_else(|| Shaping::guess(flow), Shaping::from);
                let mut novel = shape(flow, &shaping);
                novel.title = novel.title.or_else(|| named.clone());
                Cut { novel, shaping: Some(ShapingChoice::from(&shaping)) }
            }
        }
    }

    /// What may part it.
    pub(crate) fn signs(&self) -> ImportSigns {
        match self {
            Self::Folder(_) => ImportSigns::default(),
            Self::Flow(flow, _) => ImportSigns::from(&signs_of(flow)),
        }
    }
}

/// What tells a file, or a folder with all of its files, from what stood there before.
#[derive(Clone, PartialEq, Eq)]
struct Stamp {
    path: PathBuf,
    files: u64,
    bytes: u64,
    newest: Option<SystemTime>,
}

impl Stamp {
    fn of(path: &Path) -> Self {
        let mut stamp = Self { path: path.to_owned(), files: 0, bytes: 0, newest: None };
        // A link is followed where the author named it, and nowhere below.
        if let Ok(facts) = fs::metadata(path) {
            stamp.add(&facts);
            if facts.is_dir() {
                stamp.add_all(path);
            }
        }
        stamp
    }

    fn add_all(&mut self, folder: &Path) {
        let mut folders = vec![folder.to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let Ok(facts) = entry.metadata() else { continue };
                self.add(&facts);
                if self.files > MOST_FILES {
                    return;
                }
                if facts.is_dir() {
                    folders.push(entry.path());
                }
            }
        }
    }

    fn add(&mut self, facts: &Metadata) {
        self.files += 1;
        self.bytes = self.bytes.saturating_add(facts.len());
        self.newest = self.newest.max(facts.modified().ok());
    }
}

type Read = Result<Arc<Document>, Failure>;

/// What is being read, and what was.
#[derive(Default)]
pub(crate) struct Looked {
    kept: Option<(Stamp, Arc<Document>)>,
    reading: Option<Reading>,
    /// How many readings there were: the number of the last one.
    readings: u64,
}

/// One reading. Whoever waits for it is told; when it is dropped, that it was stopped.
struct Reading {
    number: u64,
    stamp: Stamp,
    waiting: Vec<Sender<Read>>,
}

impl Desk {
    /// Lets go of what was looked into. Whoever waits for a document hears that its reading was stopped.
    pub fn forget_import(&self) {
        let mut looked = self.looked();
        looked.kept = None;
        looked.reading = None;
    }

    /// The document at `path`, from memory if it is the one that is kept.
    ///
    /// # Errors
    /// When the vault is locked, the document cannot be read, or its reading was stopped.
    pub(crate) fn document(&self, path: &Path) -> Read {
        // Files are looked into for whoever has opened the vault, and for nobody else at this laptop.
        self.with_session(|_, _| Ok(()))?;
        let stamp = Stamp::of(path);
        let (tell, hear) = channel();
        let mut guard = self.looked();
        let looked = &mut *guard;
        match (&looked.kept, &mut looked.reading) {
            (Some((kept, document)), _) if *kept == stamp => return Ok(Arc::clone(document)),
            (_, Some(reading)) if reading.stamp == stamp => reading.waiting.push(tell),
            _ => {
                looked.kept = None;
                looked.readings += 1;
                let number = looked.readings;
                looked.reading = Some(Reading { number, stamp, waiting: vec![tell] });
                if let Err(failure) = self.read_apart(path.to_owned(), number) {
                    looked.reading = None;
                    return Err(failure);
                }
            }
        }
        drop(guard);
        hear.recv().unwrap_or_else(|_| Err(stopped()))
    }

    fn read_apart(&self, path: PathBuf, number: u64) -> Result<(), Failure> {
        let desk = self.clone();
        let begun =
            thread::Builder::new().name("import".to_owned()).stack_size(STACK).spawn(move || {
                // A fault in a reader is one file that is not read.
                let read = catch_unwind(AssertUnwindSafe(|| Document::read(&path)));
                desk.have_read(number, read.unwrap_or_else(|_| Err(faulty())).map(Arc::new));
            });
        begun.map(drop).map_err(|_| {
            Failure::other(
                "The system has no room for another task, so nothing was imported; your file is as it was; close other programs and try again.",
            )
        })
    }

    /// A reading came to its end; one that was stopped has nobody to tell.
    fn have_read(&self, number: u64, read: Read) {
        let mut looked = self.looked();
        let Some(reading) = looked.reading.take_if(|reading| reading.number == number) else {
            return;
        };
        // Under this lock: locking the vault forgets afterwards.
        let open = self.with_session(|_, _| Ok(()));
        let read = open.and(read);
        if let Ok(document) = &read {
            looked.kept = Some((reading.stamp, Arc::clone(document)));
        }
        drop(looked);
        for waiting in reading.waiting {
            // Who has gone in the meantime needs no answer.
            let _gone = waiting.send(read.clone()).is_err();
        }
    }

    fn looked(&self) -> MutexGuard<'_, Looked> {
        self.shared.looked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stopped() -> Failure {
    Failure::other("The reading was stopped, so nothing was imported; your file is as it was.")
}

fn faulty() -> Failure {
    Failure::other(
        "This file could not be read, which is a fault of Seshat's; nothing was imported and the file is as it was; save it in another format and try again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_waits_for_a_reading_that_is_stopped_hears_so_and_its_end_comes_too_late() {
        let desk = Desk::at(PathBuf::from("/nowhere"), String::new());
        let stamp = Stamp::of(Path::new("/nowhere/novel.md"));
        let (tell, hear) = channel();
        desk.looked().reading = Some(Reading { number: 1, stamp, waiting: vec![tell] });
        desk.forget_import();
        assert!(hear.recv().is_err());
        let novel = Arc::new(Document::Folder(ImportedNovel::default()));
        desk.have_read(1, Ok(novel));
        assert!(desk.looked().kept.is_none());
    }
}
