//! `seshat-server backup DIR`
//!
//! **Invariants:** the server may run meanwhile. The database is copied as of one moment, and the large bodies after it: a
//! body is written before the record that names it, so all that the copy names is there to be copied. The folder gets its
//! name when everything in it is on the disk and was looked at.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use clap::Args;
use futures_util::StreamExt;
use rusqlite::Connection;
use seshat_protocol::{AccountId, Bytes32, limits};
use seshat_server::objects::{Depot, Key, ObjectError, Put};
use seshat_server::opening::{Opened, database_in};
use seshat_server::postgres::address_for_programs;
use seshat_server::{Config, Database, Objects};
use url::Url;

use super::manifest::{Kind, Manifest, amount, objects, sync};

/// See the module.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The backup's folder: made, and not there yet.
    #[arg(value_name = "DIR")]
    to: PathBuf,
}

/// Does what was asked.
pub(crate) async fn run(
    config: &Config,
    opened: &Opened,
    arguments: &Arguments,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let to = &arguments.to;
    if to.exists() {
        bail!("{} is there already; a backup goes into a folder of its own", to.display());
    }
    let name = to.file_name().context("that is no name for a folder")?;
    let unfinished = to.with_file_name(format!("{}.unfinished", name.to_string_lossy()));
    let done = write(config, opened, &unfinished).await;
    let ended = done.and_then(|manifest| {
        fs::rename(&unfinished, to).context("the backup cannot be given its name")?;
        let above = to.parent().filter(|above| !above.as_os_str().is_empty());
        sync(above.unwrap_or(Path::new("."))).context("the backup's name cannot be synced")?;
        Ok(manifest)
    });
    let manifest = ended.with_context(|| {
        format!("no backup was made; what there is of it lies in {}", unfinished.display())
    })?;
    let amount = amount(manifest.objects, manifest.object_bytes);
    writeln!(out, "The backup is in {}: the database and {amount}.", to.display())?;
    writeln!(out, "Keep it as private as the server's own folder.")?;
    Ok(())
}

async fn write(config: &Config, opened: &Opened, folder: &Path) -> anyhow::Result<Manifest> {
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).with_context(|| folder.display().to_string())?;
    let now = (config.clock)();
    let kind = match &config.database {
        Database::Folder => {
            copy_sqlite(&database_in(&config.data), &Kind::Sqlite.file(folder))?;
            Kind::Sqlite
        }
        Database::Postgres { url, password, .. } => {
            dump(url, password.as_deref(), &Kind::Postgres.file(folder))?;
            Kind::Postgres
        }
    };
    let mut manifest = Manifest::of(folder, kind, now)?;
    let depot = Depot::open(&Objects::Folder(objects(folder)))?;
    (manifest.objects, manifest.object_bytes) = copy_objects(opened.depot(), &depot).await?;
    if kind == Kind::Sqlite {
        let (objects, bytes) = complete(opened, &kind.file(folder), &depot).await?;
        manifest.objects += objects;
        manifest.object_bytes += bytes;
    }
    sync(folder)?;
    manifest.write(folder)?;
    sync(folder)?;
    Ok(manifest)
}

/// A copy as of one moment, looked at.
fn copy_sqlite(from: &Path, to: &Path) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.create_new(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    drop(options.open(to)?);
    let name = to.to_str().context("a path that is not UTF-8 cannot be written to")?;
    let database = Connection::open(from)?;
    database.execute("VACUUM INTO ?1", [name]).context("the database cannot be copied")?;
    let copy = Connection::open(to)?;
    let found: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        bail!("the copy of the database is damaged, and so may be the database: {found}");
    }
    drop(copy);
    Ok(sync(to)?)
}

