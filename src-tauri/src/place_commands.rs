//! What the page may ask for about where the author was, and what was opened from outside.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use seshat_app::{Desk, TextPlace};
use tauri::State;

use crate::asked::Asked;
use crate::commands::Answer;

#[tauri::command(async)]
pub(crate) fn place(desk: State<'_, Desk>, novel: &str) -> Answer<Option<TextPlace>> {
    desk.place(novel)
}

#[tauri::command(async)]
pub(crate) fn keep_place(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    at_utf16: u32,
) -> Answer<()> {
    desk.keep_place(novel, scene, at_utf16)
}

/// Answers when the author opens a backup outside of the window.
#[tauri::command]
pub(crate) async fn next_file(asked: State<'_, Asked>) -> Answer<String> {
    Ok(asked.next().await)
}
