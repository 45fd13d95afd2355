//! Plain text: chapters, scenes and paragraphs of a file without markup.
//!
//! Only what is nearly certain is taken for structure, because a paragraph that is wrongly a chapter is more
//! work to repair than a chapter that is still a paragraph. Nothing but the signs of scene breaks is left out.

use seshat_manuscript::{Block, Paragraph, Passage, Piece};

use crate::novel::Chapter;

/// Chapter headings are at most this long, in characters.
const MAX_HEADING: usize = 80;

/// The word before or behind the number, in the languages that were tested.
const CHAPTER_WORDS: &[&str] = &[
    "chapter",
    "kapitel",
    "chapitre",
    "capítulo",
    "capitulo",
    "capitolo",
    "hoofdstuk",
    "kapitola",
    "rozdział",
    "глава",
    "розділ",
    "luku",
    "fejezet",
    "bölüm",
    "κεφάλαιο",
];

/// Numbers as words.
const NUMBER_WORDS: &[&str] = &[
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
    "the",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fünf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "premier",
    "première",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "первая",
    "вторая",
    "третья",
];

/// Headings without a number.
const WHOLE_HEADINGS: &[&str] = &[
    "prologue",
    "prolog",
    "prólogo",
    "prologo",
    "пролог",
    "epilogue",
    "epilog",
    "épilogue",
    "epílogo",
    "epilogo",
    "эпилог",
];

/// Reads the chapters of a text. Text before the first heading is a chapter without a title.
pub(super) fn chapters(text: &str) -> Vec<Chapter> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let lines: Vec<&str> = text.split('\n').collect();
    let shape = Shape::of(&lines);
    let mut chapters = vec![Chapter { title: String::new(), scenes: vec![Passage::default()] }];
    for block in blocks(&lines) {
        match block {
            [line] if is_heading(line) => {
                let title = line.trim().to_owned();
                chapters.push(Chapter { title, scenes: vec![Passage::default()] });
            }
            [line] if is_scene_break(line) => {
                if let Some(chapter) = chapters.last_mut() {
                    chapter.scenes.push(Passage::default());
                }
            }
            block => {
                let scene = chapters.last_mut().and_then(|chapter| chapter.scenes.last_mut());
                if let Some(scene) = scene {
                    scene.paragraphs.extend(shape.paragraphs(block));
                }
            }
        }
    }
    let untitled = |chapter: &Chapter| {
        chapter.title.is_empty() && chapter.scenes.iter().all(|scene| scene.paragraphs.is_empty())
    };
    if chapters.len() > 1 && chapters.first().is_some_and(untitled) {
        chapters.remove(0);
    }
    for chapter in &mut chapters {
        let scenes = std::mem::take(&mut chapter.scenes);
        chapter.scenes = scenes.into_iter().map(Passage::normalized).collect();
    }
    chapters
}

/// Runs of lines that are not blank. Lines that are structure are runs of their own.
fn blocks<'a, 'b>(lines: &'b [&'a str]) -> impl Iterator<Item = &'b [&'a str]> {
    let alone = |line: &str| line.trim().is_empty() || is_scene_break(line);
    lines
        .chunk_by(move |a, b| !alone(a) && !alone(b))
        .filter(|block| !block.iter().all(|line| line.trim().is_empty()))
}

/// Whether the line is nothing but the sign of a scene break.
fn is_scene_break(line: &str) -> bool {
    let signs: String = line.chars().filter(|c| !c.is_whitespace()).collect();
    let many = |sign: char| signs.chars().count() >= 3 && signs.chars().all(|c| c == sign);
    signs == "#"
        || signs == "⁂"
        || signs == "* *"
        || many('*')
        || many('#')
        || many('-')
        || many('_')
}

/// Whether a line that stands alone begins a chapter.
fn is_heading(line: &str) -> bool {
    let line = line.trim();
    if line.chars().count() > MAX_HEADING {
        return false;
    }
    let lower = line.to_lowercase();
    let bare = lower.trim_end_matches(['.', ':']);
    if WHOLE_HEADINGS.contains(&bare) || is_japanese_heading(line) {
        return true;
    }
    let mut words = lower.split_whitespace();
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    if CHAPTER_WORDS.contains(&first) {
        return is_number(second);
    }
    // "1. Kapitel", "2. fejezet": the number first, the word last, nothing else.
    let numbered = first.strip_suffix('.').is_some_and(is_number);
    let second = second.trim_end_matches(['.', ':']);
    numbered && CHAPTER_WORDS.contains(&second) && words.next().is_none()
}

