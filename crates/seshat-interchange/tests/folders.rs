//! Folders and files as people have them: with and without `book.json`, damaged, too large, in the way.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use seshat_interchange::markdown::{parse_chapter, write_chapter};
use seshat_interchange::{ExportError, ExportNovel, ImportError, export, import, sample};
use seshat_manuscript::Piece;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

fn titles(novel: &import::ImportedNovel) -> Vec<(&str, Vec<&str>)> {
    novel
        .parts
        .iter()
        .map(|part| {
            (
                part.title.as_str(),
                part.chapters.iter().map(|chapter| chapter.title.as_str()).collect(),
            )
        })
        .collect()
}

#[test]
fn files_without_a_description_are_chapters_in_natural_order_and_folders_are_parts() {
    let place = folder(&[
        ("10.md", "# Ten\n\nText."),
        ("2 Storm.txt", "No heading."),
        ("1.markdown", "# One\n\nA.\n\n# One and a half\n\nB."),
        ("cover.png", "x"),
        (".hidden.md", "x"),
        ("Part B/1.md", "# In B\n\nText."),
    ]);
    let novel = import::folder(place.path()).unwrap();
    assert_eq!(
        titles(&novel),
        [("", vec!["One", "One and a half", "2 Storm", "Ten"]), ("Part B", vec!["In B"])]
    );
    assert_eq!(novel.notes.len(), 1, "the picture is mentioned: {:?}", novel.notes);
    let name = place.path().file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(novel.title, Some(name), "the folder's name is the title");
}

/// A PNG of one point.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0";

#[test]
fn pictures_in_the_folder_are_read_and_those_outside_of_it_are_not() {
    let text = "A ![moon](images/m%20n.png){width=50%} b ![](<images/m n.png>)![x](images/no.txt)\n\n\
                ![gone](images/gone.png) ![out](../out.png) ![web](https://example.org/a.png) `![c](images/m n.png)`\n\n\
                Note.[^1] ![vault](image:00ff) end.\n\n[^1]: ![in a note](<images/m n.png> \"Title\")\n";
    let place = folder(&[("novel/1.md", text), ("novel/images/no.txt", "x"), ("novel/a.png", "x")]);
    fs::write(place.path().join("novel/images/m n.png"), PNG).unwrap();
    fs::write(place.path().join("out.png"), PNG).unwrap();
    fs::write(place.path().join("novel/a.png"), PNG).unwrap();
    fs::create_dir(place.path().join("novel/empty")).unwrap();
    let novel = import::folder(&place.path().join("novel")).unwrap();
    let [image] = novel.images.as_slice() else { panic!("{:?}", novel.images) };
    assert_eq!((image.media_type.as_str(), image.name.as_str()), ("image/png", "m n.png"));
    let scene = &novel.parts[0].chapters[0].scenes[0];
    let image =
        |alt: &str, width| Piece::Image { hash: image.hash.clone(), alt: alt.into(), width };
    let [first, second, third] = scene.paragraphs.as_slice() else { panic!("{scene:?}") };
    assert_eq!(
        first.pieces,
        [
            Piece::plain("A "),
            image("moon", Some(50)),
            Piece::plain(" b "),
            image("", None),
            Piece::plain("x")
        ]
    );
    let said = second.plain();
    assert_eq!(
        said,
        "![gone](images/gone.png) ![out](../out.png) ![web](https://example.org/a.png) `![c](images/m n.png)`"
    );
    let [_, Piece::Footnote { body }, Piece::Text { text, .. }] = third.pieces.as_slice() else {
        panic!("{third:?}");
    };
    assert_eq!(body[0].pieces, [image("in a note", None)]);
    assert_eq!(text, " vault end.", "a picture of a vault that is not here is what it shows");
    let expected = [
        "“a.png” was left out: it is neither Markdown nor plain text.",
        "The folder “empty” was left out: it holds no chapters.",
        "1 image outside of the file was not fetched, because an import never uses the network.",
        "1 image of a kind or size that is not kept was left out.",
    ];
    assert_eq!(novel.notes, expected);
    let alone = import::file(&place.path().join("novel/1.md")).unwrap();
    assert_eq!(alone.images, [], "a file alone reads no other");
    assert_eq!(alone.notes.len(), 1, "{:?}", alone.notes);
}

