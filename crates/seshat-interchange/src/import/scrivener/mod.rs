//! Scrivener's projects, of version 2 and 3, on any system: a folder that ends in `.scriv`.
//!
//! The binder becomes items with their synopsis, notes, label and status; texts are read as RTF with what
//! Scrivener adds to it: comments and footnotes in a file beside the text or in the line, and styles.
//!
//! **Invariants:** only files of the project's own folder are read, links followed; a name in the binder that is no
//! id of Scrivener's names no file.

mod binder;
mod files;
mod inline;
mod marked;

#[cfg(test)]
mod tests;

use std::path::Path;

use super::ImportError;
use super::refusal::Refusal;
use super::{draft, tree};
use crate::flow::Flow;
use files::Files;

/// Whether `path` is a project: its folder, or the file in it that describes it.
pub(crate) fn is_project(path: &Path) -> bool {
    let is =
        |ending: &str| path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending));
    is("scrivx") || is("scriv") && path.is_dir()
}

/// Reads a project.
///
/// # Errors
/// See [`ImportError`].
pub(crate) fn read(path: &Path) -> Result<Flow, ImportError> {
    let mut files = Files::open(path)?;
    let refused = |refusal| match refusal {
        Refusal::NoText => ImportError::NoText { path: path.to_owned() },
        refusal => ImportError::Refused { path: path.to_owned(), refusal },
    };
    read_all(&mut files).map_err(refused)
}

fn read_all(files: &mut Files) -> Result<Flow, Refusal> {
    let description = files.description()?;
    let root = tree::whole(&tree::decode(&description)?, &[])?;
    if root.name != "ScrivenerProject" {
        return Err(Refusal::WrongKind("a project of Scrivener"));
    }
    let mut flow = binder::read(files, &root)?;
    draft::settle(&mut flow)?;
    Ok(flow)
}
