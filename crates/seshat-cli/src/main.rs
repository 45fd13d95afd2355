//! `seshat`: the whole product in a terminal, for scripts, backups and measurements.
//!
//! **Invariants:** what is printed on standard output is the answer and nothing else; an error is one sentence on
//! standard error and a status that is not 0.

mod args;
mod ask;
mod commands;
mod export_commands;
mod finding_commands;
mod folder_commands;
mod goal_commands;
mod history_commands;
mod importing_commands;
mod keeping_commands;
mod nodes;
mod progress;
mod reading;
mod report;
mod sync_commands;
mod times;
mod vault_commands;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Err(failure) = seshat_platform::harden() {
        // A command does its work all the same: this is no failure of it.
        let _said = writeln!(std::io::stderr().lock(), "{failure}");
    }
    let cli = args::Cli::parse();
    let json = cli.json;
    match run(cli) {
        Ok(report) => {
            let text = if json { report.json() } else { report.text() };
            match writeln!(std::io::stdout().lock(), "{}", text.trim_end_matches('\n')) {
                Ok(()) => concluded(&report),
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

/// The status of an answer; one that is bad news says so on standard error as well.
fn concluded(report: &report::Report) -> ExitCode {
    let Some(sentence) = report.failure() else { return ExitCode::SUCCESS };
    let _said = writeln!(std::io::stderr().lock(), "{sentence}");
    ExitCode::FAILURE
}

fn run(cli: args::Cli) -> anyhow::Result<report::Report> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("The TLS library was set up twice."))?;
    commands::run(cli)
}

/// The failure and its causes on one line.
fn sentence(failure: &anyhow::Error) -> String {
    let causes: Vec<String> =
        failure.chain().map(|cause| without_number(&cause.to_string())).collect();
    let mut line = causes.join(": ").replace(['\n', '\r'], " ");
    if !line.ends_with(['.', '!', '?']) {
        line.push('.');
    }
    line
}

/// What the system says, without its own number for it: `No such file or directory (os error 2)`.
fn without_number(cause: &str) -> String {
    match cause.rsplit_once(" (os error ") {
        Some((said, number)) if number.trim_end_matches(')').parse::<i32>().is_ok() => {
            said.to_owned()
        }
        _ => cause.to_owned(),
    }
}
