//! The system asks the program to end: at a logout, a shutdown, or by hand.
//!
//! **Invariant:** it ends as if the author had closed the window: what was typed is on the disk and the vault is locked.

use tauri::AppHandle;

/// Ends the program in order when the system asks for it.
#[cfg(unix)]
pub(crate) fn heed(app: &AppHandle) {
    use tokio::signal::unix::{SignalKind, signal as asked};

    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let (terminate, hang_up) = (asked(SignalKind::terminate()), asked(SignalKind::hangup()));
        // Where the system does not let itself be heard, it ends the program by itself.
        let (Ok(mut terminate), Ok(mut hang_up)) = (terminate, hang_up) else { return };
        tokio::select! {
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
        // The last letters are on their way from the page.
        tokio::time::sleep(crate::guard::LAST_LETTERS).await;
        app.exit(0);
    });
}

#[cfg(not(unix))]
pub(crate) fn heed(_app: &AppHandle) {}
