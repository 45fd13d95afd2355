//! Words as the corpus counts them, and counts in scripts that do not part words by spaces.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

mod common;

use seshat_manuscript::{Block, Paragraph, Passage, words};

/// How far from the corpus's own count a novel may be. The corpus takes "well-known" and "vint-il" as one word,
/// Unicode's rule takes two; French novels are the furthest, at 14 in a thousand, German and Hebrew agree to the
/// word.
const TOLERANCE_PER_MILLE: usize = 20;

fn novels() -> Vec<(String, String, usize, String)> {
    let Some(corpus) = common::corpus() else { return Vec::new() };
    let mut novels = Vec::new();
    for folder in std::fs::read_dir(corpus.join("novels")).unwrap() {
        let folder = folder.unwrap().path();
        let book = std::fs::read_to_string(folder.join("book.json")).unwrap();
        let book: serde_json::Value = serde_json::from_str(&book).unwrap();
        let mut files: Vec<_> = std::fs::read_dir(&folder)
            .unwrap()
            .map(|file| file.unwrap().path())
            .filter(|path| path.extension().is_some_and(|end| end == "md"))
            .collect();
        files.sort();
        let text: String =
            files.iter().map(|file| std::fs::read_to_string(file).unwrap() + "\n").collect();
        let counted = usize::try_from(book["totals"]["words"].as_u64().unwrap()).unwrap();
        let name = folder.file_name().unwrap().to_string_lossy().into_owned();
        novels.push((name, book["language"].as_str().unwrap().to_owned(), counted, text));
    }
    novels
}

#[test]
fn novels_have_about_as_many_words_as_the_corpus_says() {
    for (name, language, counted, text) in novels() {
        let here = words(&text);
        println!("{name} ({language}): {here}, corpus {counted}");
        if language == "ja" {
            assert!(here > 50_000, "{name}: {here} words; the dictionary is not at work");
            continue;
        }
        let off = here.abs_diff(counted) * 1000 / counted;
        assert!(off <= TOLERANCE_PER_MILLE, "{name} ({language}): {here}, corpus {counted}");
    }
}

#[test]
fn words_are_counted_in_any_script() {
    let counts = [
        ("", 0),
        ("— … !", 0),
        ("👩\u{200d}", 0),
        ("½ and 12", 2),
        ("It was the best of times.", 6),
        ("don’t can't l’homme", 3),
        ("3.14 and 1,000", 3),
        ("Всё смешалось в доме Облонских.", 5),
        ("בְּרֵאשִׁית בָּרָא אֱלֹהִים", 3),
        ("תֹ֨הוּ֙ וָבֹ֔הוּ", 2),
        ("مرحبا بالعالم", 2),
        ("吾輩は猫である。", 5),
        ("ภาษาไทย", 2),
        ("naïve cafe\u{301}", 2),
        ("\nfirst\nsecond\u{fffc}third", 3),
        ("😀 😀", 0),
    ];
    for (text, count) in counts {
        assert_eq!(words(text), count, "{text:?}");
    }
}

#[test]
fn invisible_hints_do_not_split_words() {
    assert_eq!(words("un\u{ad}be\u{ad}liev\u{200b}able"), 1);
    assert_eq!(words("wait\u{2060}—\u{2060}what"), 2);
}

#[test]
fn an_excerpt_that_is_cut_at_a_stop_does_not_end_in_four_dots() {
    let paragraph = Paragraph::new(Block::Body, "It was Mr. Harker, who knew.");
    let passage = Passage { paragraphs: vec![paragraph] };
    assert_eq!(passage.excerpt(12), "It was Mr…");
    assert_eq!(passage.excerpt(20), "It was Mr. Harker…");
    assert_eq!(passage.excerpt(80), "It was Mr. Harker, who knew.");
}
