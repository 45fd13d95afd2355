//! Exports: what of a novel, as what, for whom, and how they are stopped. Where pages are set, a script stands in for the
//! press: what is tested here is how the desk talks to it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use seshat_interchange::export;
use seshat_store::Fault;

use super::laptops::{Laptop, laptops, meet, novel};
use crate::{
    Existing, ExportCopy, ExportDone, ExportKind, ExportPreset, ExportRange, ExportStep, Failure,
    FailureCode, MatterRole, MatterRow, NewNode, NodeKind, OutlineNode, VaultState,
};

const KINDS: [ExportKind; 12] = [
    ExportKind::Epub,
    ExportKind::Docx,
    ExportKind::ManuscriptDocx,
    ExportKind::Odt,
    ExportKind::Html,
    ExportKind::HtmlFolder,
    ExportKind::MarkdownFolder,
    ExportKind::Markdown,
    ExportKind::Pandoc,
    ExportKind::Text,
    ExportKind::Csv,
    ExportKind::Opml,
];

/// A laptop and a folder to export to.
struct Desk {
    laptop: Laptop,
    folder: tempfile::TempDir,
}

impl Desk {
    fn new() -> Self {
        let [laptop] = laptops(["Desk"]);
        Self { laptop, folder: tempfile::tempdir().unwrap() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The sample novel with its first chapter in one part and the others in another one.
    fn novel_in_parts(&self) -> (String, Vec<OutlineNode>) {
        let desk = &self.laptop.desk;
        let novel = desk.sample_novel("en").unwrap().novel.id;
        let chapters: Vec<_> = self.laptop.outline(&novel).into_iter().map(|it| it.id).collect();
        assert_eq!(chapters.len(), 3);
        for (title, held) in [("Low Water", &chapters[..1]), ("High Water", &chapters[1..])] {
            let (title, kind) = (title.to_owned(), NodeKind::Part);
            let part = NewNode { kind, parent: None, after: None, title };
            let part = desk.add_node(&novel, &part).unwrap().id;
            for (at, chapter) in held.iter().enumerate() {
                desk.move_node(&novel, chapter, Some(&part), at).unwrap();
            }
        }
        let rows = self.laptop.outline(&novel);
        (novel, rows)
    }

    fn preset(&self, novel: &str, kind: ExportKind) -> ExportPreset {
        self.laptop.desk.usual_preset(novel, kind).unwrap()
    }

    fn export(
        &self,
        novel: &str,
        preset: &ExportPreset,
        copy: &ExportCopy,
        name: &str,
    ) -> Result<ExportDone, Failure> {
        let path = self.path(name);
        self.laptop.desk.export_novel(novel, preset, copy, (&path, Existing::Kept))
    }

    /// The novel's text as this range has it.
    fn text(&self, novel: &str, range: ExportRange, name: &str) -> (ExportDone, String) {
        let preset = ExportPreset { range, ..self.preset(novel, ExportKind::Text) };
        let done = self.export(novel, &preset, &ExportCopy::default(), name).unwrap();
        (done, fs::read_to_string(self.path(name)).unwrap())
    }

    /// A script in the place of the press; it notes each job in the file `jobs`.
    fn press(&self, script: &str) {
        let path = self.path("press");
        let head =
            format!("#!/bin/sh\nread -r job\necho job >> '{}'\n", self.path("jobs").display());
        fs::write(&path, format!("{head}{script}")).unwrap();
        let made = Command::new("chmod").arg("755").arg(&path).status().unwrap();
        assert!(made.success());
        self.laptop.desk.press_at(path);
    }

    fn jobs(&self) -> usize {
        fs::read_to_string(self.path("jobs")).unwrap_or_default().lines().count()
    }
}

fn for_reader(recipient: &str) -> ExportCopy {
    ExportCopy { recipient: recipient.to_owned(), mark: true, ..ExportCopy::default() }
}

/// Five pages, the first two of them drawn, and one character without a font.
const FIVE_PAGES: &str = r#"case "$job" in
*'"render":'*) printf '{"ok":true,"wire":1,"files":[3,3],"pages":5,"missing":""}\nONETWO';;
*) printf '{"ok":true,"wire":1,"files":[4],"pages":5,"missing":"☃"}\n%%PDF';;
esac
"#;

