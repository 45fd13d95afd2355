//! The trash, moving text between scenes, backups and room on the disk.

use std::path::Path;

use anyhow::bail;
use serde_json::json;
use seshat_app::{BackupStatus, Failure, OutlineNode};

use crate::args::{Backup, Trash};
use crate::ask;
use crate::commands::{Run, counted, rows};
use crate::history_commands::utf16;
use crate::nodes::{is_called, only};
use crate::progress::Progress;
use crate::reading::{KIT, read_text};
use crate::report::Report;
use crate::times;

impl Run {
    pub(crate) fn trash(&self, trash: &Trash) -> anyhow::Result<Report> {
        self.unlock()?;
        match trash {
            Trash::List { novel } => {
                let trash = self.desk.trash(&self.desk.find_novel(novel)?)?;
                let mut lines = Vec::new();
                for trashed in &trash {
                    let id = trashed.node.id.get(..8).unwrap_or(&trashed.node.id);
                    lines.push(format!("{id}  {}", times::shown_if(trashed.at)));
                    rows(&trashed.node, 1, &mut lines);
                }
                let text = if lines.is_empty() {
                    "The trash is empty.".to_owned()
                } else {
                    lines.join("\n")
                };
                Ok(Report::new(text, &trash))
            }
            Trash::Put { novel, node } => {
                let novel = self.desk.find_novel(novel)?;
                let node = self.node_of(&novel, node)?;
                self.desk.trash_node(&novel, &node.id)?;
                Ok(Report::new("It is in the trash.", json!({ "node": node.id })))
            }
            Trash::Restore { novel, node } => {
                let novel = self.desk.find_novel(novel)?;
                let node = self.trashed(&novel, node)?;
                self.desk.restore_node(&novel, &node.id)?;
                Ok(Report::new("It is back in the binder.", json!({ "node": node.id })))
            }
        }
    }

    fn trashed(&self, novel: &str, name: &str) -> Result<OutlineNode, Failure> {
        let trash = self.desk.trash(novel)?;
        let is_it =
            |node: &&OutlineNode| is_called(node, name) || !name.is_empty() && node.title == name;
        only(trash.iter().map(|trashed| &trashed.node).filter(is_it), name)
    }

    pub(crate) fn split(&self, novel: &str, scene: &str, at: usize) -> anyhow::Result<Report> {
        self.unlock()?;
        let (novel, scene) = self.scene_of(novel, scene)?;
        let flat = self.desk.show_scene(&novel, &scene)?.flat;
        let made = self.desk.split_scene(&novel, &scene, utf16(&flat, at))?;
        Ok(Report::new(row("The new scene", &made), &made))
    }

    pub(crate) fn merge(&self, novel: &str, scene: &str) -> anyhow::Result<Report> {
        self.unlock()?;
        let (novel, scene) = self.scene_of(novel, scene)?;
        let stays = self.desk.merge_scenes(&novel, &scene)?;
        Ok(Report::new(row("The scene", &stays), &stays))
    }

    pub(crate) fn duplicate(&self, novel: &str, node: &str) -> anyhow::Result<Report> {
        self.unlock()?;
        let novel = self.desk.find_novel(novel)?;
        let node = self.node_of(&novel, node)?;
        let copy = self.desk.duplicate_node(&novel, &node.id)?;
        Ok(Report::new(row("The copy", &copy), &copy))
    }

