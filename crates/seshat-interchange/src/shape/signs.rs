//! Signs by which a line of text says what it is: a chapter, a part, a change of scene.
//!
//! Only what is nearly certain counts, because a paragraph that is wrongly a chapter is more work to repair than
//! a chapter that is still a paragraph.

/// Headings are at most this long, in characters.
const LONGEST: usize = 80;

/// The word before or behind the number of a chapter.
#[rustfmt::skip]
const CHAPTERS: &[&str] = &[
    "chapter", "kapitel", "kapittel", "chapitre", "capítulo", "capitulo", "capitolo", "capitolul", "capítol",
    "hoofdstuk", "kapitola", "rozdział", "poglavlje", "глава", "розділ", "luku", "peatükk", "fejezet", "bölüm",
    "κεφάλαιο", "פרק", "פרשה", "الفصل", "فصل", "अध्याय", "บทที่", "chương", "bab", "caibidil", "pennod",
];

/// The same for a part.
#[rustfmt::skip]
const PARTS: &[&str] = &[
    "part", "book", "volume", "teil", "buch", "band", "partie", "livre", "tome", "parte", "libro", "livro", "deel",
    "boek", "del", "bok", "část", "kniha", "część", "księga", "часть", "книга", "том", "частина", "osa", "rész",
    "könyv", "kısım", "kitap", "μέρος", "βιβλίο", "חלק", "ספר", "الجزء", "الكتاب", "phần",
];

/// Numbers as words, as they stand beside those words.
#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    // English
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
    "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty", "thirty", "forty", "fifty",
    "the", "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "last",
    // German
    "eins", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "erstes",
    "zweites", "drittes", "viertes", "fünftes", "sechstes", "siebtes", "siebentes", "achtes", "neuntes", "zehntes",
    "erster", "zweiter", "dritter", "vierter", "fünfter", "letztes",
    // French
    "un", "deux", "trois", "quatre", "cinq", "sept", "huit", "neuf", "dix", "onze", "douze", "treize", "quatorze",
    "quinze", "seize", "vingt", "premier", "première", "deuxième", "second", "seconde", "troisième", "quatrième",
    "cinquième", "dernier",
    // Spanish, Italian, Portuguese
    "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "primero", "primera",
    "segundo", "segunda", "tercero", "tercera", "primo", "prima", "secondo", "seconda", "terzo", "terza", "due",
    "tre", "quattro", "cinque", "sei", "sette", "otto", "nove", "dieci", "um", "dois", "três", "primeiro",
    "primeira", "terceiro", "terceira",
    // Russian
    "первая", "вторая", "третья", "четвертая", "четвёртая", "пятая", "шестая", "седьмая", "восьмая", "девятая",
    "десятая", "первый", "второй", "третий", "последняя",
    // Swedish, Danish, Norwegian, Dutch
    "ett", "två", "fyra", "fem", "första", "andra", "een", "twee", "drie", "vijf", "eerste", "tweede", "derde",
    // Hebrew
    "ראשון", "שני", "שלישי", "רביעי", "חמישי", "שישי", "שביעי", "שמיני", "תשיעי", "עשירי",
    // Arabic
    "الأول", "الثاني", "الثالث", "الرابع", "الخامس",
];

/// Those of them that also mean "a" or "the".
const ARTICLES: &[&str] = &["the", "one", "un", "uno", "um", "een", "ett"];

/// Headings without a number.
#[rustfmt::skip]
const ALONE: &[&str] = &[
    "prologue", "prolog", "prólogo", "prologo", "пролог", "πρόλογος", "פרולוג", "epilogue", "epilog", "épilogue",
    "epílogo", "epilogo", "эпилог", "επίλογος", "אפילוג", "foreword", "preface", "afterword", "vorwort", "nachwort",
    "préface", "avant-propos", "postface", "предисловие", "послесловие", "序章", "終章", "プロローグ", "エピローグ",
    "はじめに", "おわりに", "あとがき",
];

/// Signs that part scenes alone.
const SINGLE: &[char] =
    &['#', '＃', '*', '＊', '⁂', '❦', '❧', '☙', '※', '◆', '◇', '✻', '✽', '✦', '✧', '§', '~'];

