//! From what a file says to parts, chapters and scenes.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on should say where")]

use proptest::prelude::*;
use seshat_interchange::ImportedNovel;
use seshat_interchange::flow::{
    Block, Break, Flow, Inline, Item, Kind, Marks, Paragraph, Remark, Role, push_text,
};
use seshat_interchange::import;
use seshat_interchange::markdown::parse_chapters;
use seshat_interchange::shape::{Blanks, Lines, Meaning, Shaping, shape};

fn line(text: &str) -> Vec<Inline> {
    let mut inline = Vec::new();
    push_text(&mut inline, text, &Marks::default());
    inline
}

fn flow(blocks: &[(&str, &str)]) -> Flow {
    let mut flow = Flow::default();
    for (kind, text) in blocks {
        match *kind {
            "p" => flow.paragraph(Kind::Normal, None, line(text)),
            "title" => flow.paragraph(Kind::Title, None, line(text)),
            "page" => flow.blocks.push(Block::Break(Break::Page)),
            "file" => flow.blocks.push(Block::Break(Break::File)),
            "rule" => flow.blocks.push(Block::Break(Break::Scene)),
            level => flow.heading(level.parse().unwrap(), line(text)),
        }
    }
    flow
}

fn outline(novel: &ImportedNovel) -> Vec<(String, Vec<(String, usize)>)> {
    let chapter =
        |chapter: &seshat_interchange::Chapter| (chapter.title.clone(), chapter.scenes.len());
    novel
        .parts
        .iter()
        .map(|part| (part.title.clone(), part.chapters.iter().map(chapter).collect()))
        .collect()
}

fn guessed(blocks: &[(&str, &str)]) -> Vec<(String, Vec<(String, usize)>)> {
    let flow = flow(blocks);
    outline(&shape(&flow, &Shaping::guess(&flow)))
}

fn part(title: &str, chapters: &[(&str, usize)]) -> (String, Vec<(String, usize)>) {
    (
        title.to_owned(),
        chapters.iter().map(|(title, scenes)| ((*title).to_owned(), *scenes)).collect(),
    )
}

#[test]
fn headings_are_parts_and_chapters_by_what_they_say() {
    let blocks = [
        ("1", "The Book"),
        ("2", "Part One"),
        ("3", "Chapter 1"),
        ("p", "a"),
        ("p", "* * *"),
        ("p", "b"),
        ("3", "Chapter 2"),
        ("p", "c"),
        ("2", "Part Two"),
        ("3", "Chapter 3"),
        ("p", "d"),
    ];
    assert_eq!(
        guessed(&blocks),
        [
            part("Part One", &[("Chapter 1", 2), ("Chapter 2", 1)]),
            part("Part Two", &[("Chapter 3", 1)])
        ]
    );
    let flow = flow(&blocks);
    assert_eq!(shape(&flow, &Shaping::guess(&flow)).title.as_deref(), Some("The Book"));
}

#[test]
fn headings_of_one_level_are_chapters_and_lower_ones_stay_in_the_text() {
    let found = guessed(&[
        ("1", "Anna"),
        ("p", "a"),
        ("2", "Morning"),
        ("p", "b"),
        ("1", "Ben"),
        ("p", "c"),
    ]);
    assert_eq!(found, [part("", &[("Anna", 1), ("Ben", 1)])]);
}

#[test]
fn without_headings_lines_numbers_or_pages_begin_chapters() {
    let found = guessed(&[
        ("p", "Chapter 1"),
        ("p", "a"),
        ("p", "CHAPTER TWO"),
        ("p", "b"),
        ("p", "#"),
        ("p", "c"),
    ]);
    assert_eq!(found, [part("", &[("Chapter 1", 1), ("CHAPTER TWO", 2)])]);
    let found =
        guessed(&[("p", "I."), ("p", "a"), ("p", "II."), ("p", "b"), ("p", "III."), ("p", "c")]);
    assert_eq!(found, [part("", &[("I.", 1), ("II.", 1), ("III.", 1)])]);
    let found = guessed(&[("p", "a"), ("page", ""), ("p", "b"), ("page", ""), ("p", "c")]);
    assert_eq!(found, [part("", &[("", 1), ("", 1), ("", 1)])]);
}

#[test]
fn two_lines_of_a_heading_are_one_title() {
    let found = guessed(&[
        ("1", "Chapter 1"),
        ("1", "The Boat"),
        ("p", "a"),
        ("1", "Chapter 2."),
        ("1", "The Sea"),
        ("p", "b"),
    ]);
    assert_eq!(found, [part("", &[("Chapter 1: The Boat", 1), ("Chapter 2. The Sea", 1)])]);
}