#[test]
fn every_kind_is_written_whole_with_the_same_words_and_nothing_is_replaced() {
    let desk = Desk::new();
    let novel = desk.laptop.desk.sample_novel("en").unwrap().novel;
    for kind in KINDS {
        let (name, preset) = (format!("{kind:?}"), desk.preset(&novel.id, kind));
        let done = desk.export(&novel.id, &preset, &ExportCopy::default(), &name).unwrap();
        assert_eq!((done.words, done.chapters, &done.copy), (novel.words, 3, &None), "{name}");
        assert!(done.findings.iter().all(|it| !it.grave), "{name}: {:?}", done.findings);
        let before = fs::metadata(desk.path(&name)).unwrap().modified().unwrap();
        let again = desk.export(&novel.id, &preset, &ExportCopy::default(), &name).unwrap_err();
        assert!(again.message.contains("already something"), "{}", again.message);
        assert_eq!(fs::metadata(desk.path(&name)).unwrap().modified().unwrap(), before);
        assert_eq!(desk.path(&name).is_dir(), kind.ending().is_empty(), "{name}");
        assert!(desk.laptop.desk.has_exported(&desk.path(&name)));
    }
    assert!(!desk.laptop.desk.has_exported(Path::new("/etc/passwd")));
    let nowhere = desk.path("nowhere/a.txt");
    let preset = desk.preset(&novel.id, ExportKind::Text);
    let copy = for_reader("Reader One");
    let failed =
        desk.laptop.desk.export_novel(&novel.id, &preset, &copy, (&nowhere, Existing::Kept));
    assert!(failed.unwrap_err().message.contains("does not exist"));
    assert!(desk.laptop.desk.export_copies(&novel.id).unwrap().is_empty(), "nobody got it");
}