/// Signs that part scenes when there are three of them.
const TRIPLE: &[char] = &[
    '-', '–', '—', '_', '=', '•', '·', '∙', '⋅', '・', '●', '○', '■', '□', '★', '☆', '+', '×', 'º',
    '°', 'ⵈ',
];

/// Whether the line is nothing but the sign of a change of scene.
pub(super) fn is_ornament(line: &str) -> bool {
    let signs: Vec<char> = line.chars().filter(|c| !c.is_whitespace()).take(41).collect();
    if signs.is_empty() || signs.len() > 40 {
        return false;
    }
    let strong = signs.iter().all(|c| SINGLE.contains(c));
    let weak = signs.len() >= 3 && signs.iter().all(|c| SINGLE.contains(c) || TRIPLE.contains(c));
    strong || weak
}

/// Whether the line begins a chapter.
pub(super) fn is_chapter(line: &str) -> bool {
    is_numbered(line, CHAPTERS) || is_eastern(line, &['章', '話', '回', '장']) || {
        let bare = line.trim().trim_end_matches(['.', ':', '。']).to_lowercase();
        ALONE.contains(&bare.as_str())
    }
}

/// Whether the line begins a part.
pub(super) fn is_part(line: &str) -> bool {
    is_numbered(line, PARTS) || is_eastern(line, &['部', '編', '篇', '부'])
}

/// "Chapter 3", "Chapter 3: The Boat", "3. Kapitel", "Erstes Kapitel", "Глава первая".
fn is_numbered(line: &str, names: &[&str]) -> bool {
    let line = line.trim();
    if line.chars().nth(LONGEST).is_some() {
        return false;
    }
    let lower = line.to_lowercase();
    let mut words = lower.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if names.contains(&first) {
        // "Part of the plan was mine." begins with the word and is prose: a name that goes on in small letters
        // without a sign between them is a sentence.
        return is_number(second) && !is_sentence(line);
    }
    // "The book.", "Un livre.": two words of a dialogue.
    let heading = !line.ends_with('.') && !ARTICLES.contains(&first);
    let ordinal =
        first.strip_suffix('.').is_some_and(is_plain_number) || heading && NUMBERS.contains(&first);
    ordinal && names.contains(&second.trim_end_matches(['.', ':'])) && words.next().is_none()
}

/// Whether a line of the form "word number …" goes on as prose.
fn is_sentence(line: &str) -> bool {
    let mut words = line.split_whitespace().skip(1);
    let number = words.next().unwrap_or_default();
    let Some(next) = words.next() else { return false };
    let parted = number.ends_with(['.', ':', ',', '—', '–', '-', ')']);
    !parted && next.chars().next().is_some_and(char::is_lowercase)
}

fn is_number(word: &str) -> bool {
    let number = word.trim_end_matches(['.', ':', ',', ';', '—', '–', '-', ')']);
    is_plain_number(number) || is_compound(number) || is_hebrew(number)
}

fn is_plain_number(word: &str) -> bool {
    !word.is_empty()
        && (word.chars().all(char::is_numeric) || word.chars().all(|c| "ivxlcdm".contains(c)))
}

/// "four", "twenty-four".
fn is_compound(word: &str) -> bool {
    word.split('-').all(|part| NUMBERS.contains(&part))
}

/// Hebrew letters as numbers: at most three, perhaps with a geresh.
fn is_hebrew(word: &str) -> bool {
    let letters = || word.chars().filter(|c| !matches!(c, '\'' | '"' | '׳' | '״'));
    letters().count() <= 3
        && letters().next().is_some()
        && letters().all(|c| ('א'..='ת').contains(&c))
}

/// 第三章 and its like; 제3장.
fn is_eastern(line: &str, signs: &[char]) -> bool {
    let line = line.trim();
    if line.chars().nth(LONGEST).is_some() {
        return false;
    }
    let Some(behind) = line.strip_prefix(['第', '제']) else { return false };
    let behind = behind.trim_start();
    let rest = behind.trim_start_matches(|c: char| {
        "一二三四五六七八九十百千〇零両上中下".contains(c) || c.is_numeric()
    });
    rest.len() < behind.len() && rest.trim_start().starts_with(signs)
}

