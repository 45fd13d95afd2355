//! The platform's own file dialogs. Each waits for the author and answers with a path, or with nothing.

use std::sync::mpsc;

use rfd::{AsyncFileDialog, FileHandle};
use tauri::AppHandle;

/// Where the Emergency Kit shall be written.
pub(crate) fn save_kit(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| {
        dialog
            .set_title("Save the Emergency Kit")
            .set_file_name("Seshat Emergency Kit.txt")
            .save_file()
    })
}

/// Where the page of the Emergency Kit shall be written.
pub(crate) fn save_kit_page(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| {
        dialog
            .set_title("Save the Emergency Kit as a page")
            .set_file_name("Seshat Emergency Kit.html")
            .save_file()
    })
}

/// A folder of chapters, or a writing program's project, which is a folder.
pub(crate) fn choose_folder(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| dialog.set_title("Import a folder or a project").pick_folder())
}

/// How the names of files end that are read; what a file holds decides in the end.
const READ: [&str; 17] = [
    "docx", "docm", "odt", "rtf", "epub", "html", "htm", "xhtml", "md", "markdown", "mdown", "mkd",
    "txt", "text", "yw7", "yw6", "yw5",
];

/// One file to import.
pub(crate) fn choose_text(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| {
        dialog
            .set_title("Import a file")
            .add_filter("Manuscripts", &READ)
            .add_filter("All files", &["*"])
            .pick_file()
    })
}

/// Where an export shall be written. Whether a file that is there may be replaced the dialog asks itself.
pub(crate) fn choose_export(app: &AppHandle, name: String) -> Option<String> {
    ask(app, move |dialog| dialog.set_title("Export to").set_file_name(name).save_file())
}

/// A file of which nobody knows whose copy it is.
pub(crate) fn choose_copy(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| dialog.set_title("Whose copy is this?").pick_file())
}

/// Where a copy of the vault shall be written.
pub(crate) fn save_backup(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| {
        dialog
            .set_title("Save a copy of the vault")
            .set_file_name("Seshat backup.seshat")
            .save_file()
    })
}

/// Where a copy that opens without Seshat shall be written.
pub(crate) fn save_readable(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| {
        dialog.set_title("Save a readable copy").set_file_name("Seshat, readable copy").save_file()
    })
}

/// A copy of a vault.
pub(crate) fn choose_backup(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| dialog.set_title("Bring a backup back").pick_file())
}

/// A picture.
pub(crate) fn choose_image(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| {
        dialog
            .set_title("Put a picture in")
            .add_filter("Pictures", &["png", "jpg", "jpeg", "webp", "gif"])
            .pick_file()
    })
}

/// One of the two files of a dictionary.
pub(crate) fn choose_dictionary(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| {
        dialog.set_title("Add a dictionary").add_filter("Hunspell", &["aff", "dic"]).pick_file()
    })
}

/// A folder through which laptops sync.
pub(crate) fn choose_sync_folder(app: &AppHandle) -> Option<String> {
    ask(app, |dialog| dialog.set_title("Sync through a folder").pick_folder())
}

/// Opens a dialog on the window's thread, where GTK and AppKit want it, and waits here for the answer.
fn ask<Answer>(
    app: &AppHandle,
    open: impl FnOnce(AsyncFileDialog) -> Answer + Send + 'static,
) -> Option<String>
where
    Answer: Future<Output = Option<FileHandle>> + Send + 'static,
{
    let (answer, waiting) = mpsc::channel();
    app.run_on_main_thread(move || {
        let chosen = open(AsyncFileDialog::new());
        tauri::async_runtime::spawn(async move { answer.send(chosen.await) });
    })
    .ok()?;
    let file = waiting.recv().ok()??;
    Some(file.path().to_string_lossy().into_owned())
}
