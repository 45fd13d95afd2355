use crate::flow::{Align, Block, Break, Flow, Inline, Kind, Loss, Paragraph};
use crate::import::refusal::Refusal;

fn read(body: &str) -> Flow {
    let rtf = format!("{{\\rtf1\\ansi\\ansicpg1252\\deff0 {body}}}");
    super::read(rtf.as_bytes()).unwrap()
}

/// A line for each block; marks as signs around text.
fn lines(flow: &Flow) -> Vec<String> {
    flow.blocks.iter().map(line).collect()
}

fn line(block: &Block) -> String {
    match block {
        Block::Heading { level, inline } => format!("h{level} {}", inlines(inline)),
        Block::Break(what) => format!("{what:?}"),
        Block::Item(_) => "item".into(),
        Block::Paragraph(Paragraph { kind, align, inline }) => {
            let kind = if *kind == Kind::Normal { String::new() } else { format!("{kind:?} ") };
            let align = align.map(|align| format!("{align:?} ")).unwrap_or_default();
            format!("{kind}{align}{}", inlines(inline))
        }
    }
}

fn inlines(inline: &[Inline]) -> String {
    let mut out = String::new();
    for part in inline {
        match part {
            Inline::Text { text, marks } => {
                let signs = [
                    (marks.emphasis, "*"),
                    (marks.strong, "**"),
                    (marks.underline, "_"),
                    (marks.strike, "~"),
                    (marks.smallcaps, "#"),
                    (marks.superscript, "^"),
                ];
                let signs: String = signs.iter().filter(|(on, _)| *on).map(|(_, s)| *s).collect();
                let link = marks.link.as_ref().map(|link| format!("<{link}>")).unwrap_or_default();
                let language =
                    marks.language.as_ref().map(|tag| format!("@{tag}")).unwrap_or_default();
                out.push_str(&format!("{signs}{text}{signs}{link}{language}"));
            }
            Inline::Break => out.push('|'),
            Inline::Footnote(body) => {
                out.push_str(&format!("[{}]", body.iter().map(line).collect::<Vec<_>>().join("/")));
            }
            Inline::Image { image, alt, .. } => out.push_str(&format!("(image {image} {alt})")),
            Inline::CommentFrom(comment) => out.push_str(&format!("<{comment}")),
            Inline::CommentTo(comment) => out.push_str(&format!("{comment}>")),
            Inline::Kept(_) => {}
        }
    }
    out
}

#[test]
fn marks_begin_and_end_with_words_and_groups() {
    let flow = read(
        r"\pard a {\i b\b c}\b0 d \ul e\ulnone\strike f\strike0\scaps g\scaps0{\super h}{\sub i}\par",
    );
    assert_eq!(lines(&flow), ["a *b****c***d _e_~f~#g#^h^i"]);
    assert_eq!(flow.lost.count(Loss::Subscript), 1);
}

#[test]
fn characters_are_read_in_the_encoding_of_their_font() {
    let fonts = r"{\fonttbl{\f0\fcharset0 A;}{\f1\fcharset204 B;}{\f2\fcharset128 \'82\'6c;}{\f3\fcharset2 Symbol;}{\f4\fcharset2 Wingdings;}}";
    let flow =
        read(&format!(r"{fonts}\'e9{{\f1 \'e9}}{{\f2 \'83A}}{{\f3 a\u-3999 ?}}{{\f4 a}}\par"));
    assert_eq!(lines(&flow), ["éйアααa"], "\\u-3999 is U+F061, the symbol font's a");
    let flat =
        read(r"{\fonttbl\f0\fswiss\fcharset0 Helvetica;\f1\fnil\fcharset238 Other;}\f1 \'e8\par");
    assert_eq!(lines(&flat), ["č"], "Apple writes fonts without groups");
}

#[test]
fn bytes_that_stand_in_the_file_as_they_are_are_utf_8_where_that_is_valid() {
    assert_eq!(lines(&read("caf\u{e9} \u{2022}\\par")), ["caf\u{e9} \u{2022}"]);
    let old = b"{\\rtf1\\ansicpg1252 caf\xe9\\par}";
    assert_eq!(lines(&super::read(old).unwrap()), ["café"]);
}

