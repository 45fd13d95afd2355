//! The one window: made here and not from the configuration, because navigation is refused here.

use tauri::{AppHandle, WebviewUrl, WebviewWindowBuilder};

/// Opens the window.
///
/// # Errors
/// When the platform refuses a window or a web view.
pub(crate) fn open(app: &AppHandle) -> tauri::Result<()> {
    let window = WebviewWindowBuilder::new(app, "main", WebviewUrl::default())
        .title("Seshat")
        .inner_size(1400.0, 840.0)
        .min_inner_size(640.0, 480.0)
        .on_navigation(|url| is_ours(url.scheme(), url.host_str()))
        .build()?;
    allow_composition(&window)
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
fn allow_composition(window: &tauri::WebviewWindow) -> tauri::Result<()> {
    use webkit2gtk::{InputMethodContextExt, WebViewExt};

    window.with_webview(|view| {
        if let Some(context) = view.inner().input_method_context() {
            context.set_enable_preedit(true);
        }
    })
}

#[cfg(not(target_os = "linux"))]
fn allow_composition(_window: &tauri::WebviewWindow) -> tauri::Result<()> {
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
