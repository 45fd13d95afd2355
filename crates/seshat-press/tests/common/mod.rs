//! What the tests share: a small job, and poppler's tools, where they are installed.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use seshat_press::{Job, Pressed, press};

/// A book of chapters, each a list of paragraphs without marks.
pub(crate) fn book(chapters: &[Vec<&str>]) -> Value {
    let sections = chapters.iter().enumerate().map(|(at, paragraphs)| {
        let paragraphs: Vec<Value> = paragraphs.iter().map(|text| paragraph(text)).collect();
        chapter(at + 1, &[json!({ "paragraphs": paragraphs })])
    });
    let mut sections: Vec<Value> = sections.collect();
    sections.insert(0, json!({
        "id": "front-1", "role": "title-page", "place": "front", "depth": 0, "heading": [], "running": "",
        "empty": true, "scenes": [],
    }));
    json!({
        "wire": seshat_press::WIRE, "layout": "print", "title": "The Ferry", "author": "Ada Lane", "subtitle": "", "publisher": "", "rights": "",
        "language": "en", "region": "GB", "rtl": false, "separator": "* * *", "contents": "none",
        "contents-title": "Contents", "recto": false, "initials": false, "pictures": [],
        "page": { "width": 420, "height": 595, "inside": 57, "outside": 48, "top": 62, "bottom": 68 },
        "face": "Libertinus Serif", "size": 10.5, "line": 14, "classic": false, "contact": ["Ada Lane"],
        "surname": "Lane", "keyword": "FERRY", "length": "about 100 words", "by": "by", "end": "END",
        "sections": sections,
    })
}

/// A paragraph without marks.
pub(crate) fn paragraph(text: &str) -> Value {
    json!({ "pieces": [{ "kind": "text", "text": text }] })
}

/// A chapter of scenes.
pub(crate) fn chapter(number: usize, scenes: &[Value]) -> Value {
    json!({
        "id": format!("chapter-{number}"), "role": "chapter", "place": "body", "depth": 0,
        "heading": [{ "kind": "text", "text": format!("Chapter {number}") }],
        "running": format!("Chapter {number}"), "empty": false, "scenes": scenes,
    })
}

/// A book that was set.
pub(crate) struct Book {
    pub(crate) pdf: Vec<u8>,
    pub(crate) pages: usize,
    pub(crate) missing: String,
}

/// Sets `job`.
pub(crate) fn set(job: &Value) -> Book {
    let Pressed { files, pages, missing } =
        press(Job::read(job.to_string().as_bytes()).unwrap()).unwrap();
    let [pdf] = <[_; 1]>::try_from(files).unwrap();
    Book { pdf, pages, missing }
}

/// What a tool of poppler says of `pdf`; nothing when it is not installed.
pub(crate) fn poppler(tool: &str, arguments: &[&str], pdf: &[u8]) -> Option<String> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), pdf).unwrap();
    tool_on(tool, arguments, file.path())
}

#[allow(clippy::disallowed_methods, reason = "a test may be told where it runs")]
fn everything_must_be_there() -> bool {
    std::env::var_os("CI").is_some()
}

fn tool_on(tool: &str, arguments: &[&str], path: &Path) -> Option<String> {
    let mut command = Command::new(tool);
    command.args(arguments).arg(path);
    if tool == "pdftotext" {
        command.arg("-");
    }
    let Ok(output) = command.output() else {
        assert!(!everything_must_be_there(), "{tool} is not installed");
        #[allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
        {
            println!("left out: {tool} is not installed");
        }
        return None;
    };
    assert!(output.status.success(), "{tool}: {}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

/// The text of one page.
pub(crate) fn page(pdf: &[u8], number: usize) -> Option<String> {
    let number = number.to_string();
    poppler("pdftotext", &["-f", &number, "-l", &number], pdf)
}

/// Fails unless every font is in the file.
pub(crate) fn assert_fonts_are_in(name: &str, pdf: &[u8]) {
    let Some(fonts) = poppler("pdffonts", &[], pdf) else { return };
    let lines: Vec<&str> = fonts.lines().skip(2).collect();
    assert!(!lines.is_empty(), "{name}: there are fonts");
    for line in lines {
        // emb, sub, uni, object number, generation: the last five columns.
        let columns: Vec<&str> = line.split_whitespace().rev().take(5).collect();
        assert_eq!(columns[4], "yes", "{name}: embedded: {line}");
        assert_eq!(columns[2], "yes", "{name}: has its characters: {line}");
    }
}