#[test]
fn rare_empty_lines_part_scenes_and_regular_ones_do_not() {
    let mut rare: Vec<(&str, &str)> = vec![("p", "text"); 12];
    rare.insert(6, ("p", ""));
    assert_eq!(guessed(&rare), [part("", &[("", 2)])]);
    let regular: Vec<(&str, &str)> = [("p", "text"), ("p", "")].repeat(12);
    assert_eq!(guessed(&regular), [part("", &[("", 1)])]);
    let mut double = regular;
    double.insert(12, ("p", ""));
    assert_eq!(guessed(&double), [part("", &[("", 2)])]);
}

#[test]
fn every_setting_changes_what_it_says() {
    let blocks = [
        ("1", "A"),
        ("p", "a"),
        ("2", "B"),
        ("p", "b"),
        ("page", ""),
        ("p", "Chapter 9"),
        ("p", "c"),
    ];
    let flow = flow(&blocks);
    let shaped = |shaping: Shaping| outline(&shape(&flow, &shaping));
    let bare = Shaping { chapter_level: None, lines: Lines::None, ..Shaping::default() };
    assert_eq!(shaped(bare.clone()), [part("", &[("", 1)])]);
    assert_eq!(
        shaped(Shaping { chapter_level: Some(2), part_level: Some(1), ..bare.clone() }),
        [part("A", &[("", 1), ("B", 1)])]
    );
    assert_eq!(
        shaped(Shaping { chapter_level: Some(1), scene_level: Some(2), ..bare.clone() }),
        [part("", &[("A", 2)])]
    );
    assert_eq!(shaped(Shaping { pages: Meaning::Scene, ..bare.clone() }), [part("", &[("", 2)])]);
    assert_eq!(
        shaped(Shaping { pages: Meaning::Chapter, ..bare.clone() }),
        [part("", &[("", 1), ("", 1)])]
    );
    assert_eq!(
        shaped(Shaping { lines: Lines::Chapters, ..bare.clone() }),
        [part("", &[("", 1), ("Chapter 9", 1)])]
    );
    let kept = Shaping { blanks: Blanks::Kept, ..bare };
    assert_eq!(shaped(kept), [part("", &[("", 1)])]);
}

#[test]
fn a_tree_becomes_parts_chapters_scenes_and_what_is_beside_the_novel() {
    let item = |depth, role, title: &str| {
        let synopsis = format!("about {title}");
        Block::Item(Box::new(Item {
            role,
            depth,
            title: title.to_owned(),
            synopsis,
            ..Item::default()
        }))
    };
    let text = |text: &str| Block::Paragraph(Paragraph::plain(text));
    let flow = Flow {
        blocks: vec![
            item(0, Role::Folder, "P"),
            item(1, Role::Folder, "C"),
            item(2, Role::Text, "S1"),
            text("one"),
            item(2, Role::Text, "S2"),
            text("two"),
            item(0, Role::NoteFolder, "R"),
            item(1, Role::Note, "N"),
            text("three"),
        ],
        ..Flow::default()
    };
    let novel = shape(&flow, &Shaping::guess(&flow));
    assert_eq!(outline(&novel), [part("P", &[("C", 2)])]);
    let details: Vec<(&str, &str)> = novel
        .details
        .iter()
        .map(|detail| (detail.title.as_str(), detail.synopsis.as_str()))
        .collect();
    assert_eq!(details, [("", "about P"), ("", "about C"), ("S1", "about S1"), ("S2", "about S2")]);
    let aside = &novel.asides[1];
    assert_eq!((aside.folders.as_slice(), aside.title.as_str()), (&["R".to_owned()][..], "N"));
    assert_eq!(aside.text.plain(), "three");
}

#[test]
fn comments_stand_on_the_characters_that_they_are_about() {
    let mut inline = line("ab ");
    inline.push(Inline::CommentFrom(0));
    push_text(&mut inline, "cde", &Marks::default());
    inline.push(Inline::CommentTo(0));
    let mut flow = flow(&[("p", "x"), ("p", "#"), ("p", "first")]);
    flow.paragraph(Kind::Normal, None, inline);
    let remark =
        |text: &str, answers| Remark { text: text.to_owned(), answers, ..Remark::default() };
    flow.comments = vec![remark("why", None), remark("because", Some(0)), remark("lost", None)];
    let novel = shape(&flow, &Shaping::guess(&flow));
    let scene = novel.parts[0].chapters[0].scenes[1].flat();
    let about = |index: usize| -> String {
        let range = novel.comments[index].range.clone();
        scene.chars().skip(range.start).take(range.len()).collect()
    };
    assert_eq!((novel.comments[0].at.scene, about(0).as_str()), (Some(1), "cde"));
    assert_eq!(about(1), "cde", "an answer stands where the comment stands");
    assert_eq!(novel.comments.len(), 3, "none is lost");
}

