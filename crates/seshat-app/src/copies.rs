//! The register of copies: who got which, and whose a file is that came from somewhere.
//!
//! **Invariant:** a recipient's name is in the novel's sealed binder and nowhere else: in no file's name, no log and no
//! clear part of the database. It is in a copy itself only where the author wanted the line.

use std::io::ErrorKind;
use std::path::Path;

use seshat_interchange::export::{self, Mark};
use seshat_manuscript::GivenCopy;
use seshat_protocol::NovelId;
use seshat_vault::Entropy as _;

use crate::clock::{OsEntropy, now_ms};
use crate::scenes::novel_id;
use crate::{CopyRow, Desk, ExportCopy, ExportKind, Failure, NovelLock};

impl Desk {
    /// Who got which copy of a novel, newest first.
    ///
    /// # Errors
    /// When there is no such novel, or it is closed.
    pub fn export_copies(&self, novel: &str) -> Result<Vec<CopyRow>, Failure> {
        self.copies_of(novel_id(novel)?)
    }

    /// Whose copy a file is, by the marks in it: rows of the registers of all novels that are open, the mark that was read
    /// most often first. A row without an id is a mark that stands in none of them; without rows there is no mark.
    ///
    /// # Errors
    /// When the vault is locked, or the file cannot be read.
    pub fn identify_copy(&self, path: &Path) -> Result<Vec<CopyRow>, Failure> {
        // Files are looked into for whoever has opened the vault, and for nobody else at this laptop.
        self.with_session(|_, _| Ok(()))?;
        let marks = export::identify(path).map_err(|error| match error.kind() {
            ErrorKind::InvalidData => Failure::other(
                "No text could be read in this PDF, which does not mean that there is no mark; the file was left as it is; open it, copy its text into a text file, and choose that one.",
            ),
            _ => Failure::other(
                "The file cannot be read, so nobody knows yet whose copy it is; it was left as it is; look whether it is there and you may read it.",
            ),
        })?;
        if marks.is_empty() {
            return Ok(Vec::new());
        }
        let given = self.all_copies()?;
        let mut rows = Vec::new();
        for (mark, _) in marks {
            let mark = mark.to_string();
            let known: Vec<_> = given.iter().filter(|row| row.id == mark).cloned().collect();
            if known.is_empty() {
                rows.push(unknown(mark));
            } else {
                rows.extend(known);
            }
        }
        Ok(rows)
    }

    /// How many novels are closed with a passphrase, so that nobody can look into their registers.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn closed_registers(&self) -> Result<usize, Failure> {
        Ok(self.library()?.iter().filter(|card| card.lock == NovelLock::Locked).count())
    }

    /// The number of a copy that is to be entered, which no other copy has; none where it is nobody's and has no mark.
    pub(crate) fn new_copy(&self, copy: &ExportCopy) -> Result<Option<Mark>, Failure> {
        if copy.recipient.trim().is_empty() && !copy.mark {
            return Ok(None);
        }
        let given = self.all_copies()?;
        loop {
            let mut bytes = [0; 5];
            OsEntropy.fill(&mut bytes)?;
            let number = Mark::from_bytes(bytes);
            if given.iter().all(|row| row.id != number.to_string()) {
                return Ok(Some(number));
            }
        }
    }

    /// Enters a copy under its number, if it has one, and says how that is spelt.
    pub(crate) fn register(
        &self,
        novel: NovelId,
        kind: ExportKind,
        copy: &ExportCopy,
        number: Option<Mark>,
    ) -> Result<Option<String>, Failure> {
        let Some(number) = number else { return Ok(None) };
        let id = number.to_string();
        let given = GivenCopy {
            id: id.clone(),
            recipient: copy.recipient.split_whitespace().collect::<Vec<_>>().join(" "),
            kind: name(kind),
            made_at: now_ms(),
            marked: copy.mark,
        };
        self.with_session(|session, store| {
            session.edit_binder(store, novel, |binder| {
                if binder.add_copy(&given) { Ok(()) } else { Err(not_entered()) }
            })
        })?;
        self.wrote(&Ok(true));
        Ok(Some(id))
    }

    /// Takes an entry back whose copy could not be written. Where that fails too, the register knows a copy that nobody got,
    /// which names nobody wrongly.
    pub(crate) fn take_back_copy(&self, novel: NovelId, id: &str) {
        let taken = self.with_session(|session, store| {
            session.edit_binder(store, novel, |binder| {
                binder.take_back_copy(id);
                Ok(())
            })
        });
        self.wrote(&taken.map(|()| true));
    }

    fn all_copies(&self) -> Result<Vec<CopyRow>, Failure> {
        let mut rows = Vec::new();
        for card in self.library()?.iter().filter(|card| card.lock != NovelLock::Locked) {
            // A binder that does not load keeps no other register from being read.
            rows.extend(self.copies_of(novel_id(&card.id)?).unwrap_or_default());
        }
        Ok(rows)
    }

    fn copies_of(&self, novel: NovelId) -> Result<Vec<CopyRow>, Failure> {
        let (title, copies) = self.with_session(|session, store| {
            let binder = &session.binder(store, novel)?.binder;
            Ok((binder.title(), binder.copies()))
        })?;
        Ok(copies.into_iter().map(|copy| row(novel, &title, copy)).collect())
    }
}

fn row(novel: NovelId, title: &str, copy: GivenCopy) -> CopyRow {
    CopyRow {
        mark: if copy.marked { copy.id.clone() } else { String::new() },
        id: copy.id,
        novel: novel.to_string(),
        title: title.to_owned(),
        recipient: copy.recipient,
        kind: serde_json::from_value(copy.kind.into()).ok(),
        made_ms: copy.made_at,
    }
}

fn unknown(mark: String) -> CopyRow {
    CopyRow {
        id: String::new(),
        novel: String::new(),
        title: String::new(),
        recipient: String::new(),
        kind: None,
        made_ms: 0,
        mark,
    }
}

/// The name that presets have for a kind.
fn name(kind: ExportKind) -> String {
    let named = serde_json::to_value(kind).ok();
    named.as_ref().and_then(|name| name.as_str()).unwrap_or_default().to_owned()
}

fn not_entered() -> Failure {
    Failure::other(
        "The copy could not be entered in the register, so it was not written; your novel is safe; export again.",
    )
}
