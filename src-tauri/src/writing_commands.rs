//! What the page may ask for about the text as a whole: its structure, its past, its margin, finding and replacing.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use seshat_app::{
    CommentRow, Desk, DiffView, Edited, Found, MergeReport, NovelVersionNode, NovelVersionRow,
    OutlineNode, Query, Replace, Replaced, TrashedNode, Unreplaced, VersionRow, VersionText,
};
use tauri::State;

use crate::commands::{Answer, apart};

#[tauri::command(async)]
pub(crate) fn set_label(desk: State<'_, Desk>, novel: &str, node: &str, label: &str) -> Answer<()> {
    desk.set_label(novel, node, label)
}

#[tauri::command(async)]
pub(crate) fn set_target(
    desk: State<'_, Desk>,
    novel: &str,
    node: &str,
    target: Option<u64>,
) -> Answer<()> {
    desk.set_target(novel, node, target)
}

#[tauri::command(async)]
pub(crate) fn set_included(
    desk: State<'_, Desk>,
    novel: &str,
    node: &str,
    included: bool,
) -> Answer<()> {
    desk.set_included(novel, node, included)
}

#[tauri::command]
pub(crate) async fn duplicate_node(
    desk: State<'_, Desk>,
    novel: String,
    node: String,
) -> Answer<OutlineNode> {
    apart(&desk, move |desk| desk.duplicate_node(&novel, &node)).await
}

#[tauri::command(async)]
pub(crate) fn acknowledge_node(desk: State<'_, Desk>, novel: &str, node: &str) -> Answer<()> {
    desk.acknowledge_node(novel, node)
}

#[tauri::command(async)]
pub(crate) fn trash(desk: State<'_, Desk>, novel: &str) -> Answer<Vec<TrashedNode>> {
    desk.trash(novel)
}

#[tauri::command(async)]
pub(crate) fn restore_node(desk: State<'_, Desk>, novel: &str, node: &str) -> Answer<()> {
    desk.restore_node(novel, node)
}

#[tauri::command(async)]
pub(crate) fn split_scene(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    at_utf16: usize,
) -> Answer<OutlineNode> {
    desk.split_scene(novel, scene, at_utf16)
}

#[tauri::command(async)]
pub(crate) fn merge_scenes(desk: State<'_, Desk>, novel: &str, scene: &str) -> Answer<OutlineNode> {
    desk.merge_scenes(novel, scene)
}

#[tauri::command(async)]
pub(crate) fn comments(desk: State<'_, Desk>, novel: &str, scene: &str) -> Answer<Vec<CommentRow>> {
    desk.comments(novel, scene)
}

#[tauri::command(async)]
pub(crate) fn add_comment(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    from: usize,
    to: usize,
    text: &str,
) -> Answer<CommentRow> {
    desk.add_comment(novel, scene, from, to, text)
}

#[tauri::command(async)]
pub(crate) fn edit_comment(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    comment: &str,
    text: &str,
) -> Answer<()> {
    desk.edit_comment(novel, scene, comment, text)
}

#[tauri::command(async)]
pub(crate) fn resolve_comment(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    comment: &str,
    resolved: bool,
) -> Answer<()> {
    desk.resolve_comment(novel, scene, comment, resolved)
}

#[tauri::command(async)]
pub(crate) fn remove_comment(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    comment: &str,
) -> Answer<()> {
    desk.remove_comment(novel, scene, comment)
}

#[tauri::command]
pub(crate) async fn versions(
    desk: State<'_, Desk>,
    novel: String,
    scene: String,
) -> Answer<Vec<VersionRow>> {
    apart(&desk, move |desk| desk.versions(&novel, &scene)).await
}

#[tauri::command]
pub(crate) async fn version_text(
    desk: State<'_, Desk>,
    novel: String,
    scene: String,
    version: String,
) -> Answer<VersionText> {
    apart(&desk, move |desk| desk.version_text(&novel, &scene, &version)).await
}

#[tauri::command]
pub(crate) async fn version_diff(
    desk: State<'_, Desk>,
    novel: String,
    scene: String,
    from: String,
    to: Option<String>,
) -> Answer<DiffView> {
    apart(&desk, move |desk| desk.version_diff(&novel, &scene, &from, to.as_deref())).await
}

#[tauri::command(async)]
pub(crate) fn name_version(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    name: &str,
) -> Answer<VersionRow> {
    desk.name_version(novel, scene, name)
}

#[tauri::command(async)]
pub(crate) fn rename_version(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    id: &str,
    name: &str,
) -> Answer<()> {
    desk.rename_version(novel, scene, id, name)
}

#[tauri::command(async)]
pub(crate) fn forget_version(
    desk: State<'_, Desk>,
    novel: &str,
    scene: &str,
    id: &str,
) -> Answer<()> {
    desk.forget_version(novel, scene, id)
}

#[tauri::command]
pub(crate) async fn restore_version(
    desk: State<'_, Desk>,
    novel: String,
    scene: String,
    version: String,
) -> Answer<Edited> {
    apart(&desk, move |desk| desk.restore_version(&novel, &scene, &version)).await
}

#[tauri::command(async)]
pub(crate) fn novel_versions(desk: State<'_, Desk>, novel: &str) -> Answer<Vec<NovelVersionRow>> {
    desk.novel_versions(novel)
}

#[tauri::command]
pub(crate) async fn name_novel_version(
    desk: State<'_, Desk>,
    novel: String,
    name: String,
) -> Answer<NovelVersionRow> {
    apart(&desk, move |desk| desk.name_novel_version(&novel, &name)).await
}

#[tauri::command(async)]
pub(crate) fn rename_novel_version(
    desk: State<'_, Desk>,
    novel: &str,
    id: &str,
    name: &str,
) -> Answer<()> {
    desk.rename_novel_version(novel, id, name)
}

#[tauri::command(async)]
pub(crate) fn forget_novel_version(desk: State<'_, Desk>, novel: &str, id: &str) -> Answer<()> {
    desk.forget_novel_version(novel, id)
}

#[tauri::command]
pub(crate) async fn novel_version_outline(
    desk: State<'_, Desk>,
    novel: String,
    id: String,
) -> Answer<Vec<NovelVersionNode>> {
    apart(&desk, move |desk| desk.novel_version_outline(&novel, &id)).await
}

#[tauri::command]
pub(crate) async fn restore_novel_version(
    desk: State<'_, Desk>,
    novel: String,
    id: String,
) -> Answer<()> {
    apart(&desk, move |desk| desk.restore_novel_version(&novel, &id)).await
}

#[tauri::command(async)]
pub(crate) fn merges(desk: State<'_, Desk>, novel: &str) -> Answer<Vec<MergeReport>> {
    desk.merges(novel)
}

#[tauri::command(async)]
pub(crate) fn dismiss_merges(desk: State<'_, Desk>, novel: &str) -> Answer<()> {
    desk.dismiss_merges(novel)
}

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
