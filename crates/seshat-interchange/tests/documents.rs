//! Documents of strangers: whatever is in the corpus is read or refused with one sentence, and hostile files end
//! in a child process with 256 MB and 20 seconds of the processor.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should say where")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seshat_interchange::import::{self, ImportError, ImportedNovel};
use seshat_manuscript::{Align, Block, Marks, Passage, Piece};

/// Tells the test's own child which file to read.
const CHILD: &str = "SESHAT_READS";

#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
fn told(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from)
}

fn corpus() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    let path = told("SESHAT_CORPUS").unwrap_or_else(beside);
    if path.is_dir() {
        return Some(path);
    }
    #[allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
    {
        println!("left out: no corpus at {}", path.display());
    }
    None
}

/// Every file under `folder`; a Scrivener project is one.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder) = waiting.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let project = path.extension().is_some_and(|ending| ending == "scriv");
            if path.is_dir() && !project { waiting.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    found
}

fn is_one_sentence(error: &ImportError) {
    let sentence = error.to_string();
    assert!(sentence.contains("othing was imported"), "{sentence}");
    assert!(sentence.ends_with(['.', '!']), "{sentence}");
    assert!(!sentence.contains(['\n', '{']), "{sentence}");
}

/// What became of the files of one folder.
#[derive(Debug, Default)]
struct Count {
    files: usize,
    imported: usize,
    refused: Vec<String>,
    words: usize,
}

fn words(novel: &ImportedNovel) -> usize {
    let chapters = novel.parts.iter().flat_map(|part| &part.chapters);
    chapters.flat_map(|chapter| &chapter.scenes).map(Passage::words).sum()
}

