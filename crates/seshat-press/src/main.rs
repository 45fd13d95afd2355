//! `seshat-press`: reads one job on standard input, writes its pages on standard output.
//!
//! The answer is one line of JSON and then, if that says `"ok": true`, the PDF. So whoever started this program can
//! tell an answer from one that was cut off, and no text of a novel ever lies in a file on the way.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use serde_json::json;
use seshat_press::{Job, PressError, Pressed, press};

/// More than a novel with pictures has, in bytes: 512 MiB.
const MOST: u64 = 512 << 20;

fn main() -> ExitCode {
    let (line, pdf) = match answer() {
        Ok(Pressed { pdf, pages, missing }) => {
            (json!({ "ok": true, "pages": pages, "missing": missing, "bytes": pdf.len() }), pdf)
        }
        Err(error) => (json!({ "ok": false, "error": error.to_string() }), Vec::new()),
    };
    let mut out = io::stdout().lock();
    let written =
        writeln!(out, "{line}").and_then(|()| out.write_all(&pdf)).and_then(|()| out.flush());
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn answer() -> Result<Pressed, PressError> {
    let mut wire = Vec::new();
    io::stdin().lock().take(MOST).read_to_end(&mut wire).map_err(|_| PressError::NoJob)?;
    press(Job::read(&wire)?)
}
