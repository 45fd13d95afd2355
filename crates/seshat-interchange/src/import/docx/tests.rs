use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::flow::{Align, Block, Flow, Inline, Kind, Loss, Paragraph};
use crate::import::refusal::Refusal;

const MAIN: &str = "http://schemas.openxmlformats.org/wordprocessingml/2006/main";
const STRICT: &str = "http://purl.oclc.org/ooxml/wordprocessingml/main";
const NAMES: &str = r#"xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml" xmlns:w15="http://schemas.microsoft.com/office/word/2012/wordml""#;

/// A document with this body and these further parts, each with the last word of its relation's type.
fn document(body: &str, parts: &[(&str, &str, &str)]) -> Vec<u8> {
    let wrap = |name: &str, content: &str| {
        format!("<?xml version=\"1.0\"?><w:{name} xmlns:w=\"{MAIN}\" {NAMES}>{content}</w:{name}>")
    };
    let relations: String = parts
        .iter()
        .enumerate()
        .map(|(id, (kind, target, _))| {
            let outside = if target.contains("://") { " TargetMode=\"External\"" } else { "" };
            format!("<Relationship Id=\"r{id}\" Type=\"x/{kind}\" Target=\"{target}\"{outside}/>")
        })
        .collect();
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let mut file = |name: &str, content: &[u8]| {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    };
    let root = "<Relationships><Relationship Id=\"a\" Type=\"x/officeDocument\" Target=\"word/document.xml\"/></Relationships>";
    file("_rels/.rels", root.as_bytes());
    file("word/document.xml", wrap("document", &format!("<w:body>{body}</w:body>")).as_bytes());
    let relations = format!("<Relationships>{relations}</Relationships>");
    file("word/_rels/document.xml.rels", relations.as_bytes());
    for (kind, target, content) in parts {
        match *kind {
            "image" => file(&format!("word/{target}"), b"\x89PNG\r\n\x1a\nxx"),
            "commentsExtended" => {
                let content = format!("<w15:commentsEx {NAMES}>{content}</w15:commentsEx>");
                file(&format!("word/{target}"), content.as_bytes());
            }
            _ if target.contains("://") => {}
            kind => file(&format!("word/{target}"), wrap(kind, content).as_bytes()),
        }
    }
    zip.finish().unwrap().into_inner()
}

