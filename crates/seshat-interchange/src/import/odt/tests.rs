use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::flow::{Block, Flow, Inline, Kind, Loss, Paragraph};
use crate::import::refusal::Refusal;

const NAMES: &str = r#"xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:style="urn:oasis:names:tc:opendocument:xmlns:style:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:draw="urn:oasis:names:tc:opendocument:xmlns:drawing:1.0" xmlns:fo="urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0" xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0" xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/""#;

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn document(automatic: &str, styles: &str, body: &str) -> Vec<u8> {
    let content = format!(
        "<office:document-content {NAMES}><office:automatic-styles>{automatic}</office:automatic-styles><office:body><office:text>{body}</office:text></office:body></office:document-content>"
    );
    let styles = format!(
        "<office:document-styles {NAMES}><office:styles>{styles}</office:styles></office:document-styles>"
    );
    archive(&[
        ("mimetype", b"application/vnd.oasis.opendocument.text"),
        ("content.xml", content.as_bytes()),
        ("styles.xml", styles.as_bytes()),
        ("Pictures/a.png", b"\x89PNG\r\n\x1a\nxx"),
    ])
}

fn read(automatic: &str, styles: &str, body: &str) -> Flow {
    super::read(&document(automatic, styles, body)).unwrap()
}

fn lines(flow: &Flow) -> Vec<String> {
    flow.blocks.iter().map(line).collect()
}

fn line(block: &Block) -> String {
    match block {
        Block::Heading { level, inline } => format!("h{level} {}", text(inline)),
        Block::Break(what) => format!("{what:?}"),
        Block::Item(_) => "item".into(),
        Block::Paragraph(Paragraph { kind: Kind::Normal, align, inline }) => {
            format!("{}{}", align.map(|a| format!("{a:?} ")).unwrap_or_default(), text(inline))
        }
        Block::Paragraph(Paragraph { kind: Kind::Cell { row, column }, inline, .. }) => {
            format!("{row}.{column} {}", text(inline))
        }
        Block::Paragraph(Paragraph { kind: Kind::Item { label, depth }, inline, .. }) => {
            format!("{label}/{depth} {}", text(inline))
        }
        Block::Paragraph(Paragraph { kind, inline, .. }) => format!("{kind:?} {}", text(inline)),
    }
}

fn text(inline: &[Inline]) -> String {
    let mut out = String::new();
    for part in inline {
        match part {
            Inline::Text { text, marks } => {
                out.push_str(text);
                for (on, sign) in [
                    (marks.emphasis, "*"),
                    (marks.strong, "**"),
                    (marks.underline, "_"),
                    (marks.strike, "~"),
                    (marks.smallcaps, "#"),
                    (marks.superscript, "^"),
                ] {
                    out.push_str(if on { sign } else { "" });
                }
                out.push_str(&marks.link.as_ref().map(|l| format!("<{l}>")).unwrap_or_default());
                out.push_str(&marks.language.as_ref().map(|l| format!("@{l}")).unwrap_or_default());
            }
            Inline::Break => out.push('|'),
            Inline::Footnote(body) => {
                out.push_str(&format!("[{}]", body.iter().map(line).collect::<Vec<_>>().join("/")));
            }
            Inline::Image { alt, .. } => out.push_str(&format!("(image {alt})")),
            Inline::CommentFrom(comment) => out.push_str(&format!("<{comment}")),
            Inline::CommentTo(comment) => out.push_str(&format!("{comment}>")),
            Inline::Kept(_) => {}
        }
    }
    out
}

fn style(name: &str, family: &str, parent: &str, text: &str, para: &str) -> String {
    let parent = if parent.is_empty() {
        String::new()
    } else {
        format!("style:parent-style-name=\"{parent}\"")
    };
    format!(
        "<style:style style:name=\"{name}\" style:family=\"{family}\" {parent}><style:text-properties {text}/><style:paragraph-properties {para}/></style:style>"
    )
}

