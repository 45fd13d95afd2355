//! What the page may ask for about the vault itself: protection, laptops, joining, closed novels.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use std::path::Path;

use serde::Serialize;
use seshat_app::{Desk, DeviceCard, JoinAsking, JoinState, Kit, KitForm, Security};
use tauri::{AppHandle, State};

use crate::commands::{Answer, apart};
use crate::guard::Guard;

/// How the vault is protected, and whether the system tells when its screen is locked.
#[derive(Serialize)]
pub(crate) struct Protection {
    #[serde(flatten)]
    vault: Security,
    watches_screen: bool,
}

#[tauri::command]
pub(crate) async fn security(desk: State<'_, Desk>, guard: State<'_, Guard>) -> Answer<Protection> {
    let watched = guard.watched();
    let watches_screen = watched.screen || watched.session;
    let vault = apart(&desk, |desk| desk.security()).await?;
    Ok(Protection { vault, watches_screen })
}

#[tauri::command]
pub(crate) async fn devices(desk: State<'_, Desk>) -> Answer<Vec<DeviceCard>> {
    apart(&desk, |desk| desk.devices()).await
}

#[tauri::command(async)]
pub(crate) fn rename_device(desk: State<'_, Desk>, device: &str, name: &str) -> Answer<()> {
    desk.rename_device(device, name)
}

#[tauri::command]
pub(crate) async fn revoke_device(desk: State<'_, Desk>, device: String) -> Answer<()> {
    apart(&desk, move |desk| desk.revoke_device(&device)).await
}

#[tauri::command(async)]
pub(crate) fn dismiss_alarm(desk: State<'_, Desk>, alarm: u64) -> Answer<()> {
    desk.dismiss_alarm(alarm)
}

#[tauri::command]
pub(crate) async fn change_password(
    desk: State<'_, Desk>,
    current: String,
    new_password: String,
) -> Answer<()> {
    apart(&desk, move |desk| desk.change_password(current, new_password)).await
}

#[tauri::command]
pub(crate) async fn rotate_vault(
    desk: State<'_, Desk>,
    current: String,
    new_password: String,
) -> Answer<Kit> {
    apart(&desk, move |desk| desk.rotate_vault(current, new_password, None)).await
}

#[tauri::command]
pub(crate) async fn show_kit(desk: State<'_, Desk>, password: String) -> Answer<Kit> {
    apart(&desk, move |desk| desk.show_kit(password)).await
}

#[tauri::command]
pub(crate) async fn new_kit(desk: State<'_, Desk>, password: String) -> Answer<Kit> {
    apart(&desk, move |desk| desk.new_kit(password, None)).await
}

#[tauri::command]
pub(crate) async fn save_kit_page(
    app: AppHandle,
    desk: State<'_, Desk>,
    path: Option<String>,
) -> Answer<Option<String>> {
    apart(&desk, move |desk| {
        let chosen = path.or_else(|| crate::dialogs::save_kit_page(&app));
        let Some(path) = chosen else { return Ok(None) };
        desk.save_kit(Path::new(&path), KitForm::Page).map(|()| Some(path))
    })
    .await
}

#[tauri::command]
pub(crate) async fn remember(desk: State<'_, Desk>, days: u32) -> Answer<()> {
    apart(&desk, move |desk| desk.remember(days)).await
}

#[tauri::command]
pub(crate) async fn forget_remembered(desk: State<'_, Desk>) -> Answer<()> {
    apart(&desk, |desk| desk.forget_remembered()).await
}

#[tauri::command(async)]
pub(crate) fn remembered(desk: State<'_, Desk>) -> Answer<bool> {
    desk.remembered()
}

#[tauri::command]
pub(crate) async fn unlock_remembered(desk: State<'_, Desk>) -> Answer<()> {
    apart(&desk, |desk| desk.unlock_remembered()).await
}

#[tauri::command(async)]
pub(crate) fn set_idle_minutes(desk: State<'_, Desk>, minutes: Option<u32>) -> Answer<()> {
    desk.set_idle_minutes(minutes)
}

#[tauri::command(async)]
pub(crate) fn active(desk: State<'_, Desk>) {
    desk.active();
}

#[tauri::command]
pub(crate) async fn lock_novel(
    desk: State<'_, Desk>,
    novel: String,
    passphrase: String,
    recovery_copy: bool,
) -> Answer<()> {
    apart(&desk, move |desk| desk.lock_novel(&novel, passphrase, recovery_copy)).await
}

#[tauri::command]
pub(crate) async fn open_novel(
    desk: State<'_, Desk>,
    novel: String,
    passphrase: String,
) -> Answer<()> {
    apart(&desk, move |desk| desk.open_novel(&novel, passphrase)).await
}

#[tauri::command]
pub(crate) async fn open_novel_with_kit(
    desk: State<'_, Desk>,
    novel: String,
    kit_text: String,
) -> Answer<()> {
    apart(&desk, move |desk| desk.open_novel_with_kit(&novel, kit_text)).await
}

#[tauri::command(async)]
pub(crate) fn close_novel(desk: State<'_, Desk>, novel: &str) -> Answer<()> {
    desk.close_novel(novel)
}

#[tauri::command]
pub(crate) async fn unlock_novel_for_good(desk: State<'_, Desk>, novel: String) -> Answer<()> {
    apart(&desk, move |desk| desk.unlock_novel_for_good(&novel)).await
}

#[tauri::command]
pub(crate) async fn ask_to_join(
    desk: State<'_, Desk>,
    server: String,
    email: String,
) -> Answer<()> {
    apart(&desk, move |desk| desk.ask_to_join(&server, &email)).await
}

#[tauri::command]
pub(crate) async fn join_state(desk: State<'_, Desk>) -> Answer<JoinState> {
    apart(&desk, |desk| desk.join_state()).await
}

#[tauri::command]
pub(crate) async fn cancel_join(desk: State<'_, Desk>) -> Answer<()> {
    apart(&desk, |desk| {
        desk.cancel_join();
        Ok(())
    })
    .await
}

#[tauri::command]
pub(crate) async fn joins(desk: State<'_, Desk>) -> Answer<Vec<JoinAsking>> {
    apart(&desk, |desk| desk.joins()).await
}

#[tauri::command]
pub(crate) async fn approve_join(desk: State<'_, Desk>, join: String, name: String) -> Answer<()> {
    apart(&desk, move |desk| desk.approve_join(&join, &name)).await
}

#[tauri::command]
pub(crate) async fn deny_join(desk: State<'_, Desk>, join: String) -> Answer<()> {
    apart(&desk, move |desk| desk.deny_join(&join)).await
}

#[tauri::command]
pub(crate) async fn calibrate(desk: State<'_, Desk>, password: String) -> Answer<()> {
    apart(&desk, move |desk| desk.calibrate(password)).await.map(drop)
}
