//! A preset as the exporters take it.

use seshat_interchange::export::pdf::{self, Initials, Layout, Openers, Trim};
use seshat_interchange::export::{Contents, Look, Matter, Numbering, Options, Role};

use crate::exporting_text::Gathered;
use crate::text::from_markdown;
use crate::{
    ChapterInitials, ChapterNumbering, ChapterOpeners, ContentsPlace, ExportKind, ExportPreset,
    ManuscriptLook, MatterRole, MatterRow, PageChoice, PaperSize,
};

/// The page on which books are shown that have no pages of their own: an e-book reader's, in tenths of a millimetre.
const SCREEN: Trim = Trim::Other { width: 1050, height: 1480 };

/// A preset's choices.
pub(crate) struct Choice {
    pub(crate) options: Options,
    pub(crate) pages: pdf::Pages,
    look: Look,
}

impl Choice {
    /// The choices of a preset for a novel that was gathered for it.
    pub(crate) fn of(preset: &ExportPreset, text: &Gathered) -> Self {
        let language = text.novel.language.as_deref().unwrap_or_default();
        let look = match preset.look {
            ManuscriptLook::Modern => Look::Modern,
            ManuscriptLook::Classic => Look::Classic,
        };
        let options = Options {
            range: text.range.clone(),
            front: preset.front.iter().map(matter).collect(),
            back: preset.back.iter().map(matter).collect(),
            chapter_heading: preset.chapter_heading.clone(),
            part_heading: preset.part_heading.clone(),
            numbering: match preset.numbering {
                ChapterNumbering::Through => Numbering::Through,
                ChapterNumbering::InPart => Numbering::InPart,
            },
            separator: preset.separator.clone(),
            contents: match preset.contents {
                ContentsPlace::Before => Contents::Before,
                ContentsPlace::After => Contents::After,
                ContentsPlace::None => Contents::None,
            },
            vertical: preset.vertical,
            subtitle: preset.subtitle.clone(),
            publisher: preset.publisher.clone(),
            rights: preset.rights.clone(),
            description: preset.description.clone(),
            contact: preset.contact.clone(),
            surname: preset.surname.clone(),
            keyword: preset.keyword.clone(),
        };
        Self { options, pages: pages(preset, language), look }
    }
}

/// How a document for a word processor looks, and whether it is asked for an address.
pub(crate) fn looks_of(kind: ExportKind, choice: &Choice) -> Look {
    if is_manuscript(kind) { choice.look } else { Look::Book }
}

/// Whether agents and editors ask for it.
pub(crate) fn is_manuscript(kind: ExportKind) -> bool {
    matches!(kind, ExportKind::ManuscriptDocx | ExportKind::ManuscriptPdf)
}

fn pages(preset: &ExportPreset, language: &str) -> pdf::Pages {
    let PageChoice { trim, size, line, gutter, openers, initials } = preset.page;
    if is_manuscript(preset.kind) {
        let layout = match preset.look {
            ManuscriptLook::Modern => Layout::ManuscriptModern,
            ManuscriptLook::Classic => Layout::ManuscriptClassic,
        };
        // Nobody writes letters on a novel's page.
        let paper = match trim {
            PaperSize::A4 | PaperSize::Letter => trim,
            _ => letter_paper(language),
        };
        return pdf::Pages { layout, trim: cut(paper), ..pdf::Pages::default() };
    }
    let openers = match openers {
        ChapterOpeners::Any => Openers::Any,
        ChapterOpeners::Recto => Openers::Recto,
    };
    let initials = match initials {
        ChapterInitials::Plain => Initials::Plain,
        ChapterInitials::Dropped => Initials::Dropped,
    };
    let book =
        pdf::Pages { layout: Layout::Book, trim: cut(trim), size, line, gutter, openers, initials };
    match preset.kind {
        ExportKind::Pdf => book,
        _ => pdf::Pages { trim: SCREEN, ..pdf::Pages::default() },
    }
}

/// What letters are written on where a language is spoken.
pub(crate) fn letter_paper(language: &str) -> PaperSize {
    let american = ["US", "CA", "MX", "PH"];
    let mut parts = language.split('-').skip(1);
    if parts.any(|part| american.contains(&part.to_ascii_uppercase().as_str())) {
        PaperSize::Letter
    } else {
        PaperSize::A4
    }
}

/// What novels are printed on where a language is spoken.
pub(crate) fn book_paper(language: &str) -> PaperSize {
    match language.split('-').next().unwrap_or_default() {
        "ja" => PaperSize::JisB6,
        "en" if letter_paper(language) == PaperSize::Letter => PaperSize::Trade,
        "de" | "fr" => PaperSize::Novel,
        _ => PaperSize::A5,
    }
}

fn cut(paper: PaperSize) -> Trim {
    match paper {
        PaperSize::A5 => Trim::A5,
        PaperSize::A4 => Trim::A4,
        PaperSize::A6 => Trim::A6,
        PaperSize::JisB6 => Trim::JisB6,
        PaperSize::Pocket => Trim::Pocket,
        PaperSize::Novel => Trim::Novel,
        PaperSize::FiveByEight => Trim::FiveByEight,
        PaperSize::Digest => Trim::Digest,
        PaperSize::Trade => Trim::Trade,
        PaperSize::Letter => Trim::Letter,
    }
}

fn matter(row: &MatterRow) -> Matter {
    Matter {
        role: match row.role {
            MatterRole::TitlePage => Role::TitlePage,
            MatterRole::Copyright => Role::Copyright,
            MatterRole::Dedication => Role::Dedication,
            MatterRole::Epigraph => Role::Epigraph,
            MatterRole::Foreword => Role::Foreword,
            MatterRole::Preface => Role::Preface,
            MatterRole::Afterword => Role::Afterword,
            MatterRole::Acknowledgements => Role::Acknowledgements,
            MatterRole::AboutAuthor => Role::AboutAuthor,
            MatterRole::AlsoBy => Role::AlsoBy,
        },
        heading: row.heading.clone(),
        text: from_markdown(&row.text),
    }
}