fn is_number(word: &str) -> bool {
    let number = word.trim_end_matches(['.', ':', ',', ';', '—', '–', '-', ')']);
    if number.is_empty() {
        return false;
    }
    number.chars().all(|c| c.is_ascii_digit())
        || number.chars().all(|c| "ivxlcdm".contains(c))
        || NUMBER_WORDS.contains(&number)
}

/// 第三章 and its like.
fn is_japanese_heading(line: &str) -> bool {
    let Some(behind) = line.strip_prefix('第') else { return false };
    let number = behind
        .trim_start_matches(|c: char| "一二三四五六七八九十百〇".contains(c) || c.is_numeric());
    number.len() < behind.len() && number.starts_with(['章', '話', '回'])
}

/// How the file sets its paragraphs.
struct Shape {
    /// Characters of a full line where paragraphs are broken into lines of about equal length; `None` where
    /// every line is a paragraph.
    wrapped: Option<usize>,
}

impl Shape {
    /// Lines are taken for broken by a program when most of those with a line behind them are 40 to 100
    /// characters long.
    fn of(lines: &[&str]) -> Self {
        let pairs = lines.iter().zip(lines.iter().skip(1));
        let mut lengths: Vec<usize> = pairs
            .filter(|(line, next)| !line.trim().is_empty() && !next.trim().is_empty())
            .map(|(line, _)| line.trim_end().chars().count())
            .collect();
        lengths.sort_unstable();
        let middle = lengths.get(lengths.len() / 2).copied().unwrap_or(0);
        let blank = lines.iter().any(|line| line.trim().is_empty());
        Self { wrapped: (blank && (40..=100).contains(&middle)).then_some(middle) }
    }

    fn paragraphs(&self, block: &[&str]) -> Vec<Paragraph> {
        let Some(full) = self.wrapped else {
            return block.iter().map(|line| Paragraph::new(Block::Body, trimmed(line))).collect();
        };
        // A short line that is not the last was ended by the author: verse, an address, a signature.
        let mut pieces: Vec<Piece> = Vec::new();
        let mut text = String::new();
        for (index, line) in block.iter().enumerate() {
            text.push_str(if text.is_empty() { trimmed(line) } else { line.trim() });
            let last = index + 1 == block.len();
            if !last && line.trim_end().chars().count() * 4 < full * 3 {
                pieces.push(Piece::plain(std::mem::take(&mut text)));
                pieces.push(Piece::Break);
            } else if !last {
                text.push(' ');
            }
        }
        pieces.push(Piece::plain(text));
        vec![Paragraph { block: Block::Body, align: None, pieces }]
    }
}

/// Without spaces and tabs at the edges; an ideographic space is how Japanese begins a paragraph.
fn trimmed(line: &str) -> &str {
    line.trim_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use super::{chapters, is_heading};

    #[test]
    fn chapters_are_found_in_several_languages_and_prose_is_not() {
        for heading in [
            "Chapter 1",
            "CHAPTER I.",
            "Chapter Two: The Boat",
            "Kapitel 3",
            "3. Kapitel",
            "Chapitre IV",
            "Глава 5",
            "第三章",
            "PROLOGUE",
            "Epilog.",
        ] {
            assert!(is_heading(heading), "{heading}");
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
        ] {
            assert!(!is_heading(prose), "{prose}");
        }
    }

    #[test]
    fn text_before_the_first_chapter_is_kept() {
        let found = chapters("A note.\n\nChapter 1\n\nText.\n\n* * *\n\nMore.\n\n#\n\nLast.\n");
        let titles: Vec<_> = found.iter().map(|chapter| chapter.title.as_str()).collect();
        assert_eq!(titles, ["", "Chapter 1"]);
        assert_eq!(found.iter().map(|chapter| chapter.scenes.len()).collect::<Vec<_>>(), [1, 3]);
    }

    #[test]
    fn lines_broken_by_a_program_are_joined_and_short_ones_stay() {
        let line = "sixty characters of a line that a program has broken for us";
        let text = format!("{line}\n{line}\nend.\n\n{line}\nshort\n{line}\nend.\n");
        let plain = chapters(&text)[0].scenes[0].plain();
        assert_eq!(plain, format!("{line} {line} end.\n{line} short\n{line} end."));
    }

    #[test]
    fn a_line_is_a_paragraph_where_nothing_is_broken() {
        let long = "word ".repeat(60);
        let found = chapters(&format!("{long}\n{long}\n{long}"));
        assert_eq!(found[0].scenes[0].paragraphs.len(), 3);
    }
}
