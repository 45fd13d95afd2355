//! What the page may ask for about pictures. Their bytes cross as bytes: as JSON they would be four times as long.

#![allow(clippy::needless_pass_by_value, reason = "Tauri hands commands what they take by value")]

use std::path::Path;

use seshat_app::{Desk, Failure, FailureCode, PlacedImage};
use tauri::ipc::{InvokeBody, Request, Response};
use tauri::{AppHandle, State};

use crate::commands::{Answer, apart};
use crate::dialogs;

#[tauri::command]
pub(crate) async fn image(desk: State<'_, Desk>, novel: String, image: String) -> Answer<Response> {
    apart(&desk, move |desk| desk.image(&novel, &image).map(Response::new)).await
}

/// The body is the file, the header `novel` says whose.
#[tauri::command]
pub(crate) async fn put_image(desk: State<'_, Desk>, request: Request<'_>) -> Answer<PlacedImage> {
    let novel = request.headers().get("novel").and_then(|novel| novel.to_str().ok());
    let novel = novel.unwrap_or_default().to_owned();
    let bytes = match request.body() {
        InvokeBody::Raw(bytes) => bytes.clone(),
        // How Tauri carries bytes where the page cannot send them by its own protocol.
        InvokeBody::Json(json) => serde_json::from_value(json.clone()).map_err(|_| unread())?,
    };
    apart(&desk, move |desk| desk.put_image(&novel, &bytes)).await
}

#[tauri::command]
pub(crate) async fn choose_image(
    app: AppHandle,
    desk: State<'_, Desk>,
    novel: String,
) -> Answer<Option<PlacedImage>> {
    apart(&desk, move |desk| {
        let Some(file) = dialogs::choose_image(&app) else { return Ok(None) };
        desk.put_image_file(&novel, Path::new(&file)).map(Some)
    })
    .await
}

fn unread() -> Failure {
    Failure {
        code: FailureCode::Other,
        message:
            "The picture could not be read, so it was not put in; nothing was changed; try again."
                .to_owned(),
    }
}
