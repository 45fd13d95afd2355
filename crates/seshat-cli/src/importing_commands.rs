//! Imports: looked at, brought in and taken back.

use std::path::PathBuf;

use anyhow::bail;
use clap::builder::BoolishValueParser;
use clap::{Args, ValueEnum};
use serde_json::json;
use seshat_app::{
    BlankMeaning, BreakMeaning, Failure, FailureCode, ImportPreview, ItemMeaning, LineMeaning,
    NodeKind, NovelCard, PreviewNode, ShapingChoice,
};

use crate::commands::{Run, counted, line};
use crate::progress::Progress;
use crate::report::Report;

/// What to import, and how it is cut. What is not said is as the document's signs suggest.
#[derive(Args)]
pub(crate) struct Import {
    /// A document, a writing program's project, or a folder of chapters
    path: PathBuf,
    /// Instead of the title found in the text or the file's name
    #[arg(long)]
    title: Option<String>,
    /// A language tag such as en-GB
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// Import nothing and show what would come
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    cut: Cut,
}

/// How a document is cut.
#[derive(Args)]
#[command(next_help_heading = "How it is cut")]
struct Cut {
    /// Headings of this level are the title; 0 for none
    #[arg(long, value_name = "N")]
    title_level: Option<u8>,
    /// Headings of this level begin parts; 0 for none
    #[arg(long, value_name = "N")]
    part_level: Option<u8>,
    /// Headings of this level begin chapters; 0 for none
    #[arg(long, value_name = "N")]
    chapter_level: Option<u8>,
    /// Headings of this level begin scenes; 0 for none
    #[arg(long, value_name = "N")]
    scene_level: Option<u8>,
    /// Which lines are headings by what they say, such as "Chapter 3"
    #[arg(long, value_enum, value_name = "WHICH")]
    lines: Option<Lines>,
    /// The same as --lines none
    #[arg(long, conflicts_with = "lines")]
    no_lines: bool,
    /// Whether lines that are only a number begin chapters
    #[arg(long, value_name = "YES|NO", value_parser = BoolishValueParser::new())]
    numbers: Option<bool>,
    /// Whether lines that are only a sign, such as "* * *", part scenes
    #[arg(long, value_name = "YES|NO", value_parser = BoolishValueParser::new())]
    ornaments: Option<bool>,
    /// Whether rules across the page part scenes
    #[arg(long, value_name = "YES|NO", value_parser = BoolishValueParser::new())]
    rules: Option<bool>,
    /// What a new page begins
    #[arg(long, value_enum, value_name = "WHAT")]
    pages: Option<Begins>,
    /// What a new section begins
    #[arg(long, value_enum, value_name = "WHAT")]
    sections: Option<Begins>,
    /// What a new file of an e-book begins
    #[arg(long, value_enum, value_name = "WHAT")]
    files: Option<Begins>,
    /// How many empty lines part scenes; 0: none do, keep: each is a paragraph
    #[arg(long, value_name = "N|keep", value_parser = blanks)]
    blank_lines: Option<Blanks>,
    /// What the items of a writing program's tree become
    #[arg(long, value_enum, value_name = "WHAT")]
    items: Option<Items>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Lines {
    /// None
    None,
    /// Those of chapters
    Chapters,
    /// Those of chapters and of parts
    ChaptersAndParts,
}

#[derive(Clone, Copy, ValueEnum)]
enum Begins {
    Nothing,
    Scene,
    Chapter,
}

#[derive(Clone, Copy, ValueEnum)]
enum Items {
    /// Folders of folders are parts, other folders chapters, texts scenes
    ByFolders,
    /// Texts are chapters, folders parts
    TextsAreChapters,
}

#[derive(Clone, Copy)]
enum Blanks {
    Kept,
    Scene(u32),
}

fn blanks(said: &str) -> Result<Blanks, String> {
    if said == "keep" {
        return Ok(Blanks::Kept);
    }
    said.parse().map(Blanks::Scene).map_err(|_| "it is neither a number nor keep".to_owned())
}

impl Run {
    /// Imports, or shows what would come.
    pub(crate) fn import(&self, import: Import) -> anyhow::Result<Report> {
        self.unlock()?;
        let Import { path, title, language, dry_run, cut } = import;
        let reading = Progress::begin("Reading");
        let mut seen = self.desk.preview_import(&path, None)?;
        if cut.says_anything() {
            let Some(mut choice) = seen.shaping else {
                bail!(
                    "A folder of chapters comes as its files are, so nothing was imported; leave out how it is to be cut"
                );
            };
            cut.into_choice(&mut choice);
            seen = self.desk.preview_import(&path, Some(&choice))?;
        }
        drop(reading);
        if dry_run {
            seen.title = title.unwrap_or(seen.title);
            seen.language = language.or(seen.language);
            return Ok(Report::new(shown(&seen), &seen));
        }
        let writing = Progress::begin("Importing");
        let imported = self.desk.import_novel(&path, title, language, seen.shaping.as_ref())?;
        drop(writing);
        let mut text = format!(
            "{}\n{}, {}",
            line(&imported.novel),
            counted(imported.novel.chapters, "chapter"),
            counted(imported.scenes, "scene")
        );
        for note in &imported.notes {
            text.push('\n');
            text.push_str(note);
        }
        Ok(Report::new(text, &imported))
    }

    /// Takes an import back.
    pub(crate) fn undo_import(&self, novel: &str) -> anyhow::Result<Report> {
        self.unlock()?;
        let id = self.desk.find_novel(novel)?;
        self.desk.undo_import(&id)?;
        let text = format!(
            "The import was taken back on this laptop, and will be on the others; seshat redo-import {} brings it back.",
            id.get(..8).unwrap_or(&id)
        );
        Ok(Report::new(text, json!({ "novel": id })))
    }

