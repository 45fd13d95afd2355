//! The desk from inside: structure, history, merging and the margin, on one laptop and on several.

mod arriving;
mod backups;
mod checks;
mod compacting;
mod deletions;
mod exporting;
mod finding;
mod folders;
mod history;
mod images;
mod importing;
mod incarnation;
mod keeping;
mod laptops;
mod leaving;
mod margin;
mod merging;
mod notes;
mod online;
mod previewing;
mod progress;
mod replacing;
mod resuming;
mod spelling;
mod structure;
mod trash;
