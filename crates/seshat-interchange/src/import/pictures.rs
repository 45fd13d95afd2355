//! Pictures of Markdown: files in the folder of chapters.
//!
//! **Invariants:** no file outside the chosen folder is read, links followed, and none is larger than a picture may be.
//! A picture that is not found stays the text that names it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use seshat_manuscript::{Marks, Paragraph, Piece};

use super::{ImportedChapter, ImportedImage, ImportedNovel, guard, hash_of, read};
use crate::flow::{Flow, Inline, Loss, Lost};
use crate::markdown::{self, KEPT};

/// The pictures of a folder.
pub(super) struct Pictures {
    /// Nothing outside of it is read; no links in its name.
    root: PathBuf,
    /// What was found by address, with its name in scenes.
    known: HashMap<PathBuf, Found>,
    images: Vec<ImportedImage>,
    lost: Lost,
    left: u64,
}

/// What a file turned out to be.
#[derive(Clone)]
enum Found {
    /// A picture of this name in scenes.
    Picture(String),
    /// None that is kept.
    Refused,
}

impl Pictures {
    /// Of the folder at `root`; without one that can be named there are none.
    pub(super) fn of(root: &Path) -> Self {
        Self {
            root: root.canonicalize().unwrap_or_default(),
            known: HashMap::new(),
            images: Vec::new(),
            lost: Lost::default(),
            left: guard::MOST_UNPACKED,
        }
    }

    /// Puts pictures in the place of the texts that name them; `folder` is where the chapter's file is.
    pub(super) fn put_into(&mut self, chapter: &mut ImportedChapter, folder: &Path) {
        for paragraph in chapter.scenes.iter_mut().flat_map(|scene| &mut scene.paragraphs) {
            self.paragraph(paragraph, folder);
        }
    }

    fn paragraph(&mut self, paragraph: &mut Paragraph, folder: &Path) {
        let concerned = paragraph.pieces.iter().any(|piece| match piece {
            Piece::Text { text, marks } => is_kept(marks) && text.starts_with("!["),
            Piece::Footnote { .. } | Piece::Image { .. } => true,
            Piece::Break | Piece::Unknown { .. } => false,
        });
        if !concerned {
            return;
        }
        let mut pieces: Vec<Piece> = Vec::with_capacity(paragraph.pieces.len());
        for piece in std::mem::take(&mut paragraph.pieces) {
            match piece {
                Piece::Text { text, marks } if is_kept(&marks) => {
                    self.kept(&text, marks, folder, &mut pieces);
                }
                Piece::Text { text, marks } => {
                    let text = with_width(&mut pieces, text);
                    push(&mut pieces, text, marks);
                }
                Piece::Footnote { mut body } => {
                    body.iter_mut().for_each(|paragraph| self.paragraph(paragraph, folder));
                    pieces.push(Piece::Footnote { body });
                }
                // The name of a picture in a vault, whose file is not here.
                Piece::Image { alt, .. } => {
                    self.lost.add(Loss::ImageElsewhere);
                    push(&mut pieces, alt, Marks::default());
                }
                other => pieces.push(other),
            }
        }
        paragraph.pieces = pieces;
    }

    /// Pictures one behind the other at the beginning of a kept text; the rest stays as it is.
    fn kept(&mut self, text: &str, marks: Marks, folder: &Path, pieces: &mut Vec<Piece>) {
        let mut rest = text;
        while let Some(named) = markdown::picture(rest) {
            match self.find(&named.address, folder) {
                Some(Found::Picture(hash)) => {
                    pieces.push(Piece::Image { hash, alt: named.alt, width: None });
                }
                Some(Found::Refused) => {
                    self.lost.add(Loss::ImageRefused);
                    push(pieces, named.alt, Marks::default());
                }
                None => break,
            }
            rest = rest.get(named.length..).unwrap_or_default();
            rest = rest.get(width_of(pieces, rest)..).unwrap_or_default();
        }
        push(pieces, rest.to_owned(), marks);
    }

