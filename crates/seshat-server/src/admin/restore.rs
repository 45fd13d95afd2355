//! `seshat-server restore DIR`
//!
//! **Invariants:** it goes where nothing is yet, and changes nothing where something is. The history has a new name before
//! a server can open it: so every laptop that comes offers all that it holds, and what the backup lacks is sent again.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::Args;
use seshat_server::meta::MetaStore;
use seshat_server::objects::Depot;
use seshat_server::opening::{Who, claim, database_in, open};
use seshat_server::sqlite::SqliteStore;
use seshat_server::{Config, Database, Objects};

use super::backup::{copy_objects, finish, postgres};
use super::manifest::{Kind, Manifest, amount, objects, sync};

/// See the module.
#[derive(Args)]
pub(crate) struct Arguments {
    /// A folder that `backup` wrote.
    #[arg(value_name = "DIR")]
    from: PathBuf,
}

/// Does what was asked.
pub(crate) async fn run(
    config: &Config,
    arguments: &Arguments,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let from = &arguments.from;
    let manifest = Manifest::read(from)?;
    let source = manifest.database.file(from);
    match (&config.database, manifest.database) {
        (Database::Folder, Kind::Sqlite) => {
            restore_sqlite(config, &source, from).await?;
        }
        (Database::Postgres { url, password, .. }, Kind::Postgres) => {
            restore_postgres(config, url, password.as_deref(), &source, from).await?;
        }
        (Database::Folder, Kind::Postgres) => {
            bail!("this is a backup of a server on PostgreSQL: say where that is, with --database")
        }
        (Database::Postgres { .. }, Kind::Sqlite) => {
            bail!(
                "this is a backup of a server on SQLite: it goes into a folder, without --database"
            )
        }
    }
    let amount = amount(manifest.objects, manifest.object_bytes);
    writeln!(out, "Restored: the database and {amount}.")?;
    writeln!(
        out,
        "The history has a new name. Laptops will say that the server was restored, and send what it lacks."
    )?;
    Ok(())
}

async fn restore_sqlite(config: &Config, source: &Path, from: &Path) -> anyhow::Result<()> {
    let lock = claim(&config.data)?;
    let database = database_in(&config.data);
    if database.exists() {
        bail!(
            "there is a server's database in {} already; restore into an empty folder, nothing was changed",
            config.data.display()
        );
    }
    let unfinished = database.with_extension("restoring");
    // What an attempt left that was cut short.
    for rest in ["restoring", "restoring-wal", "restoring-shm"] {
        let rest = database.with_extension(rest);
        if rest.exists() {
            fs::remove_file(rest)?;
        }
    }
    fs::copy(source, &unfinished).context("the database cannot be copied")?;
    bring_objects(config, from).await?;
    let store = SqliteStore::open(&unfinished, None, (config.clock)())?;
    let named = store.rotate_epoch().await;
    // Folds what was written into the one file.
    tokio::task::spawn_blocking(move || store.close()).await?;
    named.context("the history cannot be given a new name")?;
    sync(&unfinished)?;
    fs::rename(&unfinished, &database)?;
    sync(&config.data)?;
    drop(lock);
    Ok(())
}

async fn restore_postgres(
    config: &Config,
    url: &str,
    password: Option<&str>,
    source: &Path,
    from: &Path,
) -> anyhow::Result<()> {
    bring_objects(config, from).await?;
    let mut command = postgres("pg_restore", url, password)?;
    command.args(["--no-owner", "--no-privileges", "--single-transaction", "--exit-on-error"]);
    finish(command.arg(source)).context(
        "the database was not restored, and is as it was; it has to be empty (createdb makes one)",
    )?;
    let opened = open(config, Who::Operator).await?;
    let named = opened.store().rotate_epoch().await;
    opened.close().await;
    named.context(
        "the database was restored, but its history has its old name; drop it and try again",
    )?;
    Ok(())
}

/// Copies large bodies to where the server will look for them.
async fn bring_objects(config: &Config, from: &Path) -> anyhow::Result<()> {
    let source = Depot::open(&Objects::Folder(objects(from)))?;
    let target = Depot::open(&config.objects_at())?;
    copy_objects(&source, &target).await.context("the large bodies cannot be copied")?;
    Ok(())
}
