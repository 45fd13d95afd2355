//! Writing a novel out in the clear, to where the author asked.
//!
//! **Invariants:** texts are read one at a time, and a file is made and written without the desk's lock, so typing goes on.
//! A target appears whole or not at all. A file is replaced only where its author was asked about just that; a folder
//! never. Who gets a copy stands in the register before the copy is there. A lock ends whatever runs.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use seshat_interchange::export::{self, CopyFacts, Edition, Finding, pdf};
use seshat_interchange::{ExportError, ExportNovel};

use crate::clock::now_ms;
use crate::exporting_choice::{Choice, looks_of};
use crate::exporting_pages::Pages;
use crate::exporting_text::{Gathered, Stop};
use crate::image_format::{self, MOST_BYTES};
use crate::scenes::{novel_id, to_u64};
use crate::{
    Desk, ExportCopy, ExportDone, ExportFinding, ExportKind, ExportPreset, ExportProgress,
    ExportStep, Failure,
};

/// What becomes of a file that is where an export shall be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Existing {
    /// It stays, and the export fails.
    Kept,
    /// It is replaced: the author was asked about just this file.
    Replaced,
}

impl ExportKind {
    /// How its files are called; nothing for a folder.
    #[must_use]
    pub fn ending(self) -> &'static str {
        match self {
            Self::Epub => "epub",
            Self::Docx | Self::ManuscriptDocx => "docx",
            Self::Odt => "odt",
            Self::Pdf | Self::ManuscriptPdf => "pdf",
            Self::Html => "html",
            Self::HtmlFolder | Self::MarkdownFolder => "",
            Self::Markdown | Self::Pandoc => "md",
            Self::Text => "txt",
            Self::Csv => "csv",
            Self::Opml => "opml",
        }
    }
}

/// The export that runs, and what is known of those before.
#[derive(Default)]
pub(crate) struct Exports {
    running: Mutex<Option<Arc<Running>>>,
    /// What exports wrote since the vault was unlocked: all that may be shown in its folder.
    written: Mutex<Vec<PathBuf>>,
    pub(crate) pages: Pages,
    /// The program that sets pages, where it is not looked for.
    pub(crate) press: std::sync::OnceLock<PathBuf>,
}

/// An export that runs.
pub(crate) struct Running {
    pub(crate) stop: Stop,
    step: Mutex<ExportStep>,
    done: AtomicU64,
    total: AtomicU64,
}

impl Running {
    fn at(&self, step: ExportStep) {
        *held(&self.step) = step;
        self.done.store(0, Ordering::Relaxed);
        self.total.store(0, Ordering::Relaxed);
    }

    fn counts(&self, done: u64, total: u64) {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
    }
}

/// Ends with the export, however that ends.
struct Turn<'a> {
    exports: &'a Exports,
    running: Arc<Running>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        *held(&self.exports.running) = None;
    }
}

/// What an export makes.
enum Product {
    File(Vec<u8>),
    Folder(Vec<(String, Vec<u8>)>),
    /// Markdown files with their pictures, which can be imported again.
    Markdown(ExportNovel),
}

struct Made {
    product: Product,
    words: usize,
    chapters: usize,
    pages: Option<usize>,
    findings: Vec<Finding>,
}

impl Desk {
    /// Writes a novel, or some of it, to `path`.
    ///
    /// # Errors
    /// When there is no such novel, what the preset chooses is not in it, something is at `path`, or it cannot be written
    /// there. Then nothing is left behind, and the register knows of no copy.
    pub fn export_novel(
        &self,
        novel: &str,
        preset: &ExportPreset,
        copy: &ExportCopy,
        (path, existing): (&Path, Existing),
    ) -> Result<ExportDone, Failure> {
        let novel = novel_id(novel)?;
        fits(preset.kind, copy)?;
        let turn = self.begin_export()?;
        let cover = copy.cover.as_deref().map(|path| cover(Path::new(path))).transpose()?;
        let text = self.gather(novel, preset, &mut |done, total| {
            turn.running.counts(done, total);
            turn.running.stop.check()
        })?;
        let number = self.new_copy(copy)?;
        let facts = CopyFacts {
            made: i64::try_from(now_ms() / 1000).unwrap_or(0),
            identifier: text.identifier,
            cover,
            mark: number.filter(|_| copy.mark),
            recipient: if copy.line { text.line_for(&copy.recipient) } else { String::new() },
        };
        let choice = Choice::of(preset, &text);
        turn.running.at(ExportStep::Making);
        let made = self.make(preset.kind, text, &choice, &facts, &turn.running)?;
        turn.running.stop.check()?;
        let entry = self.register(novel, preset.kind, copy, number)?;
        turn.running.at(ExportStep::Writing);
        if let Err(error) = write(made.product, path, existing) {
            entry.iter().for_each(|id| self.take_back_copy(novel, id));
            return Err(error.into());
        }
        held(&self.shared.exports.written).push(path.to_owned());
        Ok(ExportDone {
            path: path.display().to_string(),
            words: to_u64(made.words),
            chapters: to_u64(made.chapters),
            pages: made.pages.map(to_u64),
            findings: rows(made.findings),
            copy: entry,
        })
    }

