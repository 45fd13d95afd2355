//! A folder of chapters, with or without `book.json`.

use std::fs;
use std::path::{Path, PathBuf};

use super::book::{self, Book};
use super::formats::Format;
use super::pictures::Pictures;
use super::{ImportError, ImportedChapter, ImportedNovel, ImportedPart, charset, order, read};

/// Reads the folder at `path`.
pub(super) fn import(path: &Path) -> Result<ImportedNovel, ImportError> {
    let kind = fs::metadata(path).map_err(|source| read::missing_or_unreadable(path, source))?;
    if !kind.is_dir() {
        return Err(ImportError::WrongKind { path: path.to_owned(), expected: "a folder" });
    }
    let inside = Listing::of(path)?;
    let entries = [&inside.files, &inside.folders, &inside.others];
    if !inside.has_book && entries.iter().all(|names| names.is_empty()) {
        return Err(ImportError::EmptyFolder { path: path.to_owned() });
    }
    let description = path.join(book::NAME);
    let mut pictures = Pictures::of(path);
    let mut novel = if inside.has_book {
        described(path, Book::read(&description)?, &inside, &mut pictures)?
    } else {
        found(path, &inside, &mut pictures)?
    };
    pictures.finish(&mut novel);
    let texts = novel.parts.iter().flat_map(|part| &part.chapters).any(|chapter| {
        !chapter.title.is_empty() || chapter.scenes.iter().any(|scene| !scene.is_empty())
    });
    if texts { Ok(novel) } else { Err(ImportError::NoText { path: path.to_owned() }) }
}

/// What a folder holds, in natural order. Hidden entries are not listed.
#[derive(Default)]
struct Listing {
    /// Files whose format is read.
    files: Vec<String>,
    folders: Vec<String>,
    /// Everything else but `book.json`.
    others: Vec<String>,
    has_book: bool,
}

impl Listing {
    fn of(path: &Path) -> Result<Self, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: path.to_owned(), source };
        let mut listing = Self::default();
        for entry in fs::read_dir(path).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let is_folder = entry.file_type().map_err(unreadable)?.is_dir();
            if name == book::NAME {
                listing.has_book = true;
            } else if name.starts_with('.') {
                // Hidden: systems and editors keep their own notes there.
            } else if is_folder {
                listing.folders.push(name);
            } else if Format::of_text(Path::new(&name)).is_some() {
                listing.files.push(name);
            } else {
                listing.others.push(name);
            }
        }
        for names in [&mut listing.files, &mut listing.folders, &mut listing.others] {
            names.sort_by(|a, b| order::natural(a, b));
        }
        Ok(listing)
    }
}

/// The novel that `book.json` describes.
fn described(
    path: &Path,
    book: Book,
    inside: &Listing,
    pictures: &mut Pictures,
) -> Result<ImportedNovel, ImportError> {
    let mut novel = ImportedNovel {
        title: book.title.clone().filter(|title| !title.trim().is_empty()).or_else(|| name(path)),
        language: book.language.clone(),
        author: book.author.clone(),
        ..ImportedNovel::default()
    };
    let mut named = Vec::new();
    for (title, chapters) in book.flattened() {
        let mut part = ImportedPart { title, chapters: Vec::new() };
        for chapter in chapters {
            let (file, format) = chapter_file(path, &chapter.file)?;
            let mut read = format.chapters(&decoded(&file, &mut novel.notes)?);
            if let [only] = read.as_mut_slice()
                && only.title.is_empty()
            {
                only.title = chapter.title;
            }
            let folder = file.parent().unwrap_or(path);
            read.iter_mut().for_each(|chapter| pictures.put_into(chapter, folder));
            part.chapters.append(&mut read);
            named.push(chapter.file);
        }
        novel.parts.push(part);
    }
    let unnamed = inside.files.iter().filter(|file| !named.contains(file));
    novel
        .notes
        .extend(unnamed.map(|file| {
            format!("“{file}” was left out, because {} does not name it.", book::NAME)
        }));
    Ok(novel)
}

