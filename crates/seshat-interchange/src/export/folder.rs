//! A folder of Markdown chapters with `book.json`.

use std::path::Path;

use super::{ExportError, ExportNovel, atomic};
use crate::import::book::{self, Book, BookChapter, BookPart};
use crate::markdown;

/// Writes the folder.
pub(super) fn export(novel: &ExportNovel, path: &Path) -> Result<(), ExportError> {
    atomic::folder(path, &files(novel, |number, _| format!("{number:04}.md")))
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
