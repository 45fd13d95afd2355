//! Exports, their presets, and the register of copies.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, ValueEnum};
use seshat_app::{
    CopyRow, Existing, ExportCopy, ExportDone, ExportKind, ExportPreset, ExportRange, NodeKind,
    OutlineNode,
};

use crate::commands::{Run, counted};
use crate::progress::Progress;
use crate::report::Report;
use crate::times::shown;

/// What to export, and as what.
#[derive(Args)]
pub(crate) struct Export {
    /// Its title, or the beginning of its id
    #[arg(required_unless_present = "identify")]
    pub(crate) novel: Option<String>,
    /// As what
    #[arg(long, value_enum, value_name = "KIND", required_unless_present_any = ["identify", "preset"])]
    to: Option<Kind>,
    /// With the choices of this preset: its name, or the beginning of its id
    #[arg(long, value_name = "NAME", conflicts_with = "to")]
    preset: Option<String>,
    /// Where to write it; what is there is never replaced
    #[arg(long, value_name = "PATH", required_unless_present = "identify")]
    out: Option<PathBuf>,
    /// Only this part, by its number
    #[arg(long, value_name = "N", conflicts_with = "chapters")]
    part: Option<usize>,
    /// Only these chapters, such as 3-7 or 5
    #[arg(long, value_name = "FROM-TO", value_parser = chapters)]
    chapters: Option<(usize, usize)>,
    /// For whom: the text gets an invisible mark, and the register of copies a line
    #[arg(long = "for", value_name = "NAME")]
    recipient: Option<String>,
    /// The book also says for whom it is
    #[arg(long, requires = "recipient")]
    visible: bool,
    /// A picture for the cover of an e-book
    #[arg(long, value_name = "FILE")]
    cover: Option<PathBuf>,
    /// Say whose copy a file is, by the invisible mark in its text
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = ["novel", "to", "preset", "out", "part", "chapters", "recipient", "cover"]
    )]
    identify: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Kind {
    /// An e-book, EPUB 3.3
    Epub,
    /// A book for Word, with styles
    Docx,
    /// A manuscript for Word, as agents and editors ask for it
    #[value(alias = "manuscript-docx")]
    Manuscript,
    /// A book for LibreOffice
    Odt,
    /// Pages for a printer
    Pdf,
    /// A manuscript as pages
    ManuscriptPdf,
    /// One web page
    Html,
    /// A folder of web pages
    HtmlFolder,
    /// A folder with one Markdown file per chapter, which can be imported again
    #[value(alias = "markdown-folder")]
    Md,
    /// One file of CommonMark
    Markdown,
    /// One file of Pandoc's Markdown
    Pandoc,
    /// One text file
    #[value(alias = "text")]
    Txt,
    /// The outline as a table
    Csv,
    /// The outline for outliners
    Opml,
}

impl From<Kind> for ExportKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Epub => Self::Epub,
            Kind::Docx => Self::Docx,
            Kind::Manuscript => Self::ManuscriptDocx,
            Kind::Odt => Self::Odt,
            Kind::Pdf => Self::Pdf,
            Kind::ManuscriptPdf => Self::ManuscriptPdf,
            Kind::Html => Self::Html,
            Kind::HtmlFolder => Self::HtmlFolder,
            Kind::Md => Self::MarkdownFolder,
            Kind::Markdown => Self::Markdown,
            Kind::Pandoc => Self::Pandoc,
            Kind::Txt => Self::Text,
            Kind::Csv => Self::Csv,
            Kind::Opml => Self::Opml,
        }
    }
}

/// `3-7`, or `5` alone.
fn chapters(text: &str) -> Result<(usize, usize), String> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let number = |text: &str| text.trim().parse::<usize>().ok().filter(|number| *number > 0);
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first <= last => Ok((first, last)),
        _ => Err("chapters are numbers such as 3-7 or 5".to_owned()),
    }
}

impl Run {
    pub(crate) fn export(&self, asked: &Export) -> anyhow::Result<Report> {
        self.unlock()?;
        if let Some(file) = &asked.identify {
            return self.identify(file);
        }
        let (Some(novel), Some(out)) = (&asked.novel, &asked.out) else {
            bail!("Nothing was exported: name a novel, and with --out where to write it.");
        };
        let novel = self.desk.find_novel(novel)?;
        let mut preset = match (&asked.preset, asked.to) {
            (Some(name), _) => self.preset_of(&novel, name)?,
            (None, Some(kind)) => self.desk.usual_preset(&novel, kind.into())?,
            (None, None) => bail!("Nothing was exported: say as what, with --to or --preset."),
        };
        if let Some(range) = self.range_of(&novel, asked)? {
            preset.range = range;
        }
        let copy = ExportCopy {
            recipient: asked.recipient.clone().unwrap_or_default(),
            line: asked.visible,
            mark: asked.recipient.is_some(),
            cover: asked.cover.as_ref().map(|path| path.display().to_string()),
        };
        let exporting = Progress::begin("Exporting");
        let done = self.desk.export_novel(&novel, &preset, &copy, (out, Existing::Kept))?;
        drop(exporting);
        Ok(Report::new(said(&done), &done))
    }