    /// The file of that address; [`None`] where there is none that may be read.
    fn find(&mut self, address: &str, folder: &Path) -> Option<Found> {
        let has_scheme = address.split(['/', '\\', '?', '#']).next()?.contains(':');
        if has_scheme || address.is_empty() || address.contains('\0') {
            return None;
        }
        let exact = folder.join(address).canonicalize();
        let path = exact.or_else(|_| folder.join(decoded(address)).canonicalize()).ok()?;
        if self.root.as_os_str().is_empty() || !path.starts_with(&self.root) || !path.is_file() {
            return None;
        }
        if let Some(known) = self.known.get(&path) {
            return Some(known.clone());
        }
        let found = self.load(&path);
        self.known.insert(path, found.clone());
        Some(found)
    }

    fn load(&mut self, path: &Path) -> Found {
        let Ok(bytes) = read::bytes(path, guard::MOST_PICTURE.min(self.left)) else {
            return Found::Refused;
        };
        self.left = self.left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        let Some(picture) = guard::picture(bytes, &path.to_string_lossy()) else {
            return Found::Refused;
        };
        let hash = hash_of(&picture.bytes);
        if self.images.iter().all(|image| image.hash != hash) {
            self.images.push(ImportedImage::of(hash.clone(), picture));
        }
        Found::Picture(hash)
    }

    /// Whether a picture came from the file at `path`, or from a file in the folder there.
    pub(super) fn came_from(&self, path: &Path) -> bool {
        let Ok(real) = path.canonicalize() else { return false };
        self.known.iter().any(|(file, found)| {
            matches!(found, Found::Picture(_)) && (*file == real || file.parent() == Some(&real))
        })
    }

    /// Hands over what was found.
    pub(super) fn finish(self, novel: &mut ImportedNovel) {
        novel.images = self.images;
        novel.notes.extend(self.lost.sentences());
    }
}

/// In a file alone a picture of a vault is what it shows, because its own file is not there.
pub(super) fn without_vault(flow: &mut Flow) {
    let mut lost = 0;
    super::tongue::each_run(&mut flow.blocks, &mut |inline| {
        for part in inline {
            if let Inline::Kept(Piece::Image { alt, .. }) = part {
                lost += 1;
                *part = Inline::Text { text: std::mem::take(alt), marks: Marks::default() };
            }
        }
    });
    flow.lost.add_many(Loss::ImageElsewhere, lost);
}

fn is_kept(marks: &Marks) -> bool {
    marks.language.as_deref() == Some(KEPT)
}

/// Adds text; nothing is no piece.
fn push(pieces: &mut Vec<Piece>, text: String, marks: Marks) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Text { text: last, marks: same }) if *same == marks => last.push_str(&text),
        _ => pieces.push(Piece::Text { text, marks }),
    }
}

/// Takes attributes behind a picture to the picture; how many bytes of `text` they are.
fn width_of(pieces: &mut [Piece], text: &str) -> usize {
    let Some(Piece::Image { width: width @ None, .. }) = pieces.last_mut() else { return 0 };
    let Some((said, length)) = markdown::attributes(text) else { return 0 };
    *width = said;
    length
}

/// The text without attributes at its beginning that belong to the picture before it.
fn with_width(pieces: &mut [Piece], text: String) -> String {
    let length = width_of(pieces, &text);
    if length == 0 { text } else { text.get(length..).unwrap_or_default().to_owned() }
}

/// `my%20picture.png` as the name of a file.
fn decoded(address: &str) -> String {
    let mut bytes = Vec::with_capacity(address.len());
    let mut rest = address.as_bytes();
    while let [first, more @ ..] = rest {
        let code = rest.get(1..3).and_then(|code| std::str::from_utf8(code).ok());
        let byte = code.and_then(|code| u8::from_str_radix(code, 16).ok());
        (rest, _) = match (first, byte) {
            (b'%', Some(byte)) => (rest.get(3..).unwrap_or_default(), bytes.push(byte)),
            _ => (more, bytes.push(*first)),
        };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
