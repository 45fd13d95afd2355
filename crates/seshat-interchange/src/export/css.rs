//! How a book looks in a reading program or a browser: few rules, and those of the language's own typography.
//!
//! Colours, fonts and sizes of the text are the reader's.

use super::edition::Edition;

/// The style sheet of an edition.
pub(super) fn sheet(edition: &Edition<'_>) -> String {
    let primary = edition.language.split('-').next().unwrap_or_default().to_ascii_lowercase();
    let ideographic = matches!(primary.as_str(), "ja" | "zh");
    let mut css = String::from(COMMON);
    css.push_str(match primary.as_str() {
        "ja" | "zh" => IDEOGRAPHIC,
        "he" | "yi" => HEBREW,
        "ar" | "fa" | "ur" | "ps" | "ug" => ARABIC,
        _ => ALPHABETIC,
    });
    if edition.options.vertical && ideographic {
        css.push_str(VERTICAL);
    }
    let ornament = edition.options.separator.trim();
    if ornament.is_empty() {
        css.push_str("hr.scene, hr.break { border: 0; margin: 1em 0; height: 1em; }\n");
    } else {
        let text: String = ornament.chars().flat_map(quoted).collect();
        css.push_str("hr.scene, hr.break { border: 0; margin: 1.2em 0; height: auto; text-align: center; overflow: visible; color: inherit; }\n");
        css.push_str(&format!("hr.scene::before, hr.break::before {{ content: \"{text}\"; }}\n"));
    }
    css
}

/// A character inside a string of CSS, such that it ends neither the string nor an element around the sheet.
fn quoted(c: char) -> Vec<char> {
    if c.is_ascii_alphanumeric() || !c.is_ascii() || " *.,-~+_=:;!#".contains(c) {
        return vec![c];
    }
    format!("\\{:x} ", u32::from(c)).chars().collect()
}

const COMMON: &str = "\
html { line-height: 1.4; }
body { margin: 0 5%; }
h1, h2, h3, h4, h5, h6 { text-align: center; font-weight: normal; line-height: 1.25; margin: 1.5em 0 1em; break-after: avoid; page-break-after: avoid; break-inside: avoid; hyphens: none; }
h1 { font-size: 1.5em; margin-top: 3em; }
h2 { font-size: 1.3em; }
p { margin: 0; text-indent: 1.5em; orphans: 2; widows: 2; }
p.first, hr + p, h1 + p, h2 + p, h3 + p, h4 + p { text-indent: 0; }
p.left { text-align: left; } p.center { text-align: center; text-indent: 0; } p.right { text-align: right; text-indent: 0; } p.justify { text-align: justify; }
h1.left, h2.left, h3.left, h4.left { text-align: left; } h1.right, h2.right, h3.right, h4.right { text-align: right; }
p.verse { text-indent: 0; margin: 0 2em 0.5em; hyphens: none; text-align: start; }
p.letter { margin: 0 1.5em; }
p.break { text-align: center; text-indent: 0; margin: 1.2em 0; }
.pre { white-space: pre-wrap; }
blockquote { margin: 1em 1.5em; }
blockquote > p:first-child { text-indent: 0; }
.smallcaps { font-variant: small-caps; }
em em { font-style: normal; }
sup, a.noteref { font-size: 0.75em; line-height: 0; vertical-align: super; }
a.noteref { text-decoration: none; }
img { max-width: 100%; max-height: 100%; }
section.part h1, section.part h2 { margin-top: 35%; }
section.titlepage { text-align: center; }
section.titlepage p { text-indent: 0; margin-top: 1em; }
h1.title { font-size: 2em; margin-top: 25%; }
section.dedication, section.epigraph { margin: 20% 10% 0; text-align: center; }
section.dedication p, section.epigraph p { text-indent: 0; }
section.copyright-page { font-size: 0.85em; margin-top: 20%; }
section.copyright-page p { text-indent: 0; margin-bottom: 0.5em; }
section.footnotes { margin-top: 2em; padding-top: 0.5em; border-top: 1px solid; font-size: 0.85em; }
aside.footnote p { text-indent: 0; }
p.number { font-weight: bold; }
nav ol { list-style: none; padding: 0; }
nav li { margin: 0.3em 0; }
nav ol ol { margin: 0; padding-inline-start: 1.5em; }
nav a { text-decoration: none; }
section.cover { text-align: center; margin: 0; }
";

const ALPHABETIC: &str = "\
p { text-align: justify; -webkit-hyphens: auto; hyphens: auto; }
";

const HEBREW: &str = "\
p { text-align: justify; hyphens: none; }
html { line-height: 1.6; }
em { font-style: normal; letter-spacing: 0.08em; }
";

const ARABIC: &str = "\
p { text-align: justify; hyphens: none; }
html { line-height: 1.7; }
em { font-style: normal; text-decoration: overline; }
";

const IDEOGRAPHIC: &str = "\
html { line-height: 1.8; }
p, p.first, hr + p, h1 + p, h2 + p, h3 + p, h4 + p { text-indent: 1em; }
p { text-align: justify; line-break: strict; word-break: normal; hyphens: none; }
em { font-style: normal; -webkit-text-emphasis: filled sesame; text-emphasis: filled sesame; }
rt { font-size: 0.5em; }
";

const VERTICAL: &str = "\
html { -epub-writing-mode: vertical-rl; -webkit-writing-mode: vertical-rl; writing-mode: vertical-rl; }
body { margin: 5% 0; }
";