#[test]
#[allow(clippy::print_stdout, reason = "figures for the reader of the output")]
fn every_document_of_the_corpus_is_read_or_refused_with_its_sentence() {
    let Some(corpus) = corpus() else { return };
    let mut counts: BTreeMap<String, Count> = BTreeMap::new();
    let folders = fs::read_dir(corpus.join("documents")).unwrap();
    for folder in
        folders.map(|folder| folder.unwrap().path()).filter(|path| !path.ends_with("hostile"))
    {
        let count = counts.entry(name(&folder)).or_default();
        for path in files(&folder) {
            count.files += 1;
            match import::any(&path) {
                Ok(novel) => {
                    assert!(!novel.parts.is_empty(), "{}", path.display());
                    count.imported += 1;
                    count.words += words(&novel);
                }
                Err(error) => {
                    is_one_sentence(&error);
                    count.refused.push(name(&path));
                    println!("refused: {error}");
                }
            }
        }
    }
    println!("{:<20} {:>5} {:>8} {:>7} {:>7}", "folder", "files", "imported", "refused", "words");
    for (folder, Count { files, imported, refused, words }) in &counts {
        println!("{folder:<20} {files:>5} {imported:>8} {:>7} {words:>7}", refused.len());
    }
    let refused: BTreeMap<&str, Vec<&str>> = counts
        .iter()
        .filter(|(_, count)| !count.refused.is_empty())
        .map(|(folder, count)| {
            (folder.as_str(), count.refused.iter().map(String::as_str).collect())
        })
        .collect();
    let expected = [
        // No text, a password, an archive of no bytes, a text of a mainframe.
        ("docx", vec!["empty.docx"]),
        ("docx-protected", vec!["bug53475-password-is-pass.docx"]),
        ("epub", vec!["ocf-zip-unreadable-empty-fatal.epub"]),
        ("odt-protected", vec!["testODTEncrypted.odt"]),
        ("text-encodings", vec!["english.cp500.txt"]),
    ];
    assert_eq!(refused, expected.into_iter().collect());
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

/// The child: reads one file or folder and says how that went.
#[test]
fn child() {
    let Some(path) = told(CHILD) else { return };
    #[allow(clippy::print_stdout, reason = "the parent reads it")]
    match import::any(&path) {
        Ok(novel) => {
            let text = format!("{novel:?}");
            assert!(!text.contains("root:x:0:0"), "a file of this computer came in");
            println!("READ {} words", words(&novel));
        }
        Err(error) => {
            is_one_sentence(&error);
            println!("REFUSED {error}");
        }
    }
}

/// The hostile files, and those that only do harm under another name: a project's description, a book's.
fn hostile(corpus: &Path, place: &Path) -> Vec<PathBuf> {
    let mut paths = files(&corpus.join("documents/hostile"));
    let made = corpus.join("documents/hostile/made");
    for (from, to) in [
        ("billion-laughs.scrivx", "laughs.scriv/laughs.scrivx"),
        ("deep-5000.json", "book/book.json"),
        ("deep-groups.rtf", "groups.doc"),
        ("deep-tables-3000.docx", "tables.odt"),
        ("zip-slip.epub", "slip.docx"),
        ("bomb-100mb.docx", "bomb.epub"),
    ] {
        let to = place.join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(made.join(from), &to).unwrap();
        let inside = to.extension().is_some_and(|ending| ending == "scrivx" || ending == "json");
        paths.push(if inside { to.parent().unwrap().to_owned() } else { to });
    }
    paths
}

#[test]
#[allow(clippy::print_stdout, reason = "figures for the reader of the output")]
fn hostile_files_end_under_limits_of_memory_and_time() {
    let Some(corpus) = corpus() else { return };
    let place = tempfile::tempdir().unwrap();
    let program = std::env::current_exe().unwrap();
    let (mut read, mut refused) = (0, 0);
    for path in hostile(&corpus, place.path()) {
        let out = Command::new("sh")
            .args(["-c", "ulimit -v 262144; ulimit -t 20; exec \"$0\" \"$@\""])
            .arg(&program)
            .args(["--exact", "child", "--nocapture", "--test-threads", "1"])
            .env(CHILD, &path)
            .env("RUST_MIN_STACK", "2097152")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(out.status.success(), "{}: {:?} {said}", path.display(), out.status);
        let answer = said.find("READ ").or(said.find("REFUSED ")).and_then(|at| said.get(at..));
        let answer = answer.and_then(|answer| answer.lines().next());
        let answer = answer.unwrap_or_else(|| panic!("{}: {said}", path.display()));
        println!("{}: {answer}", name(&path));
        read += usize::from(answer.starts_with("READ "));
        refused += usize::from(answer.starts_with("REFUSED "));
    }
    println!("hostile: {read} read, {refused} refused");
    assert_eq!(read + refused, 21 + 6, "every file of the folder, and six under other names");
}

/// An import that cannot open a connection fetches nothing.
#[test]
fn no_source_of_this_crate_names_the_network() {
    let mut sources = files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"));
    sources.retain(|path| path.extension().is_some_and(|ending| ending == "rs"));
    assert!(sources.len() > 80, "{}", sources.len());
    for path in sources {
        let text = fs::read_to_string(&path).unwrap();
        for word in ["std::net", "TcpStream", "UdpSocket", "UnixStream", "reqwest"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

fn html(text: &str) -> ImportedNovel {
    let flow = import::read_bytes("a.html", text.as_bytes()).unwrap();
    seshat_interchange::shape::shape(&flow, &seshat_interchange::shape::Shaping::guess(&flow))
}

fn only_scene(novel: &ImportedNovel) -> &Passage {
    let [part] = novel.parts.as_slice() else { panic!("{novel:?}") };
    let [chapter] = part.chapters.as_slice() else { panic!("{novel:?}") };
    let [scene] = chapter.scenes.as_slice() else { panic!("{novel:?}") };
    scene
}

fn marks(paragraph: &seshat_manuscript::Paragraph) -> Vec<(&str, Marks)> {
    paragraph
        .pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Text { text, marks } => Some((text.as_str(), marks.clone())),
            _ => None,
        })
        .collect()
}

#[test]
fn what_a_page_of_google_docs_says_is_kept() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("documents/google-docs-html");
    for kind in ["copy", "export"] {
        let novel = import::file(&folder.join(format!("inline-formatting.{kind}.html"))).unwrap();
        let scene = only_scene(&novel);
        let bold = Marks { strong: true, ..Marks::default() };
        let both = Marks { strong: true, emphasis: true, ..Marks::default() };
        let slanted = Marks { emphasis: true, ..Marks::default() };
        let paragraphs: Vec<_> =
            scene.paragraphs.iter().filter(|paragraph| !paragraph.pieces.is_empty()).collect();
        assert_eq!(paragraphs.len(), 3, "{kind}");
        let found = marks(paragraphs[1]);
        let text = |wanted: &Marks| -> String {
            found.iter().filter(|(_, marks)| marks == wanted).map(|(text, _)| *text).collect()
        };
        assert_eq!(text(&bold).trim(), "is bold", "{kind}: {found:?}");
        assert_eq!(text(&both).trim(), "and italic", "{kind}: {found:?}");
        assert_eq!(text(&slanted).trim(), "or just italic", "{kind}: {found:?}");
        assert!(
            found.iter().any(|(text, marks)| text.contains("struck") && marks.strike),
            "{kind}"
        );
        assert!(
            found.iter().any(|(text, marks)| text.contains("linked")
                && marks.link.as_deref() == Some("https://github.com/")),
            "{kind}: {found:?}"
        );
        let last = marks(paragraphs[2]);
        assert!(
            last.iter().any(|(text, marks)| text.contains("is superscript") && marks.superscript)
        );
        assert!(novel.notes.iter().any(|note| note.contains("subscript")), "{:?}", novel.notes);

        let novel =
            import::file(&folder.join(format!("headings-and-paragraphs.{kind}.html"))).unwrap();
        let words: usize = novel
            .parts
            .iter()
            .flat_map(|part| &part.chapters)
            .flat_map(|chapter| &chapter.scenes)
            .map(Passage::words)
            .sum();
        assert!(words >= 20, "{kind}: {words}");
        assert!(
            novel
                .parts
                .iter()
                .flat_map(|part| &part.chapters)
                .any(|chapter| chapter.title == "Heading 1"),
            "{kind}"
        );
    }
}

#[test]
fn html_as_browsers_read_it() {
    let novel = html(
        "<!doctype html><html lang=de><title>Das\n Buch</title><meta name=author content='A. B.'>\
         <style>.k{font-variant:small-caps}.x{display:none}</style>\
         <p>Eins <b>zwei <i>drei</b> vier</i><br>fünf<p align=right>sechs<span class=x>nie</span>\
         <blockquote><p>Z1<p>Z2</blockquote><p><span class=k>Klein</span> <span lang=fr>mot</span> \
         <ruby>漢字<rp>(<rt>かんじ<rp>)</ruby><script>no()</script><hr><p>Ende &amp; <s>aus</s> &nbsp;",
    );
    assert_eq!(
        (novel.title.as_deref(), novel.author.as_deref(), novel.language.as_deref()),
        (Some("Das Buch"), Some("A. B."), Some("de"))
    );
    let scenes = &novel.parts[0].chapters[0].scenes;
    assert_eq!(scenes.len(), 2);
    assert_eq!(scenes[0].plain(), "Eins zwei drei vier\nfünf\nsechs\nZ1\nZ2\nKlein mot 漢字");
    assert_eq!(scenes[1].plain().trim_end(), "Ende & aus");
    let first = marks(&scenes[0].paragraphs[0]);
    let slanted: String =
        first.iter().filter(|(_, marks)| marks.emphasis).map(|(text, _)| *text).collect();
    assert_eq!(slanted, "drei vier", "{first:?}");
    assert_eq!(scenes[0].paragraphs[1].align, Some(Align::Right));
    assert_eq!(scenes[0].paragraphs[2].block, Block::Quote);
    let last = marks(&scenes[0].paragraphs[4]);
    assert!(last.iter().any(|(text, marks)| *text == "Klein" && marks.smallcaps), "{last:?}");
    assert!(
        last.iter().any(|(text, marks)| *text == "mot" && marks.language.as_deref() == Some("fr"))
    );
    assert!(
        last.iter().any(|(text, marks)| *text == "漢字" && marks.ruby.as_deref() == Some("かんじ"))
    );
}

#[test]
fn notes_and_comments_of_a_page_come_to_their_places() {
    let novel = html(
        "<p>A word<sup><a href='#ftnt1' id='ftnt_ref1'>[1]</a></sup> and\
         <sup><a href='#cmnt1' id='cmnt_ref1'>[a]</a></sup> more<a href='#x'>gone</a>.</p>\
         <div><p><a href='#ftnt_ref1' id='ftnt1'>[1]</a><span> The note.</span></p></div>\
         <div><p><a href='#cmnt_ref1' id='cmnt1'>[a]</a><span>Really?</span></p></div>",
    );
    let scene = only_scene(&novel);
    assert_eq!(scene.plain(), "A word and moregone.");
    let note = scene.paragraphs[0].pieces.iter().find_map(|piece| match piece {
        Piece::Footnote { body } => Some(body[0].plain()),
        _ => None,
    });
    assert_eq!(note.as_deref().map(str::trim), Some("The note."));
    assert_eq!(novel.comments.len(), 1);
    assert_eq!((novel.comments[0].text.as_str(), novel.comments[0].range.start), ("Really?", 12));
}

#[test]
fn lists_and_tables_keep_their_text() {
    let novel = html(
        "<ul><li>one<ul><li>two</ul><li>three</ul><ol start=3><li>c<li>d</ol>\
         <table><tr><td>a<td>b<p>b2</td><tr><td colspan=2>c<td>d</table>",
    );
    let plain = only_scene(&novel).plain();
    assert_eq!(plain, "• one\n• two\n• three\n3. c\n4. d\na\tb\nb2\nc\t\td", "{plain:?}");
    assert_eq!(novel.notes.len(), 2, "{:?}", novel.notes);
}

#[test]
fn a_real_book_becomes_chapters_with_titles() {
    let Some(corpus) = corpus() else { return };
    let novel =
        import::file(&corpus.join("documents/epub/real/hound-of-the-baskervilles.epub")).unwrap();
    assert_eq!(novel.title.as_deref(), Some("The Hound of the Baskervilles"));
    assert_eq!(novel.author.as_deref(), Some("Arthur Conan Doyle"));
    let titles: Vec<&str> = novel
        .parts
        .iter()
        .flat_map(|part| &part.chapters)
        .map(|chapter| chapter.title.as_str())
        .collect();
    assert!(titles.contains(&"I: Mr.\u{a0}Sherlock Holmes"), "{titles:?}");
    let words: usize = novel
        .parts
        .iter()
        .flat_map(|part| &part.chapters)
        .flat_map(|chapter| &chapter.scenes)
        .map(Passage::words)
        .sum();
    assert!((59_000..61_000).contains(&words), "{words}");
}

/// A small book in every way that is read here, to be damaged.
fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let page = "<html lang='fr'><style>.a{font-style:italic}</style><body><h1>Un</h1><p class=a>mot<a href='#n' \
                role='doc-noteref'>1</a><ul><li>x</ul><table><tr><td>c</table><aside id=n role='doc-footnote'>note\
                </aside><ruby>字<rt>r</ruby>";
    let plain = "Chapter 1\r\n\r\nWords, and more.\r\n\r\n* * *\r\n\r\nEnd.\r\n";
    let utf16 = format!("\u{feff}{plain}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in [
        ("mimetype", "application/epub+zip"),
        (
            "META-INF/container.xml",
            "<container xmlns='urn:oasis:names:tc:opendocument:xmlns:container'><rootfiles>\
             <rootfile full-path='b.opf'/></rootfiles></container>",
        ),
        (
            "b.opf",
            "<package xmlns='http://www.idpf.org/2007/opf'><metadata xmlns:dc='http://purl.org/dc/elements/1.1/'>\
             <dc:title>T</dc:title></metadata><manifest><item id='a' href='a.xhtml'/></manifest><spine>\
             <itemref idref='a'/></spine></package>",
        ),
        ("a.xhtml", page),
    ] {
        // Stored, so that damage reaches what is in it.
        let stored = zip::CompressionMethod::Stored;
        let options = zip::write::SimpleFileOptions::default().compression_method(stored);
        zip.start_file(name, options).unwrap();
        std::io::Write::write_all(&mut zip, text.as_bytes()).unwrap();
    }
    let epub = zip.finish().unwrap().into_inner();
    vec![("a.html", page.into()), ("a.txt", plain.into()), ("b.txt", utf16), ("a.epub", epub)]
}

