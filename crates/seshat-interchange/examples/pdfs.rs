//! Makes a book of every novel of the corpus and fails unless all its letters stand there, in order, in fonts that are in
//! the file. Too long for every run of the tests:
//!
//! `cargo build --release -p seshat-press && cargo run --release -p seshat-interchange --example pdfs [FOLDER]`
//!
//! The files stay in FOLDER, where one is named.

#[path = "../tests/pages/mod.rs"]
mod pages;

use std::path::PathBuf;
use std::time::Instant;

#[allow(clippy::print_stdout, clippy::expect_used, reason = "what this is for")]
fn main() {
    let press = pages::press().expect("seshat-press is built beside this program's folder");
    let passing = tempfile::tempdir().expect("there is room");
    let place = std::env::args_os().nth(1).map_or_else(|| passing.path().to_owned(), PathBuf::from);
    for (name, novel) in pages::novels() {
        let begun = Instant::now();
        let count = pages::assert_stands_in_its_pdf(&name, &novel, &press, &place);
        println!("{name}: {count} pages, {} ms", begun.elapsed().as_millis());
    }
}
