//! What the page may ask for about its own window.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use seshat_app::{Failure, FailureCode};
use tauri::WebviewWindow;

use crate::commands::Answer;

/// Lets the window fill the screen, or not any more, and says how it is then. Without `on` it only says so.
#[tauri::command(async)]
pub(crate) fn full_screen(window: WebviewWindow, on: Option<bool>) -> Answer<bool> {
    let turned = match on {
        Some(on) => window.set_fullscreen(on).map(|()| on),
        None => window.is_fullscreen(),
    };
    turned.map_err(|_| Failure {
        code: FailureCode::Other,
        message: "The system does not let the window fill the screen; all else is as it was."
            .to_owned(),
    })
}
