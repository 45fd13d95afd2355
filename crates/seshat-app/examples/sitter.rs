//! A window that nobody looks at, for tests: the desk with its background, as the window uses it.
//!
//! `sitter HOME PASSWORD_FILE` opens the vault, lets the background run, and prints a line of JSON for each change of what
//! the window would show. Each line on its standard input is put at the end of the first scene of the first novel; when the
//! input ends, so does it.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a program for tests; whatever fails ends it"
)]

use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::thread;

use seshat_app::{Attributes, Desk, Edit, EditOp};
use tokio::runtime::Builder;

fn main() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().expect("two arguments");
    let (home, password_file) = (next(), next());
    let password = std::fs::read_to_string(password_file).unwrap();
    let desk = Desk::at(PathBuf::from(home), "sitter".to_owned());
    desk.vault_state().unwrap();
    desk.unlock(password.trim_end().to_owned()).unwrap();
    desk.start_background();
    let telling = desk.clone();
    thread::spawn(move || tell(&telling));
    for line in std::io::stdin().lock().lines() {
        type_in(&desk, &line.unwrap());
    }
}

/// Prints what the window would show, whenever that changes.
fn tell(desk: &Desk) {
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let mut revision = u64::MAX;
    loop {
        let status = match revision {
            u64::MAX => desk.status(0),
            _ => runtime.block_on(desk.next_status(revision)),
        };
        if status.revision != revision {
            println!("{}", serde_json::to_string(&status).unwrap());
            std::io::stdout().flush().unwrap();
        }
        revision = status.revision;
    }
}

fn type_in(desk: &Desk, line: &str) {
    let novel = desk.library().unwrap()[0].id.clone();
    let scene = desk.find_scene(&novel, "1/1").unwrap();
    let view = desk.open_scene(&novel, &scene).unwrap();
    let at = view.runs.iter().map(|run| run.text.encode_utf16().count()).sum();
    let text = format!(" {line}");
    let ops = vec![EditOp::Insert { at, text, attributes: Attributes::new() }];
    desk.edit_scene(&Edit { novel, scene, session: view.session, sequence: 1, ops, typed: false })
        .unwrap();
}
