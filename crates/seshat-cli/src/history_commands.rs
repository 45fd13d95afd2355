//! Versions, merges and comments.

use anyhow::bail;
use serde_json::json;
use seshat_app::{
    CommentRow, DiffKind, DiffView, Failure, FailureCode, MergeReport, NovelVersionNode,
    NovelVersionRow, Run as TextRun, VersionKind, VersionRow,
};

use crate::args::{Comment, Version};
use crate::commands::{Run, counted};
use crate::report::Report;
use crate::times;

impl Run {
    pub(crate) fn history(&self, novel: &str, scene: Option<&str>) -> anyhow::Result<Report> {
        self.unlock()?;
        let Some(scene) = scene else {
            let rows = self.desk.novel_versions(&self.desk.find_novel(novel)?)?;
            let lines = rows.iter().enumerate().map(|(index, row)| {
                let at = times::shown(row.at);
                format!("{:>3}  {at}  {:<14}  {}", index + 1, kind(row.kind), row.name)
            });
            return Ok(Report::new(or_none(lines, "No version of this novel has a name."), &rows));
        };
        let (novel, scene) = self.scene_of(novel, scene)?;
        let rows = self.desk.versions(&novel, &scene)?;
        let lines = rows.iter().enumerate().map(|(index, row)| line(index, row));
        Ok(Report::new(or_none(lines, "This scene has no versions yet."), &rows))
    }

    pub(crate) fn version(&self, version: &Version) -> anyhow::Result<Report> {
        self.unlock()?;
        match version {
            Version::Name { novel, name, scene } => self.name(novel, scene.as_deref(), name),
            Version::Show { novel, version, scene: Some(scene) } => {
                let (novel, scene) = self.scene_of(novel, scene)?;
                let version = self.version_of(&novel, &scene, version)?.version;
                let text = self.desk.version_text(&novel, &scene, &version)?;
                Ok(Report::new(plain(&text.runs), &text))
            }
            Version::Show { novel, version, scene: None } => {
                let novel = self.desk.find_novel(novel)?;
                let row = self.novel_version_of(&novel, version)?;
                let nodes = self.desk.novel_version_outline(&novel, &row.id)?;
                let mut lines = Vec::new();
                nodes.iter().for_each(|node| outlined(node, 0, &mut lines));
                Ok(Report::new(lines.join("\n"), &nodes))
            }
            Version::Diff { novel, from, to, scene } => {
                let (novel, scene) = self.scene_of(novel, scene)?;
                let from = self.version_of(&novel, &scene, from)?.version;
                let to = to.as_deref().map(|to| self.version_of(&novel, &scene, to)).transpose()?;
                let to = to.map(|to| to.version);
                let diff = self.desk.version_diff(&novel, &scene, &from, to.as_deref())?;
                Ok(Report::new(compared(&diff), &diff))
            }
            Version::Restore { novel, version, scene } => {
                self.bring_back(novel, scene.as_deref(), version)
            }
            Version::Rename { novel, version, name, scene } => {
                let id = self.named(novel, scene.as_deref(), version)?;
                match &id.scene {
                    Some(scene) => self.desk.rename_version(&id.novel, scene, &id.id, name)?,
                    None => self.desk.rename_novel_version(&id.novel, &id.id, name)?,
                }
                Ok(Report::new(format!("It is called “{name}” now."), json!({ "id": id.id })))
            }
            Version::Forget { novel, version, scene } => {
                let id = self.named(novel, scene.as_deref(), version)?;
                match &id.scene {
                    Some(scene) => self.desk.forget_version(&id.novel, scene, &id.id)?,
                    None => self.desk.forget_novel_version(&id.novel, &id.id)?,
                }
                let text =
                    "It is not in the list any more; what was written then stays in the history.";
                Ok(Report::new(text, json!({ "id": id.id })))
            }
        }
    }

