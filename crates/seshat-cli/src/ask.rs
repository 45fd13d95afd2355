//! Passwords and passphrases: from a file or from the keyboard, never from an argument.

use std::fs;
use std::io::{self, IsTerminal};
use std::path::Path;

use anyhow::{Context, bail};
use zeroize::Zeroizing;

/// The password that opens the vault.
pub(crate) fn password(file: Option<&Path>) -> anyhow::Result<Zeroizing<String>> {
    match file {
        Some(file) => from_file(file),
        None => prompt("Password: "),
    }
}

/// A novel's own passphrase.
pub(crate) fn passphrase(file: Option<&Path>) -> anyhow::Result<Zeroizing<String>> {
    match file {
        Some(file) => from_file(file),
        None => prompt("Passphrase of the novel: "),
    }
}

/// A new passphrase: from a file, or typed twice.
pub(crate) fn new_passphrase(file: Option<&Path>) -> anyhow::Result<Zeroizing<String>> {
    if let Some(file) = file {
        return from_file(file);
    }
    twice("New passphrase of the novel: ")
}

/// A new password: from a file, or typed twice.
pub(crate) fn new_password(file: Option<&Path>) -> anyhow::Result<Zeroizing<String>> {
    if let Some(file) = file {
        return from_file(file);
    }
    twice("New password: ")
}

fn twice(label: &str) -> anyhow::Result<Zeroizing<String>> {
    let first = prompt(label)?;
    let second = prompt("The same again: ")?;
    if *first != *second {
        bail!("The two differ, so nothing was changed; try again.");
    }
    Ok(first)
}

fn from_file(file: &Path) -> anyhow::Result<Zeroizing<String>> {
    let bytes = Zeroizing::new(fs::read(file).with_context(|| {
        format!("The password file {} cannot be read; nothing was changed", file.display())
    })?);
    let text = std::str::from_utf8(&bytes).with_context(|| {
        format!("The password file {} is not UTF-8 text; nothing was changed", file.display())
    })?;
    let line = text.lines().next().unwrap_or_default();
    if line.is_empty() {
        bail!(
            "The first line of the password file {} is empty; nothing was changed.",
            file.display()
        );
    }
    Ok(Zeroizing::new(line.to_owned()))
}

fn prompt(label: &str) -> anyhow::Result<Zeroizing<String>> {
    if !io::stdin().is_terminal() {
        bail!("There is no terminal to ask for the password; name a file with --password-file.");
    }
    rpassword::prompt_password(label)
        .map(Zeroizing::new)
        .context("The password could not be read; nothing was changed")
}
