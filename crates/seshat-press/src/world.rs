//! What the engine may see: the templates, the job, its pictures, the fonts. There is no file system and no clock.

use std::collections::{BTreeSet, HashMap};

use serde_json::{Value, json};
use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};

use crate::fonts::Fonts;
use crate::{Job, PressError};

/// The templates, by their names.
const TEMPLATES: &[(&str, &str)] = &[
    ("main.typ", include_str!("template/main.typ")),
    ("heads.typ", include_str!("template/heads.typ")),
    ("text.typ", include_str!("template/text.typ")),
    ("print.typ", include_str!("template/print.typ")),
    ("initial.typ", include_str!("template/initial.typ")),
    ("manuscript.typ", include_str!("template/manuscript.typ")),
];

/// Everything that one job needs.
pub(crate) struct Desk {
    library: LazyHash<Library>,
    fonts: Fonts,
    main: FileId,
    sources: HashMap<FileId, Source>,
    files: HashMap<FileId, Bytes>,
}

impl Desk {
    pub(crate) fn new(mut job: Job) -> Result<Self, PressError> {
        let mut characters = BTreeSet::new();
        job.strings(&mut |text| characters.extend(text.chars()));
        let language = job.value.get("language").and_then(|it| it.as_str()).unwrap_or_default();
        let fonts = Fonts::new(language, &characters);
        let mut desk = Self {
            library: LazyHash::new(Library::default()),
            main: named("main.typ")?,
            sources: HashMap::new(),
            files: HashMap::new(),
            fonts,
        };
        for (name, text) in TEMPLATES {
            let id = named(name)?;
            desk.sources.insert(id, Source::new(id, (*text).to_owned()));
        }
        // How pages look, without the novel.
        if let Value::Object(job) = &mut job.value {
            job.remove("sections");
        }
        desk.add("look.json", job.value.to_string().into_bytes())?;
        let families = json!(desk.fonts.families).to_string();
        desk.add("families.json", families.into_bytes())?;
        desk.add("job.json", job.json)?;
        for (at, picture) in job.pictures.into_iter().enumerate() {
            desk.add(&format!("picture-{at}"), picture.bytes)?;
        }
        Ok(desk)
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) -> Result<(), PressError> {
        self.files.insert(named(name)?, Bytes::new(bytes));
        Ok(())
    }

    /// Lets the engine set the heads: one for each page, or none for it.
    pub(crate) fn turn_to_heads(&mut self, heads: &[Option<Value>]) -> Result<(), PressError> {
        self.add("heads.json", json!(heads).to_string().into_bytes())?;
        self.main = named("heads.typ")?;
        Ok(())
    }

    /// Characters that no font has.
    pub(crate) fn missing(&self) -> String {
        self.fonts.missing.clone()
    }
}

fn named(name: &str) -> Result<FileId, PressError> {
    let path = VirtualPath::new(name).map_err(|_| PressError::Fault)?;
    Ok(FileId::new(RootedPath::new(VirtualRoot::Project, path)))
}

fn not_there() -> FileError {
    FileError::Other(None)
}

impl World for Desk {
    fn library(&self) -> &LazyHash<Library> {
        &self.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        self.fonts.book()
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.sources.get(&id).cloned().ok_or_else(not_there)
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        self.files.get(&id).cloned().ok_or_else(not_there)
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.fonts.font(index)
    }

    fn today(&self, _offset: Option<Duration>) -> Option<Datetime> {
        None
    }
}
