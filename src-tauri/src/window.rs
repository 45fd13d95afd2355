//! The one window: made here and not from the configuration, because navigation is refused here.

use std::path::Path;

use tauri::{AppHandle, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::frame::{Frame, Keeper, LEAST};

const MAIN: &str = "main";

/// Opens the window of the vault in `home`, where it was when it was closed.
///
/// # Errors
/// When the platform refuses a window or a web view.
pub(crate) fn open(app: &AppHandle, home: &Path) -> tauri::Result<()> {
    let frame = Frame::load(home, app);
    let window = WebviewWindowBuilder::new(app, MAIN, WebviewUrl::default())
        .title("Seshat")
        .inner_size(frame.width, frame.height)
        .min_inner_size(LEAST.width, LEAST.height)
        .maximized(frame.maximized)
        // What is dragged is the page's: rows of the binder, and pictures that are dropped into the text.
        .disable_drag_drop_handler()
        .on_navigation(|url| is_ours(url.scheme(), url.host_str()));
    let window = match frame.at {
        Some((left, top)) => window.position(left, top),
        None => window,
    };
    let window = window.build()?;
    app.manage(Keeper::new(home, frame));
    let followed = window.as_ref().window();
    window.on_window_event(move |event| followed.state::<Keeper>().hear(&followed, event));
    allow_composition(&window)
}

/// Brings the window before the author, who started the program again. With the desktop's `token` it may take the
/// focus; without one, some desktops only mark it.
pub(crate) fn show(app: &AppHandle, token: Option<String>) {
    let Some(window) = app.get_webview_window(MAIN) else { return };
    // A window that is closing cannot be shown, and need not be.
    let _asked = app.run_on_main_thread(move || {
        let _shown = window.unminimize().and_then(|()| window.show());
        present(&window, token);
    });
}

#[cfg(target_os = "linux")]
fn present(window: &WebviewWindow, token: Option<String>) {
    use gtk::prelude::GtkWindowExt;

    if let Ok(shell) = window.gtk_window() {
        if let Some(token) = token {
            shell.set_startup_id(&token);
        }
        shell.present();
    }
}

#[cfg(not(target_os = "linux"))]
fn present(window: &WebviewWindow, _token: Option<String>) {
    let _shown = window.set_focus();
}

/// The page itself, and nothing that a link or a script could lead to.
fn is_ours(scheme: &str, host: Option<&str>) -> bool {
    match scheme {
        "tauri" => host == Some("localhost"),
        "http" | "https" => host == Some("tauri.localhost"),
        _ => false,
    }
}

/// Without this, text from an input method (Chinese, Japanese, Korean) appears only when it is finished.
#[cfg(target_os = "linux")]
fn allow_composition(window: &WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{InputMethodContextExt, WebViewExt};

    window.with_webview(|view| {
        if let Some(context) = view.inner().input_method_context() {
            context.set_enable_preedit(true);
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn allow_composition(_window: &WebviewWindow) -> tauri::Result<()> {
    Ok(())
}

/// What other laptops call this one, until the author names it.
pub(crate) fn device_name() -> String {
    std::fs::read_to_string("/etc/hostname")
        .ok()
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "This laptop".to_owned())
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn only_the_page_itself_may_be_shown() {
        assert!(is_ours("tauri", Some("localhost")));
        for (scheme, host) in
            [("https", "example.org"), ("http", "localhost"), ("file", ""), ("data", "")]
        {
            assert!(!is_ours(scheme, Some(host)), "{scheme}://{host} was let in");
        }
    }
}