    fn name(&self, novel: &str, scene: Option<&str>, name: &str) -> anyhow::Result<Report> {
        if let Some(scene) = scene {
            let (novel, scene) = self.scene_of(novel, scene)?;
            let row = self.desk.name_version(&novel, &scene, name)?;
            return Ok(Report::new(line(0, &row), &row));
        }
        let row = self.desk.name_novel_version(&self.desk.find_novel(novel)?, name)?;
        Ok(Report::new(format!("{}  {}", times::shown(row.at), row.name), &row))
    }

    fn bring_back(
        &self,
        novel: &str,
        scene: Option<&str>,
        version: &str,
    ) -> anyhow::Result<Report> {
        if let Some(scene) = scene {
            let (novel, scene) = self.scene_of(novel, scene)?;
            let version = self.version_of(&novel, &scene, version)?.version;
            let edited = self.desk.restore_version(&novel, &scene, &version)?;
            let text = format!(
                "The scene is as it was then: {}. As it was until now it is in its history.",
                counted(edited.words, "word")
            );
            return Ok(Report::new(text, &edited));
        }
        let novel = self.desk.find_novel(novel)?;
        let row = self.novel_version_of(&novel, version)?;
        self.desk.restore_novel_version(&novel, &row.id)?;
        let text = "The novel is as it was then. As it was until now it is in its history, and what was added since is in the trash.";
        Ok(Report::new(text, json!({ "restored": row })))
    }

    /// The version of a scene that a script calls so: its number in the list, its name, or the version itself.
    fn version_of(&self, novel: &str, scene: &str, name: &str) -> Result<VersionRow, Failure> {
        let mut rows = self.desk.versions(novel, scene)?;
        let place = number(name, rows.len())
            .or_else(|| rows.iter().position(|row| row.version == name))
            .or_else(|| rows.iter().position(|row| row.name.as_deref() == Some(name)));
        match place {
            Some(place) => Ok(rows.swap_remove(place)),
            // One that is not in the list any more may still be in the history.
            None if name.len() >= 24 || name == "0" => Ok(VersionRow {
                version: name.to_owned(),
                id: None,
                kind: VersionKind::Other,
                name: None,
                at: None,
                inserted: 0,
                deleted: 0,
            }),
            None => Err(no_version(name)),
        }
    }

    fn novel_version_of(&self, novel: &str, name: &str) -> Result<NovelVersionRow, Failure> {
        let mut rows = self.desk.novel_versions(novel)?;
        let place = number(name, rows.len())
            .or_else(|| rows.iter().position(|row| row.name == name))
            .or_else(|| rows.iter().position(|row| name.len() >= 4 && row.id.starts_with(name)));
        place.map(|place| rows.swap_remove(place)).ok_or_else(|| no_version(name))
    }

    /// A version with a name, which can be renamed and forgotten.
    fn named(&self, novel: &str, scene: Option<&str>, version: &str) -> anyhow::Result<Named> {
        let Some(scene) = scene else {
            let novel = self.desk.find_novel(novel)?;
            let id = self.novel_version_of(&novel, version)?.id;
            return Ok(Named { novel, scene: None, id });
        };
        let (novel, scene) = self.scene_of(novel, scene)?;
        let Some(id) = self.version_of(&novel, &scene, version)?.id else {
            bail!("This version of the scene has no name of its own, so nothing was changed.");
        };
        Ok(Named { novel, scene: Some(scene), id })
    }

    pub(crate) fn merges(&self, novel: &str, dismiss: bool) -> anyhow::Result<Report> {
        self.unlock()?;
        let novel = self.desk.find_novel(novel)?;
        let merges = self.desk.merges(&novel)?;
        if dismiss {
            self.desk.dismiss_merges(&novel)?;
        }
        let lines = merges.iter().flat_map(merged);
        Ok(Report::new(or_none(lines, "Nothing was merged."), &merges))
    }

