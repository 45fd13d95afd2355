//! A small novel on the disk, written for these tests: parts, chapters, scenes, marks and a footnote.

use std::fs;
use std::path::{Path, PathBuf};

/// A novel as a folder of Markdown chapters with its `book.json`.
#[derive(Clone, Debug)]
pub struct SmallNovel {
    /// The folder.
    pub folder: PathBuf,
    /// Its title.
    pub title: &'static str,
    /// A sentence that stands in the first scene of the first chapter.
    pub sentence: &'static str,
}

const TITLE: &str = "The Lamplighter of Quay Street";

const SENTENCE: &str = "Nobody had told Ottoline that lamps could be homesick";

const CHAPTERS: [(&str, &str); 3] = [
    (
        "Forty-One Lamps",
        "Nobody had told Ottoline that lamps could be homesick. She found it out on her second evening, at the \
         corner where Quay Street forgets the harbour and becomes an ordinary road.\n\n\
         “You are *late*,” said the first lamp.\n\n\
         It was a small voice, like a spoon in a saucer. Ottoline looked up and down the street; there was a \
         cat, a closed bakery, and the rain.\n\n\
         * * *\n\n\
         By the fortieth lamp she had learned to answer.[^1]\n\n\
         > Dear Aunt, the work is simple and the company is **strange**.\\\n\
         > I am warm. Do not send the coat.\n\n\
         [^1]: The forty-first never spoke. It was electric.\n",
    ),
    (
        "What the Harbour Keeps",
        "The harbour master kept three ledgers: one for ships, one for weather, and one that he did not show.\n\n\
         In the third he wrote the names of lights that had gone out.\n\n\
         * * *\n\n\
         “Read me the last one,” she said.\n\n\
         He read it twice, and the second time it was hers.\n\n\
         * * *\n\n\
         They sat until the tide had turned. Ottoline counted: *one* for the buoy, *two* for the mole, *three* \
         for the ship that was not there.\n",
    ),
    (
        "A Match in the Rain",
        "There is a way of holding a match so that the wind mistakes it for a star. Her aunt had known it; her \
         aunt had never said so.\n\n\
         She went out without the coat. When she came to the corner, all forty of them were talking at once, \
         and the forty-first, which was electric, had begun to hum.\n",
    ),
];

/// Writes the small novel into `folder`, which is made.
///
/// # Panics
/// When it cannot be written.
#[must_use]
pub fn small_novel(folder: &Path) -> SmallNovel {
    fs::create_dir_all(folder).expect("a folder can be made");
    let mut files = Vec::new();
    for (number, (title, text)) in (1..).zip(CHAPTERS) {
        let file = format!("{number:04}.md");
        fs::write(folder.join(&file), format!("# {title}\n\n{text}")).expect("it can be written");
        files.push(serde_json::json!({ "file": file, "title": title }));
    }
    let last = files.pop().expect("there are three chapters");
    let book = serde_json::json!({
        "title": TITLE,
        "author": "The makers of Seshat",
        "language": "en-GB",
        "parts": [
            { "title": "Part One: Wicks", "chapters": files },
            { "title": "Part Two: Weather", "chapters": [last] },
        ],
    });
    fs::write(folder.join("book.json"), format!("{book:#}\n")).expect("it can be written");
    SmallNovel { folder: folder.to_owned(), title: TITLE, sentence: SENTENCE }
}
