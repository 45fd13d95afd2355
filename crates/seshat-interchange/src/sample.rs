//! The sample novels that come with the product, one in each language of the window.
//!
//! Each is a story that can be read, and a first look at the desk: every scene ends with a card for whoever sits there
//! next, who learns by doing what it says in the text itself.

use crate::import::ImportedNovel;
use crate::import::book::Book;
use crate::markdown;
use crate::novel::Part;

/// A sample's files, as they lie in `samples/` and `samples-fr/`.
struct Files {
    book: &'static str,
    chapters: &'static [(&'static str, &'static str)],
}

const ENGLISH: Files = Files {
    book: include_str!("../samples/book.json"),
    chapters: &[
        ("0001.md", include_str!("../samples/0001.md")),
        ("0002.md", include_str!("../samples/0002.md")),
        ("0003.md", include_str!("../samples/0003.md")),
    ],
};

const FRENCH: Files = Files {
    book: include_str!("../samples-fr/book.json"),
    chapters: &[
        ("0001.md", include_str!("../samples-fr/0001.md")),
        ("0002.md", include_str!("../samples-fr/0002.md")),
        ("0003.md", include_str!("../samples-fr/0003.md")),
    ],
};

/// The sample novel for a window in this language, a BCP 47 tag: in French for French, else in English.
#[must_use]
pub fn sample(language: &str) -> ImportedNovel {
    let base = language.split('-').next().unwrap_or_default();
    if base.eq_ignore_ascii_case("fr") { read(&FRENCH) } else { read(&ENGLISH) }
}

fn read(files: &Files) -> ImportedNovel {
    let book =
        Book::parse(files.book).expect("a test reads this file, which is part of the program");
    let mut novel = ImportedNovel {
        title: book.title.clone(),
        language: book.language.clone(),
        author: book.author.clone(),
        ..ImportedNovel::default()
    };
    for (title, chapters) in book.flattened() {
        let text = |file: &str| {
            files.chapters.iter().find(|(name, _)| *name == file).map(|(_, text)| *text)
        };
        let chapters = chapters.iter().filter_map(|chapter| text(&chapter.file));
        novel.parts.push(Part { title, chapters: chapters.map(markdown::parse_chapter).collect() });
    }
    novel
}
