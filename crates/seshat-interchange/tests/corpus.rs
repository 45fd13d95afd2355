//! Ten novels and hostile files, where the corpus is at hand: `$SESHAT_CORPUS`, else `../shared/corpus` beside
//! the repository. Without it these tests say that they were left out.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::fs;
use std::path::{Path, PathBuf};

use std::time::{Duration, Instant};

use seshat_interchange::markdown::{parse_chapter, write_chapter};
use seshat_interchange::{ExportNovel, export, import};

#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("SESHAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    if path.is_dir() {
        return Some(path);
    }
    #[allow(clippy::print_stdout, reason = "the reader of the test's output should know")]
    {
        println!("left out: no corpus at {}", path.display());
    }
    None
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_chapter_of_ten_novels_comes_back_byte_for_byte() {
    let Some(corpus) = corpus() else { return };
    let (mut same, mut different) = (0, Vec::new());
    for novel in sorted(&corpus.join("novels")) {
        for path in sorted(&novel) {
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let written = write_chapter(&parse_chapter(&text));
            if written == text {
                same += 1;
            } else {
                let line = text
                    .split('\n')
                    .zip(written.split('\n'))
                    .find(|(a, b)| a != b)
                    .map(|(a, b)| format!("\n  {:.160?}\n  {:.160?}", a, b));
                different.push(format!("{}{}", path.display(), line.unwrap_or_default()));
            }
        }
    }
    assert!(different.is_empty(), "{same} same, {} not: {}", different.len(), different.join("\n"));
    assert_eq!(same, 384, "the corpus has 384 chapters");
}

/// Runs of letters and digits, which is what may never be lost.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    words.sort_unstable();
    words
}

/// The words of `text` that `written` has not, or has less often.
fn lost(text: &str, written: &str) -> Vec<String> {
    let mut left = words(written).into_iter().peekable();
    let mut lost = Vec::new();
    for word in words(text) {
        while left.next_if(|other| *other < word).is_some() {}
        if left.next_if(|other| *other == word).is_none() {
            lost.push(word);
        }
    }
    lost
}

#[test]
fn ten_novels_go_through_a_folder_and_back_unchanged() {
    let Some(corpus) = corpus() else { return };
    let place = tempfile::tempdir().unwrap();
    for novel in sorted(&corpus.join("novels")) {
        let name = novel.file_name().unwrap();
        let imported = import::folder(&novel).unwrap();
        assert_eq!(imported.notes, Vec::<String>::new(), "{name:?}: nothing is left out or split");
        let exported = ExportNovel::from(imported.clone());
        let target = place.path().join(name);
        export::markdown_folder(&exported, &target).unwrap();
        assert_eq!(import::folder(&target).unwrap(), imported, "{name:?}: a re-import is exact");
        for path in sorted(&novel) {
            let copy = target.join(path.file_name().unwrap());
            if path.extension().is_some_and(|ending| ending == "md") {
                assert!(fs::read(&path).unwrap() == fs::read(&copy).unwrap(), "{}", path.display());
            }
        }
        let text = place.path().join("novel.txt");
        export::text_file(&exported, &text).unwrap();
        let written = fs::read_to_string(&text).unwrap();
        let chapters = sorted(&target).into_iter().filter(|path| path.extension().unwrap() == "md");
        let source: String = chapters.map(|path| fs::read_to_string(path).unwrap()).collect();
        let signs = ["*", "\\", "[", "]{.smallcaps}", "<ruby>", "</ruby>", "<rt>", "</rt>"];
        let source = signs.iter().fold(source, |source, sign| source.replace(sign, ""));
        let written = written.replace(['（', '）'], "");
        assert_eq!(
            lost(&source, &written),
            Vec::<String>::new(),
            "{name:?}: words in the text file"
        );
        fs::remove_file(&text).unwrap();
    }
}

#[test]
fn hostile_markdown_keeps_its_words_is_stable_and_quick() {
    let Some(corpus) = corpus() else { return };
    let made = corpus.join("documents/hostile/made");
    let mut paths: Vec<_> =
        ["deep-quotes.md", "deep-emphasis.md", "odd.md"].map(|n| made.join(n)).into();
    paths.push(corpus.join("documents/markdown/spec.txt"));
    for path in paths {
        let begin = Instant::now();
        let text = fs::read_to_string(&path).unwrap();
        let once = write_chapter(&parse_chapter(&text));
        let twice = write_chapter(&parse_chapter(&once));
        assert!(
            begin.elapsed() < Duration::from_secs(20),
            "{}: {:?}",
            path.display(),
            begin.elapsed()
        );
        let difference = once.lines().zip(twice.lines()).find(|(a, b)| a != b);
        assert!(once == twice, "{}: {difference:?}", path.display());
        assert_eq!(
            lost(&without_references(&text), &without_references(&once)),
            Vec::<String>::new(),
            "{}",
            path.display()
        );
    }
}

/// Without `&nbsp;`, `&#32;` and `<br>`: signs, not words.
fn without_references(text: &str) -> String {
    let mut out = text.replace("<br", " ");
    for name in [
        "nbsp", "amp", "quot", "lt", "gt", "ensp", "emsp", "shy", "hellip", "mdash", "ndash",
        "copy", "ouml",
    ] {
        out = out.replace(&format!("&{name};"), " ");
    }
    let mut parts = out.split("&#");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        plain.push(' ');
        plain.push_str(
            part.split_once(';')
                .filter(|(number, _)| number.len() < 9)
                .map_or(part, |(_, rest)| rest),
        );
    }
    plain
}

#[test]
fn text_in_every_encoding_is_read_without_a_lost_word_and_what_is_none_is_refused() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("documents/text-encodings");
    let paths = sorted(&folder).into_iter().chain(sorted(&folder.join("made")));
    let (mut read, mut refused) = (0, Vec::new());
    for path in paths.filter(|path| path.extension().is_some_and(|ending| ending == "txt")) {
        let bytes = fs::read(&path).unwrap();
        match (import::file(&path), String::from_utf8(bytes)) {
            (Ok(novel), Ok(text)) => {
                let target = tempfile::tempdir().unwrap();
                let target = target.path().join("novel.txt");
                export::text_file(&ExportNovel::from(novel), &target).unwrap();
                let written = fs::read_to_string(&target).unwrap();
                assert_eq!(lost(&text, &written), Vec::<String>::new(), "{}", path.display());
                read += 1;
            }
            (Ok(_), Err(_)) => read += 1,
            (Err(error), _) => refused.push(error.to_string()),
        }
    }
    // The text of a mainframe.
    assert_eq!((read, refused.len()), (12, 1), "{refused:?}");
    assert!(
        refused[0].contains("it is not plain text in an encoding that is known"),
        "{refused:?}"
    );
}
