//! Sets pages: a novel as plain data in, a PDF out. The engine is Typst; how a page looks is in `template/`.
//!
//! The crate is a program of its own (`seshat-press`), and nothing of ours links it: see docs/design/0030.
//!
//! **Invariants:** the text of a novel is data for the templates and never their code, so nothing that an author
//! writes can be a command. Nothing in here opens a network connection, asks the time, writes a file, or reads one
//! that is not a font. The same job with the fonts of the program gives the same bytes.

mod error;
mod fonts;
mod job;
mod world;

use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

pub use error::PressError;
pub use job::{Job, Picture};

/// What came of a job.
#[derive(Debug)]
pub struct Pressed {
    /// The PDF file.
    pub pdf: Vec<u8>,
    /// Its pages, blank ones among them.
    pub pages: usize,
    /// Characters that no font has, each once, in the order of their numbers. They stand in the file as text, but a
    /// reader sees a box.
    pub missing: String,
}

/// Sets the pages of `job`.
///
/// # Errors
/// See [`PressError`].
pub fn press(job: Job) -> Result<Pressed, PressError> {
    let world = world::Desk::new(job)?;
    let missing = world.missing();
    let document: PagedDocument =
        typst::compile(&world).output.map_err(|causes| PressError::unset(&causes))?;
    let accessible = PdfStandards::new(&[PdfStandard::Ua_1]).map_err(|_| PressError::Fault)?;
    // A file for assistive technology where that can be; what such a file must not have may still be printed.
    let pdf = typst_pdf::pdf(&document, &options(accessible))
        .or_else(|_| typst_pdf::pdf(&document, &options(PdfStandards::default())))
        .map_err(|causes| PressError::unset(&causes))?;
    Ok(Pressed { pdf, pages: document.pages().len(), missing })
}

fn options(standards: PdfStandards) -> PdfOptions {
    PdfOptions {
        creator: Smart::Custom(Some("Seshat".to_owned())),
        standards,
        ..PdfOptions::default()
    }
}