/// The file of a chapter in `book.json`, which must be in the folder, links followed.
fn chapter_file(folder: &Path, name: &str) -> Result<(PathBuf, Format), ImportError> {
    let description = folder.join(book::NAME);
    let outside =
        || ImportError::ChapterOutside { path: description.clone(), file: name.to_owned() };
    if !book::stays_inside(name) {
        return Err(outside());
    }
    let file = folder.join(name);
    let Ok(real) = file.canonicalize() else {
        return Err(ImportError::ChapterMissing { path: description, file: name.to_owned() });
    };
    let unreadable = |source| ImportError::Unreadable { path: folder.to_owned(), source };
    if !real.starts_with(folder.canonicalize().map_err(unreadable)?) {
        return Err(outside());
    }
    let format = Format::of_text(&file).ok_or(ImportError::UnknownFormat { path: file.clone() })?;
    Ok((file, format))
}

/// The novel of a folder without `book.json`.
fn found(
    path: &Path,
    inside: &Listing,
    pictures: &mut Pictures,
) -> Result<ImportedNovel, ImportError> {
    let mut novel = ImportedNovel { title: name(path), ..ImportedNovel::default() };
    if !inside.files.is_empty() {
        let mut part = part(String::new(), path, &inside.files, &mut novel.notes)?;
        part.chapters.iter_mut().for_each(|chapter| pictures.put_into(chapter, path));
        novel.parts.push(part);
    }
    let mut left = entries(path, &inside.others);
    for folder in &inside.folders {
        let path = path.join(folder);
        let inner = Listing::of(&path)?;
        if inner.files.is_empty() {
            left.push(Left::Folder(path));
        } else {
            let mut part = part(folder.clone(), &path, &inner.files, &mut novel.notes)?;
            part.chapters.iter_mut().for_each(|chapter| pictures.put_into(chapter, &path));
            novel.parts.push(part);
            left.extend(entries(&path, &inner.others));
            left.extend(entries(&path, &inner.folders));
        }
    }
    novel.notes.extend(left.iter().filter_map(|left| left.note(pictures)));
    Ok(novel)
}

/// What no chapter came from.
enum Left {
    /// A folder without chapters.
    Folder(PathBuf),
    /// A file, or a folder that is too deep for a part.
    Entry(PathBuf),
}

impl Left {
    /// The sentence about it, unless pictures came from it.
    fn note(&self, pictures: &Pictures) -> Option<String> {
        let (Self::Folder(path) | Self::Entry(path)) = self;
        if pictures.came_from(path) {
            return None;
        }
        let name = path.file_name()?.to_string_lossy();
        Some(match self {
            Self::Folder(_) => {
                format!("The folder “{name}” was left out: it holds no chapters.")
            }
            Self::Entry(_) => {
                format!("“{name}” was left out: it is neither Markdown nor plain text.")
            }
        })
    }
}

fn entries(folder: &Path, names: &[String]) -> Vec<Left> {
    names.iter().map(|name| Left::Entry(folder.join(name))).collect()
}

fn part(
    title: String,
    folder: &Path,
    files: &[String],
    notes: &mut Vec<String>,
) -> Result<ImportedPart, ImportError> {
    let mut part = ImportedPart { title, chapters: Vec::new() };
    for file in files {
        let path = folder.join(file);
        let Some(format) = Format::of_text(&path) else { continue };
        let text = decoded(&path, notes)?;
        let mut chapters: Vec<ImportedChapter> = format.chapters(&text);
        if let [only] = chapters.as_mut_slice()
            && only.title.is_empty()
        {
            only.title = stem(&path).unwrap_or_default();
        }
        part.chapters.append(&mut chapters);
    }
    Ok(part)
}

/// The characters of a file; a guess at its encoding is said.
fn decoded(path: &Path, notes: &mut Vec<String>) -> Result<String, ImportError> {
    let decoded = read::text(path)?;
    if let Some(note) = decoded.guessed.map(charset::note)
        && !notes.contains(&note)
    {
        notes.push(note);
    }
    Ok(decoded.text)
}

fn stem(path: &Path) -> Option<String> {
    path.file_stem().map(|stem| stem.to_string_lossy().into_owned())
}

/// The folder's own name, for "." and ".." too.
fn name(path: &Path) -> Option<String> {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    real.file_name().map(|name| name.to_string_lossy().into_owned())
}