/// The number of a line that is nothing else: "4", "4.", "IV", "IV.", "四".
pub(super) fn bare_number(line: &str) -> Option<u32> {
    let line = line.trim().trim_matches(['.', '-', '–', '—', '[', ']', '(', ')', ' ']);
    if line.is_empty() || line.len() > 12 {
        return None;
    }
    line.parse().ok().filter(|&number| number <= 999).or_else(|| roman(line)).or_else(|| han(line))
}

fn roman(word: &str) -> Option<u32> {
    let mut total = 0_u32;
    let mut last = 0_u32;
    for c in word.chars().rev() {
        let value = match c.to_ascii_uppercase() {
            'I' => 1,
            'V' => 5,
            'X' => 10,
            'L' => 50,
            'C' => 100,
            _ => return None,
        };
        total = if value < last { total.checked_sub(value)? } else { total + value };
        last = last.max(value);
    }
    Some(total)
}

/// 一 to 九十九, with Japanese digits as words of a place.
fn han(word: &str) -> Option<u32> {
    let digit = |c| "〇一二三四五六七八九".chars().position(|d| d == c);
    let mut total = 0_u32;
    let mut open = None;
    for c in word.chars() {
        match (c, digit(c)) {
            ('十', _) => total += open.take().unwrap_or(1) * 10,
            ('百', _) => total += open.take().unwrap_or(1) * 100,
            (_, Some(value)) => {
                let value = u32::try_from(value).ok()?;
                open = Some(open.map_or(value, |before: u32| before.saturating_mul(10) + value));
            }
            _ => return None,
        }
    }
    Some(total + open.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::{bare_number, is_chapter, is_ornament, is_part};

    #[test]
    fn chapters_are_found_in_many_languages_and_prose_is_not() {
        for heading in [
            "Chapter 1",
            "CHAPTER I.",
            "Chapter Two: The Boat",
            "Chapter Twenty-Four",
            "Kapitel 3",
            "3. Kapitel",
            "Erstes Kapitel",
            "Chapitre IV",
            "CHAPITRE PREMIER",
            "Глава 5",
            "ГЛАВА ПЕРВАЯ",
            "第三章",
            "第 12 話",
            "제3장",
            "PROLOGUE",
            "Epilog.",
            "פרק א",
            "פרק י״ב",
            "פרק 3",
            "序章",
        ] {
            assert!(is_chapter(heading), "{heading}");
        }
        for prose in [
            "Chapter and verse, he said, and he meant it.",
            "Mix the dough.",
            "Chapters 1 to 3 were lost.",
            "1. Buy bread",
            "I",
            "Glavano 3",
            "第",
            "Prologue to what, he asked.",
            "Chapter one of my life ended there.",
        ] {
            assert!(!is_chapter(prose), "{prose}");
        }
    }

    #[test]
    fn parts_are_found_and_prose_is_not() {
        for heading in [
            "Part One",
            "PART II: The Sea",
            "Erster Teil",
            "Book the First",
            "Часть вторая",
            "第一部",
        ] {
            assert!(is_part(heading), "{heading}");
        }
        for prose in
            ["Part of the plan was mine.", "Book a table", "Part two was worse than that.", "Band"]
        {
            assert!(!is_part(prose), "{prose}");
        }
    }

    #[test]
    fn ornaments_are_signs_and_nothing_else() {
        for sign in
            ["* * *", "***", "#", "⁂", "- - -", "———", "• • •", "＊　＊　＊", "~", "*", "_____"]
        {
            assert!(is_ornament(sign), "{sign}");
        }
        for text in ["", "—", "…", "- -", "# 4", "* Note", "•"] {
            assert!(!is_ornament(text), "{text}");
        }
    }

    #[test]
    fn bare_numbers_are_read() {
        for (line, number) in [
            ("4", 4),
            ("IV.", 4),
            ("xii", 12),
            ("四", 4),
            ("十二", 12),
            ("二十", 20),
            ("XC", 90),
            ("— 7 —", 7),
        ] {
            assert_eq!(bare_number(line), Some(number), "{line}");
        }
        for text in ["", "Ivy", "I am", "12 men", "2026 words", "一人"] {
            assert_eq!(bare_number(text), None, "{text}");
        }
    }
}
