//! What the page may ask for about exports.
//!
//! **Invariant:** a file is replaced only when the system's own dialog has just asked the author about that file; and only
//! what an export wrote is shown in its folder.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use seshat_app::{
    CopyRow, Desk, Existing, ExportCopy, ExportDone, ExportKind, ExportPages, ExportPreset,
    ExportProgress, Failure, FailureCode,
};
use tauri::{AppHandle, State};

use crate::commands::{Answer, apart};
use crate::dialogs;

/// The file that was there when the author chose it in the dialog, which asks whether to replace it.
#[derive(Clone, Default)]
pub(crate) struct Confirmed(Arc<Mutex<Option<PathBuf>>>);

impl Confirmed {
    fn set(&self, path: Option<PathBuf>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = path;
    }

    fn existing(&self, path: &Path) -> Existing {
        let confirmed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if confirmed.as_deref() == Some(path) { Existing::Replaced } else { Existing::Kept }
    }
}

#[tauri::command(async)]
pub(crate) fn export_presets(desk: State<'_, Desk>, novel: &str) -> Answer<Vec<ExportPreset>> {
    desk.export_presets(novel)
}

#[tauri::command(async)]
pub(crate) fn save_export_preset(
    desk: State<'_, Desk>,
    novel: &str,
    preset: ExportPreset,
) -> Answer<ExportPreset> {
    desk.save_export_preset(novel, &preset)
}

#[tauri::command(async)]
pub(crate) fn remove_export_preset(desk: State<'_, Desk>, novel: &str, id: &str) -> Answer<()> {
    desk.remove_export_preset(novel, id)
}

#[tauri::command]
pub(crate) async fn preview_export(
    desk: State<'_, Desk>,
    novel: String,
    preset: ExportPreset,
    from: usize,
    count: usize,
) -> Answer<ExportPages> {
    apart(&desk, move |desk| desk.preview_export(&novel, &preset, from, count)).await
}

#[tauri::command]
pub(crate) async fn export_novel(
    desk: State<'_, Desk>,
    confirmed: State<'_, Confirmed>,
    novel: String,
    preset: ExportPreset,
    copy: ExportCopy,
    path: String,
) -> Answer<ExportDone> {
    let path = PathBuf::from(path);
    let existing = confirmed.existing(&path);
    apart(&desk, move |desk| desk.export_novel(&novel, &preset, &copy, (&path, existing))).await
}

#[tauri::command(async)]
pub(crate) fn export_progress(desk: State<'_, Desk>) -> Option<ExportProgress> {
    desk.export_progress()
}

#[tauri::command(async)]
pub(crate) fn cancel_export(desk: State<'_, Desk>) {
    desk.cancel_export();
}

#[tauri::command]
pub(crate) async fn choose_export(
    app: AppHandle,
    desk: State<'_, Desk>,
    confirmed: State<'_, Confirmed>,
    kind: ExportKind,
    name: String,
) -> Answer<Option<String>> {
    let confirmed = Confirmed::clone(&confirmed);
    apart(&desk, move |_| {
        let ending = kind.ending();
        let chosen = dialogs::choose_export(&app, suggested(&name, ending));
        let asked = chosen.as_deref().map(PathBuf::from).filter(|path| path.is_file());
        let chosen = chosen.map(|path| with_ending(path, ending));
        // A name that we completed is none that the dialog has asked about.
        confirmed
            .set(asked.filter(|path| Some(path.as_path()) == chosen.as_deref().map(Path::new)));
        Ok(chosen)
    })
    .await
}

#[tauri::command]
pub(crate) async fn show_in_folder(desk: State<'_, Desk>, path: String) -> Answer<()> {
    apart(&desk, move |desk| {
        let path = PathBuf::from(path);
        let shown = desk.has_exported(&path) && seshat_platform::show_in_folder(&path).is_ok();
        if shown { Ok(()) } else { Err(not_shown()) }
    })
    .await
}

#[tauri::command(async)]
pub(crate) fn export_copies(desk: State<'_, Desk>, novel: &str) -> Answer<Vec<CopyRow>> {
    desk.export_copies(novel)
}

#[tauri::command]
pub(crate) async fn identify_copy(desk: State<'_, Desk>, path: String) -> Answer<Vec<CopyRow>> {
    apart(&desk, move |desk| desk.identify_copy(Path::new(&path))).await
}

#[tauri::command]
pub(crate) async fn choose_cover(app: AppHandle, desk: State<'_, Desk>) -> Answer<Option<String>> {
    apart(&desk, move |_| Ok(dialogs::choose_image(&app))).await
}

#[tauri::command]
pub(crate) async fn choose_copy(app: AppHandle, desk: State<'_, Desk>) -> Answer<Option<String>> {
    apart(&desk, move |_| Ok(dialogs::choose_copy(&app))).await
}

/// A file's name made of a title.
fn suggested(title: &str, ending: &str) -> String {
    let fits = |c: char| !c.is_control() && !r#"<>:"/\|?*"#.contains(c);
    let name: String = title.chars().map(|c| if fits(c) { c } else { ' ' }).collect();
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    let name: String = name.chars().take(60).collect();
    let name = name.trim_matches(['.', ' ']);
    with_ending(if name.is_empty() { "Novel" } else { name }.to_owned(), ending)
}

fn with_ending(name: String, ending: &str) -> String {
    let has = Path::new(&name).extension().is_some_and(|it| it.eq_ignore_ascii_case(ending));
    if ending.is_empty() || has { name } else { format!("{name}.{ending}") }
}

fn not_shown() -> Failure {
    Failure {
        code: FailureCode::Other,
        message: "This system did not open the folder; what was exported is there all the same; open the folder yourself.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_become_names_that_any_system_takes() {
        for (title, ending, name) in [
            ("The Ferry", "epub", "The Ferry.epub"),
            ("Who? Me/you: \"him\"", "docx", "Who Me you him.docx"),
            ("..", "pdf", "Novel.pdf"),
            ("Vol. 2", "html", "Vol. 2.html"),
            ("The Ferry", "", "The Ferry"),
        ] {
            assert_eq!(suggested(title, ending), name);
        }
        assert_eq!(with_ending("/a/Book.EPUB".to_owned(), "epub"), "/a/Book.EPUB");
    }

    #[test]
    fn only_the_file_that_the_dialog_asked_about_is_replaced() {
        let confirmed = Confirmed::default();
        let (one, other) = (Path::new("/a/one.epub"), Path::new("/a/other.epub"));
        assert_eq!(confirmed.existing(one), Existing::Kept);
        confirmed.set(Some(one.to_owned()));
        assert_eq!(confirmed.existing(other), Existing::Kept);
        assert_eq!(confirmed.existing(one), Existing::Replaced);
        confirmed.set(None);
        assert_eq!(confirmed.existing(one), Existing::Kept);
    }
}