#[test]
fn marks_white_space_and_languages_are_read() {
    let automatic = [
        style("I", "text", "", "fo:font-style=\"italic\"", ""),
        style("B", "text", "", "fo:font-weight=\"bold\" style:text-underline-style=\"solid\"", ""),
        style(
            "S",
            "text",
            "",
            "style:text-position=\"super 58%\" style:text-line-through-style=\"solid\"",
            "",
        ),
        style("F", "text", "", "fo:language=\"fr\" fo:country=\"FR\"", ""),
        style("P1", "paragraph", "Quotations", "fo:font-variant=\"small-caps\"", ""),
    ]
    .concat();
    let styles = [
        "<style:default-style style:family=\"paragraph\"><style:text-properties fo:language=\"en\" fo:country=\"GB\"/></style:default-style>".to_owned(),
        style("Quotations", "paragraph", "", "fo:font-style=\"italic\"", ""),
    ]
    .concat();
    let flow = read(
        &automatic,
        &styles,
        "<text:p>  Some   words <text:span text:style-name=\"I\">a <text:span text:style-name=\"B\">b</text:span></text:span><text:s text:c=\"2\"/><text:tab/><text:span text:style-name=\"S\">c</text:span><text:line-break/> d <text:span text:style-name=\"F\">oui</text:span> \n </text:p><text:p text:style-name=\"P1\">q</text:p>",
    );
    assert_eq!(
        lines(&flow),
        ["Some words a *b***_  \tc~^|d oui@fr-FR", "Quote q#"],
        "a quotation's own look is none, what was put over it is"
    );
    assert_eq!(flow.language.as_deref(), Some("en-GB"));
}

#[test]
fn headings_lists_tables_and_breaks_are_told() {
    let automatic = [
        style("P1", "paragraph", "", "", "fo:break-before=\"page\""),
        style("P2", "paragraph", "", "", "fo:text-align=\"center\""),
        "<text:list-style style:name=\"L\"><text:list-level-style-number text:level=\"1\" style:num-format=\"1\" style:num-suffix=\".\"/><text:list-level-style-bullet text:level=\"2\" text:bullet-char=\"–\"/></text:list-style>".to_owned(),
    ]
    .concat();
    let flow = read(
        &automatic,
        "",
        "<text:h text:outline-level=\"2\">One</text:h><text:p text:style-name=\"P2\">* * *</text:p><text:list text:style-name=\"L\"><text:list-item><text:p>a</text:p><text:p>more</text:p><text:list><text:list-item><text:p>b</text:p></text:list-item></text:list></text:list-item><text:list-item><text:p>c</text:p></text:list-item></text:list><table:table><table:table-row><table:table-cell><text:p>d</text:p></table:table-cell><table:table-cell><text:p>e</text:p></table:table-cell></table:table-row></table:table><text:p text:style-name=\"P1\">new</text:p><text:table-of-content><text:index-body><text:p>One 1</text:p></text:index-body></text:table-of-content>",
    );
    assert_eq!(
        lines(&flow),
        [
            "h2 One",
            "Center * * *",
            "1./1 a",
            "/1 more",
            "–/2 b",
            "2./1 c",
            "0.0 d",
            "0.1 e",
            "Page",
            "new"
        ]
    );
    assert_eq!(flow.lost.count(Loss::Contents), 1);
}

#[test]
fn notes_comments_links_and_images_stand_at_their_place() {
    let flow = read(
        "",
        "",
        "<text:p>a<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>The note.</text:p></text:note-body></text:note> <office:annotation office:name=\"n\"><dc:creator>Ann</dc:creator><text:p>Why?</text:p></office:annotation>b<office:annotation-end office:name=\"n\"/><office:annotation><text:p>Point</text:p></office:annotation> <text:a xlink:href=\"https://example.org/\">c</text:a><draw:frame><draw:image xlink:href=\"Pictures/a.png\"/><svg:desc>A cat</svg:desc></draw:frame><draw:frame><draw:image xlink:href=\"https://example.org/a.png\"/></draw:frame><draw:frame><draw:text-box><text:p>box</text:p></draw:text-box></draw:frame></text:p>",
    );
    assert_eq!(lines(&flow), ["a[The note.] <0b0>1> c<https://example.org/>(image A cat)", "box"]);
    assert_eq!((flow.comments[0].author.as_str(), flow.comments[0].text.as_str()), ("Ann", "Why?"));
    let all = [Loss::ImageElsewhere, Loss::TextBox];
    assert_eq!(all.map(|loss| flow.lost.count(loss)), [1, 1]);
}

#[test]
fn protected_other_and_damaged_files_are_refused() {
    let manifest = format!(
        "<manifest:manifest {NAMES}><manifest:file-entry><manifest:encryption-data/></manifest:file-entry></manifest:manifest>"
    );
    let protected =
        archive(&[("META-INF/manifest.xml", manifest.as_bytes()), ("content.xml", b"")]);
    assert_eq!(super::read(&protected), Err(Refusal::Protected));
    let sheet = archive(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet")]);
    assert_eq!(super::read(&sheet), Err(Refusal::WrongKind("an OpenDocument text")));
    assert_eq!(super::read(&archive(&[("a", b"")])), Err(Refusal::PartMissing("its text")));
    let whole = document("", "", "<text:p>words</text:p>");
    for end in (30..whole.len()).step_by(61) {
        assert!(super::read(whole.get(..end).unwrap()).is_err(), "cut at {end}");
    }
}
