//! What the page may ask for about a folder that takes the place of a server.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use std::path::Path;

use seshat_app::{Desk, FolderState};
use tauri::{AppHandle, State};

use crate::commands::{Answer, apart};
use crate::dialogs;

#[tauri::command]
pub(crate) async fn choose_sync_folder(
    app: AppHandle,
    desk: State<'_, Desk>,
) -> Answer<Option<String>> {
    apart(&desk, move |_desk| Ok(dialogs::choose_sync_folder(&app))).await
}

#[tauri::command]
pub(crate) async fn create_folder(desk: State<'_, Desk>, path: String) -> Answer<()> {
    apart(&desk, move |desk| desk.create_folder(Path::new(&path))).await
}

#[tauri::command]
pub(crate) async fn connect_folder(desk: State<'_, Desk>, path: String) -> Answer<()> {
    apart(&desk, move |desk| desk.connect_folder(Path::new(&path))).await
}

#[tauri::command]
pub(crate) async fn join_folder(
    desk: State<'_, Desk>,
    path: String,
    password: String,
    kit_text: Option<String>,
) -> Answer<()> {
    apart(&desk, move |desk| desk.join_folder(Path::new(&path), password, kit_text)).await
}

#[tauri::command]
pub(crate) async fn recover_from_folder(
    desk: State<'_, Desk>,
    path: String,
    kit_text: String,
    new_password: String,
) -> Answer<()> {
    let recover =
        move |desk: Desk| desk.recover_from_folder(Path::new(&path), kit_text, new_password);
    apart(&desk, recover).await
}

#[tauri::command]
pub(crate) async fn folder_state(desk: State<'_, Desk>) -> Answer<Option<FolderState>> {
    apart(&desk, |desk| desk.folder_state()).await
}