    /// How far the export is that runs.
    #[must_use]
    pub fn export_progress(&self) -> Option<ExportProgress> {
        let running = held(&self.shared.exports.running).clone()?;
        let step = *held(&running.step);
        let done = running.done.load(Ordering::Relaxed);
        Some(ExportProgress { step, done, total: running.total.load(Ordering::Relaxed) })
    }

    /// Stops the export that runs: it fails, and leaves nothing behind. Once it is written it is too late.
    pub fn cancel_export(&self) {
        if let Some(running) = &*held(&self.shared.exports.running) {
            running.stop.now();
        }
    }

    /// Says where the program is that sets pages. Only the first word counts; without one it is looked for.
    pub fn press_at(&self, program: PathBuf) {
        // Who says it twice says the same.
        let _first = self.shared.exports.press.set(program).is_ok();
    }

    /// Whether an export of this run wrote this file or folder.
    #[must_use]
    pub fn has_exported(&self, path: &Path) -> bool {
        held(&self.shared.exports.written).iter().any(|written| written == path)
    }

    /// Before the keys go: whatever runs is stopped, and what was shown is forgotten.
    pub(crate) fn forget_exports(&self) {
        self.cancel_export();
        held(&self.shared.exports.written).clear();
        self.shared.exports.pages.forget();
    }

    pub(crate) fn press(&self, stop: &Stop) -> pdf::Press {
        let told = self.shared.exports.press.get().map(pdf::Press::at);
        told.unwrap_or_else(pdf::Press::find).stopped_by(stop.flag())
    }

    fn begin_export(&self) -> Result<Turn<'_>, Failure> {
        let exports = &self.shared.exports;
        let mut running = held(&exports.running);
        if running.is_some() {
            return Err(Failure::other(
                "Another export is being written, so this one was not begun; your novel is safe; wait for it or stop it, then export again.",
            ));
        }
        let begun = Arc::new(Running {
            stop: Stop::default(),
            step: Mutex::new(ExportStep::Reading),
            done: AtomicU64::new(0),
            total: AtomicU64::new(0),
        });
        *running = Some(Arc::clone(&begun));
        drop(running);
        Ok(Turn { exports, running: begun })
    }

    fn make(
        &self,
        kind: ExportKind,
        text: Gathered,
        choice: &Choice,
        facts: &CopyFacts,
        running: &Running,
    ) -> Result<Made, Failure> {
        let title = text.novel.title.clone();
        let gone = text.gone_finding();
        let (words, chapters) = text.counts();
        let product = match kind {
            ExportKind::Csv => Product::File(export::csv(&text.lines).into_bytes()),
            ExportKind::Opml => Product::File(export::opml(&title, &text.lines).into_bytes()),
            ExportKind::MarkdownFolder => Product::Markdown(text.cut()?),
            _ => return self.make_edition(kind, &text, choice, (facts, running)),
        };
        Ok(Made { product, words, chapters, pages: None, findings: gone.into_iter().collect() })
    }

    /// What is made of an edition: everything with pages, or with text for them.
    fn make_edition(
        &self,
        kind: ExportKind,
        text: &Gathered,
        choice: &Choice,
        (facts, running): (&CopyFacts, &Running),
    ) -> Result<Made, Failure> {
        let edition = Edition::new(&text.novel, &choice.options, facts)?;
        let mut findings: Vec<Finding> = text.gone_finding().into_iter().collect();
        findings.extend(export::check_edition(&edition, looks_of(kind, choice)));
        let mut pages = None;
        let product = match kind {
            ExportKind::Pdf | ExportKind::ManuscriptPdf => {
                let pressed = pdf::pdf(&edition, &choice.pages, &self.press(&running.stop))?;
                pages = Some(pressed.pages);
                findings.extend(missing(&pressed.missing));
                Product::File(pressed.pdf)
            }
            ExportKind::Epub => {
                let book = export::epub(&edition)?;
                running.at(ExportStep::Checking);
                findings.extend(export::check_epub(&book));
                Product::File(book)
            }
            ExportKind::Docx | ExportKind::ManuscriptDocx => {
                Product::File(export::docx(&edition, looks_of(kind, choice))?)
            }
            ExportKind::Odt => Product::File(export::odt(&edition)?),
            ExportKind::Html => Product::File(export::html(&edition).into_bytes()),
            ExportKind::HtmlFolder => Product::Folder(export::html_pages(&edition)),
            ExportKind::Pandoc => Product::File(export::pandoc(&edition).into_bytes()),
            ExportKind::Markdown => Product::File(export::commonmark(&edition).into_bytes()),
            ExportKind::Text | ExportKind::MarkdownFolder | ExportKind::Csv | ExportKind::Opml => {
                Product::File(export::text(&edition).into_bytes())
            }
        };
        let chapters = edition.sections.iter().filter(|it| it.role == export::Role::Chapter);
        let (words, chapters) = (edition.words, chapters.count());
        Ok(Made { product, words, chapters, pages, findings })
    }
}

