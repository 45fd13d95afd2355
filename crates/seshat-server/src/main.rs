//! `seshat-server`: starts the server, says where it listens, stops it on SIGTERM or SIGINT.

mod admin;
mod settings;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};
use seshat_server::{Config, serve};
use settings::{Effective, Settings, VARIABLE};

/// The self-hosted sync server of Seshat. It carries sealed bytes and can open none of them.
///
/// Each setting can be given as a flag, as a variable of the environment, or as a line of the file of --config: `--quota-mib
/// 500`, `SESHAT_SERVER_QUOTA_MIB=500`, `quota-mib = 500`. A flag is stronger than a variable, and both than the file.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// A file with settings, in TOML.
    #[arg(long, global = true, value_name = "FILE", env = "SESHAT_SERVER_CONFIG")]
    config: Option<PathBuf>,
    /// Print the settings that hold and where each came from, and end.
    #[arg(long)]
    print_config: bool,
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<admin::Command>,
}

fn main() -> ExitCode {
    match begin() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // One line, whatever the environment says about backtraces.
            let _unwritable = writeln!(std::io::stderr(), "Error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn begin() -> anyhow::Result<()> {
    let matches = Arguments::command().get_matches();
    let arguments = Arguments::from_arg_matches(&matches)?;
    std::panic::set_hook(Box::new(report_panic));
    let effective = effective(&arguments, &matches)?;
    let config = effective.config()?;
    if arguments.print_config {
        return said(&effective.print()?);
    }
    warn_of_unknown_variables();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    match arguments.command {
        Some(command) => runtime.block_on(admin::run(&config, command)),
        None => runtime.block_on(run(config)),
    }
}

/// What holds, of all that was said in the three places.
fn effective(arguments: &Arguments, matches: &ArgMatches) -> anyhow::Result<Effective> {
    let source = |name: &str| match matches.value_source(&name.replace('-', "_")) {
        Some(ValueSource::EnvVariable) => settings::variable(name),
        _ => format!("--{name}"),
    };
    Effective::new(&arguments.settings, arguments.config.as_deref(), source)
}

async fn run(mut config: Config) -> anyhow::Result<()> {
    config.log = Box::new(std::io::stderr());
    let signal = asked_to_stop().context("cannot listen for signals")?;
    let server = serve(config).await?;
    said(&format!("listening on {}\n", server.url()))?;
    signal.await;
    server.shutdown().await;
    Ok(())
}

fn said(text: &str) -> anyhow::Result<()> {
    std::io::stdout().write_all(text.as_bytes()).context("cannot write to stdout")
}

/// A name that is spelt wrong would leave a server open that was meant to be closed. Refusing to start would be wrong too:
/// some systems put variables of their own beside ours.
fn warn_of_unknown_variables() {
    let mut known: Vec<_> = Settings::names().iter().map(|name| settings::variable(name)).collect();
    known.push(format!("{VARIABLE}CONFIG"));
    let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    for name in names.filter(|name| name.starts_with(VARIABLE) && !known.contains(name)) {
        let line = serde_json::json!({ "event": "unknown_setting", "name": name });
        let _unwritable = writeln!(std::io::stderr(), "{line}");
    }
}

/// Listens from now on, so that a signal that comes while the server starts is not lost.
#[cfg(unix)]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn asked_to_stop() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a signal to wait for the server runs until it is ended from outside.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}

/// A panic's text may quote what it was working on: only the place is said.
fn report_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(|place| format!("{}:{}", place.file(), place.line()));
    let line = serde_json::json!({ "event": "panic", "place": place });
    let _unwritable = writeln!(std::io::stderr(), "{line}");
}