#[test]
fn the_seeds_are_read() {
    for (name, bytes) in seeds() {
        let novel = import::read_bytes(name, &bytes).unwrap();
        assert!(!novel.blocks.is_empty(), "{name}");
    }
}

proptest::proptest! {
    #[test]
    fn damaged_documents_are_read_or_refused_and_never_a_panic(
        which in 0_usize..4,
        edits in proptest::collection::vec((proptest::prelude::any::<u16>(), proptest::prelude::any::<u8>()), 0..12),
        cut in proptest::option::of(proptest::prelude::any::<u16>()),
    ) {
        let (name, mut bytes) = seeds().swap_remove(which);
        for (at, value) in edits {
            let length = bytes.len();
            bytes[usize::from(at) % length] = value;
        }
        if let Some(cut) = cut {
            bytes.truncate(usize::from(cut) % bytes.len());
        }
        if let Ok(flow) = import::read_bytes(name, &bytes) {
            let shaping = seshat_interchange::shape::Shaping::guess(&flow);
            let novel = seshat_interchange::shape::shape(&flow, &shaping);
            proptest::prop_assert!(!novel.parts.is_empty());
        }
    }

    #[test]
    fn tags_in_any_order_are_read(parts in proptest::collection::vec(proptest::sample::select(vec![
        "<p>", "</p>", "<b>", "</b>", "<i>", "</i>", "<ul>", "<li>", "</ul>", "<table>", "<tr>", "<td>", "</td>",
        "</table>", "<ruby>", "<rt>", "</rt>", "</ruby>", "<h1>", "</h1>", "<hgroup>", "</hgroup>", "<hr>", "<br>",
        "<blockquote>", "</blockquote>", "<div>", "</div>", "<pre>", "</pre>", "<a href='#ftnt1' id='ftnt_ref1'>",
        "<a id='ftnt1' href='#ftnt_ref1'>", "</a>", "<aside id=n role=doc-footnote>", "</aside>", "word", " ", "\n",
        "<a role=doc-noteref href='#n'>", "<title>", "</title>", "<svg>", "</svg>", "<style>", "</style>",
    ]), 0..60)) {
        let text = parts.concat();
        if let Ok(flow) = import::read_bytes("a.html", text.as_bytes()) {
            let novel = seshat_interchange::shape::shape(&flow, &seshat_interchange::shape::Shaping::default());
            proptest::prop_assert!(!novel.parts.is_empty());
        }
    }
}
