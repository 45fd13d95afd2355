//! The desk from inside: structure, history, merging and the margin, on one laptop and on several.

mod backups;
mod checks;
mod compacting;
mod finding;
mod history;
mod keeping;
mod laptops;
mod margin;
mod merging;
mod replacing;
mod structure;
mod trash;
