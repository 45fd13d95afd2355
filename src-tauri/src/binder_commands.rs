//! What the page may ask for about a novel's order: splitting, merging, copying, the trash.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use seshat_app::{Desk, GoalRow, OutlineNode, Progress, TrashedNode};
use tauri::State;

use crate::commands::{Answer, apart};

#[tauri::command]
pub(crate) async fn split_scene(
    desk: State<'_, Desk>,
    novel: String,
    scene: String,
    at_utf16: usize,
) -> Answer<OutlineNode> {
    apart(&desk, move |desk| desk.split_scene(&novel, &scene, at_utf16)).await
}

#[tauri::command]
pub(crate) async fn merge_scenes(
    desk: State<'_, Desk>,
    novel: String,
    scene: String,
) -> Answer<OutlineNode> {
    apart(&desk, move |desk| desk.merge_scenes(&novel, &scene)).await
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
pub(crate) fn progress(desk: State<'_, Desk>, novel: &str) -> Answer<Progress> {
    desk.progress(novel)
}

#[tauri::command(async)]
pub(crate) fn set_goals(desk: State<'_, Desk>, novel: &str, goals: GoalRow) -> Answer<()> {
    desk.set_goals(novel, &goals)
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
