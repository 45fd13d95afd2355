//! What the page may ask for so that nothing is ever lost: backups, bringing one back, and a check.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use std::path::Path;

use seshat_app::{BackupStatus, CheckReport, Desk, PlainReport, Restored};
use tauri::{AppHandle, State};

use crate::commands::{Answer, apart};

#[tauri::command]
pub(crate) async fn backups(desk: State<'_, Desk>) -> Answer<BackupStatus> {
    apart(&desk, |desk| desk.backups()).await
}

#[tauri::command]
pub(crate) async fn backup_now(desk: State<'_, Desk>) -> Answer<()> {
    apart(&desk, |desk| desk.backup_now()).await
}

#[tauri::command]
pub(crate) async fn backup_to(
    app: AppHandle,
    desk: State<'_, Desk>,
    path: Option<String>,
) -> Answer<Option<String>> {
    apart(&desk, move |desk| {
        let chosen = path.or_else(|| crate::dialogs::save_backup(&app));
        let Some(path) = chosen else { return Ok(None) };
        desk.backup_to(Path::new(&path)).map(|()| Some(path))
    })
    .await
}

#[tauri::command]
pub(crate) async fn backup_plain(
    app: AppHandle,
    desk: State<'_, Desk>,
    folder: Option<String>,
) -> Answer<Option<PlainReport>> {
    apart(&desk, move |desk| {
        let chosen = folder.or_else(|| crate::dialogs::save_readable(&app));
        let Some(folder) = chosen else { return Ok(None) };
        desk.backup_plain(Path::new(&folder)).map(Some)
    })
    .await
}

#[tauri::command(async)]
pub(crate) fn remind_later(desk: State<'_, Desk>) -> Answer<()> {
    desk.remind_later()
}

#[tauri::command]
pub(crate) async fn choose_backup(app: AppHandle, desk: State<'_, Desk>) -> Answer<Option<String>> {
    apart(&desk, move |_| Ok(crate::dialogs::choose_backup(&app))).await
}

#[tauri::command]
pub(crate) async fn restore_backup(
    desk: State<'_, Desk>,
    file: String,
    secret: String,
) -> Answer<Restored> {
    apart(&desk, move |desk| desk.restore_backup(Path::new(&file), secret)).await
}

#[tauri::command]
pub(crate) async fn check(desk: State<'_, Desk>) -> Answer<CheckReport> {
    apart(&desk, |desk| desk.check()).await
}
