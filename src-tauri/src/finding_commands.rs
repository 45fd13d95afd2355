//! What the page may ask for about finding and replacing.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use seshat_app::{Desk, Found, Query, Replace, Replaced, Unreplaced};
use tauri::State;

use crate::commands::{Answer, apart};

#[tauri::command]
pub(crate) async fn find(
    desk: State<'_, Desk>,
    query: Query,
    with: Option<String>,
) -> Answer<Found> {
    apart(&desk, move |desk| desk.find(&query, with.as_deref())).await
}

#[tauri::command]
pub(crate) async fn replace(desk: State<'_, Desk>, replace: Replace) -> Answer<Replaced> {
    apart(&desk, move |desk| desk.replace(&replace)).await
}

#[tauri::command]
pub(crate) async fn undo_replace(desk: State<'_, Desk>, undo: u64) -> Answer<Unreplaced> {
    apart(&desk, move |desk| desk.undo_replace(undo)).await
}
