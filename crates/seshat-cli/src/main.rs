//! `seshat`: the whole product in a terminal, for scripts, backups and measurements.
//!
//! **Invariants:** what is printed on standard output is the answer and nothing else; an error is one sentence on
//! standard error and a status that is not 0.

mod args;
mod ask;
mod commands;
mod progress;
mod report;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let cli = args::Cli::parse();
    let json = cli.json;
    match run(cli) {
        Ok(report) => {
            let text = if json { report.json() } else { report.text() };
            match writeln!(std::io::stdout().lock(), "{}", text.trim_end_matches('\n')) {
                Ok(()) => ExitCode::from(report.exit()),
                // Whoever read the answer has seen enough of it.
                Err(_) => ExitCode::FAILURE,
            }
        }
        Err(failure) => {
            // With nowhere to say it, the status still says it.
            let _said = writeln!(std::io::stderr().lock(), "{}", sentence(&failure));
            ExitCode::FAILURE
        }
    }
}

fn run(cli: args::Cli) -> anyhow::Result<report::Report> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("The TLS library was set up twice."))?;
    commands::run(cli)
}

/// The failure and its causes on one line.
fn sentence(failure: &anyhow::Error) -> String {
    let causes: Vec<String> = failure.chain().map(ToString::to_string).collect();
    let mut line = causes.join(": ").replace(['\n', '\r'], " ");
    if !line.ends_with(['.', '!', '?']) {
        line.push('.');
    }
    line
}
