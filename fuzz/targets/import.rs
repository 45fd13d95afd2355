//! Every reader of documents of strangers, and the shaping of what they read. The first byte of an input is the letter
//! of its format (see [`read`]); the rest is the document, or its parts with [`NEXT`] between them, which are packed here,
//! because an archive with changed bytes is mostly no archive.
//!
//! One target for all, so that the bounded run costs the time of one; `SESHAT_FUZZ_FORMAT=d` keeps a longer run with one
//! format.

#![no_main]

use std::fs;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::{Corpus, fuzz_target};
use seshat_fuzz::edited;
use seshat_interchange::flow::Flow;
use seshat_interchange::import::{self, ImportedNovel};
use seshat_interchange::markdown::{parse_chapter, parse_chapters, write_chapter};
use seshat_interchange::shape::{Blanks, Items, Lines, Meaning, Shaping, shape, signs_of};
use seshat_manuscript::{Passage, Piece};

/// Between the parts of a document of several files.
const NEXT: u8 = 0x1e;

/// In the place of the namespaces of a root, which would be most of an input.
const SPACES: u8 = 0x1d;

const WORD: &[u8] = b" xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' \
    xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships' \
    xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' \
    xmlns:wp='http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing' \
    xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math' xmlns:v='urn:schemas-microsoft-com:vml' \
    xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006' ";

const OPEN: &[u8] = b" xmlns:office='urn:oasis:names:tc:opendocument:xmlns:office:1.0' \
    xmlns:style='urn:oasis:names:tc:opendocument:xmlns:style:1.0' \
    xmlns:text='urn:oasis:names:tc:opendocument:xmlns:text:1.0' \
    xmlns:table='urn:oasis:names:tc:opendocument:xmlns:table:1.0' \
    xmlns:draw='urn:oasis:names:tc:opendocument:xmlns:drawing:1.0' \
    xmlns:fo='urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0' \
    xmlns:svg='urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0' \
    xmlns:xlink='http://www.w3.org/1999/xlink' xmlns:dc='http://purl.org/dc/elements/1.1/' ";

/// The beginning of a picture of one point.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0";

/// The parts of a DOCX in the order in which an input has them.
const DOCX: &[&str] = &[
    "word/document.xml",
    "word/styles.xml",
    "word/numbering.xml",
    "word/footnotes.xml",
    "word/comments.xml",
    "word/_rels/document.xml.rels",
    "docProps/core.xml",
];

const ODT: &[&str] = &["content.xml", "styles.xml", "meta.xml"];

const EPUB: &[&str] = &["b.opf", "a.xhtml", "b.xhtml", "style.css"];

/// The files of the project's item that its binder calls 1.
const SCRIVENER: &[&str] = &[
    "p.scrivx",
    "Files/Data/1/content.rtf",
    "Files/Data/1/content.comments",
    "Files/Data/1/notes.rtf",
    "Files/Data/1/synopsis.txt",
    "Files/styles.xml",
];

const DOCX_FIXED: &[(&str, &[u8])] = &[
    (
        "_rels/.rels",
        b"<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='a' \
          Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument' \
          Target='word/document.xml'/><Relationship Id='b' Type='http://schemas.openxmlformats.org/package/2006/\
          relationships/metadata/core-properties' Target='docProps/core.xml'/></Relationships>",
    ),
    ("word/media/a.png", PNG),
];

const ODT_FIXED: &[(&str, &[u8])] =
    &[("mimetype", b"application/vnd.oasis.opendocument.text"), ("Pictures/a.png", PNG)];

const EPUB_FIXED: &[(&str, &[u8])] = &[
    ("mimetype", b"application/epub+zip"),
    (
        "META-INF/container.xml",
        b"<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>\
          <rootfile full-path='b.opf'/></rootfiles></container>",
    ),
    ("a.png", PNG),
];

/// An archive of what is always in it and of the parts of an input.
fn packed(fixed: &[(&str, &[u8])], names: &[&str], spaces: &[u8], parts: &[u8]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::CompressionMethod::Stored;
    let options = zip::write::SimpleFileOptions::default().compression_method(stored);
    for (name, bytes) in fixed {
        zip.start_file(*name, options).expect("names are unlike each other");
        zip.write_all(bytes).expect("memory takes it");
    }
    for (name, part) in names.iter().zip(parts.split(|byte| *byte == NEXT)) {
        zip.start_file(*name, options).expect("names are unlike each other");
        let pieces: Vec<&[u8]> = part.split(|byte| *byte == SPACES).collect();
        zip.write_all(&pieces.join(spaces)).expect("memory takes it");
    }
    zip.finish().expect("memory takes it").into_inner()
}

fn docx(parts: &[u8]) -> Vec<u8> {
    packed(DOCX_FIXED, DOCX, WORD, parts)
}

fn odt(parts: &[u8]) -> Vec<u8> {
    packed(ODT_FIXED, ODT, OPEN, parts)
}

fn epub(parts: &[u8]) -> Vec<u8> {
    packed(EPUB_FIXED, EPUB, b"", parts)
}

/// A project's folder, in memory where the system has that.
struct Project {
    folder: PathBuf,
    _place: tempfile::TempDir,
}

static PROJECT: LazyLock<Project> = LazyLock::new(|| {
    let memory = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir());
    let place = memory.expect("there is a place for files");
    let folder = place.path().join("p.scriv");
    fs::create_dir_all(folder.join("Files/Data/1")).expect("it is empty");
    Project { folder, _place: place }
});

