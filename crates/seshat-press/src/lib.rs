//! Sets pages: a novel as plain data in, a PDF or pictures of pages out. The engine is Typst; how a page looks is in `template/`.
//!
//! The crate is a program of its own (`seshat-press`), and nothing of ours links it: see docs/design/0030.
//!
//! **Invariants:** the text of a novel is data for the templates and never their code, so nothing that an author
//! writes can be a command. Nothing in here opens a network connection, asks the time, writes a file, or reads one
//! that is not a font. The same job with the fonts of the program gives the same bytes.

mod draw;
mod error;
mod fonts;
mod heads;
mod job;
mod world;

use typst::comemo;
use typst::ecow::EcoVec;
use typst::foundations::Smart;
use typst::layout::Point;
use typst::model::Document;
use typst_layout::{Page, PagedDocument};
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

pub use error::PressError;
pub use job::{Job, Picture, WIRE};

/// What came of a job.
#[derive(Debug)]
pub struct Pressed {
    /// The PDF file, or PNG files of the pages that were wanted.
    pub files: Vec<Vec<u8>>,
    /// Pages in all, blank ones among them.
    pub pages: usize,
    /// Characters that no font has, each once, in the order of their numbers. They stand in the file as text, but a
    /// reader sees a box.
    pub missing: String,
}

/// Sets the pages of `job`.
///
/// # Errors
/// See [`PressError`].
pub fn press(mut job: Job) -> Result<Pressed, PressError> {
    let (plan, render) = (std::mem::take(&mut job.plan), job.render);
    let mut world = world::Desk::new(job)?;
    let missing = world.missing();
    let text = set(&world)?;
    let mut heads = plan.heads(&text);
    if let Some(render) = render {
        let unseen = heads.iter_mut().enumerate().filter(|(at, _)| !render.wants(*at));
        unseen.for_each(|(_, head)| *head = None);
    }
    world.turn_to_heads(&heads)?;
    let heads = set(&world)?;
    // What the engine remembers of its work is as large as the book.
    comemo::evict(0);
    let pages = together(text.pages(), heads.pages());
    let files = match render {
        Some(render) => render.drawn(&pages)?,
        None => vec![pdf(&PagedDocument::new(pages.clone(), text.info().clone()))?],
    };
    Ok(Pressed { files, pages: pages.len(), missing })
}

fn set(world: &world::Desk) -> Result<PagedDocument, PressError> {
    typst::compile(world).output.map_err(|causes| PressError::unset(&causes))
}

/// The pages of a book with their heads on them.
fn together(text: &[Page], heads: &[Page]) -> EcoVec<Page> {
    let mut pages = EcoVec::from(text);
    for (page, head) in pages.make_mut().iter_mut().zip(heads) {
        page.frame.push_frame(Point::zero(), head.frame.clone());
    }
    pages
}

fn pdf(document: &PagedDocument) -> Result<Vec<u8>, PressError> {
    let accessible = PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|_| PressError::Fault)?;
    // A file for assistive technology where that can be; what such a file must not have may still be printed.
    typst_pdf::pdf(document, &options(accessible))
        .or_else(|_| typst_pdf::pdf(document, &options(PdfStandards::default())))
        .map_err(|causes| PressError::unset(&causes))
}

fn options(standards: PdfStandards) -> PdfOptions {
    PdfOptions {
        creator: Smart::Custom(Some("Seshat".to_owned())),
        standards,
        ..PdfOptions::default()
    }
}