/// Looks whether everything that the copied database names was copied, and copies what was not: gc takes a body out of
/// sight for a moment while it looks whether that is needed. How many, and their bytes.
async fn complete(opened: &Opened, database: &Path, depot: &Depot) -> anyhow::Result<(u64, u64)> {
    let (mut count, mut bytes) = (0, 0);
    for key in named(database)? {
        match depot.range(key, 0..1).await {
            Ok(_) => continue,
            Err(ObjectError::Missing) => {}
            Err(error) => return Err(error.into()),
        }
        match opened.depot().get(key).await {
            Ok(object) => {
                count += 1;
                bytes += object.len() as u64;
                let (Put::Made | Put::Known) = depot.put(key, object).await?;
            }
            Err(ObjectError::Missing) => {
                let used = opened.store().objects_used(key.account, vec![key.what.hash()]).await?;
                if used.contains(&true) {
                    bail!(
                        "a large body that a record needs is not where the server keeps them; if it is not \
                         there at the next try either, laptops that have it can send it again"
                    );
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok((count, bytes))
}

/// What the database names.
fn named(database: &Path) -> anyhow::Result<Vec<Key>> {
    let database = Connection::open(database)?;
    let key = |row: &rusqlite::Row<'_>| Ok((AccountId(row.get(0)?), Bytes32(row.get(1)?)));
    let mut keys = Vec::new();
    let mut bodies = database.prepare(
        "SELECT accounts.id, object FROM records JOIN accounts ON number = account
         WHERE object IS NOT NULL",
    )?;
    for found in bodies.query_map([], key)? {
        let (account, hash) = found?;
        keys.push(Key::body(account, hash));
    }
    let mut blobs = database.prepare(
        "SELECT accounts.id, hash, size FROM blobs JOIN accounts ON number = account
         WHERE complete = 1",
    )?;
    for found in blobs.query_map([], |row| Ok((key(row)?, row.get::<_, i64>(2)?)))? {
        let ((account, hash), size) = found?;
        let parts = size.unsigned_abs().div_ceil(limits::BLOB_PART_BYTES as u64);
        keys.extend((0..u32::try_from(parts)?).map(|part| Key::part(account, hash, part)));
    }
    Ok(keys)
}

/// What PostgreSQL's own program writes, as of one moment.
fn dump(url: &str, password: Option<&str>, to: &Path) -> anyhow::Result<()> {
    let mut command = postgres("pg_dump", url, password)?;
    command.args(["--format=custom", "--no-owner", "--no-privileges"]).arg("--file").arg(to);
    finish(&mut command)?;
    Ok(sync(to)?)
}

/// A program of PostgreSQL for this database. A password goes along where other users of the machine cannot read it.
pub(super) fn postgres(
    program: &str,
    url: &str,
    password: Option<&str>,
) -> anyhow::Result<Command> {
    let url = address_for_programs(url)?;
    let mut at = Url::parse(&url).ok().context("the database's address is not a URL")?;
    let in_url = at.password().map(str::to_owned);
    if in_url.is_some() && at.set_password(None).is_err() {
        bail!("the database's address is not a URL");
    }
    let mut command = Command::new(program);
    command.arg("--dbname").arg(at.as_str());
    let in_url = in_url.map(|encoded| percent_decoded(&encoded));
    if let Some(password) = password.map(str::to_owned).or(in_url) {
        command.env("PGPASSWORD", password);
    }
    Ok(command)
}

fn percent_decoded(text: &str) -> String {
    // The one key of a form; `+` would be taken for a space there.
    let form = format!("p={}", text.replace('+', "%2B"));
    url::form_urlencoded::parse(form.as_bytes()).map(|(_, value)| value.into_owned()).collect()
}

/// Runs a program of PostgreSQL to its end.
pub(super) fn finish(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let ran = command.output().with_context(|| {
        format!("{name} is needed, and cannot be started; it comes with PostgreSQL's client")
    })?;
    if !ran.status.success() {
        let said = String::from_utf8_lossy(&ran.stderr);
        bail!("{name} failed: {}", said.trim().lines().last().unwrap_or("it does not say why"));
    }
    Ok(())
}

/// Copies all that lies there; how many, and their bytes. What went meanwhile is needed by nobody.
pub(super) async fn copy_objects(from: &Depot, to: &Depot) -> anyhow::Result<(u64, u64)> {
    let (mut count, mut bytes) = (0, 0);
    let mut pages = from.kept();
    while let Some(page) = pages.next().await {
        for found in page? {
            let object = match from.get(found.key).await {
                Ok(object) => object,
                Err(ObjectError::Missing) => continue,
                Err(error) => return Err(error.into()),
            };
            count += 1;
            bytes += object.len() as u64;
            let (Put::Made | Put::Known) = to.put(found.key, object).await?;
        }
    }
    Ok((count, bytes))
}
