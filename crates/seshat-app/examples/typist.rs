//! Somebody who types until the power fails, for the tests of power cuts: the desk as the window uses it, with its
//! background, and no window.
//!
//! `typist HOME PASSWORD_FILE NOVEL MARK` opens the first scene of the novel and puts a word `MARKxN` at its end every few
//! milliseconds. It prints each word once it is in memory, with the milliseconds since it began: what the author saw on
//! the page.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for tests; whatever fails ends it"
)]

use std::io::Write as _;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use seshat_app::{Attributes, Desk, Edit, EditOp};

/// Faster than anybody types, so that every save has much to do.
const PAUSE: Duration = Duration::from_millis(15);

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("four arguments");
    let (home, password_file, title, mark) = (next(), next(), next(), next());
    let password = std::fs::read_to_string(password_file).unwrap();
    let desk = Desk::at(PathBuf::from(home), "typist".to_owned());
    desk.vault_state().unwrap();
    desk.unlock(password.trim_end().to_owned()).unwrap();
    let novel = desk.find_novel(&title).unwrap();
    let scene = desk.find_scene(&novel, "1/1").unwrap();
    let view = desk.open_scene(&novel, &scene).unwrap();
    let mut end: usize = view.runs.iter().map(|run| run.text.encode_utf16().count()).sum();
    desk.start_background();
    let begun = Instant::now();
    let mut out = std::io::stdout().lock();
    for sequence in 1.. {
        let word = format!("{mark}x{sequence}");
        let text = format!(" {word}");
        let length = text.len();
        let ops = vec![EditOp::Insert { at: end, text, attributes: Attributes::new() }];
        let (novel, scene) = (novel.clone(), scene.clone());
        desk.edit_scene(&Edit { novel, scene, session: view.session, sequence, ops, typed: false })
            .unwrap();
        end += length;
        writeln!(out, "{} {word}", begun.elapsed().as_millis()).unwrap();
        out.flush().unwrap();
        thread::sleep(PAUSE);
    }
}
