//! What the page may ask for about spelling.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use std::path::{Path, PathBuf};

use seshat_app::{Desk, Misspelling, SpellPiece, SpellingFacts};
use tauri::{AppHandle, Manager, State};

use crate::commands::{Answer, apart};
use crate::dialogs;

/// The folder of dictionaries that came with the program: among its resources, beside it in an unpacked archive, or
/// in the source of a build that somebody is working on.
pub(crate) fn bundled(app: &AppHandle) -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let beside = program.as_deref().and_then(Path::parent).map(Path::to_owned);
    let source =
        cfg!(debug_assertions).then(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/..")));
    let folders = [app.path().resource_dir().ok(), beside, source];
    let folders = folders.into_iter().flatten().map(|folder| folder.join("dictionaries"));
    folders.into_iter().find(|folder| folder.is_dir())
}

#[tauri::command]
pub(crate) async fn misspelt(
    desk: State<'_, Desk>,
    novel: String,
    paragraphs: Vec<Vec<SpellPiece>>,
) -> Answer<Vec<Vec<Misspelling>>> {
    apart(&desk, move |desk| desk.misspelt(&novel, &paragraphs)).await
}

#[tauri::command]
pub(crate) async fn spelling_suggestions(
    desk: State<'_, Desk>,
    novel: String,
    language: Option<String>,
    word: String,
) -> Answer<Vec<String>> {
    apart(&desk, move |desk| desk.spelling_suggestions(&novel, language.as_deref(), &word)).await
}

#[tauri::command(async)]
pub(crate) fn spelling(desk: State<'_, Desk>, novel: &str) -> Answer<SpellingFacts> {
    desk.spelling(novel)
}

#[tauri::command(async)]
pub(crate) fn add_own_word(desk: State<'_, Desk>, novel: &str, word: &str) -> Answer<()> {
    desk.add_own_word(novel, word)
}

#[tauri::command(async)]
pub(crate) fn remove_own_word(desk: State<'_, Desk>, novel: &str, word: &str) -> Answer<()> {
    desk.remove_own_word(novel, word)
}

#[tauri::command]
pub(crate) async fn choose_dictionary(
    app: AppHandle,
    desk: State<'_, Desk>,
    language: String,
) -> Answer<Option<String>> {
    apart(&desk, move |desk| {
        let Some(path) = dialogs::choose_dictionary(&app) else { return Ok(None) };
        desk.add_dictionary(Path::new(&path), &language).map(Some)
    })
    .await
}

#[tauri::command(async)]
pub(crate) fn remove_dictionary(desk: State<'_, Desk>, language: &str) -> Answer<()> {
    desk.remove_dictionary(language)
}
