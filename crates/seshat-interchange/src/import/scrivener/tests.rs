use std::fs;
use std::path::{Path, PathBuf};

use crate::flow::{Block, Flow, Inline, Kind, Loss, Role};
use crate::import::ImportError;
use crate::import::refusal::Refusal;

/// A folder `Book.scriv` with these files.
fn project(place: &Path, files: &[(&str, &str)]) -> PathBuf {
    let folder = place.join("Book.scriv");
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn rtf(text: &str) -> String {
    format!("{{\\rtf1\\ansi\\ansicpg1252 {text}}}")
}

/// A line for each block.
fn lines(flow: &Flow) -> Vec<String> {
    flow.blocks
        .iter()
        .map(|block| match block {
            Block::Item(item) => format!("{:?} {} {}", item.role, item.depth, item.title),
            Block::Heading { level, inline } => format!("h{level} {}", text(inline)),
            Block::Break(what) => format!("{what:?}"),
            Block::Paragraph(paragraph) => match paragraph.kind {
                Kind::Normal => text(&paragraph.inline),
                ref kind => format!("{kind:?} {}", text(&paragraph.inline)),
            },
        })
        .collect()
}

fn text(inline: &[Inline]) -> String {
    inline
        .iter()
        .map(|part| match part {
            Inline::Text { text, .. } => text.clone(),
            Inline::CommentFrom(comment) => format!("<{comment}"),
            Inline::CommentTo(comment) => format!("{comment}>"),
            Inline::Footnote(body) => {
                format!("[{}]", body.iter().map(of_block).collect::<String>())
            }
            Inline::Break => "|".into(),
            Inline::Image { .. } | Inline::Kept(_) => String::new(),
        })
        .collect()
}

fn of_block(block: &Block) -> String {
    match block {
        Block::Paragraph(paragraph) => text(&paragraph.inline),
        _ => String::new(),
    }
}

const BINDER: &str = r#"<?xml version="1.0"?><ScrivenerProject Version="2.0" Author="A B"><Binder>
<BinderItem UUID="D-0" Type="DraftFolder"><Title>Manuscript</Title><Children>
<BinderItem UUID="A-1" Type="Folder"><Title>One</Title><MetaData><IncludeInCompile>Yes</IncludeInCompile></MetaData><Children>
<BinderItem UUID="A-2" Type="Text"><Title>Scene</Title><MetaData><LabelID>7</LabelID><StatusID>2</StatusID><IncludeInCompile>Yes</IncludeInCompile></MetaData><Target Type="Words">900</Target></BinderItem>
<BinderItem UUID="A-3" Type="Text"><Title>Cut</Title><MetaData><LabelID>-1</LabelID></MetaData></BinderItem>
</Children></BinderItem></Children></BinderItem>
<BinderItem UUID="R-0" Type="ResearchFolder"><Title>Research</Title><Children>
<BinderItem UUID="R-1" Type="Text"><Title>Ships</Title></BinderItem>
<BinderItem UUID="R-2" Type="PDF"><Title>Map</Title></BinderItem></Children></BinderItem>
<BinderItem UUID="T-0" Type="TrashFolder"><Title>Trash</Title><Children><BinderItem UUID="T-1" Type="Text"/></Children></BinderItem>
</Binder><LabelSettings><Labels><Label ID="-1">No Label</Label><Label ID="7">Red</Label></Labels></LabelSettings>
<StatusSettings><StatusItems><Status ID="2">First Draft</Status></StatusItems></StatusSettings></ScrivenerProject>"#;

/// A project of version 3 with a commented and noted scene.
fn version_3(place: &Path) -> PathBuf {
    let marked = r#"<$Scr_Ps::0>Quoted.<!$Scr_Ps::0>\
a {\field{\*\fldinst{HYPERLINK "scrivcmt://C-1"}}{\fldrslt word}} and {\field{\*\fldinst{HYPERLINK "scrivcmt://C-2"}}{\fldrslt noted}}.\
\
"#;
    let comment = |id: &str, note: &str, text: &str| {
        format!("<Comment ID=\"{id}\" {note}><![CDATA[{}]]></Comment>", rtf(text))
    };
    let comments = format!(
        "<Comments>{}{}</Comments>",
        comment("C-1", "", "Why?"),
        comment("C-2", "Footnote=\"Yes\"", "The note.")
    );
    project(
        place,
        &[
            ("Book.scrivx", BINDER),
            ("Files/Data/A-2/content.rtf", &rtf(marked)),
            ("Files/Data/A-2/content.comments", &comments),
            ("Files/Data/A-2/content.styles", "S-1"),
            ("Files/styles.xml", "<Styles><Style Name=\"Block Quote\" ID=\"S-1\"/></Styles>"),
            ("Files/Data/A-2/synopsis.txt", "What happens"),
            ("Files/Data/A-2/notes.rtf", &rtf("A note.")),
            ("Files/Data/A-3/content.rtf", &rtf("Gone.")),
            ("Files/Data/R-1/content.rtf", &rtf("About ships.")),
        ],
    )
}

#[test]
fn a_project_of_version_3_is_its_binder_with_texts_cards_and_notes() {
    let place = tempfile::tempdir().unwrap();
    let folder = version_3(place.path());
    let flow = super::read(&folder).unwrap();
    assert_eq!(
        lines(&flow),
        [
            "Folder 0 One",
            "Text 1 Scene",
            "Quote Quoted.",
            "a <0word0> and noted[The note.].",
            "Text 1 Cut",
            "Gone.",
            "NoteFolder 0 Research",
            "Note 1 Ships",
            "About ships.",
            "Note 1 Map",
        ]
    );
    assert_eq!((flow.title.as_deref(), flow.author.as_deref()), (Some("Book"), Some("A B")));
    assert_eq!(flow.comments[0].text, "Why?");
    assert_eq!(flow.notes, ["The project's trash was left out: 1 item."]);
    let items: Vec<_> = flow
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Item(item) => Some(item),
            _ => None,
        })
        .collect();
    let scene = items[1];
    assert_eq!((scene.label.as_str(), scene.status.as_str()), ("Red", "First Draft"));
    assert_eq!((scene.synopsis.as_str(), scene.target), ("What happens", Some(900)));
    assert_eq!(scene.notes.len(), 1);
    assert_eq!(
        items.iter().map(|item| item.excluded).collect::<Vec<_>>()[..3],
        [false, false, true]
    );
    assert_eq!(items[0].role, Role::Folder);
}