fn write(product: Product, path: &Path, existing: Existing) -> Result<(), ExportError> {
    match (product, existing) {
        (Product::File(bytes), Existing::Kept) => export::write_file(&bytes, path),
        (Product::File(bytes), Existing::Replaced) => export::replace_file(&bytes, path),
        (Product::Folder(files), _) => export::write_folder(&files, path),
        (Product::Markdown(novel), _) => {
            let images = pictures(&novel);
            export::markdown_folder_with_images(&novel, &images, path)
        }
    }
}

/// The pictures of a novel with the endings of their files.
fn pictures(novel: &ExportNovel) -> Vec<export::ExportImage> {
    let clean = |(hash, bytes): (&String, &Vec<u8>)| {
        let image = image_format::clean(bytes).ok()?;
        let extension = image.kind.extension();
        Some(export::ExportImage { hash: hash.clone(), extension, bytes: image.bytes })
    };
    novel.images.iter().filter_map(clean).collect()
}

/// A kind without text can carry nobody's mark.
fn fits(kind: ExportKind, copy: &ExportCopy) -> Result<(), Failure> {
    let bare = matches!(kind, ExportKind::Csv | ExportKind::Opml | ExportKind::MarkdownFolder);
    if bare && (copy.mark || copy.line) {
        return Err(Failure::other(
            "An outline or a folder of Markdown cannot say for whom it is, so nothing was exported; your novel is safe; choose another kind, or leave the recipient's mark and line out.",
        ));
    }
    Ok(())
}

fn cover(path: &Path) -> Result<Vec<u8>, Failure> {
    let read = File::open(path).and_then(|file| {
        let mut bytes = Vec::new();
        // One byte more than may be, which is refused as too long.
        file.take(to_u64(MOST_BYTES) + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let bytes = read.map_err(|_| {
        Failure::other(
            "The cover cannot be read, so nothing was exported; your novel is safe; choose another picture, or none.",
        )
    })?;
    let clean = image_format::clean(&bytes).map_err(|_| {
        Failure::other(
            "The cover is no whole PNG, JPEG, WebP or GIF of at most 20 MB, so nothing was exported; your novel is safe; choose another picture, or none.",
        )
    })?;
    Ok(clean.bytes)
}

/// What no font has is worse than anything that a check finds in a file.
fn missing(characters: &str) -> Option<Finding> {
    let shown: String = characters.chars().take(40).collect();
    (!shown.is_empty()).then(|| Finding {
        grave: true,
        said: format!(
            "No font on this computer has these characters, and readers see boxes for them: {shown}. Install a font that has them, then export again."
        ),
    })
}

/// What is grave first, and nothing twice.
fn rows(findings: Vec<Finding>) -> Vec<ExportFinding> {
    let mut rows: Vec<ExportFinding> = Vec::new();
    for Finding { grave, said } in findings {
        if !rows.iter().any(|row| row.said == said) {
            rows.push(ExportFinding { grave, said });
        }
    }
    rows.sort_by_key(|row| !row.grave);
    rows
}

impl From<ExportError> for Failure {
    fn from(error: ExportError) -> Self {
        Self::other(error.to_string())
    }
}

/// A panic elsewhere leaves whole values behind.
pub(crate) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}
