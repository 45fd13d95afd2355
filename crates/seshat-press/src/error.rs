//! Why no pages were made, in sentences for the author. None carries text of the novel.

use thiserror::Error;
use typst::diag::SourceDiagnostic;

/// Why there is no PDF.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum PressError {
    /// What came in is not a job.
    #[error(
        "The pages could not be made, because this program was not given a novel in the form that it reads: your novel is safe. Update Seshat, so that all its programs are of one version."
    )]
    NoJob,
    /// A template did not work.
    #[error(
        "The pages could not be made, because of a fault in Seshat ({cause}): your novel is safe. Export it as DOCX or EPUB, and report this."
    )]
    Unset {
        /// What the engine says of the template.
        cause: String,
    },
    /// The engine was set up wrongly.
    #[error(
        "The pages could not be made, because of a fault in Seshat: your novel is safe. Export it as DOCX or EPUB, and report this."
    )]
    Fault,
}

impl PressError {
    /// The first cause. The engine's messages name elements and types of the templates; what they quote is cut off,
    /// because it could come from the novel.
    pub(crate) fn unset(causes: &[SourceDiagnostic]) -> Self {
        let message = causes.first().map_or("", |cause| cause.message.as_str());
        let cause: String =
            message.chars().take_while(|c| !matches!(c, '"' | '`')).take(120).collect();
        Self::Unset { cause: cause.trim().to_owned() }
    }
}
