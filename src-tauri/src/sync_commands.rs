//! What the page may ask for about syncing.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use seshat_app::{DeletionAnswer, Desk, RefusedRecord, SyncMode};
use tauri::State;

use crate::commands::{Answer, apart};

#[tauri::command(async)]
pub(crate) fn set_sync_mode(desk: State<'_, Desk>, mode: SyncMode) -> Answer<()> {
    desk.set_sync_mode(mode)
}

#[tauri::command(async)]
pub(crate) fn answer_deletion(desk: State<'_, Desk>, answer: DeletionAnswer) -> Answer<()> {
    desk.answer_deletion(answer)
}

#[tauri::command(async)]
pub(crate) fn refused_records(desk: State<'_, Desk>) -> Answer<Vec<RefusedRecord>> {
    desk.refused_records()
}

#[tauri::command(async)]
pub(crate) fn offer_refused_again(desk: State<'_, Desk>) -> Answer<u64> {
    desk.offer_refused_again()
}

#[tauri::command]
pub(crate) async fn leave_server(desk: State<'_, Desk>) -> Answer<u64> {
    apart(&desk, |desk| desk.leave_server()).await
}
