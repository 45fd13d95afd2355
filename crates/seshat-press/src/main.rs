//! `seshat-press`: reads one job on standard input, writes its pages on standard output.
//!
//! The answer is one line of JSON and then, if that says `"ok": true`, the PDF or the pictures of the pages that were
//! wanted; the line says how long each is. So whoever started this program can
//! tell an answer from one that was cut off, and no text of a novel ever lies in a file on the way.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use serde_json::json;
use seshat_press::{Job, PressError, Pressed, WIRE, press};

/// More than a novel with pictures has, in bytes: 512 MiB.
const MOST: u64 = 512 << 20;

/// More memory than a large novel with pictures takes, in bytes: 6 GiB of addresses.
#[cfg(unix)]
const MEMORY: u64 = 6 << 30;

/// More work than a large novel with pictures is, in seconds of a processor.
#[cfg(unix)]
const SECONDS: u64 = 1200;

fn main() -> ExitCode {
    bound();
    let (line, files) = match answer() {
        Ok(Pressed { files, pages, missing }) => {
            let lengths: Vec<usize> = files.iter().map(Vec::len).collect();
            (
                json!({ "ok": true, "wire": WIRE, "pages": pages, "missing": missing, "files": lengths }),
                files,
            )
        }
        Err(error) => {
            (json!({ "ok": false, "wire": WIRE, "error": error.to_string() }), Vec::new())
        }
    };
    let mut out = io::stdout().lock();
    let mut written = writeln!(out, "{line}");
    for file in files {
        written = written.and_then(|()| out.write_all(&file));
    }
    if written.and_then(|()| out.flush()).is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn answer() -> Result<Pressed, PressError> {
    let mut wire = Vec::new();
    io::stdin().lock().take(MOST).read_to_end(&mut wire).map_err(|_| PressError::NoJob)?;
    press(Job::read(&wire)?)
}

/// What this program may take of the machine. A job that wants more ends it, and whoever started it says so. Where a
/// bound cannot be set, the work is done without it.
#[cfg(unix)]
fn bound() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let bound = |resource, most| {
        let _unbounded = setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    };
    // No novel is left in a core file.
    bound(Resource::Core, 0);
    bound(Resource::As, MEMORY);
    bound(Resource::Cpu, SECONDS);
}

#[cfg(not(unix))]
fn bound() {}
