//! `word/styles.xml`: the looks of a book and of a manuscript, by the names that Word and LibreOffice know.

use std::fmt::Write as _;

use super::super::edition::Edition;
use super::super::xml;
use super::{HEAD, Look, SPACES, parts};

/// A paragraph style.
struct Style {
    id: &'static str,
    name: &'static str,
    based_on: &'static str,
    /// The style of the paragraph that follows when somebody types on.
    next: &'static str,
    /// Children of `w:pPr`, in the order of the schema.
    paragraph: &'static str,
    /// Children of `w:rPr`.
    run: &'static str,
}

const fn style(
    id: &'static str,
    name: &'static str,
    paragraph: &'static str,
    run: &'static str,
) -> Style {
    Style { id, name, based_on: "Normal", next: "BodyText", paragraph, run }
}

/// A book to be worked on.
const BOOK: [Style; 23] = [
    style(
        "FirstParagraph",
        "First Paragraph",
        "<w:ind w:firstLine=\"0\"/><w:jc w:val=\"both\"/>",
        "",
    ),
    style("BodyText", "Body Text", "<w:ind w:firstLine=\"360\"/><w:jc w:val=\"both\"/>", ""),
    style(
        "Title",
        "Title",
        "<w:spacing w:before=\"3600\" w:after=\"240\"/><w:jc w:val=\"center\"/>",
        "<w:sz w:val=\"48\"/><w:szCs w:val=\"48\"/>",
    ),
    style(
        "Subtitle",
        "Subtitle",
        "<w:spacing w:after=\"480\"/><w:jc w:val=\"center\"/>",
        "<w:i/><w:iCs/><w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/>",
    ),
    style(
        "Author",
        "Author",
        "<w:spacing w:before=\"240\"/><w:jc w:val=\"center\"/>",
        "<w:sz w:val=\"28\"/><w:szCs w:val=\"28\"/>",
    ),
    style(
        "Heading1",
        "heading 1",
        "<w:keepNext/><w:spacing w:before=\"1440\" w:after=\"480\"/><w:jc w:val=\"center\"/><w:outlineLvl w:val=\"0\"/>",
        "<w:sz w:val=\"36\"/><w:szCs w:val=\"36\"/>",
    ),
    style(
        "Heading2",
        "heading 2",
        "<w:keepNext/><w:spacing w:before=\"960\" w:after=\"360\"/><w:jc w:val=\"center\"/><w:outlineLvl w:val=\"1\"/>",
        "<w:sz w:val=\"30\"/><w:szCs w:val=\"30\"/>",
    ),
    style(
        "Heading3",
        "heading 3",
        "<w:keepNext/><w:spacing w:before=\"360\" w:after=\"180\"/><w:jc w:val=\"center\"/><w:outlineLvl w:val=\"2\"/>",
        "<w:i/><w:iCs/>",
    ),
    style(
        "Heading4",
        "heading 4",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"120\"/><w:outlineLvl w:val=\"3\"/>",
        "<w:i/><w:iCs/>",
    ),
    style(
        "Heading5",
        "heading 5",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"120\"/><w:outlineLvl w:val=\"4\"/>",
        "<w:i/><w:iCs/>",
    ),
    style(
        "Heading6",
        "heading 6",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"120\"/><w:outlineLvl w:val=\"5\"/>",
        "<w:i/><w:iCs/>",
    ),
    style(
        "Quote",
        "Quote",
        "<w:spacing w:before=\"120\" w:after=\"120\"/><w:ind w:left=\"567\" w:right=\"567\"/><w:jc w:val=\"both\"/>",
        "",
    ),
    style(
        "Verse",
        "Verse",
        "<w:spacing w:before=\"120\" w:after=\"120\"/><w:ind w:left=\"567\"/>",
        "",
    ),
    style(
        "Letter",
        "Letter",
        "<w:ind w:left=\"567\" w:right=\"567\" w:firstLine=\"360\"/><w:jc w:val=\"both\"/>",
        "",
    ),
    style(
        "SceneBreak",
        "Scene Break",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"240\"/><w:jc w:val=\"center\"/>",
        "",
    ),
    style(
        "Break",
        "Break",
        "<w:keepNext/><w:spacing w:before=\"240\" w:after=\"240\"/><w:jc w:val=\"center\"/>",
        "",
    ),
    style(
        "ContentsHeading",
        "Contents Heading",
        "<w:keepNext/><w:spacing w:before=\"1440\" w:after=\"480\"/><w:jc w:val=\"center\"/>",
        "<w:sz w:val=\"36\"/><w:szCs w:val=\"36\"/>",
    ),
    style("TOC1", "toc 1", "<w:spacing w:before=\"60\"/>", ""),
    style("TOC2", "toc 2", "<w:ind w:left=\"360\"/>", ""),
    style("End", "End", "<w:jc w:val=\"center\"/>", ""),
    style("Header", "header", "<w:jc w:val=\"right\"/>", ""),
    style("Footer", "footer", "<w:jc w:val=\"center\"/>", ""),
    style("FootnoteText", "footnote text", "", "<w:sz w:val=\"20\"/><w:szCs w:val=\"20\"/>"),
];