#[test]
fn a_file_that_the_author_was_asked_about_is_replaced_and_a_folder_never() {
    let desk = Desk::new();
    let (novel, _) = novel(&desk.laptop);
    let copy = ExportCopy::default();
    fs::write(desk.path("there"), "an older export").unwrap();
    let preset = desk.preset(&novel, ExportKind::Html);
    let there = desk.path("there");
    let target = (there.as_path(), Existing::Replaced);
    desk.laptop.desk.export_novel(&novel, &preset, &copy, target).unwrap();
    assert!(fs::read_to_string(&there).unwrap().starts_with("<!DOCTYPE html>"));
    let folder = desk.path("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("kept.txt"), "mine").unwrap();
    for kind in [ExportKind::Html, ExportKind::HtmlFolder, ExportKind::MarkdownFolder] {
        let preset = desk.preset(&novel, kind);
        let target = (folder.as_path(), Existing::Replaced);
        assert!(desk.laptop.desk.export_novel(&novel, &preset, &copy, target).is_err(), "{kind:?}");
    }
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    assert_eq!(fs::read_dir(desk.folder.path()).unwrap().count(), 2, "nothing is left beside them");
}

#[test]
fn a_part_some_chapters_or_ticked_scenes_are_exported_and_keep_their_numbers() {
    let desk = Desk::new();
    let (novel, rows) = desk.novel_in_parts();
    let chapters: Vec<_> = rows.iter().flat_map(|part| &part.children).collect();
    let words = |rows: &[&OutlineNode]| rows.iter().map(|row| row.words).sum::<u64>();

    let part = ExportRange::Part { node: rows[1].id.clone() };
    let (done, text) = desk.text(&novel, part, "part");
    assert_eq!((done.words, done.chapters), (words(&chapters[1..]), 2));
    assert!(text.contains("High Water") && !text.contains("Low Water"));

    // From the last to the first is as good.
    let (first, last) = (chapters[1].id.clone(), chapters[0].id.clone());
    let (done, text) = desk.text(&novel, ExportRange::Chapters { first, last }, "chapters");
    assert_eq!((done.words, done.chapters), (words(&chapters[..2]), 2));
    assert!(text.contains("High Water") && text.contains("Low Water"));

    let second = &chapters[2].children[1];
    let nodes = vec![second.id.clone(), chapters[0].id.clone(), "gone@1".to_owned()];
    let range = ExportRange::Scenes { nodes };
    let (done, _) = desk.text(&novel, range.clone(), "scenes");
    assert_eq!(done.words, second.words + chapters[0].words);
    assert!(done.findings.iter().any(|it| it.said.contains("no longer")), "{:?}", done.findings);

    let numbered = ExportPreset {
        chapter_heading: "Chapter #d".to_owned(),
        range: range.clone(),
        ..desk.preset(&novel, ExportKind::Text)
    };
    desk.export(&novel, &numbered, &ExportCopy::default(), "numbered").unwrap();
    let text = fs::read_to_string(desk.path("numbered")).unwrap();
    assert!(text.contains("Chapter 1\n") && text.contains("Chapter 3\n"), "{text}");
    assert!(!text.contains("Chapter 2\n"));

    for (kind, name) in [(ExportKind::MarkdownFolder, "md"), (ExportKind::Csv, "csv")] {
        let preset = ExportPreset { range: range.clone(), ..desk.preset(&novel, kind) };
        let cut = desk.export(&novel, &preset, &ExportCopy::default(), name).unwrap();
        assert_eq!(cut.words, done.words, "{name}");
    }
    assert_eq!(fs::read_dir(desk.path("md")).unwrap().count(), 3, "two chapters and the book");
    let table = fs::read_to_string(desk.path("csv")).unwrap();
    assert_eq!(table.lines().count(), 1 + 2 + 2 + chapters[0].children.len() + 1, "{table}");
}

#[test]
fn what_is_left_out_of_exports_stays_out_and_what_is_gone_is_said() {
    let desk = Desk::new();
    let (novel, rows) = desk.novel_in_parts();
    let (left, scene) = (&rows[1].children[0], &rows[1].children[1].children[0]);
    desk.laptop.desk.set_included(&novel, &left.id, false).unwrap();
    desk.laptop.desk.set_included(&novel, &scene.id, false).unwrap();
    let (done, _) = desk.text(&novel, ExportRange::Whole, "whole");
    let all: u64 = rows.iter().map(|row| row.words).sum();
    assert_eq!((done.words, done.chapters), (all - left.words - scene.words, 2));
    for range in [
        ExportRange::Part { node: left.id.clone() },
        ExportRange::Chapters { first: left.id.clone(), last: rows[0].children[0].id.clone() },
        ExportRange::Scenes { nodes: vec![scene.id.clone()] },
        ExportRange::Part { node: "nonsense".to_owned() },
    ] {
        let preset = ExportPreset { range, ..desk.preset(&novel, ExportKind::Epub) };
        let refused = desk.export(&novel, &preset, &ExportCopy::default(), "none").unwrap_err();
        assert!(refused.message.contains("othing was"), "{}", refused.message);
    }
    assert!(!desk.path("none").exists());
}

#[test]
fn pages_before_and_behind_the_text_and_the_author_of_a_preset_are_in_the_book() {
    let desk = Desk::new();
    let novel = desk.laptop.desk.sample_novel("en").unwrap().novel.id;
    let page = |role, text: &str| MatterRow { role, heading: None, text: text.to_owned() };
    let preset = ExportPreset {
        author: "Ada Lane".to_owned(),
        subtitle: "A tale".to_owned(),
        front: vec![page(MatterRole::TitlePage, ""), page(MatterRole::Dedication, "For *nobody*.")],
        back: vec![page(MatterRole::AboutAuthor, "# Where\n\nShe lives by the sea.")],
        ..desk.preset(&novel, ExportKind::Text)
    };
    desk.export(&novel, &preset, &ExportCopy::default(), "book").unwrap();
    let text = fs::read_to_string(desk.path("book")).unwrap();
    for said in ["Ada Lane", "A tale", "For nobody.", "Where", "She lives by the sea."] {
        assert!(text.contains(said), "{said}: {text}");
    }
}

#[test]
fn presets_are_the_novels_and_merging_two_laptops_loses_none() {
    let [anna, bert] = laptops(["Anna", "Bert"]);
    let (novel, _) = novel(&anna);
    anna.give(&bert);
    let built_in = anna.desk.export_presets(&novel).unwrap();
    let ids: Vec<_> = built_in.iter().map(|preset| preset.id.as_str()).collect();
    assert_eq!(
        ids,
        ["builtin-manuscript", "builtin-ebook", "builtin-print", "builtin-word", "builtin-plain"]
    );
    let named = |name: &str| ExportPreset { name: name.to_owned(), ..built_in[2].clone() };
    let shared = anna.desk.save_export_preset(&novel, &named("  The   printer ")).unwrap();
    assert_eq!(shared.name, "The printer");
    assert!(!shared.id.starts_with("builtin-"), "what came with Seshat stays as it is");
    meet(&[&anna, &bert]);
    anna.desk.save_export_preset(&novel, &named("Agent")).unwrap();
    bert.desk.save_export_preset(&novel, &named("Shop")).unwrap();
    let annas = ExportPreset { rights: "© Ada".to_owned(), ..shared.clone() };
    anna.desk.save_export_preset(&novel, &annas).unwrap();
    let berts = ExportPreset { separator: "⁂".to_owned(), ..shared.clone() };
    bert.desk.save_export_preset(&novel, &berts).unwrap();
    meet(&[&anna, &bert]);
    let presets = anna.desk.export_presets(&novel).unwrap();
    assert_eq!(presets, bert.desk.export_presets(&novel).unwrap());
    let names: Vec<_> = presets[5..].iter().map(|preset| preset.name.as_str()).collect();
    assert_eq!(names, ["Agent", "Shop", "The printer"]);
    assert_eq!((presets[7].rights.as_str(), presets[7].separator.as_str()), ("© Ada", "⁂"));

    bert.desk.remove_export_preset(&novel, &shared.id).unwrap();
    assert_eq!(bert.desk.export_presets(&novel).unwrap().len(), 7);
    bert.desk.save_export_preset(&novel, &presets[7]).unwrap();
    assert_eq!(bert.desk.export_presets(&novel).unwrap(), presets);
    let nameless = ExportPreset { name: " ".to_owned(), ..shared };
    assert!(anna.desk.save_export_preset(&novel, &nameless).is_err());
}

#[test]
fn what_a_newer_version_chose_costs_nothing_and_is_not_overwritten() {
    let [anna] = laptops(["Anna"]);
    let (novel, _) = novel(&anna);
    let id: seshat_protocol::NovelId = novel.parse().unwrap();
    let choices = [("name", "Braille".into()), ("kind", "braille".into()), ("dots", 6.into())];
    let choices = choices.into_iter().map(|(name, it)| (name.to_owned(), it)).collect();
    let kept = |binder: &mut seshat_manuscript::Binder| {
        assert!(binder.set_preset("new", &choices));
        Ok(())
    };
    anna.desk.with_session(|session, store| session.edit_binder(store, id, kept)).unwrap();
    let preset = anna.desk.export_presets(&novel).unwrap().pop().unwrap();
    assert_eq!((preset.id.as_str(), preset.name.as_str()), ("new", "Braille"));
    assert_eq!(preset.kind, ExportKind::default());
    let there = anna.desk.with_session(|session, store| {
        Ok(session.binder(store, id)?.binder.presets()["new"]["dots"].clone())
    });
    assert_eq!(there.unwrap(), 6);
}

#[test]
fn a_marked_copy_names_its_recipient_wherever_it_turns_up_and_an_unknown_mark_is_said() {
    let [anna, bert] = laptops(["Anna", "Bert"]);
    let desk = Desk { laptop: anna, folder: tempfile::tempdir().unwrap() };
    let novel = desk.laptop.desk.sample_novel("en").unwrap().novel.id;
    let mut copies = Vec::new();
    for (kind, recipient) in [
        (ExportKind::Epub, "Reader One"),
        (ExportKind::Docx, "Reader  Two "),
        (ExportKind::Text, "Reader Three"),
    ] {
        let name = format!("copy.{}", kind.ending());
        let preset = desk.preset(&novel, kind);
        let done = desk.export(&novel, &preset, &for_reader(recipient), &name).unwrap();
        copies.push((name, done.copy.unwrap(), recipient));
    }
    desk.laptop.give(&bert);
    for (name, id, recipient) in &copies {
        for laptop in [&desk.laptop, &bert] {
            let rows = laptop.desk.identify_copy(&desk.path(name)).unwrap();
            assert_eq!(rows.len(), 1, "{name}");
            assert_eq!((&rows[0].id, &rows[0].mark), (id, id));
            assert_eq!(
                rows[0].recipient,
                recipient.split_whitespace().collect::<Vec<_>>().join(" ")
            );
            assert_eq!((&rows[0].novel, rows[0].title.is_empty()), (&novel, false));
        }
    }
    assert_eq!(bert.desk.export_copies(&novel).unwrap().len(), 3);

    let [stranger] = laptops(["Stranger"]);
    let rows = stranger.desk.identify_copy(&desk.path("copy.epub")).unwrap();
    assert_eq!((rows.len(), rows[0].id.as_str(), &rows[0].mark), (1, "", &copies[0].1));
    let (_, _) = desk.text(&novel, ExportRange::Whole, "unmarked");
    assert!(desk.laptop.desk.identify_copy(&desk.path("unmarked")).unwrap().is_empty());
    assert!(desk.laptop.desk.identify_copy(&desk.path("missing")).is_err());
    fs::write(desk.path("pages.pdf"), "%PDF-1.7 and something packed").unwrap();
    let unread = desk.laptop.desk.identify_copy(&desk.path("pages.pdf")).unwrap_err();
    assert!(unread.message.contains("does not mean that there is no mark"), "{}", unread.message);
}

#[test]
fn a_line_says_for_whom_a_copy_is_and_a_copy_without_a_mark_is_registered_too() {
    let desk = Desk::new();
    let novel = desk.laptop.desk.sample_novel("en").unwrap().novel.id;
    let preset = desk.preset(&novel, ExportKind::Text);
    let visible = ExportCopy { line: true, mark: false, ..for_reader("Reader One") };
    desk.export(&novel, &preset, &visible, "visible").unwrap();
    assert!(fs::read_to_string(desk.path("visible")).unwrap().contains("Copy for Reader One"));
    let row = desk.laptop.desk.export_copies(&novel).unwrap().remove(0);
    assert_eq!((row.recipient.as_str(), row.mark.as_str()), ("Reader One", ""));
    desk.export(&novel, &preset, &for_reader("Reader Two"), "marked").unwrap();
    let marked = fs::read_to_string(desk.path("marked")).unwrap();
    assert!(!marked.contains("Reader Two"));
    assert_eq!(export::marks_in(&marked).len(), 1);
    for kind in [ExportKind::Csv, ExportKind::Opml, ExportKind::MarkdownFolder] {
        let preset = desk.preset(&novel, kind);
        assert!(desk.export(&novel, &preset, &for_reader("Nobody"), "outline").is_err());
    }
    assert_eq!(desk.laptop.desk.export_copies(&novel).unwrap().len(), 2);
}

#[test]
fn a_register_that_cannot_be_written_keeps_the_copy_from_being_written() {
    let desk = Desk::new();
    let (novel, _) = novel(&desk.laptop);
    let preset = desk.preset(&novel, ExportKind::Text);
    desk.laptop.fail_write(0, Fault::BeforeCommit);
    assert!(desk.export(&novel, &preset, &for_reader("Reader One"), "copy").is_err());
    assert!(!desk.path("copy").exists());
    assert!(desk.laptop.desk.export_copies(&novel).unwrap().is_empty());
}

#[test]
fn a_cover_has_to_be_a_picture_and_is_in_the_book_without_what_else_was_in_its_file() {
    let desk = Desk::new();
    let (novel, _) = novel(&desk.laptop);
    let preset = desk.preset(&novel, ExportKind::Epub);
    let with = |cover: &Path| ExportCopy {
        cover: Some(cover.display().to_string()),
        ..ExportCopy::default()
    };
    let picture = desk.path("cover.png");
    fs::write(&picture, include_bytes!("../image_format/samples/plain.png")).unwrap();
    desk.export(&novel, &preset, &with(&picture), "book.epub").unwrap();
    let plain = desk.export(&novel, &preset, &ExportCopy::default(), "plain.epub").unwrap();
    assert!(plain.findings.iter().all(|it| !it.grave));
    let long = |name: &str| fs::metadata(desk.path(name)).unwrap().len();
    assert!(long("book.epub") > long("plain.epub"));
    fs::write(&picture, "no picture").unwrap();
    for cover in [picture, desk.path("missing.png")] {
        assert!(desk.export(&novel, &preset, &with(&cover), "none.epub").is_err());
    }
    assert!(!desk.path("none.epub").exists());
}

#[test]
fn pages_are_shown_before_anything_is_written_and_forgotten_with_the_lock() {
    let desk = Desk::new();
    desk.press(FIVE_PAGES);
    let novel = desk.laptop.desk.sample_novel("en").unwrap().novel;
    let app = &desk.laptop.desk;
    let print = desk.preset(&novel.id, ExportKind::Pdf);
    let seen = app.preview_export(&novel.id, &print, 0, 2).unwrap();
    assert_eq!((seen.pages, seen.words, seen.done), (5, novel.words, true));
    assert_eq!(seen.images, ["T05F", "VFdP"], "ONE and TWO as base64");
    app.preview_export(&novel.id, &print, 0, 1).unwrap();
    assert_eq!(desk.jobs(), 1, "what was drawn is not drawn again");
    let other = ExportPreset { separator: "⁂".to_owned(), ..print.clone() };
    app.preview_export(&novel.id, &other, 0, 1).unwrap();
    assert_eq!(desk.jobs(), 2);
    for kind in KINDS {
        let has_none = matches!(
            kind,
            ExportKind::MarkdownFolder
                | ExportKind::Markdown
                | ExportKind::Pandoc
                | ExportKind::Text
                | ExportKind::Csv
                | ExportKind::Opml
        );
        let shown = app.preview_export(&novel.id, &desk.preset(&novel.id, kind), 0, 1).unwrap();
        assert_eq!((shown.images.is_empty(), shown.words), (has_none, novel.words), "{kind:?}");
    }
    let done = desk.export(&novel.id, &print, &ExportCopy::default(), "print.pdf").unwrap();
    assert_eq!(done.pages, Some(5));
    assert!(done.findings[0].grave && done.findings[0].said.contains('☃'), "{:?}", done.findings);
    assert_eq!(fs::read(desk.path("print.pdf")).unwrap(), b"%PDF");
    app.lock().unwrap();
    assert!(!app.has_exported(&desk.path("print.pdf")));
    let locked = app.preview_export(&novel.id, &other, 0, 1).unwrap_err();
    assert_eq!(locked.code, FailureCode::Locked);
}

#[test]
fn a_long_novel_shows_its_beginning_first_and_then_all_of_it() {
    let desk = Desk::new();
    // The script answers with as many pages as the job has sections.
    desk.press(concat!(
        "sections=$(printf '%s' \"$job\" | grep -o '\"running\":' | wc -l)\n",
        "printf '{\"ok\":true,\"wire\":1,\"files\":[3],\"pages\":%d,\"missing\":\"\"}\\nONE' \"$sections\"\n",
    ));
    let file = desk.path("long.md");
    let chapter = |number| format!("# Chapter {number}\n\n{}\n\n", "word ".repeat(2_500));
    fs::write(&file, (1..=10).map(chapter).collect::<String>()).unwrap();
    let novel = desk.laptop.desk.import(&file, None, None).unwrap().novel.id;
    let preset = ExportPreset { front: Vec::new(), ..desk.preset(&novel, ExportKind::Pdf) };
    let look = |from| desk.laptop.desk.preview_export(&novel, &preset, from, 1).unwrap();
    let first = look(0);
    assert_eq!((first.done, first.pages), (false, 3), "three chapters fill the first pages");
    assert_eq!(first.words, look(0).words);
    assert_eq!((look(0).done, look(0).pages, desk.jobs()), (true, 10, 2));
}

/// Runs an export whose press says that it has begun and then never ends; `meanwhile` happens once it has begun.
fn while_it_is_set(meanwhile: impl FnOnce(&Desk, &str)) -> (Desk, Failure) {
    let desk = Desk::new();
    let begun = desk.path("begun");
    let made = Command::new("mkfifo").arg(&begun).status().unwrap();
    assert!(made.success());
    desk.press(&format!("echo begun > '{}'\nexec sleep 600\n", begun.display()));
    let (novel, _) = novel(&desk.laptop);
    let preset = desk.preset(&novel, ExportKind::Pdf);
    let failed = std::thread::scope(|scope| {
        let export = scope.spawn(|| {
            desk.export(&novel, &preset, &for_reader("Reader One"), "print.pdf").unwrap_err()
        });
        // Reading waits until somebody writes.
        assert_eq!(fs::read_to_string(&begun).unwrap(), "begun\n");
        meanwhile(&desk, &novel);
        export.join().unwrap()
    });
    assert!(!desk.path("print.pdf").exists());
    assert_eq!(desk.laptop.desk.export_progress(), None);
    (desk, failed)
}

#[test]
fn an_export_holds_up_no_typing_and_is_stopped_when_the_author_says_so() {
    let (desk, failed) = while_it_is_set(|desk, novel| {
        let app = &desk.laptop.desk;
        assert_eq!(app.export_progress().unwrap().step, ExportStep::Making);
        let scene = desk.laptop.outline(novel)[0].children[0].scene.clone().unwrap();
        desk.laptop.write(novel, &scene, 1, "Typed meanwhile. ");
        let preset = desk.preset(novel, ExportKind::Text);
        let second = desk.export(novel, &preset, &ExportCopy::default(), "second").unwrap_err();
        assert!(second.message.contains("Another export"), "{}", second.message);
        app.cancel_export();
    });
    assert!(failed.message.contains("You stopped the export"), "{}", failed.message);
    let novel = desk.laptop.desk.library().unwrap().remove(0).id;
    assert!(desk.laptop.desk.export_copies(&novel).unwrap().is_empty());
    let scene = desk.laptop.outline(&novel)[0].children[0].scene.clone().unwrap();
    assert!(desk.laptop.flat(&novel, &scene).contains("Typed meanwhile."));
    let preset = desk.preset(&novel, ExportKind::Text);
    desk.export(&novel, &preset, &ExportCopy::default(), "after").unwrap();
}

#[test]
fn a_lock_ends_the_export_that_runs() {
    let (desk, _) = while_it_is_set(|desk, _| desk.laptop.desk.lock().unwrap());
    assert_eq!(desk.laptop.desk.status(u64::MAX).vault, VaultState::Locked);
}
