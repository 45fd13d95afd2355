//! Declares the commands, so that each has a permission and the page gets no other.

fn main() {
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest))
        .expect("the window's configuration is part of the source");
}

/// Every command that the page may call, as in `capabilities/desk.json`.
const COMMANDS: &[&str] = &[
    "vault_state",
    "password_strength",
    "create_vault",
    "kit_confirmed",
    "save_kit",
    "unlock",
    "lock",
    "join",
    "recover",
    "library",
    "create_novel",
    "sample_novel",
    "choose_import",
    "import_path",
    "choose_export",
    "export_novel",
    "outline",
    "add_node",
    "rename_node",
    "move_node",
    "trash_node",
    "set_status",
    "set_synopsis",
    "open_scene",
    "edit_scene",
    "flush",
    "close_scene",
    "search",
    "connect_server",
    "sync_now",
    "status",
    "next_status",
];