/// What differs in a manuscript: two lines' space, half an inch of indent, nothing but the author's words.
const MANUSCRIPT: [(&str, &str, &str); 16] = [
    (
        "FirstParagraph",
        "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:ind w:firstLine=\"720\"/>",
        "",
    ),
    ("BodyText", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:ind w:firstLine=\"720\"/>", ""),
    (
        "Title",
        "<w:spacing w:before=\"4320\" w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/>",
        "",
    ),
    ("Subtitle", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/>", ""),
    ("Author", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/>", ""),
    (
        "Heading1",
        "<w:keepNext/><w:spacing w:before=\"2880\" w:after=\"480\" w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/><w:outlineLvl w:val=\"0\"/>",
        "",
    ),
    (
        "Heading2",
        "<w:keepNext/><w:spacing w:before=\"2880\" w:after=\"480\" w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/><w:outlineLvl w:val=\"1\"/>",
        "",
    ),
    (
        "Heading3",
        "<w:keepNext/><w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/><w:outlineLvl w:val=\"2\"/>",
        "",
    ),
    (
        "Heading4",
        "<w:keepNext/><w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:outlineLvl w:val=\"3\"/>",
        "",
    ),
    ("Quote", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:ind w:left=\"720\"/>", ""),
    ("Verse", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:ind w:left=\"720\"/>", ""),
    ("Letter", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:ind w:left=\"720\"/>", ""),
    ("SceneBreak", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/>", ""),
    ("Break", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/>", ""),
    ("End", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/><w:jc w:val=\"center\"/>", ""),
    ("FootnoteText", "<w:spacing w:line=\"480\" w:lineRule=\"auto\"/>", ""),
];

/// The style sheet.
pub(super) fn sheet(edition: &Edition<'_>, look: Look) -> String {
    let mut out = format!("{HEAD}<w:styles {SPACES}>");
    out.push_str(&defaults(edition, look));
    out.push_str("<w:style w:type=\"paragraph\" w:default=\"1\" w:styleId=\"Normal\"><w:name w:val=\"Normal\"/><w:qFormat/></w:style><w:style w:type=\"character\" w:default=\"1\" w:styleId=\"DefaultParagraphFont\"><w:name w:val=\"Default Paragraph Font\"/></w:style>");
    for style in &BOOK {
        push(&mut out, style, look);
    }
    let (width, _) = parts::paper(edition);
    let _ = write!(
        out,
        "<w:style w:type=\"paragraph\" w:styleId=\"Contact\" w:customStyle=\"1\"><w:name w:val=\"Contact\"/><w:basedOn w:val=\"Normal\"/><w:pPr><w:tabs><w:tab w:val=\"right\" w:pos=\"{}\"/></w:tabs></w:pPr></w:style>",
        width - 2 * parts::MARGIN
    );
    out.push_str("<w:style w:type=\"character\" w:styleId=\"FootnoteReference\"><w:name w:val=\"footnote reference\"/><w:rPr><w:vertAlign w:val=\"superscript\"/></w:rPr></w:style><w:style w:type=\"character\" w:styleId=\"Hyperlink\"><w:name w:val=\"Hyperlink\"/><w:rPr><w:color w:val=\"0563C1\"/><w:u w:val=\"single\"/></w:rPr></w:style></w:styles>\n");
    out
}

fn push(out: &mut String, style: &Style, look: Look) {
    let other = MANUSCRIPT.iter().find(|(id, ..)| look.is_manuscript() && *id == style.id);
    let (paragraph, run) = match other {
        Some((_, paragraph, run)) => (*paragraph, *run),
        None => (style.paragraph, style.run),
    };
    let Style { id, name, based_on, next, .. } = style;
    let _ = write!(
        out,
        "<w:style w:type=\"paragraph\" w:styleId=\"{id}\"{}><w:name w:val=\"{name}\"/><w:basedOn w:val=\"{based_on}\"/><w:next w:val=\"{next}\"/><w:qFormat/>",
        if is_own(id) { " w:customStyle=\"1\"" } else { "" }
    );
    if !paragraph.is_empty() {
        let _ = write!(out, "<w:pPr>{paragraph}</w:pPr>");
    }
    if !run.is_empty() {
        let _ = write!(out, "<w:rPr>{run}</w:rPr>");
    }
    out.push_str("</w:style>");
}

/// Styles that word processors do not know by themselves.
fn is_own(id: &str) -> bool {
    matches!(
        id,
        "FirstParagraph"
            | "Author"
            | "Verse"
            | "Letter"
            | "SceneBreak"
            | "Break"
            | "ContentsHeading"
            | "End"
    )
}

fn defaults(edition: &Edition<'_>, look: Look) -> String {
    let font = if look == Look::Classic { "Courier New" } else { "Times New Roman" };
    let primary = edition.language.split('-').next().unwrap_or_default();
    let wide = match primary {
        "ja" => "MS Mincho",
        "zh" => "SimSun",
        "ko" => "Batang",
        _ => font,
    };
    let language = xml::language(&edition.language).unwrap_or("en");
    let spacing = if look == Look::Book {
        "<w:spacing w:line=\"300\" w:lineRule=\"auto\"/>"
    } else {
        "<w:suppressAutoHyphens/>"
    };
    format!(
        "<w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii=\"{font}\" w:hAnsi=\"{font}\" w:eastAsia=\"{wide}\" w:cs=\"{font}\"/><w:sz w:val=\"24\"/><w:szCs w:val=\"24\"/><w:lang w:val=\"{language}\" w:eastAsia=\"{language}\" w:bidi=\"{language}\"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:widowControl/>{spacing}</w:pPr></w:pPrDefault></w:docDefaults>"
    )
}