    /// Brings an import back that was taken back.
    pub(crate) fn redo_import(&self, novel: &str) -> anyhow::Result<Report> {
        self.unlock()?;
        let away = self.desk.novels_put_away()?;
        let card = self.desk.bring_import_back(&only(&away, novel)?.id)?;
        Ok(Report::new(line(&card), &card))
    }
}

/// The one of that title, or whose id begins so.
fn only<'a>(away: &'a [NovelCard], name: &str) -> Result<&'a NovelCard, Failure> {
    let called =
        |card: &&NovelCard| !name.is_empty() && (card.title == name || card.id.starts_with(name));
    let mut found = away.iter().filter(called);
    let message = match (found.next(), found.next()) {
        (Some(card), None) => return Ok(card),
        (None, _) => {
            format!("No import called “{name}” was taken back here; nothing was changed.")
        }
        (Some(_), Some(_)) => format!(
            "Several imports called “{name}” were taken back; nothing was changed; name one by the beginning of its id."
        ),
    };
    Err(Failure { code: FailureCode::NotFound, message })
}

impl Cut {
    fn says_anything(&self) -> bool {
        let levels = [self.title_level, self.part_level, self.chapter_level, self.scene_level];
        levels.iter().any(Option::is_some)
            || self.lines.is_some()
            || self.no_lines
            || [self.numbers, self.ornaments, self.rules].iter().any(Option::is_some)
            || [self.pages, self.sections, self.files].iter().any(Option::is_some)
            || self.blank_lines.is_some()
            || self.items.is_some()
    }

    /// Changes what was said and leaves the rest.
    fn into_choice(self, choice: &mut ShapingChoice) {
        let levels = [
            (self.title_level, &mut choice.title_level),
            (self.part_level, &mut choice.part_level),
            (self.chapter_level, &mut choice.chapter_level),
            (self.scene_level, &mut choice.scene_level),
        ];
        for (said, level) in levels {
            if let Some(said) = said {
                *level = (said > 0).then_some(said);
            }
        }
        let lines = if self.no_lines { Some(Lines::None) } else { self.lines };
        match lines {
            Some(Lines::None) => choice.lines = LineMeaning::None,
            Some(Lines::Chapters) => choice.lines = LineMeaning::Chapters,
            Some(Lines::ChaptersAndParts) => choice.lines = LineMeaning::ChaptersAndParts,
            None => {}
        }
        choice.numbers = self.numbers.unwrap_or(choice.numbers);
        choice.ornaments = self.ornaments.unwrap_or(choice.ornaments);
        choice.rules = self.rules.unwrap_or(choice.rules);
        let breaks = [
            (self.pages, &mut choice.pages),
            (self.sections, &mut choice.sections),
            (self.files, &mut choice.files),
        ];
        for (said, meaning) in breaks {
            match said {
                Some(Begins::Nothing) => *meaning = BreakMeaning::Nothing,
                Some(Begins::Scene) => *meaning = BreakMeaning::Scene,
                Some(Begins::Chapter) => *meaning = BreakMeaning::Chapter,
                None => {}
            }
        }
        match self.blank_lines {
            Some(Blanks::Kept) => choice.blanks = BlankMeaning::Kept,
            Some(Blanks::Scene(0)) => choice.blanks = BlankMeaning::Space,
            Some(Blanks::Scene(lines)) => {
                (choice.blanks, choice.blank_lines) = (BlankMeaning::Scene, lines);
            }
            None => {}
        }
        match self.items {
            Some(Items::ByFolders) => choice.items = ItemMeaning::ByFolders,
            Some(Items::TextsAreChapters) => choice.items = ItemMeaning::TextsAreChapters,
            None => {}
        }
    }
}

/// What would come, as the outline shows it.
fn shown(seen: &ImportPreview) -> String {
    let title = if seen.title.trim().is_empty() { "(without a title)" } else { &seen.title };
    let language = seen.language.as_deref().unwrap_or("language not said");
    let mut lines = vec![format!("{title}  ({language}, {} words)", seen.words)];
    let mut chapter = 0;
    for node in &seen.nodes {
        rows(node, 0, &mut chapter, "", &mut lines);
    }
    let others =
        [(seen.images, "picture"), (seen.footnotes, "footnote"), (seen.comments, "comment")];
    let others = others.iter().filter(|(count, _)| *count > 0);
    let counts = [(seen.chapters, "chapter"), (seen.scenes, "scene")];
    let counts: Vec<_> =
        counts.iter().chain(others).map(|(count, name)| counted(*count, name)).collect();
    lines.push(counts.join(", "));
    lines.extend(seen.notes.iter().cloned());
    lines.push("Nothing was imported.".to_owned());
    lines.join("\n")
}

fn rows(
    node: &PreviewNode,
    depth: usize,
    chapter: &mut usize,
    path: &str,
    lines: &mut Vec<String>,
) {
    let path = match node.kind {
        NodeKind::Chapter => {
            *chapter += 1;
            chapter.to_string()
        }
        NodeKind::Scene => path.to_owned(),
        _ => String::new(),
    };
    let said = if node.title.is_empty() { &node.excerpt } else { &node.title };
    let indent = "  ".repeat(depth);
    lines.push(format!("{indent}{path:<6} {said}  ({})", node.words));
    for (index, child) in node.children.iter().enumerate() {
        let place = format!("{chapter}/{}", index + 1);
        rows(child, depth + 1, chapter, &place, lines);
    }
}