#[test]
fn unicode_is_read_and_its_substitutes_are_passed_over() {
    let flow = read(
        r"\uc1\u233?\u-10179 ?\u-8704 ?\uc2\u960 ab{\uc0\u961}\u962\'61\'62.\uc1\u963{x}\u-10179 ?y\par",
    );
    assert_eq!(lines(&flow), ["é😀πρς.σx\u{fffd}y"]);
}

#[test]
fn a_unicode_group_replaces_the_other_one() {
    let flow = read(r"a{\upr b{\*\ud c\u233?}}d\par");
    assert_eq!(lines(&flow), ["acéd"]);
}

#[test]
fn paragraphs_have_styles_alignment_and_breaks() {
    let styles =
        r"{\stylesheet{\s0 Normal;}{\s1\outlinelevel0\b heading 1;}{\s2 Quote;}{\*\cs3 Strong;}}";
    let flow = read(&format!(
        r"{styles}\pard\s1\b One\par\pard\plain a\par\pard\qc * * *\par\pard\s2 q\par\pard\outlinelevel1 two\par\pard\li720\ri720 in\par\pard\page\par\pard x\line y\page z\par\pard\pagebb w\par{{\sect}}\pard v\par\par"
    ));
    let wanted = [
        "h1 One",
        "a",
        "Center * * *",
        "Quote q",
        "h2 two",
        "Quote in",
        "Page",
        "x|y",
        "Page",
        "z",
        "Page",
        "w",
        "Section",
        "v",
    ];
    assert_eq!(lines(&flow), wanted);
}

#[test]
fn footnotes_and_comments_stand_at_their_place() {
    let flow = read(
        r"a{\super\chftn}{\footnote\pard\plain{\super\chftn} The {\i note}.\par second}b {\*\atrfstart 7}c{\*\atrfend 7}{\*\atnid AB}{\*\atnauthor Ann B}\chatn{\*\annotation{\*\atndate 2273520519}{\*\atnref 7}\pard Why?\par Say}d\par",
    );
    assert_eq!(lines(&flow), ["a[The *note*./second]b <0c0>d"]);
    let [comment] = flow.comments.as_slice() else { panic!("one comment") };
    assert_eq!((comment.author.as_str(), comment.text.as_str()), ("Ann B", "Why?\nSay"));
    assert_eq!(comment.date, "2020-03-05T14:07");
}

#[test]
fn links_keep_their_address_and_other_fields_their_result() {
    let flow = read(
        r#"{\field{\*\fldinst{HYPERLINK "https://example.org/a"}}{\fldrslt{\ul there}}} {\field{\*\fldinst HYPERLINK \\l "x"}{\fldrslt here}} {\field{\*\fldinst PAGE}{\fldrslt 3}}{\field{\*\fldinst TOC \\o}{\fldrslt One\tab 1\par}}\par"#,
    );
    assert_eq!(lines(&flow), ["there<https://example.org/a> here 3"]);
    let counts = [Loss::InnerLink, Loss::Field, Loss::Contents].map(|loss| flow.lost.count(loss));
    assert_eq!(counts, [1, 1, 1]);
}

#[test]
fn lists_keep_their_signs_and_tables_their_cells() {
    let flow = read(
        r"\pard{\listtext\tab 1.\tab}\ls1\ilvl0 one\par{\listtext a)\tab}\ilvl1 two\par\pard\trowd\cellx1\cellx2\intbl a\par b\cell c\cell\row\intbl\cell d\cell\row\pard e\par",
    );
    let cell = |row, column| format!("Cell {{ row: {row}, column: {column} }}");
    assert_eq!(
        lines(&flow),
        [
            "Item { label: \"1.\", depth: 1 } one".to_owned(),
            "Item { label: \"a)\", depth: 2 } two".to_owned(),
            format!("{} a", cell(0, 0)),
            format!("{} b", cell(0, 0)),
            format!("{} c", cell(0, 1)),
            format!("{} d", cell(1, 1)),
            "e".to_owned(),
        ]
    );
    assert_eq!((flow.lost.count(Loss::List), flow.lost.count(Loss::Table)), (1, 1));
}

