//! What the page may ask for: one line each into `seshat-app`.
//!
//! Commands run off the window's thread, and those that may take long apart from the rest. Tauri may run one a second
//! time when an answer got lost, so each is safe to repeat.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use std::path::Path;

use seshat_app::{
    Desk, Edit, Edited, Failure, FailureCode, Kit, KitForm, NewNode, NovelCard, Outline,
    OutlineNode, PasswordStrength, SceneStatus, SceneView, Status, SyncReport, VaultState,
};
use tauri::ipc::Invoke;
use tauri::{AppHandle, State, Wry};

use crate::{
    backup_commands, binder_commands, export_commands, finding_commands, folder_commands,
    history_commands, import_commands, security_commands, sync_commands,
};

pub(crate) type Answer<T> = Result<T, Failure>;

/// Does what may take long (a key derivation, the network, an author before a dialog) on a thread that nothing
/// else waits for: the few that carry every other command must stay free for what is being typed.
pub(crate) async fn apart<T: Send + 'static>(
    desk: &Desk,
    work: impl FnOnce(Desk) -> Answer<T> + Send + 'static,
) -> Answer<T> {
    let desk = desk.clone();
    let done = tauri::async_runtime::spawn_blocking(move || work(desk)).await;
    done.unwrap_or_else(|_| {
        Err(Failure {
            code: FailureCode::Other,
            message: "This stopped because of a fault in Seshat itself; everything that was saved is safe. Try again.".to_owned(),
        })
    })
}

/// Takes the page's calls.
#[expect(clippy::too_many_lines, reason = "a list of names, which the macro wants in one piece")]
pub(crate) fn handler() -> impl Fn(Invoke<Wry>) -> bool + Send + Sync + 'static {
    tauri::generate_handler![
        vault_state,
        password_strength,
        create_vault,
        kit_confirmed,
        save_kit,
        unlock,
        lock,
        join,
        recover,
        library,
        create_novel,
        sample_novel,
        import_commands::choose_import,
        import_commands::preview_import,
        import_commands::import_novel,
        import_commands::forget_import,
        import_commands::undo_import,
        export_commands::export_presets,
        export_commands::save_export_preset,
        export_commands::remove_export_preset,
        export_commands::preview_export,
        export_commands::export_novel,
        export_commands::export_progress,
        export_commands::cancel_export,
        export_commands::choose_export,
        export_commands::show_in_folder,
        export_commands::export_copies,
        export_commands::identify_copy,
        export_commands::choose_cover,
        export_commands::choose_copy,
        outline,
        add_node,
        rename_node,
        move_node,
        trash_node,
        set_status,
        set_synopsis,
        open_scene,
        edit_scene,
        flush,
        close_scene,
        connect_server,
        sync_now,
        status,
        next_status,
        crate::place_commands::place,
        crate::place_commands::keep_place,
        crate::place_commands::next_file,
        crate::screen_commands::full_screen,
        sync_commands::set_sync_mode,
        sync_commands::answer_deletion,
        sync_commands::refused_records,
        sync_commands::offer_refused_again,
        sync_commands::leave_server,
        binder_commands::split_scene,
        binder_commands::merge_scenes,
        binder_commands::duplicate_node,
        binder_commands::set_label,
        binder_commands::set_target,
        binder_commands::progress,
        binder_commands::set_goals,
        binder_commands::set_included,
        binder_commands::acknowledge_node,
        binder_commands::trash,
        binder_commands::restore_node,
        history_commands::versions,
        history_commands::version_text,
        history_commands::version_diff,
        history_commands::name_version,
        history_commands::rename_version,
        history_commands::forget_version,
        history_commands::restore_version,
        history_commands::novel_versions,
        history_commands::name_novel_version,
        history_commands::rename_novel_version,
        history_commands::forget_novel_version,
        history_commands::novel_version_outline,
        history_commands::restore_novel_version,
        history_commands::merges,
        history_commands::dismiss_merges,
        history_commands::comments,
        history_commands::add_comment,
        history_commands::edit_comment,
        history_commands::resolve_comment,
        history_commands::remove_comment,
        folder_commands::choose_sync_folder,
        folder_commands::create_folder,
        folder_commands::connect_folder,
        folder_commands::join_folder,
        folder_commands::recover_from_folder,
        folder_commands::folder_state,
        finding_commands::find,
        finding_commands::replace,
        finding_commands::undo_replace,
        crate::spelling_commands::misspelt,
        crate::spelling_commands::spelling_suggestions,
        crate::spelling_commands::spelling,
        crate::spelling_commands::add_own_word,
        crate::spelling_commands::remove_own_word,
        crate::spelling_commands::choose_dictionary,
        crate::spelling_commands::remove_dictionary,
        crate::image_commands::image,
        crate::image_commands::put_image,
        crate::image_commands::choose_image,
        backup_commands::backups,
        backup_commands::backup_now,
        backup_commands::backup_to,
        backup_commands::backup_plain,
        backup_commands::choose_backup,
        backup_commands::remind_later,
        backup_commands::restore_backup,
        backup_commands::check,
        security_commands::security,
        security_commands::devices,
        security_commands::rename_device,
        security_commands::revoke_device,
        security_commands::dismiss_alarm,
        security_commands::change_password,
        security_commands::rotate_vault,
        security_commands::show_kit,
        security_commands::new_kit,
        security_commands::save_kit_page,
        security_commands::remember,
        security_commands::forget_remembered,
        security_commands::remembered,
        security_commands::unlock_remembered,
        security_commands::set_idle_minutes,
        security_commands::active,
        security_commands::lock_novel,
        security_commands::open_novel,
        security_commands::open_novel_with_kit,
        security_commands::close_novel,
        security_commands::unlock_novel_for_good,
        security_commands::ask_to_join,
        security_commands::join_state,
        security_commands::cancel_join,
        security_commands::joins,
        security_commands::approve_join,
        security_commands::deny_join,
        security_commands::calibrate
    ]
}

