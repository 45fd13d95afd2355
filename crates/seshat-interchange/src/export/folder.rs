//! A folder of Markdown chapters with `book.json`.

use std::path::Path;

use super::{ExportError, ExportImage, ExportNovel, atomic};
use crate::import::book::{self, Book, BookChapter, BookPart};
use crate::markdown;

/// Writes the folder.
pub(super) fn export(novel: &ExportNovel, path: &Path) -> Result<(), ExportError> {
    atomic::folder(path, &files(novel, |number, _| format!("{number:04}.md")))
}

/// Writes the folder, and the pictures beside the chapters.
pub(super) fn export_with_images(
    novel: &ExportNovel,
    images: &[ExportImage],
    path: &Path,
) -> Result<(), ExportError> {
    let files = files(novel, |number, _| format!("{number:04}.md"));
    let mut files: Vec<(String, Vec<u8>)> = files
        .into_iter()
        .map(|(name, text)| (name, with_files(text, images).into_bytes()))
        .collect();
    files.extend(images.iter().map(|image| (file_of(image), image.bytes.clone())));
    atomic::folder(path, &files)
}

/// Where a picture lies, seen from the chapters.
fn file_of(image: &ExportImage) -> String {
    let short: String = image.hash.chars().take(16).collect();
    format!("images/{short}.{}", image.extension)
}

/// Puts files in the place of names that only the novel knows. How wide a picture is Markdown cannot say.
fn with_files(mut text: String, images: &[ExportImage]) -> String {
    for image in images {
        let named = format!("](image:{}", image.hash);
        while let Some(at) = text.find(&named) {
            let behind = at + named.len();
            let width = text.get(behind..).map_or(0, |rest| rest.find(')').unwrap_or(0));
            text.replace_range(at..behind + width, &format!("]({}", file_of(image)));
        }
    }
    text
}

/// The folder's files, names and contents; `name` names the file of a chapter by its number from 1 and its title.
pub(super) fn files(
    novel: &ExportNovel,
    name: impl Fn(usize, &str) -> String,
) -> Vec<(String, String)> {
    let mut files = Vec::new();
    let mut book = Book {
        title: Some(novel.title.clone()),
        author: novel.author.clone(),
        language: novel.language.clone(),
        parts: Vec::new(),
    };
    for part in &novel.parts {
        let mut described = BookPart { title: part.title.clone(), ..BookPart::default() };
        for chapter in &part.chapters {
            let file = name(files.len() + 1, &chapter.title);
            described
                .chapters
                .push(BookChapter { file: file.clone(), title: chapter.title.clone() });
            files.push((file, markdown::write_chapter(chapter)));
        }
        book.parts.push(described);
    }
    let mut json = serde_json::to_string_pretty(&book)
        .expect("strings and lists of strings always have a JSON form");
    json.push('\n');
    files.push((book::NAME.to_owned(), json));
    files
}
