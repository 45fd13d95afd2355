//! The desktop window. Everything it does is one line into `seshat-app`; it knows the shell, and nothing else does.
//!
//! **Invariant:** the page can reach the commands that `commands.rs` lists and no file, no process and no network.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod backup_commands;
mod binder_commands;
mod commands;
mod dialogs;
mod finding_commands;
mod folder_commands;
mod guard;
mod history_commands;
mod place_commands;
mod renderer;
mod security_commands;
mod sync_commands;
mod window;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use seshat_app::Desk;
use tauri::{Manager, RunEvent};

fn main() -> anyhow::Result<()> {
    if let Err(failure) = seshat_platform::harden() {
        // The author writes on; with nowhere to say it, nobody is told.
        let _said = writeln!(std::io::stderr().lock(), "{failure}");
    }
    renderer::choose()?;
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("the TLS library was set up twice"))?;
    let desk = Desk::at(home()?, window::device_name());
    desk.start_background();
    let guard = guard::Guard::begin(&desk);
    let app = tauri::Builder::default()
        .manage(desk)
        .manage(guard)
        .invoke_handler(commands::handler())
        .setup(|app| Ok(window::open(app.handle())?))
        .build(tauri::generate_context!())
        .context("Seshat could not open its window")?;
    app.run(|handle, event| {
        if let RunEvent::Exit = event {
            handle.state::<Desk>().close();
        }
    });
    Ok(())
}

/// Where the vault lives: `SESHAT_HOME`, else the platform's folder for an application's data.
#[expect(clippy::disallowed_methods, reason = "this is main's own look at its environment")]
fn home() -> anyhow::Result<PathBuf> {
    if let Some(home) = std::env::var_os("SESHAT_HOME") {
        return Ok(home.into());
    }
    let folders = directories::ProjectDirs::from("org", "seshat", "Seshat").context(
        "this system names no home folder; set SESHAT_HOME to where the vault shall live",
    )?;
    Ok(folders.data_dir().to_owned())
}
