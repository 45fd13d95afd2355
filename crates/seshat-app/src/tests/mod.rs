//! The desk from inside: structure, history, merging and the margin, on one laptop and on several.

mod compacting;
mod history;
mod keeping;
mod laptops;
mod margin;
mod merging;
mod structure;
mod trash;