#[tauri::command(async)]
fn vault_state(desk: State<'_, Desk>) -> Answer<VaultState> {
    desk.vault_state()
}

#[tauri::command(async)]
fn password_strength(desk: State<'_, Desk>, password: String) -> PasswordStrength {
    desk.password_strength(password)
}

#[tauri::command]
async fn create_vault(desk: State<'_, Desk>, password: String, account_code: bool) -> Answer<Kit> {
    apart(&desk, move |desk| desk.create_vault(password, account_code.into())).await
}

#[tauri::command(async)]
fn kit_confirmed(desk: State<'_, Desk>) -> Answer<()> {
    desk.kit_confirmed()
}

#[tauri::command]
async fn save_kit(
    app: AppHandle,
    desk: State<'_, Desk>,
    path: Option<String>,
) -> Answer<Option<String>> {
    apart(&desk, move |desk| {
        let Some(path) = path.or_else(|| crate::dialogs::save_kit(&app)) else { return Ok(None) };
        desk.save_kit(Path::new(&path), KitForm::Text).map(|()| Some(path))
    })
    .await
}

#[tauri::command]
async fn unlock(desk: State<'_, Desk>, password: String) -> Answer<()> {
    apart(&desk, move |desk| desk.unlock(password)).await
}

#[tauri::command(async)]
fn lock(desk: State<'_, Desk>) -> Answer<()> {
    desk.lock()
}

#[tauri::command]
async fn join(
    desk: State<'_, Desk>,
    server: String,
    email: String,
    password: String,
    kit_text: Option<String>,
) -> Answer<()> {
    apart(&desk, move |desk| desk.join(&server, &email, password, kit_text)).await
}

#[tauri::command]
async fn recover(
    desk: State<'_, Desk>,
    server: Option<String>,
    email: Option<String>,
    kit_text: String,
    new_password: String,
) -> Answer<()> {
    apart(&desk, move |desk| match server.zip(email) {
        Some((server, email)) => desk.recover_from(&server, &email, kit_text, new_password),
        None => desk.recover(kit_text, new_password),
    })
    .await
}

#[tauri::command(async)]
fn library(desk: State<'_, Desk>) -> Answer<Vec<NovelCard>> {
    desk.library()
}

#[tauri::command(async)]
fn create_novel(desk: State<'_, Desk>, title: &str, language: &str) -> Answer<NovelCard> {
    desk.create_novel(title, language)
}

#[tauri::command(async)]
fn sample_novel(desk: State<'_, Desk>, language: &str) -> Answer<NovelCard> {
    desk.sample_novel(language).map(|imported| imported.novel)
}

#[tauri::command(async)]
fn outline(desk: State<'_, Desk>, novel: &str) -> Answer<Outline> {
    desk.outline(novel)
}

#[tauri::command(async)]
fn add_node(desk: State<'_, Desk>, novel: &str, node: NewNode) -> Answer<OutlineNode> {
    desk.add_node(novel, &node)
}

#[tauri::command(async)]
fn rename_node(desk: State<'_, Desk>, novel: &str, node: &str, title: &str) -> Answer<()> {
    desk.rename_node(novel, node, title)
}

#[tauri::command(async)]
fn move_node(
    desk: State<'_, Desk>,
    novel: &str,
    node: &str,
    parent: Option<String>,
    index: usize,
) -> Answer<()> {
    desk.move_node(novel, node, parent.as_deref(), index)
}

#[tauri::command(async)]
fn trash_node(desk: State<'_, Desk>, novel: &str, node: &str) -> Answer<()> {
    desk.trash_node(novel, node)
}

#[tauri::command(async)]
fn set_status(desk: State<'_, Desk>, novel: &str, node: &str, status: SceneStatus) -> Answer<()> {
    desk.set_status(novel, node, status)
}

#[tauri::command(async)]
fn set_synopsis(desk: State<'_, Desk>, novel: &str, node: &str, synopsis: &str) -> Answer<()> {
    desk.set_synopsis(novel, node, synopsis)
}

#[tauri::command(async)]
fn open_scene(desk: State<'_, Desk>, novel: &str, scene: &str) -> Answer<SceneView> {
    desk.open_scene(novel, scene)
}

#[tauri::command(async)]
fn edit_scene(desk: State<'_, Desk>, edit: Edit) -> Answer<Edited> {
    desk.edit_scene(&edit)
}

#[tauri::command(async)]
fn flush(desk: State<'_, Desk>) -> Answer<()> {
    desk.flush()
}

#[tauri::command(async)]
fn close_scene(desk: State<'_, Desk>, novel: &str, scene: &str) -> Answer<()> {
    desk.close_scene(novel, scene)
}

#[tauri::command]
async fn connect_server(
    desk: State<'_, Desk>,
    server: String,
    email: String,
    invitation: Option<String>,
) -> Answer<()> {
    apart(&desk, move |desk| desk.connect_with(&server, &email, invitation.as_deref())).await
}

#[tauri::command]
async fn sync_now(desk: State<'_, Desk>) -> Answer<SyncReport> {
    apart(&desk, |desk| desk.sync()).await
}

#[tauri::command(async)]
fn status(desk: State<'_, Desk>, since: u64) -> Status {
    desk.status(since)
}

#[tauri::command]
async fn next_status(desk: State<'_, Desk>, since: u64) -> Answer<Status> {
    Ok(desk.next_status(since).await)
}
