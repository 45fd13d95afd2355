//! The sample novel that comes with the product.

use crate::import::ImportedNovel;
use crate::import::book::Book;
use crate::markdown;
use crate::novel::Part;

/// The sample's files, as they lie in `samples/`.
const BOOK: &str = include_str!("../samples/book.json");
const CHAPTERS: &[(&str, &str)] = &[
    ("0001.md", include_str!("../samples/0001.md")),
    ("0002.md", include_str!("../samples/0002.md")),
    ("0003.md", include_str!("../samples/0003.md")),
];

/// The sample novel: short, original, and a first look at what the desk can do.
#[must_use]
pub fn sample() -> ImportedNovel {
    let book = Book::parse(BOOK).expect("a test reads this file, which is part of the program");
    let mut novel = ImportedNovel {
        title: book.title.clone(),
        language: book.language.clone(),
        author: book.author.clone(),
        ..ImportedNovel::default()
    };
    for (title, chapters) in book.flattened() {
        let text =
            |file: &str| CHAPTERS.iter().find(|(name, _)| *name == file).map(|(_, text)| *text);
        let chapters = chapters.iter().filter_map(|chapter| text(&chapter.file));
        novel.parts.push(Part { title, chapters: chapters.map(markdown::parse_chapter).collect() });
    }
    novel
}