#[test]
fn nested_parts_of_a_description_are_flattened_with_joined_titles() {
    let book = r#"{"title":"T","language":"en","parts":[{"title":"I","chapters":[{"file":"b.md"}],
        "parts":[{"title":"1","chapters":[{"file":"a.md","title":"From the book"}]}]}]}"#;
    let place = folder(&[("book.json", book), ("a.md", "Text."), ("b.md", "# B"), ("c.md", "x")]);
    let novel = import::folder(place.path()).unwrap();
    assert_eq!(titles(&novel), [("I", vec!["B"]), ("I / 1", vec!["From the book"])]);
    assert_eq!(novel.notes.len(), 1, "c.md is mentioned: {:?}", novel.notes);
}

#[test]
fn whatever_cannot_be_imported_is_one_clear_sentence() {
    let place = folder(&[
        ("empty/.keep", ""),
        ("pictures/a.png", "x"),
        ("blank.md", " \n"),
        ("a.xyz", "x"),
        ("zip.txt", "PK\u{3}\u{4}"),
        ("cut.epub", "PK\u{3}\u{4}"),
    ]);
    let at = |name: &str| place.path().join(name);
    fs::File::create(at("large.txt")).unwrap().set_len(50_000_000).unwrap();
    fs::create_dir(at("bad")).unwrap();
    fs::write(at("bad/book.json"), "{").unwrap();
    let said = |result: Result<import::ImportedNovel, ImportError>| result.unwrap_err().to_string();
    let place = place.path().display();
    for (sentence, part) in [
        (said(import::file(&at("nowhere.md"))), "There is nothing at"),
        (said(import::folder(&at("nowhere"))), "There is nothing at"),
        (said(import::folder(&at("blank.md"))), "is not a folder"),
        (said(import::file(&at("empty"))), "is not a text file"),
        (said(import::folder(&at("empty"))), "is empty"),
        (said(import::folder(&at("pictures"))), "No text was found"),
        (said(import::file(&at("blank.md"))), "No text was found"),
        (said(import::file(&at("a.xyz"))), "of a kind that is not read"),
        (said(import::file(&at("zip.txt"))), "it is not plain text"),
        (said(import::file(&at("cut.epub"))), "it is damaged or not complete"),
        (said(import::file(&at("large.txt"))), "has 50 MB"),
        (said(import::folder(&at("bad"))), "not a description of a book"),
    ] {
        assert!(sentence.contains(part), "{sentence}");
        assert!(
            sentence.contains("othing was imported") || sentence.contains("nothing was imported"),
            "{sentence}"
        );
        assert!(sentence.contains(&place.to_string()), "it names the file: {sentence}");
    }
}

