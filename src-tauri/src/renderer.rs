//! Chooses how the page is painted before any thread or window exists.
//!
//! Where there is no GPU, WebKit's default renderer costs 2.8 s more CPU at start and 70 MB. The choice is an
//! environment variable that must stand before the process begins, and setting one in a running process is
//! unsound, so the program starts itself anew with it.

#[cfg(target_os = "linux")]
#[expect(clippy::disallowed_methods, reason = "this is main's own look at its environment")]
pub(crate) fn choose() -> anyhow::Result<()> {
    use std::os::unix::process::CommandExt;

    const CHOICE: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    if std::env::var_os(CHOICE).is_some() || has_gpu() {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    let failure = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(CHOICE, "1")
        .exec();
    Err(failure.into())
}

#[cfg(target_os = "linux")]
fn has_gpu() -> bool {
    std::fs::read_dir("/dev/dri").is_ok_and(|nodes| {
        nodes.flatten().any(|node| node.file_name().to_string_lossy().starts_with("render"))
    })
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn choose() -> anyhow::Result<()> {
    Ok(())
}