    pub(crate) fn backup(
        &self,
        out: Option<&Path>,
        plain: Option<&Path>,
        what: Option<&Backup>,
    ) -> anyhow::Result<Report> {
        match (out, plain, what) {
            (Some(out), ..) => {
                self.unlock()?;
                let shown = Progress::begin("Saving a copy");
                self.desk.backup_to(out)?;
                drop(shown);
                let text = format!(
                    "A copy of everything is in {}; it was opened and is whole. It opens with this vault's password or its Emergency Kit.",
                    out.display()
                );
                Ok(Report::new(text, json!({ "backup": out })))
            }
            (None, Some(plain), _) => self.backup_plain(plain),
            (None, None, Some(Backup::Now)) => {
                self.unlock()?;
                let shown = Progress::begin("Making a backup");
                self.desk.backup_now()?;
                drop(shown);
                let status = self.desk.backups()?;
                let text = status.backups.first().map_or_else(
                    || "Nothing has changed since the last backup.".to_owned(),
                    |newest| format!("{}; it was opened and is whole.", newest.path),
                );
                Ok(Report::new(text, &status))
            }
            (None, None, Some(Backup::List)) => {
                self.unlock()?;
                let status = self.desk.backups()?;
                Ok(Report::new(backups(&status), &status))
            }
            (None, None, None) => bail!(
                "Say what to make: --out FILE for a sealed copy, --plain DIR for a readable one, or now; nothing was done."
            ),
        }
    }

    fn backup_plain(&self, plain: &Path) -> anyhow::Result<Report> {
        self.unlock()?;
        let shown = Progress::begin("Writing a readable copy");
        let written = self.desk.backup_plain(plain)?;
        drop(shown);
        let mut text = format!(
            "{}: {}, {}, {}. It is not encrypted: whoever has it can read it.",
            written.path,
            counted(written.novels, "novel"),
            counted(written.texts, "text"),
            counted(written.words, "word")
        );
        for problem in &written.problems {
            text.push('\n');
            text.push_str(problem);
        }
        let report = Report::new(text, &written);
        if written.problems.is_empty() {
            return Ok(report);
        }
        Ok(report.failing(
            "Not everything could be read; what could be is in the copy, and the copy says what is missing.".to_owned(),
        ))
    }

    pub(crate) fn restore(&self, file: &Path, kit: Option<&Path>) -> anyhow::Result<Report> {
        let secret = match kit {
            Some(kit) => read_text(kit, KIT)?,
            None => ask::password(self.password_file.as_deref())?.to_string(),
        };
        let shown = Progress::begin("Bringing the backup back");
        let restored = self.desk.restore_backup(file, secret)?;
        drop(shown);
        let mut text = if restored.vault {
            format!(
                "The vault is in {}, with {}; this laptop is a new one of its account.",
                self.desk.home().display(),
                counted(restored.novels, "novel")
            )
        } else {
            format!("{} that were not here are back.", counted(restored.records, "record"))
        };
        for problem in &restored.problems {
            text.push('\n');
            text.push_str(problem);
        }
        Ok(Report::new(text, &restored))
    }

    pub(crate) fn compact(&self, all: bool) -> anyhow::Result<Report> {
        self.unlock()?;
        let shown = Progress::begin("Saving room");
        let report = self.desk.compact(all)?;
        drop(shown);
        let mut text = format!(
            "{} put into one record each; {} removed here; {} kB before, {} kB after",
            counted(report.documents, "text"),
            counted(report.removed, "record"),
            report.before / 1000,
            report.after / 1000
        );
        for left in &report.left {
            text.push('\n');
            text.push_str(left);
        }
        Ok(Report::new(text, &report))
    }
}

fn row(what: &str, node: &OutlineNode) -> String {
    let id = node.scene.as_deref().and_then(|id| id.get(..8)).unwrap_or_default();
    let place = if node.path.is_empty() { node.title.as_str() } else { node.path.as_str() };
    format!("{what} is {place} ({id}), {}", counted(node.words, "word"))
}

fn backups(status: &BackupStatus) -> String {
    let mut lines: Vec<String> = status
        .backups
        .iter()
        .map(|it| format!("{}  {:>9} kB  {}", times::shown(it.at), it.size / 1000, it.path))
        .collect();
    if lines.is_empty() {
        lines.push(format!("No backups in {} yet.", status.folder));
    }
    if let Some(at) = status.outside_at {
        lines.push(format!("A copy was last saved elsewhere {}.", times::shown(at)));
    }
    lines.extend(
        [&status.reminder, &status.synced_folder, &status.failure].into_iter().flatten().cloned(),
    );
    lines.join("\n")
}
