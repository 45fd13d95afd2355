//! The Emergency Kit: read by people, and read back after what people and programs do to pages.

use super::TestEntropy;
use crate::kit::{parse, text};
use crate::{AccountCode, Kit, KitError, RecoveryPhrase};

fn phrase() -> RecoveryPhrase {
    RecoveryPhrase::make(&mut TestEntropy::new(1)).unwrap()
}

fn code() -> AccountCode {
    AccountCode::make(&mut TestEntropy::new(2)).unwrap()
}

fn page() -> String {
    text(Some("ana@example.org"), &phrase(), Some(&code())).to_string()
}

fn is_ours(kit: &Kit) -> bool {
    kit.phrase.expose() == phrase().expose()
        && kit.code.as_ref().map(AccountCode::text) == Some(code().text())
}

fn error(page: &str) -> Option<KitError> {
    parse(page).err()
}

#[test]
fn a_person_can_read_the_page() {
    let page = page();
    println!("{page}");
    for needed in ["EMERGENCY KIT", "ana@example.org", "Recovery words", "Account code:", "Check:"]
    {
        assert!(page.contains(needed), "{needed} is missing:\n{page}");
    }
    for (number, word) in (1..).zip(phrase().words().split(' ')) {
        assert!(page.contains(&format!("{number:>2}. {word}")), "word {number} is missing");
    }
    assert!(page.lines().all(|line| line.chars().count() <= 76), "lines are too long for a page");
    assert!(page.lines().all(|line| line == line.trim_end()), "white space at the end of a line");
    let bare = text(None, &phrase(), None);
    assert!(!bare.contains("Account: ") && bare.contains("Account code: none"));
    assert!(parse(&bare).is_ok_and(|kit| kit.code.is_none()));
}

/// Fills lines anew, as a mail program or a word processor does.
fn wrapped(page: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    for word in page.split_whitespace() {
        if column + word.len() > width {
            out.push('\n');
            column = 0;
        }
        out.push_str(word);
        out.push(' ');
        column += word.len() + 1;
    }
    out
}

#[test]
fn a_page_survives_what_programs_do_to_it() {
    let page = page();
    let quoted: String = page.lines().map(|line| format!("> {line}\n")).collect();
    for (name, changed) in [
        ("as it is", page.clone()),
        ("Windows line ends", page.replace('\n', "\r\n")),
        ("old Mac line ends", page.replace('\n', "\r")),
        ("byte order mark", format!("\u{feff}{page}")),
        ("one line", page.replace('\n', " ")),
        ("every word on its line", wrapped(&page, 1)),
        ("narrow", wrapped(&page, 20)),
        ("wide", wrapped(&page, 200)),
        ("quoted", quoted),
        ("tabs and no-break spaces", page.replace("   ", "\t\u{a0}")),
        ("broken at hyphens", page.replace('-', "-\n")),
        ("capitals", page.to_uppercase()),
        ("brackets", page.replace(". ", ") ")),
        ("no space behind the number", page.replace(". ", ".")),
        ("text around it", format!("Found this in a drawer!\n\n{page}\n-- \nsent from a phone")),
    ] {
        let kit = parse(&changed).unwrap_or_else(|error| panic!("{name}: {error}\n{changed}"));
        assert!(is_ours(&kit), "{name}: read something else");
    }
}

#[test]
fn missing_and_misspelt_words_are_named() {
    let (page, phrase) = (page(), phrase());
    let words = phrase.words();
    let words: Vec<&str> = words.split(' ').collect();
    let seventh = format!(" 7. {}", words[6]);
    assert_eq!(error(&page.replace(&seventh, "")), Some(KitError::Words(vec![7])));
    assert_eq!(error(&page.replace(&seventh, " 7. zzyzx")), Some(KitError::Words(vec![7])));
    let twice = format!("{page}\n 7. {}", if words[6] == "zoo" { "zone" } else { "zoo" });
    assert_eq!(error(&twice), Some(KitError::Words(vec![7])), "two words for one number");
    let cut = page.split("22.").next().unwrap();
    assert_eq!(error(cut), Some(KitError::Words(vec![22, 23, 24])));
    assert_eq!(KitError::Words(vec![22, 23]).to_string(), "these words cannot be read: 22, 23");
}

#[test]
fn an_altered_page_is_refused() {
    let (page, phrase) = (page(), phrase());
    let words = phrase.words();
    let words: Vec<&str> = words.split(' ').collect();
    for (index, word) in words.iter().enumerate() {
        let other = if *word == "zoo" { "zone" } else { "zoo" };
        let line = |word: &str| format!("{:>2}. {word}", index + 1);
        let altered = page.replace(&line(word), &line(other));
        assert_ne!(altered, page, "word {} was not replaced", index + 1);
        assert_eq!(error(&altered), Some(KitError::Altered), "word {}", index + 1);
    }
    let swapped = page
        .replace(&format!(" 1. {} ", words[0]), " 1. * ")
        .replace(&format!(" 2. {} ", words[1]), &format!(" 2. {} ", words[0]))
        .replace(" 1. * ", &format!(" 1. {} ", words[1]));
    assert_eq!(error(&swapped), Some(KitError::Altered), "two words changed places");

    let code = code().text();
    let other_code = AccountCode::make(&mut TestEntropy::new(3)).unwrap().text();
    let altered = page.replace(&*code, &other_code);
    assert_eq!(error(&altered), Some(KitError::Altered), "another account code");
    assert_eq!(error(&page.replace(&*code, "none")), Some(KitError::Altered), "no account code");
    assert_eq!(error(&page.replace(&*code, "")), Some(KitError::Altered), "an empty code");
    assert_eq!(error(&page.replace("Check:", "")), Some(KitError::Altered), "no check line");
    let check = page.split("Check: ").nth(1).unwrap();
    let (first, rest) = check.split_at(1);
    let altered = page.replace(check, &format!("{}{rest}", if first == "7" { "8" } else { "7" }));
    assert_eq!(error(&altered), Some(KitError::Altered), "another check line");
}

#[test]
fn a_check_of_another_phrase_does_not_fit() {
    let other = RecoveryPhrase::make(&mut TestEntropy::new(9)).unwrap();
    let other = text(None, &other, None);
    let ours = text(None, &phrase(), None);
    let (words, _) = ours.split_once("Check:").unwrap();
    let (_, check) = other.split_once("Check:").unwrap();
    assert_eq!(error(&format!("{words}Check:{check}")), Some(KitError::Altered));
}

#[test]
fn other_texts_are_no_kit() {
    for text in ["", "Chapter 1. In which nothing happens", "1234", "\u{feff}"] {
        assert!(matches!(error(text), Some(KitError::NotAKit | KitError::Words(_))), "{text}");
    }
    assert_eq!(error("Call me Ishmael."), Some(KitError::NotAKit));
}

#[test]
fn an_odd_address_cannot_disturb_the_page() {
    for email in ["1. zoo 2. zoo", "a\nCheck: 0000-0000\n", "x Account code: none"] {
        let page = text(Some(email), &phrase(), Some(&code()));
        assert!(parse(&page).is_ok_and(|kit| is_ours(&kit)), "{email:?}\n{}", *page);
    }
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "[0-9a-z.: \\n\u{e9}>)-]{0,200}") {
        drop(parse(&text));
    }
}
