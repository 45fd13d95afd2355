//! What the page may ask for about imports.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use std::path::Path;

use seshat_app::{Desk, ImportPreview, Imported, ShapingChoice};
use tauri::{AppHandle, State};

use crate::commands::{Answer, apart};
use crate::dialogs;

#[tauri::command]
pub(crate) async fn choose_import(
    app: AppHandle,
    desk: State<'_, Desk>,
    folder: bool,
) -> Answer<Option<String>> {
    let ask = if folder { dialogs::choose_folder } else { dialogs::choose_text };
    apart(&desk, move |_| Ok(ask(&app))).await
}

#[tauri::command]
pub(crate) async fn preview_import(
    desk: State<'_, Desk>,
    path: String,
    shaping: Option<ShapingChoice>,
) -> Answer<ImportPreview> {
    apart(&desk, move |desk| desk.preview_import(Path::new(&path), shaping.as_ref())).await
}

#[tauri::command]
pub(crate) async fn import_novel(
    desk: State<'_, Desk>,
    path: String,
    title: Option<String>,
    language: Option<String>,
    shaping: Option<ShapingChoice>,
) -> Answer<Imported> {
    let import =
        move |desk: Desk| desk.import_novel(Path::new(&path), title, language, shaping.as_ref());
    apart(&desk, import).await
}

#[tauri::command(async)]
pub(crate) fn forget_import(desk: State<'_, Desk>) {
    desk.forget_import();
}

#[tauri::command(async)]
pub(crate) fn undo_import(desk: State<'_, Desk>, novel: &str) -> Answer<()> {
    desk.undo_import(novel)
}