#[test]
fn images_come_with_their_text_and_unknown_kinds_are_counted() {
    let flow = read(
        r"a{\*\shppict{\pict{\*\picprop{\sp{\sn wzDescription}{\sv A cat}}}\pngblip 89504e47 0d0a}}{\nonshppict{\pict\wmetafile8 0100}}{\pict\wmetafile8 0100}b\par",
    );
    assert_eq!(lines(&flow), ["a(image 0 A cat)b"]);
    assert_eq!(flow.images.len(), 1);
    assert_eq!(flow.lost.count(Loss::ImageRefused), 1);
}

#[test]
fn what_is_no_text_of_the_novel_is_left_out_and_counted() {
    let flow = read(
        r"{\info{\title The Title}{\author A B}}{\header Page}{\footer \par}{\colortbl;\red0;}{\*\generator X;}{\*\unknown what}a{\deleted b}{\revised c}{\v d}{\shp{\*\shpinst{\sp{\sn x}{\sv 1}}{\shptxt\pard box\par}}{\shprslt old}}e\par",
    );
    assert_eq!(lines(&flow), ["acde", "box"]);
    assert_eq!((flow.title.as_deref(), flow.author.as_deref()), (Some("The Title"), Some("A B")));
    let all = [
        Loss::HeadersAndFooters,
        Loss::TrackedDeletion,
        Loss::TrackedInsertion,
        Loss::Hidden,
        Loss::TextBox,
    ];
    assert_eq!(all.map(|loss| flow.lost.count(loss)), [1; 5]);
    assert_eq!(flow.lost.count(Loss::Drawing), 0);
}

#[test]
fn languages_are_marked_where_they_change() {
    let flow = read(r"\deflang1033 \pard\lang2057 Most of this is English. {\lang1036 Oui.}\par");
    assert_eq!(flow.language.as_deref(), Some("en-GB"));
    assert_eq!(lines(&flow), ["Most of this is English. Oui.@fr"]);
}

#[test]
fn what_is_no_rtf_ends_early_or_is_too_deep_is_refused() {
    assert_eq!(super::read(b"plain"), Err(Refusal::WrongKind("an RTF document")));
    assert_eq!(super::read(b"{\\rtf1 a{\\b c}"), Err(Refusal::Damaged));
    let deep = format!("{{\\rtf1 {}", "{".repeat(100_000));
    assert_eq!(super::read(deep.as_bytes()), Err(Refusal::TooDeep));
    assert_eq!(lines(&read("a}behind").clone()), ["a"], "text behind the end is none");
}

#[test]
fn breaks_say_what_the_file_made() {
    let flow = read(r"a\par\page\pard b\par\pard\qr c\par\pard\rtlpar\qr d\par");
    assert_eq!(flow.blocks.get(1), Some(&Block::Break(Break::Page)));
    let Some(Block::Paragraph(paragraph)) = flow.blocks.get(3) else { panic!("a paragraph") };
    assert_eq!(paragraph.align, Some(Align::Right));
    assert_eq!(lines(&flow).last().unwrap(), "d", "flush right is how Hebrew begins a line");
}

proptest::proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(parts in proptest::collection::vec(part(), 0..60)) {
        let rtf = format!("{{\\rtf1 {}}}", parts.concat());
        let _flow = super::read(rtf.as_bytes());
    }
}

fn part() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    const WORDS: &[&str] = &[
        "{",
        "}",
        "{\\footnote ",
        "{\\*\\annotation ",
        "{\\field",
        "{\\*\\fldinst HYPERLINK \"https://a.b\"}",
        "{\\fldrslt ",
        "\\par ",
        "\\cell ",
        "\\row ",
        "\\page ",
        "\\sect ",
        "\\u-10179 ?",
        "\\'e9",
        "{\\pict ",
        "{\\fonttbl",
        "{\\stylesheet",
        "\\fcharset128 ",
        ";",
        "\\f1 ",
        "\\bin3 ",
        "{\\shp",
        "{\\shptxt ",
        "\\upr ",
        "{\\*\\ud ",
        "\\deleted ",
        "\\intbl ",
        "{\\listtext 1.}",
        "\\ls1 ",
        "\\title ",
        "\\info ",
        "\\uc9 ",
        "\\*",
    ];
    prop_oneof![proptest::sample::select(WORDS).prop_map(str::to_owned), "[a-zé \\\\'{}0-9]{0,6}"]
}