    pub(crate) fn comment(&self, comment: &Comment) -> anyhow::Result<Report> {
        self.unlock()?;
        match comment {
            Comment::List { novel, scene } => {
                let (novel, scene) = self.scene_of(novel, scene)?;
                let rows = self.desk.comments(&novel, &scene)?;
                Ok(Report::new(or_none(rows.iter().map(noted), "No comments."), &rows))
            }
            Comment::Add { novel, scene, from, to, text } => {
                let (novel, scene) = self.scene_of(novel, scene)?;
                let flat = self.desk.show_scene(&novel, &scene)?.flat;
                let (from, to) = (utf16(&flat, *from), utf16(&flat, *to));
                let row = self.desk.add_comment(&novel, &scene, from, to, text)?;
                Ok(Report::new(noted(&row), &row))
            }
            Comment::Edit { novel, scene, comment, text } => {
                let (novel, scene, id) = self.comment_of(novel, scene, comment)?;
                self.desk.edit_comment(&novel, &scene, &id, text)?;
                Ok(Report::new("The comment is changed.", json!({ "id": id })))
            }
            Comment::Resolve { novel, scene, comment, again } => {
                let (novel, scene, id) = self.comment_of(novel, scene, comment)?;
                self.desk.resolve_comment(&novel, &scene, &id, !again)?;
                let text = if *again { "The comment is open again." } else { "It is settled." };
                Ok(Report::new(text, json!({ "id": id, "resolved": !again })))
            }
            Comment::Remove { novel, scene, comment } => {
                let (novel, scene, id) = self.comment_of(novel, scene, comment)?;
                self.desk.remove_comment(&novel, &scene, &id)?;
                Ok(Report::new("The comment is gone.", json!({ "id": id })))
            }
        }
    }

    /// The ids of novel, scene and comment; of the latter the beginning is enough.
    fn comment_of(
        &self,
        novel: &str,
        scene: &str,
        comment: &str,
    ) -> Result<(String, String, String), Failure> {
        let (novel, scene) = self.scene_of(novel, scene)?;
        let rows = self.desk.comments(&novel, &scene)?;
        let called: Vec<_> =
            rows.iter().filter(|row| comment.len() >= 4 && row.id.starts_with(comment)).collect();
        match called.as_slice() {
            [one] => Ok((novel, scene, one.id.clone())),
            _ => Err(Failure {
                code: FailureCode::NotFound,
                message: format!(
                    "No single comment there is called “{comment}”; nothing was changed; the list has the ids."
                ),
            }),
        }
    }
}

/// Where a version with a name is.
struct Named {
    novel: String,
    scene: Option<String>,
    id: String,
}

/// A scalar position in UTF-16 units; what is behind the text stays behind it.
pub(crate) fn utf16(flat: &str, scalars: usize) -> usize {
    let mut chars = flat.chars();
    let units: usize = chars.by_ref().take(scalars).map(char::len_utf16).sum();
    let length = flat.chars().count();
    units + scalars.saturating_sub(length)
}

/// Numbers count from 1.
fn number(name: &str, rows: usize) -> Option<usize> {
    name.parse::<usize>().ok()?.checked_sub(1).filter(|&number| number < rows)
}

fn no_version(name: &str) -> Failure {
    Failure {
        code: FailureCode::NotFound,
        message: format!(
            "There is no version “{name}”; nothing was changed; the history lists them."
        ),
    }
}

fn or_none(lines: impl Iterator<Item = String>, none: &str) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { none.to_owned() } else { lines.join("\n") }
}

fn line(index: usize, row: &VersionRow) -> String {
    let at = times::shown_if(row.at);
    let change = match (row.inserted, row.deleted) {
        (0, 0) => String::new(),
        (inserted, deleted) => format!("+{inserted} −{deleted} characters"),
    };
    let what = row.name.clone().unwrap_or(change);
    let kind = match (row.kind, row.at) {
        // Nobody noted when an imported text was written.
        (VersionKind::Automatic, None) => "imported",
        (known, _) => kind(known),
    };
    format!("{:>3}  {at}  {:<14}  {what}  {}", index + 1, kind, row.version)
}