fn scrivener(parts: &[u8]) -> Option<Flow> {
    let mut parts = parts.split(|byte| *byte == NEXT);
    for name in SCRIVENER {
        let path = PROJECT.folder.join(name);
        match parts.next() {
            Some(part) => fs::write(path, part).expect("the place has room"),
            None => drop(fs::remove_file(path)),
        }
    }
    import::read(&PROJECT.folder).ok()
}

/// Archives with a few bytes changed.
fn damaged(script: &[u8]) -> Option<Flow> {
    let (&which, script) = script.split_first()?;
    let (name, whole) = match which % 3 {
        0 => ("a.docx", docx(seed(include_bytes!("../corpus/import/docx")))),
        1 => ("a.odt", odt(seed(include_bytes!("../corpus/import/odt")))),
        _ => ("a.epub", epub(seed(include_bytes!("../corpus/import/epub")))),
    };
    import::read_bytes(name, &edited(&whole, script)).ok()
}

fn seed(input: &'static [u8]) -> &'static [u8] {
    input.get(1..).unwrap_or_default()
}

/// Reads an input; the outer [`None`] is one without a format.
fn read(data: &[u8]) -> Option<Option<Flow>> {
    let (&format, rest) = data.split_first()?;
    let bytes = |name: &str, bytes: &[u8]| import::read_bytes(name, bytes).ok();
    Some(match format {
        b'd' => bytes("a.docx", &docx(rest)),
        b'o' => bytes("a.odt", &odt(rest)),
        b'e' => bytes("a.epub", &epub(rest)),
        b'r' => bytes("a.rtf", &[b"{\\rtf1", rest].concat()),
        b'h' => bytes("a.html", rest),
        b'm' => {
            markdown(rest);
            bytes("a.md", rest)
        }
        b't' => bytes("a.txt", rest),
        b's' => scrivener(rest),
        b'y' => bytes("a.yw7", rest),
        b'z' => damaged(rest),
        _ => return None,
    })
}

/// Chapters as an author's editor and an export make them of each other.
fn markdown(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for chapter in parse_chapters(&text) {
        drop(parse_chapter(&write_chapter(&chapter)));
    }
}

/// The shaping that `script` asks for.
fn shaping(script: u64) -> Shaping {
    let level = |at: u32| match (script >> at) & 7 {
        0 => None,
        level => Some(u8::try_from(level).expect("it is below 8")),
    };
    let is = |at: u32| (script >> at) & 1 == 1;
    let meaning = |at: u32| match (script >> at) & 3 {
        0 | 1 => Meaning::Nothing,
        2 => Meaning::Scene,
        _ => Meaning::Chapter,
    };
    Shaping {
        title_level: level(0),
        part_level: level(3),
        chapter_level: level(6),
        scene_level: level(9),
        lines: [Lines::None, Lines::Chapters, Lines::ChaptersAndParts]
            [usize::from(is(12)) + usize::from(is(13))],
        numbers: is(14),
        ornaments: is(15),
        rules: is(16),
        pages: meaning(17),
        sections: meaning(19),
        files: meaning(21),
        blanks: [Blanks::Space, Blanks::Kept, Blanks::Scene(1)]
            [usize::from(is(23)) + usize::from(is(24))],
        items: if is(25) { Items::ByFolders } else { Items::TextsAreChapters },
    }
}

/// What is true of every novel that an import hands over.
fn judge(novel: &ImportedNovel) {
    assert!(!novel.parts.is_empty(), "there is a part");
    let scene = |at: import::At| -> Option<&Passage> {
        novel.parts.get(at.part)?.chapters.get(at.chapter?)?.scenes.get(at.scene?)
    };
    for part in &novel.parts {
        assert!(!part.title.contains('\n'), "a title is a line");
        for chapter in &part.chapters {
            assert!(!chapter.title.contains('\n'), "a title is a line");
            assert!(!chapter.scenes.is_empty(), "a chapter has a scene");
            chapter.scenes.iter().for_each(|scene| images(novel, scene));
        }
    }
    for comment in &novel.comments {
        let length = scene(comment.at).map(|scene| scene.flat().chars().count());
        let end = length.expect("a comment stands in a scene");
        let range = &comment.range;
        assert!(range.start <= range.end && range.end <= end, "a comment stands in its scene");
    }
    for detail in &novel.details {
        let part = novel.parts.get(detail.at.part).expect("a detail is of a part");
        let chapter =
            detail.at.chapter.map(|chapter| part.chapters.get(chapter).expect("of a chapter"));
        if let (Some(chapter), Some(at)) = (chapter, detail.at.scene) {
            assert!(chapter.scenes.get(at).is_some(), "of a scene");
        }
    }
}

fn images(novel: &ImportedNovel, scene: &Passage) {
    for piece in scene.paragraphs.iter().flat_map(|paragraph| &paragraph.pieces) {
        if let Piece::Image { hash, width, .. } = piece {
            assert!(novel.images.iter().any(|image| image.hash == *hash), "an image has its file");
            assert!(width.is_none_or(|width| (1..=100).contains(&width)), "a width is a share");
        }
    }
}

/// The format that a longer run keeps to.
static ONLY: LazyLock<Option<u8>> = LazyLock::new(|| {
    std::env::var("SESHAT_FUZZ_FORMAT").ok().and_then(|format| format.bytes().next())
});

fuzz_target!(|data: &[u8]| -> Corpus {
    if ONLY.is_some_and(|only| data.first() != Some(&only)) {
        return Corpus::Reject;
    }
    let Some(flow) = read(data) else { return Corpus::Reject };
    if let Some(flow) = flow {
        let script = data.iter().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
            (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
        });
        drop(signs_of(&flow));
        for shaping in [Shaping::guess(&flow), Shaping::markdown(), shaping(script)] {
            judge(&shape(&flow, &shaping));
        }
    }
    Corpus::Keep
});
