//! Languages: the numbers that Windows gave them, and which one a document is written in.

use std::collections::BTreeMap;

use crate::flow::{Block, Flow, Inline};

/// Languages by the lower ten bits of their number.
#[rustfmt::skip]
const PRIMARY: &[(i32, &str)] = &[
    (0x01, "ar"), (0x02, "bg"), (0x03, "ca"), (0x04, "zh"), (0x05, "cs"), (0x06, "da"), (0x07, "de"),
    (0x08, "el"), (0x09, "en"), (0x0a, "es"), (0x0b, "fi"), (0x0c, "fr"), (0x0d, "he"), (0x0e, "hu"),
    (0x0f, "is"), (0x10, "it"), (0x11, "ja"), (0x12, "ko"), (0x13, "nl"), (0x14, "no"), (0x15, "pl"),
    (0x16, "pt"), (0x17, "rm"), (0x18, "ro"), (0x19, "ru"), (0x1a, "hr"), (0x1b, "sk"), (0x1c, "sq"),
    (0x1d, "sv"), (0x1e, "th"), (0x1f, "tr"), (0x20, "ur"), (0x21, "id"), (0x22, "uk"), (0x23, "be"),
    (0x24, "sl"), (0x25, "et"), (0x26, "lv"), (0x27, "lt"), (0x29, "fa"), (0x2a, "vi"), (0x2b, "hy"),
    (0x2d, "eu"), (0x2f, "mk"), (0x36, "af"), (0x37, "ka"), (0x38, "fo"), (0x39, "hi"), (0x3c, "ga"),
    (0x3d, "yi"), (0x3e, "ms"), (0x41, "sw"), (0x45, "bn"), (0x49, "ta"), (0x52, "cy"), (0x56, "gl"),
    (0x76, "la"),
];

/// Regions that change how a text is spelt or set.
#[rustfmt::skip]
const REGIONAL: &[(i32, &str)] = &[
    (1028, "zh-TW"), (1033, "en-US"), (1044, "nb"), (1046, "pt-BR"), (2052, "zh-CN"), (2055, "de-CH"),
    (2057, "en-GB"), (2058, "es-MX"), (2068, "nn"), (2070, "pt-PT"), (2074, "sr"), (3076, "zh-HK"),
    (3079, "de-AT"), (3081, "en-AU"), (3084, "fr-CA"), (3098, "sr"), (4105, "en-CA"), (4108, "fr-CH"),
    (5129, "en-NZ"), (6153, "en-IE"), (7177, "en-ZA"), (11274, "es-AR"), (16393, "en-IN"),
];

/// The BCP 47 tag of a language number; [`None`] for "no language" and unknown ones.
pub(super) fn of_number(number: i32) -> Option<&'static str> {
    let find = |table: &'static [(i32, &'static str)], key| {
        table.iter().find(|(known, _)| *known == key).map(|(_, tag)| *tag)
    };
    find(REGIONAL, number).or_else(|| find(PRIMARY, number & 0x3ff))
}

/// The first subtag.
fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

/// A tag as BCP 47 writes it; [`None`] when it names no language.
pub(super) fn clean(tag: &str) -> Option<String> {
    let tag = tag.trim().replace('_', "-");
    let first = primary(&tag);
    let usual = (2..=3).contains(&first.len())
        && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !matches!(first.to_ascii_lowercase().as_str(), "zxx" | "und" | "mul" | "x");
    // Script and region; what programs add of their own ("es-ES-tradnl") no other understands.
    let known = |subtag: &&str| {
        let letters = subtag.chars().all(|c| c.is_ascii_alphabetic());
        matches!((subtag.len(), letters), (2 | 4, true) | (3, false))
    };
    let rest = tag.split('-').skip(1).take_while(known);
    usual.then(|| std::iter::once(first).chain(rest).collect::<Vec<_>>().join("-"))
}

/// Whether text can be in a language, by its letters: programs mark what was typed with the language of the
/// keyboard, and Latin letters are no Russian.
fn plausible(tag: &str, text: &str) -> bool {
    let latin = text.chars().any(|c| matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}'));
    let other = text.chars().any(|c| c.is_alphabetic() && c > '\u{36f}');
    let writes_other = matches!(
        primary(tag),
        "ar" | "be"
            | "bg"
            | "bn"
            | "el"
            | "fa"
            | "he"
            | "hi"
            | "hy"
            | "ja"
            | "ka"
            | "ko"
            | "mk"
            | "ru"
            | "ta"
            | "th"
            | "uk"
            | "ur"
            | "yi"
            | "zh"
    );
    match (latin, other) {
        (true, false) => !writes_other,
        (false, true) => writes_other || matches!(primary(tag), "sr" | "vi"),
        _ => true,
    }
}