#[test]
fn a_description_that_names_a_missing_or_a_foreign_file_is_refused() {
    let place = folder(&[("secret.md", "x")]);
    let inner = place.path().join("novel");
    fs::create_dir(&inner).unwrap();
    for file in ["../secret.md", "/etc/hostname", "a/../../secret.md", "", "C:\\x.md"] {
        let json = serde_json::json!({"parts": [{"chapters": [{"file": file}]}]});
        fs::write(inner.join("book.json"), json.to_string()).unwrap();
        let error = import::folder(&inner).unwrap_err();
        assert!(matches!(error, ImportError::ChapterOutside { .. }), "{file}: {error}");
    }
    fs::write(inner.join("book.json"), r#"{"parts":[{"chapters":[{"file":"gone.md"}]}]}"#).unwrap();
    let error = import::folder(&inner).unwrap_err();
    assert!(error.to_string().contains("“gone.md”"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_not_followed() {
    let place = folder(&[
        ("secret.md", "x"),
        ("novel/book.json", r#"{"parts":[{"chapters":[{"file":"a.md"}]}]}"#),
    ]);
    std::os::unix::fs::symlink(place.path().join("secret.md"), place.path().join("novel/a.md"))
        .unwrap();
    let error = import::folder(&place.path().join("novel")).unwrap_err();
    assert!(matches!(error, ImportError::ChapterOutside { .. }), "{error}");
}

#[test]
fn a_scene_of_25000_words_becomes_three_and_no_word_is_lost() {
    let paragraph = "one two three four five six seven eight nine ten ".repeat(10);
    let place = folder(&[("a.md", &format!("# A\n\n{}", format!("{paragraph}\n\n").repeat(250)))]);
    let novel = import::folder(place.path()).unwrap();
    let words: Vec<usize> =
        novel.parts[0].chapters[0].scenes.iter().map(|scene| scene.words()).collect();
    assert_eq!(words.len(), 3);
    assert_eq!(words.iter().sum::<usize>(), 25_000);
    assert!(words.iter().all(|words| *words <= import::MAX_SCENE_WORDS), "{words:?}");
    assert_eq!(novel.notes.len(), 1, "the author is told");
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(path)
        .unwrap()
        .map(|e| e.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
}

#[test]
fn an_export_never_replaces_text_and_leaves_nothing_behind() {
    let place = folder(&[("full/a.md", "mine"), ("full.txt", "mine")]);
    let novel = ExportNovel::from(sample("en"));
    let at = |name: &str| place.path().join(name);
    for result in [
        export::markdown_folder(&novel, &at("full")),
        export::markdown_folder(&novel, &at("full.txt")),
        export::text_file(&novel, &at("full.txt")),
        export::text_file(&novel, &at("full")),
    ] {
        assert!(matches!(result, Err(ExportError::Occupied { .. })), "{result:?}");
    }
    let nowhere = export::text_file(&novel, &at("no/such/novel.txt"));
    assert!(matches!(nowhere, Err(ExportError::NoPlace { .. })), "{nowhere:?}");
    assert_eq!(names(place.path()), ["full", "full.txt"]);
    assert_eq!(fs::read_to_string(at("full/a.md")).unwrap(), "mine");
    assert_eq!(fs::read_to_string(at("full.txt")).unwrap(), "mine");
}

#[test]
fn the_samples_go_out_and_come_back_unchanged() {
    for (language, source) in [("en", "samples"), ("fr-CA", "samples-fr")] {
        let place = tempfile::tempdir().unwrap();
        let target = place.path().join("sample");
        fs::create_dir(&target).unwrap();
        let novel = sample(language);
        export::markdown_folder(&ExportNovel::from(novel.clone()), &target).unwrap();
        assert_eq!(import::folder(&target).unwrap(), novel, "an empty folder may be the target");
        assert_eq!(names(place.path()), ["sample"]);
        for name in ["0001.md", "0002.md", "0003.md", "book.json"] {
            let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(source).join(name);
            assert_eq!(
                fs::read_to_string(source).unwrap().trim_end(),
                fs::read_to_string(target.join(name)).unwrap().trim_end()
            );
        }
        let scenes = novel.parts[0].chapters.iter().map(|chapter| chapter.scenes.len());
        assert_eq!(scenes.collect::<Vec<_>>(), [3, 3, 2]);
    }
}

#[test]
fn hostile_repetition_costs_no_more_than_its_length() {
    for unit in [
        "[",
        "]",
        "[a](",
        "![",
        "[[a]",
        "*a ",
        "**",
        "_a",
        "~~",
        "^",
        "^[",
        "`",
        "`a``",
        "<",
        "<a",
        "<!--",
        "<ruby>",
        "<ruby>a<rt>",
        "&",
        "\\",
        "[^a]",
        "[^a]: ",
        ">",
        "> ",
        "\n```a",
        "\n~~~~a",
        "\n<!--",
        "\n<pre>",
        "\n- ",
        "\n::: {.verse}",
        "\n[a]: b",
        "\n[^a]: b",
        "\n>",
        "\\\n",
        "|",
        "\n#",
        "a\n",
    ] {
        let text = unit.repeat(200_000 / unit.len());
        let begin = Instant::now();
        let once = write_chapter(&parse_chapter(&text));
        let twice = write_chapter(&parse_chapter(&once));
        let elapsed = begin.elapsed();
        assert!(elapsed < Duration::from_secs(10), "{unit:?}: {elapsed:?}");
        assert!(once.len() < 20 * text.len(), "{unit:?}: {} bytes of {}", once.len(), text.len());
        assert!(once == twice, "{unit:?} is stable");
    }
}
