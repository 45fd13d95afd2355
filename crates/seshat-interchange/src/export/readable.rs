//! Everything that an author has as files that any program opens: the copy for the day when there is no Seshat.
//!
//! ```text
//! READ ME.txt                      what this is, and what could not be read
//! The Ferry/
//!   book.json, 0001 The Pier.md    the novel, as an export writes it: importing the folder gives it back
//!   Outline.md                     parts, chapters and scenes with status and synopsis
//!   Comments.md                    comments, with the words that they stand at
//!   Notes/0001 Places.md           the folders of notes, as folders
//!   Trash/0001 An old ending.md    what is in the trash
//!   Found/0001.md                  texts that stand nowhere in the outline
//! ```

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use seshat_manuscript::Passage;

use super::file_name::{self, Names};
use super::{ExportError, ExportNovel, atomic, folder};
use crate::markdown;
use crate::novel::Chapter;

/// Everything that an author has.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Readable {
    /// When it was made, as the author reads dates.
    pub made: String,
    /// The novels.
    pub novels: Vec<ReadableNovel>,
    /// What could not be read and is missing, a sentence each.
    pub problems: Vec<String>,
}

/// A novel with what an export of it leaves out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadableNovel {
    /// The novel itself.
    pub novel: ExportNovel,
    /// Its parts, chapters and scenes in reading order.
    pub outline: Vec<OutlineLine>,
    /// Notes in their folders.
    pub notes: Vec<ReadableText>,
    /// What is in the trash, in the chapters that it was trashed with.
    pub trash: Vec<ReadableText>,
    /// Texts that stand nowhere in the outline.
    pub found: Vec<ReadableText>,
    /// Comments in reading order.
    pub remarks: Vec<Remark>,
}

/// A text on its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReadableText {
    /// Titles of what it stands in, from the outside in.
    pub folders: Vec<String>,
    /// Its title; may be empty.
    pub title: String,
    /// The text.
    pub text: Passage,
}

/// A part, chapter or scene.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OutlineLine {
    /// How deep it stands; 0 at the top.
    pub depth: usize,
    /// What it is: "part", "chapter", "scene".
    pub kind: String,
    /// Its title; may be empty.
    pub title: String,
    /// Words in it, for a text.
    pub words: Option<usize>,
    /// How far it is, for a text.
    pub status: String,
    /// What it is marked with; may be empty.
    pub label: String,
    /// What it is about; may be empty.
    pub synopsis: String,
}

/// A comment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Remark {
    /// Where it stands, such as "Chapter 3, scene 2".
    pub place: String,
    /// The words that it stands at.
    pub quote: String,
    /// What it says.
    pub text: String,
    /// Who wrote it; may be empty.
    pub author: String,
    /// Whether it is done with.
    pub resolved: bool,
}

/// Writes the folder.
pub(super) fn export(readable: &Readable, path: &Path) -> Result<(), ExportError> {
    let mut files = vec![("READ ME.txt".to_owned(), read_me(readable))];
    let mut names = Names::default();
    names.free("read me.txt");
    for novel in &readable.novels {
        let name = names.free(&file_name::of_title(&novel.novel.title, "Untitled"));
        let inside = novel_files(novel).into_iter();
        files.extend(inside.map(|(file, content)| (format!("{name}/{file}"), content)));
    }
    atomic::folder(path, &files)
}

fn read_me(readable: &Readable) -> String {
    let mut text = String::from(
        "These are your novels as plain text, written by Seshat. No program and no password is needed to read them,\nso keep them where only you can get at them.\n\nThe .md files are Markdown: any editor opens them. To bring a novel back into Seshat, import its folder.\n",
    );
    if !readable.made.is_empty() {
        let _ = write!(text, "\nMade: {}\n", readable.made);
    }
    if !readable.problems.is_empty() {
        text.push_str("\nNot in this copy:\n");
        for problem in &readable.problems {
            let _ = writeln!(text, "- {problem}");
        }
    }
    text
}

fn novel_files(novel: &ReadableNovel) -> Vec<(String, String)> {
    let mut files = folder::files(&novel.novel, numbered);
    files.push(("Outline.md".to_owned(), outline(novel)));
    if !novel.remarks.is_empty() {
        files.push(("Comments.md".to_owned(), remarks(&novel.remarks)));
    }
    for (name, texts) in [("Notes", &novel.notes), ("Trash", &novel.trash), ("Found", &novel.found)]
    {
        for (index, text) in texts.iter().enumerate() {
            files.push((text_path(name, index + 1, text), text_file(text)));
        }
    }
    files
}

/// `0001 Title.md`, `0001.md` without a title. The number keeps the order, and keeps two of one title apart.
fn numbered(number: usize, title: &str) -> String {
    let name = format!("{number:04} {}", file_name::of_title(title, ""));
    format!("{}.md", name.trim_end())
}

fn text_path(top: &str, number: usize, text: &ReadableText) -> String {
    let mut path = top.to_owned();
    for folder in &text.folders {
        path.push('/');
        path.push_str(&file_name::of_title(folder, "Untitled"));
    }
    format!("{path}/{}", numbered(number, &text.title))
}

fn text_file(text: &ReadableText) -> String {
    let scenes = vec![text.text.clone()];
    markdown::write_chapter(&Chapter { title: text.title.clone(), scenes })
}

fn outline(novel: &ReadableNovel) -> String {
    let mut text = format!("# {}\n", one_line(&novel.novel.title));
    for line in &novel.outline {
        let indent = "    ".repeat(line.depth);
        let title = one_line(&line.title);
        let kind = &line.kind;
        let _ = write!(text, "\n{indent}- {}", if title.is_empty() { kind } else { &title });
        let mut facts = Vec::new();
        if !title.is_empty() {
            facts.push(kind.clone());
        }
        facts.extend(line.words.map(|words| format!("{words} words")));
        facts.extend([&line.status, &line.label].map(|it| one_line(it)));
        facts.retain(|fact| !fact.is_empty());
        if !facts.is_empty() {
            let _ = write!(text, " ({})", facts.join(", "));
        }
        let synopsis = one_line(&line.synopsis);
        if !synopsis.is_empty() {
            let _ = write!(text, ": {synopsis}");
        }
    }
    text.push('\n');
    text
}

fn remarks(remarks: &[Remark]) -> String {
    let mut text = String::from("# Comments\n");
    let mut seen = BTreeSet::new();
    for remark in remarks {
        if seen.insert(&remark.place) {
            let _ = write!(text, "\n## {}\n", one_line(&remark.place));
        }
        let _ = write!(text, "\n> {}\n", one_line(&remark.quote));
        let author = one_line(&remark.author);
        let by = if author.is_empty() { String::new() } else { format!("{author}: ") };
        let done = if remark.resolved { " (done)" } else { "" };
        let _ = write!(text, "\n{by}{}{done}\n", one_line(&remark.text));
    }
    text
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