/// Finds the language that most characters are marked with, makes it the flow's where none is named, and takes
/// the mark from text in that language, whatever its region: programs mark nearly everything, and only a real
/// change of language is worth a mark.
pub(super) fn settle(flow: &mut Flow) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let mut against = 0;
    each_run(&mut flow.blocks, &mut |inline| {
        for part in inline.iter() {
            if let Inline::Text { text, marks } = part
                && let Some(tag) = &marks.language
                && !is_blank(text)
            {
                let fits = plausible(tag, text);
                *(if fits { counts.entry(tag.clone()).or_default() } else { &mut against }) +=
                    text.len();
            }
        }
    });
    let most = counts.into_iter().max_by_key(|(_, count)| *count).map(|(tag, _)| tag);
    // Where no mark can be true, what the file says about itself is no better.
    let said = flow.language.take().filter(|_| against == 0);
    let Some(language) = most.or(said) else { return unmark(flow) };
    flow.language = Some(language.clone());
    each_run(&mut flow.blocks, &mut |inline| {
        for part in inline.iter_mut() {
            if let Inline::Text { text, marks } = part
                && marks.language.as_deref().is_some_and(|tag| {
                    primary(tag) == primary(&language) || !plausible(tag, text) || is_blank(text)
                })
            {
                marks.language = None;
            }
        }
        join(inline);
    });
}

/// Takes all marks of languages.
fn unmark(flow: &mut Flow) {
    each_run(&mut flow.blocks, &mut |inline| {
        for part in inline.iter_mut() {
            if let Inline::Text { marks, .. } = part {
                marks.language = None;
            }
        }
        join(inline);
    });
}

/// Whether no letter is there to have a language.
fn is_blank(text: &str) -> bool {
    !text.chars().any(char::is_alphabetic)
}

/// Joins neighbouring runs of equal marks.
fn join(inline: &mut Vec<Inline>) {
    let mut joined: Vec<Inline> = Vec::with_capacity(inline.len());
    for part in inline.drain(..) {
        match (joined.last_mut(), part) {
            (Some(Inline::Text { text: last, marks: same }), Inline::Text { text, marks })
                if *same == marks =>
            {
                last.push_str(&text)
            }
            (_, part) => joined.push(part),
        }
    }
    *inline = joined;
}

/// Every run of text in blocks, notes included.
pub(super) fn each_run(blocks: &mut [Block], visit: &mut impl FnMut(&mut Vec<Inline>)) {
    for block in blocks {
        let inline = match block {
            Block::Heading { inline, .. } => inline,
            Block::Paragraph(paragraph) => &mut paragraph.inline,
            Block::Item(item) => {
                each_in_note(&mut item.notes, visit);
                continue;
            }
            Block::Break(_) => continue,
        };
        visit(inline);
        for part in inline {
            if let Inline::Footnote(body) = part {
                each_in_note(body, visit);
            }
        }
    }
}

/// The same without notes in notes: an importer never makes them deeper, so this does not recurse.
fn each_in_note(blocks: &mut [Block], visit: &mut impl FnMut(&mut Vec<Inline>)) {
    for block in blocks {
        match block {
            Block::Heading { inline, .. } => visit(inline),
            Block::Paragraph(paragraph) => visit(&mut paragraph.inline),
            Block::Item(_) | Block::Break(_) => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{clean, of_number, plausible, settle};
    use crate::flow::{Flow, Inline, Kind, Marks, push_text};

    #[test]
    fn numbers_of_languages_are_tags() {
        let all =
            [(1033, "en-US"), (2057, "en-GB"), (9, "en"), (1036, "fr"), (1041, "ja"), (5127, "de")];
        for (number, tag) in all {
            assert_eq!(of_number(number), Some(tag), "{number}");
        }
        assert_eq!((of_number(1024), of_number(0)), (None, None));
        assert_eq!(clean("es-ES-tradnl").as_deref(), Some("es-ES"));
        assert_eq!(clean("zh-Hant-TW").as_deref(), Some("zh-Hant-TW"));
        assert!(plausible("ru", "да") && !plausible("ru", "yes") && !plausible("en", "да"));
        assert_eq!(
            (clean("en_GB"), clean("zxx"), clean("none")),
            (Some("en-GB".into()), None, None)
        );
    }

    #[test]
    fn the_language_of_most_text_is_the_documents_and_only_others_keep_their_mark() {
        let mut flow = Flow::default();
        let mut inline = Vec::new();
        for (text, tag) in
            [("Most of it is this. ", "en-GB"), ("And this. ", "en-US"), ("Oui.", "fr")]
        {
            push_text(&mut inline, text, &Marks { language: Some(tag.into()), ..Marks::default() });
        }
        flow.paragraph(Kind::Normal, None, vec![Inline::Footnote(Vec::new())]);
        flow.paragraph(Kind::Normal, None, inline);
        settle(&mut flow);
        assert_eq!(flow.language.as_deref(), Some("en-GB"));
        let mut wanted = Vec::new();
        push_text(&mut wanted, "Most of it is this. And this. ", &Marks::default());
        push_text(&mut wanted, "Oui.", &Marks { language: Some("fr".into()), ..Marks::default() });
        let Some(crate::flow::Block::Paragraph(paragraph)) = flow.blocks.last() else { panic!() };
        assert_eq!(paragraph.inline, wanted);
    }

    #[test]
    fn a_language_that_the_letters_cannot_be_of_is_none() {
        let mut flow = Flow { language: Some("en-US".into()), ..Flow::default() };
        let mut inline = Vec::new();
        let marks = Marks { language: Some("en-US".into()), ..Marks::default() };
        push_text(&mut inline, "Береги честь смолоду. 1836", &marks);
        flow.paragraph(Kind::Normal, None, inline);
        settle(&mut flow);
        assert_eq!(flow.language, None);
    }
}
