//! Whose copy a file is.

use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::Path;

use zip::ZipArchive;

use super::pdf_text;
use super::watermark::{Mark, marks_in};

/// What is read of a file at most: far more than a novel, far less than a computer's memory.
const MOST: u64 = 64 * 1024 * 1024;

/// Files of an archive at most.
const MOST_FILES: usize = 10_000;

/// The marks in a file, with how often each was read; the most frequent first. Archives (EPUB, DOCX, ODT) are looked
/// into, whatever their name, and so are PDFs; anything else is read as text.
///
/// # Errors
/// When the file cannot be read. With [`ErrorKind::InvalidData`] when it is a PDF in which no text could be read: one that
/// is locked or damaged, or pictures of pages.
pub fn identify(path: &Path) -> std::io::Result<Vec<(Mark, usize)>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST).read_to_end(&mut bytes)?;
    if !is_pdf(&bytes) {
        return Ok(marks_in(&text_of(bytes)));
    }
    pdf_text::text_of(&bytes)
        .map(|text| marks_in(&text))
        .ok_or_else(|| ErrorKind::InvalidData.into())
}

/// Its sign stands in the first kibibyte of a PDF.
fn is_pdf(bytes: &[u8]) -> bool {
    bytes.get(..bytes.len().min(1024)).is_some_and(|head| head.windows(5).any(|it| it == b"%PDF-"))
}

fn text_of(bytes: Vec<u8>) -> String {
    if !bytes.starts_with(b"PK") {
        return without_tags(&decoded(&bytes));
    }
    let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else { return String::new() };
    let names = archive.file_names().take(MOST_FILES);
    let mut names: Vec<String> = names.filter_map(|name| Some(name.ok()?.into_owned())).collect();
    names.sort_unstable();
    let mut text = String::new();
    let mut left = MOST;
    for name in names.iter().filter(|name| holds_text(name)) {
        let Ok(file) = archive.by_name(name) else { continue };
        let mut bytes = Vec::new();
        // What was read before an error still counts: a damaged file may name its recipient.
        let _read = file.take(left).read_to_end(&mut bytes);
        left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(left));
        text.push_str(&without_tags(&decoded(&bytes)));
        text.push('\n');
    }
    text
}

fn holds_text(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".xhtml", ".html", ".htm", ".xml", ".txt", ".md"].iter().any(|ending| name.ends_with(ending))
}

/// UTF-16 with its mark, else UTF-8.
fn decoded(bytes: &[u8]) -> String {
    let units = |from: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| from([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => units(u16::from_le_bytes),
        [0xfe, 0xff, ..] => units(u16::from_be_bytes),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

/// The text between tags: a tag that ends a paragraph is a line end, others are nothing, and references to
/// characters are those characters.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (words, tag) = rest.split_at(at);
        out.push_str(words);
        let Some(end) = tag.find('>') else {
            out.push_str(tag);
            return out;
        };
        let name = tag.get(1..end).unwrap_or_default();
        if is_end(name) {
            out.push('\n');
        }
        rest = tag.get(end + 1..).unwrap_or_default();
    }
    out.push_str(rest);
    for (reference, sign) in [
        ("&#8203;", "\u{200b}"),
        ("&#8204;", "\u{200c}"),
        ("&#8205;", "\u{200d}"),
        ("&#8288;", "\u{2060}"),
        ("&zwnj;", "\u{200c}"),
        ("&zwj;", "\u{200d}"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&gt;", ">"),
    ] {
        if out.contains(reference) {
            out = out.replace(reference, sign);
        }
    }
    out
}

fn is_end(tag: &str) -> bool {
    let name = tag.split([' ', '\n']).next().unwrap_or_default();
    let name = name.trim_end_matches('/');
    let block = name.strip_prefix('/').is_some_and(|name| {
        matches!(name, "p" | "w:p" | "text:p" | "text:h" | "div" | "li" | "blockquote")
            || (name.len() == 2 && name.starts_with('h'))
    });
    block || matches!(name, "br" | "w:br" | "text:line-break" | "hr")
}
