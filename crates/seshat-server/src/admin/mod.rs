//! What whoever runs the server does beside running it: accounts, backups, tidying.
//!
//! **Invariant:** a command changes nothing but what it says, says what it did, and when it fails says what is left. It
//! may run beside a server, but for those that bring back a backup. It prints email addresses only when it is asked for
//! accounts, and never a secret but the invitation that it makes.

mod accounts;
mod backup;
mod manifest;
mod restore;
mod tidy;

use std::io::Write;

use clap::Subcommand;
use seshat_server::Config;
use seshat_server::opening::{Opened, Who, open};

/// A command of the operator; without one the server runs.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Who has an account here: list, invite, bound, lock out, delete.
    #[command(subcommand)]
    Account(accounts::Command),
    /// Write all that the server keeps into a new folder. The server may run.
    Backup(backup::Arguments),
    /// Bring a backup back, where nothing is yet. Laptops are told, and send what it lacks.
    Restore(restore::Arguments),
    /// Remove what nobody needs any more; the server does the same once a day.
    Gc,
    /// Bring the database up to this version. The server does the same when it starts.
    Migrate,
}

/// Does what was asked.
pub(crate) async fn run(config: &Config, command: Command) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    match command {
        Command::Restore(arguments) => restore::run(config, &arguments, &mut out).await,
        Command::Migrate => tidy::migrate(config, &mut out).await,
        beside => {
            let opened = open(config, Who::Operator).await?;
            let done = work(config, &opened, beside, &mut out).await;
            opened.close().await;
            done
        }
    }
}

async fn work(
    config: &Config,
    opened: &Opened,
    command: Command,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    match command {
        Command::Account(command) => accounts::run(config, opened, command, out).await,
        Command::Backup(arguments) => backup::run(config, opened, &arguments, out).await,
        Command::Gc => tidy::gc(config, opened, out).await,
        Command::Restore(_) | Command::Migrate => Ok(()),
    }
}