#[test]
fn what_a_title_cannot_hold_goes_on_to_the_text() {
    let mut heading = line("Title");
    heading.push(Inline::Footnote(vec![Block::Paragraph(Paragraph::plain("note"))]));
    let mut flow = Flow::default();
    flow.heading(1, heading);
    flow.paragraph(Kind::Normal, None, line("text"));
    flow.heading(1, line("Next"));
    let novel = shape(&flow, &Shaping::default());
    let pieces = &novel.parts[0].chapters[0].scenes[0].paragraphs[0].pieces;
    assert!(
        matches!(pieces.first(), Some(seshat_manuscript::Piece::Footnote { .. })),
        "{pieces:?}"
    );
}

/// All words of a novel, titles included, as one text.
fn words(novel: &ImportedNovel) -> String {
    let mut words = novel.title.clone().unwrap_or_default();
    for part in &novel.parts {
        words.push_str(&part.title);
        for chapter in &part.chapters {
            words.push_str(&chapter.title);
            for scene in &chapter.scenes {
                words.push_str(&scene.plain());
            }
        }
    }
    words.extend(novel.asides.iter().flat_map(|aside| [aside.title.clone(), aside.text.plain()]));
    words.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn blocks() -> impl Strategy<Value = Vec<(&'static str, String)>> {
    let kind = prop::sample::select(vec![
        "p", "p", "p", "p", "title", "page", "file", "rule", "1", "2", "3",
    ]);
    let text = prop_oneof![
        "[a-z]{1,5}( [a-z]{1,5}){0,3}",
        Just(String::new()),
        Just("* * *".to_owned()),
        Just("#".to_owned()),
        Just("Chapter 3".to_owned()),
        Just("Part Two".to_owned()),
        Just("IV".to_owned()),
    ];
    prop::collection::vec((kind, text), 0..40)
}

fn shapings() -> impl Strategy<Value = Shaping> {
    let level = || prop::option::of(1_u8..4);
    let meaning = || prop::sample::select(vec![Meaning::Nothing, Meaning::Scene, Meaning::Chapter]);
    let lines = prop::sample::select(vec![Lines::None, Lines::Chapters, Lines::ChaptersAndParts]);
    let blanks =
        prop::sample::select(vec![Blanks::Space, Blanks::Kept, Blanks::Scene(1), Blanks::Scene(2)]);
    (level(), level(), level(), level(), lines, meaning(), meaning(), blanks, any::<[bool; 3]>())
        .prop_map(
            |(
                title_level,
                part_level,
                chapter_level,
                scene_level,
                lines,
                pages,
                files,
                blanks,
                [numbers, ornaments, rules],
            )| Shaping {
                title_level,
                part_level,
                chapter_level,
                scene_level,
                lines,
                numbers,
                ornaments,
                rules,
                pages,
                files,
                blanks,
                ..Shaping::default()
            },
        )
}

proptest! {
    #[test]
    fn no_word_is_lost_whatever_the_setting(blocks in blocks(), shaping in shapings()) {
        let borrowed: Vec<(&str, &str)> = blocks.iter().map(|(kind, text)| (*kind, text.as_str())).collect();
        let flow = flow(&borrowed);
        let wanted: String = blocks
            .iter()
            .filter(|(kind, _)| !matches!(*kind, "page" | "file" | "rule"))
            .flat_map(|(_, text)| text.chars().filter(|c| c.is_alphanumeric()))
            .collect();
        for shaping in [shaping, Shaping::guess(&flow)] {
            let novel = shape(&flow, &shaping);
            // Titles of scenes stand in the details, in the place where they stand.
            let mut found: Vec<char> = words(&novel).chars().collect();
            found.extend(novel.details.iter().flat_map(|detail| detail.title.chars().filter(|c| c.is_alphanumeric())));
            let mut wanted: Vec<char> = wanted.chars().collect();
            found.sort_unstable();
            wanted.sort_unstable();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn markdown_through_a_flow_is_what_markdown_is(text in "(\\PC|#|\\* \\* \\*|> |\n|\n\n|\\*|\\[\\^1\\]|: ){0,60}") {
        let Ok(flow) = import::read_bytes("a.md", text.as_bytes()) else { return Ok(()) };
        let novel = shape(&flow, &Shaping::markdown());
        let chapters: Vec<_> = novel.parts.into_iter().flat_map(|part| part.chapters).collect();
        prop_assert_eq!(chapters, parse_chapters(&text));
    }
}