fn read(body: &str, parts: &[(&str, &str, &str)]) -> Flow {
    super::read(&document(body, parts)).unwrap()
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
                out.push_str(&marks.ruby.as_ref().map(|r| format!("({r})")).unwrap_or_default());
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

fn run(properties: &str, text: &str) -> String {
    format!("<w:r><w:rPr>{properties}</w:rPr><w:t xml:space=\"preserve\">{text}</w:t></w:r>")
}

fn p(properties: &str, content: &str) -> String {
    format!("<w:p><w:pPr>{properties}</w:pPr>{content}</w:p>")
}

#[test]
fn marks_come_from_the_text_and_from_character_styles() {
    let styles = r#"<w:style w:type="character" w:styleId="E"><w:name w:val="Emphasis"/><w:rPr><w:i/></w:rPr></w:style>
        <w:style w:type="paragraph" w:styleId="T"><w:name w:val="Thoughts"/><w:rPr><w:i/></w:rPr></w:style>
        <w:style w:type="paragraph" w:styleId="Q"><w:name w:val="Quote"/><w:rPr><w:i/></w:rPr></w:style>"#;
    let all = [
        run("<w:i/>", "a"),
        run("<w:b/><w:i w:val=\"0\"/>", "b"),
        run("<w:u w:val=\"single\"/>", "c"),
        run("<w:u w:val=\"none\"/><w:strike/>", "d"),
        run("<w:smallCaps/>", "e"),
        run("<w:vertAlign w:val=\"superscript\"/>", "f"),
        run("<w:rStyle w:val=\"E\"/>", "g"),
        run("", "<![CDATA[ <h>]]>"),
    ]
    .concat();
    let body = [
        p("", &all),
        p(
            "<w:pStyle w:val=\"T\"/>",
            &[run("", "I think "), run("<w:rStyle w:val=\"E\"/>", "so")].concat(),
        ),
        p("<w:pStyle w:val=\"Q\"/>", &[run("", "It was "), run("<w:i/>", "he")].concat()),
    ]
    .concat();
    let flow = read(&body, &[("styles", "styles.xml", styles)]);
    assert_eq!(
        lines(&flow),
        ["a*b**c_d~e#f^g* <h>", "I think *so", "Quote It was he*"],
        "emphasis in an italic style is upright, and a quotation's style is its look"
    );
}

#[test]
fn headings_titles_alignment_and_breaks_are_told() {
    let styles = r#"<w:style w:type="paragraph" w:styleId="H"><w:name w:val="heading 2"/></w:style>
        <w:style w:type="paragraph" w:styleId="C"><w:name w:val="My own"/><w:basedOn w:val="H"/></w:style>
        <w:style w:type="paragraph" w:styleId="B"><w:name w:val="Title"/></w:style>"#;
    let body = [
        p("<w:pStyle w:val=\"B\"/>", &run("", "The Book")),
        p("<w:pStyle w:val=\"C\"/>", &run("<w:b/>", "One")),
        p("<w:outlineLvl w:val=\"0\"/>", &run("", "Two")),
        p("<w:jc w:val=\"center\"/>", &run("", "* * *")),
        p("<w:bidi/><w:jc w:val=\"right\"/>", &run("<w:rtl/>", "א")),
        p("", "<w:r><w:pict><v:rect o:hr=\"t\"/></w:pict></w:r>"),
        p("", "<w:r><w:br w:type=\"page\"/></w:r>"),
        p("<w:pageBreakBefore/>", &run("", "new")),
        p("<w:sectPr/>", "<w:r><w:t>a</w:t><w:br/><w:t>b</w:t><w:tab/><w:t>c</w:t></w:r>"),
        p("", &run("", "end")),
        "<w:sectPr><w:type w:val=\"nextPage\"/></w:sectPr>".to_owned(),
    ]
    .concat();
    let flow = read(&body, &[("styles", "styles.xml", styles)]);
    assert_eq!(
        lines(&flow),
        [
            "Title The Book",
            "h2 One",
            "h1 Two",
            "Center * * *",
            "Left א",
            "Scene",
            "Page",
            "Page",
            "new",
            "a|b\tc",
            "Section",
            "end"
        ]
    );
    let _is_physical = Align::Left;
}

#[test]
fn notes_comments_and_links_stand_at_their_place() {
    let body = p(
        "",
        r#"<w:r><w:t>a</w:t><w:footnoteReference w:id="2"/></w:r><w:commentRangeStart w:id="0"/><w:r><w:t>b</w:t></w:r><w:commentRangeEnd w:id="0"/><w:r><w:commentReference w:id="0"/></w:r><w:r><w:commentReference w:id="1"/></w:r><w:hyperlink r:id="r3"><w:r><w:t>c</w:t></w:r></w:hyperlink><w:hyperlink w:anchor="x"><w:r><w:t>d</w:t></w:r></w:hyperlink><w:r><w:fldChar w:fldCharType="begin"/><w:instrText>HYPERLINK "mailto:a@b.c"</w:instrText><w:fldChar w:fldCharType="separate"/><w:t>e</w:t><w:fldChar w:fldCharType="end"/><w:t>f</w:t></w:r>"#,
    );
    let comments = r#"<w:comment w:id="0" w:author="Ann" w:date="2020-01-01"><w:p w14:paraId="A"><w:r><w:t>Why?</w:t></w:r></w:p></w:comment><w:comment w:id="1" w:author="Bob"><w:p w14:paraId="B"><w:r><w:t>Because.</w:t></w:r></w:p></w:comment>"#;
    let extended = r#"<w15:commentEx w15:paraId="A" w15:done="1"/><w15:commentEx w15:paraId="B" w15:paraIdParent="A"/>"#;
    let notes = r#"<w:footnote w:id="0" w:type="separator"><w:p/></w:footnote><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/><w:t xml:space="preserve"> The note.</w:t></w:r></w:p></w:footnote>"#;
    let flow = read(
        &body,
        &[
            ("footnotes", "footnotes.xml", notes),
            ("comments", "comments.xml", comments),
            ("commentsExtended", "commentsExtended.xml", extended),
            ("hyperlink", "https://example.org/", ""),
        ],
    );
    assert_eq!(lines(&flow), ["a[The note.]<0b0>1>c<https://example.org/>de<mailto:a@b.c>f"]);
    assert_eq!(flow.lost.count(Loss::InnerLink), 1);
    let [why, because] = flow.comments.as_slice() else { panic!("two comments") };
    assert_eq!((why.author.as_str(), why.text.as_str(), why.resolved), ("Ann", "Why?", true));
    assert_eq!((because.text.as_str(), because.answers), ("Because.", Some(0)));
}

#[test]
fn changes_are_taken_as_accepted_and_a_table_of_contents_is_left_out() {
    let body = [
        p("<w:rPr><w:del/></w:rPr>", "<w:r><w:t>one </w:t></w:r>"),
        p("", "<w:ins><w:r><w:t>two</w:t></w:r></w:ins><w:del><w:r><w:delText>three</w:delText></w:r></w:del>"),
        p("", "<w:r><w:fldChar w:fldCharType=\"begin\"/><w:instrText>TOC \\o</w:instrText><w:fldChar w:fldCharType=\"separate\"/><w:t>Chapter 1</w:t></w:r>"),
        p("", "<w:r><w:t>Chapter 2</w:t></w:r><w:r><w:fldChar w:fldCharType=\"end\"/></w:r>"),
        p("", &run("<w:vanish/>", "hidden")),
    ]
    .concat();
    let flow = read(&body, &[]);
    assert_eq!(lines(&flow), ["one two", "hidden"]);
    let all = [Loss::TrackedDeletion, Loss::TrackedInsertion, Loss::Contents, Loss::Hidden];
    assert_eq!(all.map(|loss| flow.lost.count(loss)), [1; 4]);
}

#[test]
fn lists_tables_images_and_text_boxes_keep_their_text() {
    let numbering = r#"<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl><w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%1.%2)"/></w:lvl></w:abstractNum><w:num w:numId="5"><w:abstractNumId w:val="0"/></w:num>"#;
    let item = |level: u8, text: &str| {
        let list = format!("<w:numPr><w:ilvl w:val=\"{level}\"/><w:numId w:val=\"5\"/></w:numPr>");
        p(&list, &run("", text))
    };
    let cell = |text: &str| format!("<w:tc>{}</w:tc>", p("", &run("", text)));
    let drawing = r#"<w:r><w:drawing><wp:inline><wp:docPr descr="A cat"/><a:blip r:embed="r1"/></wp:inline></w:drawing></w:r>"#;
    let text_box = format!(
        "<w:r><mc:AlternateContent><mc:Choice><w:drawing><w:txbxContent>{0}</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent>{0}</w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>",
        p("", &run("", "box"))
    );
    let body = [
        item(0, "x"),
        item(1, "y"),
        item(0, "z"),
        format!("<w:tbl><w:tr>{}{}</w:tr><w:tr>{}</w:tr></w:tbl>", cell("a"), cell("b"), cell("c")),
        p("", &format!("{}{drawing}{text_box}", run("", "see "))),
        p("", "<w:r><w:ruby><w:rt><w:r><w:t>とう</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>東</w:t></w:r></w:rubyBase></w:ruby></w:r>"),
    ]
    .concat();
    let flow =
        read(&body, &[("numbering", "numbering.xml", numbering), ("image", "media/a.png", "")]);
    assert_eq!(
        lines(&flow),
        [
            "1./1 x",
            "1.a)/2 y",
            "2./1 z",
            "0.0 a",
            "0.1 b",
            "1.0 c",
            "see (image A cat)",
            "box",
            "東(とう)"
        ]
    );
    assert_eq!((flow.images.len(), flow.lost.count(Loss::TextBox)), (1, 1));
}

#[test]
fn strict_documents_are_read_and_others_refused() {
    let bytes = document(&p("", &run("", "text")), &[]);
    assert!(super::read(&bytes).is_ok());
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("word/document.xml", SimpleFileOptions::default()).unwrap();
    let strict = format!(
        "<w:document xmlns:w=\"{STRICT}\"><w:body>{}</w:body></w:document>",
        p("", &run("", "text"))
    );
    zip.write_all(strict.as_bytes()).unwrap();
    let strict = zip.finish().unwrap().into_inner();
    assert_eq!(lines(&super::read(&strict).unwrap()), ["text"]);
    assert_eq!(super::read(&document("", &[])), Err(Refusal::NoText));
    assert_eq!(super::read(b"PK\x03\x04"), Err(Refusal::Damaged));
    assert_eq!(super::read(b"text"), Err(Refusal::WrongKind("a DOCX document")));
    for end in (30..bytes.len()).step_by(97) {
        assert!(super::read(bytes.get(..end).unwrap()).is_err(), "cut at {end}");
    }
}