fn kind(kind: VersionKind) -> &'static str {
    match kind {
        VersionKind::Automatic => "written",
        VersionKind::Opened => "opened",
        VersionKind::Named => "named",
        VersionKind::NamedNovel => "whole novel",
        VersionKind::BeforeRestore => "before restore",
        VersionKind::BeforeReplace => "before replace",
        VersionKind::BeforeMerge => "before merge",
        VersionKind::Other => "other",
    }
}

/// The text of a version, a blank line between paragraphs.
fn plain(runs: &[TextRun]) -> String {
    let mut text = String::new();
    for run in runs {
        let kind = run.attributes.get("atom").and_then(|atom| atom.get("kind"));
        let is_break = kind.and_then(|kind| kind.as_str()) == Some("break");
        for c in run.text.chars() {
            match c {
                '\n' => text.push_str("\n\n"),
                '\u{fffc}' if is_break => text.push('\n'),
                '\u{fffc}' => {}
                c => text.push(c),
            }
        }
    }
    text.trim_start_matches('\n').to_owned()
}

fn compared(diff: &DiffView) -> String {
    let mut lines = Vec::new();
    for paragraph in &diff.paragraphs {
        let piece = |piece: &seshat_app::DiffPiece| match piece.kind {
            DiffKind::Same => piece.text.clone(),
            DiffKind::Added => format!("{{+{}+}}", piece.text),
            DiffKind::Removed => format!("[-{}-]", piece.text),
        };
        lines.push(paragraph.pieces.iter().map(piece).collect::<String>());
    }
    lines.push(format!("{} added, {} removed", counted(diff.added, "word"), diff.removed));
    lines.join("\n")
}

fn outlined(node: &NovelVersionNode, depth: usize, lines: &mut Vec<String>) {
    let version = node.version.as_deref().unwrap_or_default();
    let scene = node.scene.as_deref().and_then(|id| id.get(..8)).unwrap_or("        ");
    lines.push(format!("{scene}  {}{}  {version}", "  ".repeat(depth), node.title));
    node.children.iter().for_each(|child| outlined(child, depth + 1, lines));
}

fn merged(report: &MergeReport) -> Vec<String> {
    let row = |row: &seshat_app::MergeRow| {
        let place = if row.path.is_empty() { row.title.as_str() } else { row.path.as_str() };
        let mut line = format!(
            "{}  {place}: +{} −{} words from {}",
            times::shown(report.at),
            row.added,
            row.removed,
            row.devices.join(", ")
        );
        if row.overlaps {
            line.push_str("; both changed one paragraph, read it once more");
        }
        if row.kept {
            line.push_str("; it was in the trash and lives on, because it was edited");
        }
        line
    };
    report.scenes.iter().map(row).collect()
}

fn noted(row: &CommentRow) -> String {
    let id = row.id.get(..8).unwrap_or(&row.id);
    let settled = if row.resolved { "  (settled)" } else { "" };
    let at = times::shown(row.at);
    format!("{id}  {at}  {}  “{}”: {}{settled}", row.author, row.quote, row.text)
}

#[cfg(test)]
mod tests {
    use super::{number, utf16};

    #[test]
    fn places_count_characters_and_become_units() {
        assert_eq!(utf16("\na😀b", 2), 2);
        assert_eq!(utf16("\na😀b", 3), 4);
        assert_eq!(utf16("\na😀b", 9), 10, "what is behind the text is not in it in other units");
    }

    #[test]
    fn numbers_of_versions_begin_with_one_and_end_with_the_list() {
        assert_eq!([number("1", 2), number("2", 2)], [Some(0), Some(1)]);
        assert_eq!([number("0", 2), number("3", 2), number("x", 2)], [None; 3]);
    }
}
