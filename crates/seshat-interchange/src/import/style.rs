//! What the name of a style says about a paragraph.
//!
//! Word and LibreOffice write their built-in names in English whatever language the author uses; other programs
//! and old files write the author's language, so headings are known in several.

/// What a style's name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Named {
    /// A heading of this level, from 1.
    Heading(u8),
    /// The book's title.
    Title,
    /// The book's subtitle or author.
    Subtitle,
    /// A quotation or an epigraph.
    Quote,
    /// Verse.
    Verse,
    /// A letter, a diary, a telegram.
    Letter,
    /// A scene break.
    Ornament,
    /// A break inside a scene, as our own exports name it.
    InnerBreak,
    /// Text whose spaces matter.
    Code,
    /// An entry of a table of contents, or its heading.
    Contents,
}

/// "Heading" in the languages of writing programs.
const HEADING: &[&str] = &[
    "heading",
    "überschrift",
    "titre",
    "título",
    "titulo",
    "titolo",
    "заголовок",
    "nagłówek",
    "kop",
    "rubrik",
    "overskrift",
    "otsikko",
    "nadpis",
    "címsor",
    "başlık",
    "επικεφαλίδα",
    "見出し",
    "标题",
    "標題",
    "제목",
    "כותרת",
];
const TITLE: &[&str] =
    &["title", "titel", "titre", "título", "titulo", "titolo", "book title", "название", "tytuł"];
const SUBTITLE: &[&str] = &[
    "subtitle",
    "untertitel",
    "sous titre",
    "subtítulo",
    "sottotitolo",
    "подзаголовок",
    "author",
    "book author",
    "byline",
];
const QUOTE: &[&str] = &[
    "quote",
    "quotes",
    "quotation",
    "quotations",
    "intense quote",
    "block quote",
    "blockquote",
    "block text",
    "block quotation",
    "epigraph",
    "zitat",
    "citation",
    "cita",
    "citazione",
    "цитата",
    "extract",
];
const VERSE: &[&str] =
    &["verse", "poem", "poetry", "stanza", "lyrics", "song", "gedicht", "vers", "poème", "стихи"];
const LETTER: &[&str] =
    &["letter", "diary", "telegram", "correspondence", "brief", "lettre", "письмо"];
const ORNAMENT: &[&str] = &[
    "scene break",
    "scenebreak",
    "scene separator",
    "ornament",
    "ornamental break",
    "asterism",
    "dinkus",
    "separator",
    "horizontal line",
    "section divider",
];
const CODE: &[&str] = &[
    "preformatted text",
    "html preformatted",
    "code",
    "source code",
    "code block",
    "preformatted",
];

/// What `name` says: "heading 1", "Heading_20_2", "Überschrift 3", "Block Text".
pub(super) fn named(name: &str) -> Option<Named> {
    let name = name.replace("_20_", " ").to_lowercase();
    let name = name.replace(['-', '_'], " ");
    let name = name.trim();
    let (word, number) = match name.rsplit_once(|c: char| !c.is_ascii_digit()) {
        Some(_) => {
            let word = name.trim_end_matches(|c: char| c.is_ascii_digit());
            (word.trim_end(), name.strip_prefix(word).and_then(|digits| digits.parse::<u8>().ok()))
        }
        None => (name, None),
    };
    let is = |names: &[&str]| names.contains(&word);
    match number {
        Some(level @ 1..=9) if is(HEADING) => return Some(Named::Heading(level)),
        Some(_) if matches!(word, "toc" | "contents" | "verzeichnis" | "tm" | "index") => {
            return Some(Named::Contents);
        }
        _ => {}
    }
    match word {
        "part title" | "part heading" | "part number" => Some(Named::Heading(1)),
        "chapter" | "chapter title" | "chapter heading" | "chapter number" => {
            Some(Named::Heading(2))
        }
        "toc heading" | "contents heading" | "index heading" | "table of contents" => {
            Some(Named::Contents)
        }
        "break" => Some(Named::InnerBreak),
        _ if is(TITLE) => Some(Named::Title),
        _ if is(SUBTITLE) => Some(Named::Subtitle),
        _ if is(QUOTE) => Some(Named::Quote),
        _ if is(VERSE) => Some(Named::Verse),
        _ if is(LETTER) => Some(Named::Letter),
        _ if is(ORNAMENT) => Some(Named::Ornament),
        _ if is(CODE) => Some(Named::Code),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Named, named};

    #[test]
    fn names_of_styles_say_what_a_paragraph_is() {
        let all = [
            ("heading 1", Named::Heading(1)),
            ("Heading_20_2", Named::Heading(2)),
            ("Überschrift 3", Named::Heading(3)),
            ("标题 1", Named::Heading(1)),
            ("Title", Named::Title),
            ("Titre", Named::Title),
            ("Sous-titre", Named::Subtitle),
            ("Block Text", Named::Quote),
            ("Quotations", Named::Quote),
            ("toc 1", Named::Contents),
            ("Contents_20_Heading", Named::Contents),
            ("Scene Break", Named::Ornament),
            ("Chapter Title", Named::Heading(2)),
        ];
        for (name, what) in all {
            assert_eq!(named(name), Some(what), "{name}");
        }
        for name in ["Normal", "Standard", "Body Text 2", "", "10", "Text body", "heading"] {
            assert_eq!(named(name), None, "{name}");
        }
    }
}
