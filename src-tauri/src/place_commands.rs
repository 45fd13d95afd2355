//! What the page may ask for about where the author was.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use seshat_app::{Desk, TextPlace};
use tauri::State;

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