    pub(crate) fn presets(&self, novel: &str) -> anyhow::Result<Report> {
        self.unlock()?;
        let presets = self.desk.export_presets(&self.desk.find_novel(novel)?)?;
        let lines = presets.iter().map(|preset| {
            let id: String = preset.id.chars().take(20).collect();
            format!("{id:<20}  {:<16}  {}", named(preset.kind), preset.name)
        });
        Ok(Report::new(lines.collect::<Vec<_>>().join("\n"), &presets))
    }

    pub(crate) fn copies(&self, novel: &str) -> anyhow::Result<Report> {
        self.unlock()?;
        let copies = self.desk.export_copies(&self.desk.find_novel(novel)?)?;
        let text = match copies.as_slice() {
            [] => "No copy of this novel was made for anybody.".to_owned(),
            rows => rows.iter().map(line).collect::<Vec<_>>().join("\n"),
        };
        Ok(Report::new(text, &copies))
    }

    fn identify(&self, file: &Path) -> anyhow::Result<Report> {
        let rows = self.desk.identify_copy(file)?;
        let closed = match self.desk.closed_registers()? {
            0 => String::new(),
            1 => " One novel is closed with a passphrase, and its register was not looked into."
                .to_owned(),
            more => format!(
                " {more} novels are closed with passphrases, and their registers were not looked into."
            ),
        };
        let known: Vec<String> = rows
            .iter()
            .map(|row| {
                if row.id.is_empty() {
                    format!("{}  stands in no register of this vault.{closed}", row.mark)
                } else {
                    format!("{}  {}", row.title, line(row))
                }
            })
            .collect();
        let found = rows.iter().any(|row| !row.id.is_empty());
        let text = if known.is_empty() {
            "There is no mark in this file: it may be nobody's copy, or somebody took the mark out."
                .to_owned()
        } else {
            known.join("\n")
        };
        let report = Report::new(text, &rows);
        Ok(if found {
            report
        } else {
            report
                .failing("Nobody knows whose copy this is; the file was left as it is.".to_owned())
        })
    }

    /// A preset as a script calls it.
    fn preset_of(&self, novel: &str, name: &str) -> anyhow::Result<ExportPreset> {
        let presets = self.desk.export_presets(novel)?;
        let wanted = name.to_lowercase();
        let by_name = presets.iter().filter(|it| it.name.to_lowercase() == wanted);
        let by_id = presets.iter().filter(|it| name.len() >= 4 && it.id.starts_with(name));
        let found: Vec<_> = by_name.chain(by_id).collect();
        match found.as_slice() {
            [preset] => Ok((*preset).clone()),
            [] => bail!(
                "There is no preset called “{name}”; nothing was exported; presets lists what there is."
            ),
            _ => bail!("Several presets are called “{name}”; nothing was exported; give the id."),
        }
    }

    /// What of the novel is asked for.
    fn range_of(&self, novel: &str, asked: &Export) -> anyhow::Result<Option<ExportRange>> {
        if asked.part.is_none() && asked.chapters.is_none() {
            return Ok(None);
        }
        let rows = self.desk.outline(novel)?.nodes;
        if let Some(number) = asked.part {
            let mut parts = rows.iter().filter(|row| row.kind == NodeKind::Part);
            let Some(part) = number.checked_sub(1).and_then(|at| parts.nth(at)) else {
                bail!("There is no part {number} in this novel; nothing was exported.");
            };
            return Ok(Some(ExportRange::Part { node: part.id.clone() }));
        }
        let Some((first, last)) = asked.chapters else { return Ok(None) };
        let chapters: Vec<_> = rows.iter().flat_map(chapters_in).collect();
        let chapter = |number: usize| chapters.get(number - 1).map(|row| row.id.clone());
        match (chapter(first), chapter(last)) {
            (Some(first), Some(last)) => Ok(Some(ExportRange::Chapters { first, last })),
            _ => bail!(
                "There are {} chapters in this novel; nothing was exported; choose among them.",
                chapters.len()
            ),
        }
    }
}

/// The chapters of a row at the top, itself where it is one.
fn chapters_in(row: &OutlineNode) -> Vec<&OutlineNode> {
    match row.kind {
        NodeKind::Chapter => vec![row],
        _ => row.children.iter().filter(|row| row.kind == NodeKind::Chapter).collect(),
    }
}

fn said(done: &ExportDone) -> String {
    let mut text = format!(
        "{}\n{}, {}",
        done.path,
        counted(done.chapters, "chapter"),
        counted(done.words, "word")
    );
    if let Some(pages) = done.pages {
        text += &format!(", {}", counted(pages, "page"));
    }
    if let Some(copy) = &done.copy {
        text += &format!("\nCopy {copy} is in the register.");
    }
    for finding in &done.findings {
        text += if finding.grave { "\nTo mend: " } else { "\nTo look at: " };
        text += &finding.said;
    }
    text
}

fn line(copy: &CopyRow) -> String {
    let kind = copy.kind.map(named).unwrap_or_default();
    let unmarked = if copy.mark.is_empty() { "  (without a mark)" } else { "" };
    let made = shown(copy.made_ms);
    format!("{}  {made}  {kind:<16}  {}{unmarked}", copy.id, copy.recipient)
}

/// What a kind is called behind `--to`.
fn named(kind: ExportKind) -> String {
    let kinds = Kind::value_variants().iter();
    let found = kinds.copied().find(|it| ExportKind::from(*it) == kind);
    let value = found.and_then(|kind| kind.to_possible_value());
    value.map(|value| value.get_name().to_owned()).unwrap_or_default()
}