#[test]
fn a_project_of_version_2_keeps_its_files_in_another_folder() {
    let place = tempfile::tempdir().unwrap();
    let binder = r#"<ScrivenerProject><Binder><BinderItem ID="0" Type="DraftFolder"><Title>Draft</Title>
        <Children><BinderItem ID="3" Type="Text"><Title>Scene</Title></BinderItem></Children></BinderItem></Binder></ScrivenerProject>"#;
    let inline = r"one \{\\Scrv_annot \\color=\{\\R=1.0\\G=0.0\\B=0.0\} \\text=think again\\end_Scrv_annot \} two\{\\Scrv_fn=noted\\end_Scrv_fn\}.";
    let inline = inline.replace("annot \\}", "annot\\}");
    let folder = project(
        place.path(),
        &[
            ("project.scrivx", binder),
            ("Files/Docs/3.rtf", &rtf(&inline)),
            ("Files/Docs/3_synopsis.txt", "Card"),
        ],
    );
    for path in [folder.clone(), folder.join("project.scrivx")] {
        let flow = super::read(&path).unwrap();
        assert_eq!(lines(&flow), ["Text 0 Scene", "one 0> two[noted]."]);
        assert_eq!(flow.comments[0].text, "think again");
        let Some(Block::Item(item)) = flow.blocks.first() else { panic!("an item") };
        assert_eq!((item.synopsis.as_str(), item.excluded), ("Card", false));
    }
}

#[test]
fn a_binder_that_names_files_outside_reads_none_of_them() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("secret.rtf"), rtf("secret")).unwrap();
    let binder = r#"<ScrivenerProject><Binder><BinderItem ID="../../../secret" Type="Text"><Title>Scene</Title></BinderItem>
        <BinderItem ID="7" Type="Text"><Title>Link</Title></BinderItem></Binder></ScrivenerProject>"#;
    let folder = project(place.path(), &[("a.scrivx", binder), ("Files/Docs/1.rtf", "")]);
    #[cfg(unix)]
    std::os::unix::fs::symlink(place.path().join("secret.rtf"), folder.join("Files/Docs/7.rtf"))
        .unwrap();
    let flow = super::read(&folder).unwrap();
    assert_eq!(lines(&flow), ["Note 0 Scene", "Note 0 Link"]);
}

#[test]
fn photographs_that_are_too_large_are_left_out_and_the_novel_is_read() {
    let place = tempfile::tempdir().unwrap();
    let image = |id: &str| {
        format!(
            "<BinderItem UUID=\"{id}\" Type=\"Image\"><Title>{id}</Title>\
             <MetaData><FileExtension>png</FileExtension></MetaData></BinderItem>"
        )
    };
    let binder = format!(
        "<ScrivenerProject><Binder><BinderItem UUID=\"0\" Type=\"ResearchFolder\"><Title>R</Title><Children>\
         {}{}</Children></BinderItem></Binder></ScrivenerProject>",
        image("A"),
        image("B")
    );
    let small = ("Files/Data/A/content.png", "\u{0}");
    let folder =
        project(place.path(), &[("a.scrivx", &binder), small, ("Files/Data/B/content.png", "")]);
    fs::write(folder.join(small.0), b"\x89PNG\r\n\x1a\n").unwrap();
    let large = fs::File::options().write(true).open(folder.join("Files/Data/B/content.png"));
    large.unwrap().set_len(17_000_000).unwrap();
    let flow = super::read(&folder).unwrap();
    assert_eq!((flow.images.len(), flow.lost.count(Loss::ImageRefused)), (1, 1));
}

#[test]
fn what_is_no_project_is_refused() {
    let place = tempfile::tempdir().unwrap();
    let refusal = |files: &[(&str, &str)]| {
        let place = tempfile::tempdir().unwrap();
        super::read(&project(place.path(), files)).unwrap_err()
    };
    assert!(matches!(
        super::read(&place.path().join("none.scriv")),
        Err(ImportError::Missing { .. })
    ));
    assert!(matches!(refusal(&[("a.txt", "")]), ImportError::WrongKind { .. }));
    let bomb = "<!DOCTYPE a [<!ENTITY b \"c\">]><ScrivenerProject/>";
    let refused =
        [("<a/>", Refusal::WrongKind("a project of Scrivener")), (bomb, Refusal::Entities)];
    for (binder, wanted) in refused {
        match refusal(&[("a.scrivx", binder)]) {
            ImportError::Refused { refusal, .. } => assert_eq!(refusal, wanted),
            other => panic!("{other}"),
        }
    }
}
