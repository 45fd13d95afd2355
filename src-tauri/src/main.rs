//! The desktop window. Everything it does is one line into `seshat-app`; it knows the shell, and nothing else does.
//!
//! **Invariant:** the page can reach the commands that `commands.rs` lists and no file, no process and no network.

#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod asked;
mod backup_commands;
mod binder_commands;
mod commands;
mod dialogs;
mod export_commands;
mod finding_commands;
mod folder_commands;
mod frame;
mod guard;
mod history_commands;
mod image_commands;
mod import_commands;
mod instance;
mod leaving;
mod place_commands;
mod renderer;
mod screen_commands;
mod security_commands;
mod spelling_commands;
mod sync_commands;
mod window;

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;
use seshat_app::Desk;
use tauri::{AppHandle, Manager, RunEvent};

use crate::asked::{Asked, file_in};
use crate::frame::Keeper;
use crate::instance::{Request, Start};

fn main() -> anyhow::Result<()> {
    if let Err(failure) = seshat_platform::harden() {
        // The author writes on; with nowhere to say it, nobody is told.
        let _said = writeln!(std::io::stderr().lock(), "{failure}");
    }
    renderer::choose()?;
    if let Some(answer) = answer() {
        return Ok(writeln!(std::io::stdout().lock(), "{answer}")?);
    }
    let home = home()?;
    let asked = Request { file: file_in(std::env::args_os().skip(1)), token: token() };
    let first = match instance::find(session_folder().as_deref(), &home, &asked) {
        Start::First(first) => first,
        Start::HandedOver => return Ok(()),
    };
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| anyhow::anyhow!("the TLS library was set up twice"))?;
    let desk = Desk::at(home.clone(), window::device_name());
    desk.start_background();
    let guard = guard::Guard::begin(&desk);
    let app = tauri::Builder::default()
        .manage(desk)
        .manage(guard)
        .manage(export_commands::Confirmed::default())
        .manage(Asked::beginning(asked.file.as_deref()))
        .invoke_handler(commands::handler())
        .setup(move |app| {
            if let Some(first) = first {
                let handle = app.handle().clone();
                first.hear(move |request| started_again(&handle, request));
            }
            leaving::heed(app.handle());
            if let Some(folder) = spelling_commands::bundled(app.handle()) {
                app.state::<Desk>().dictionaries_in(folder);
            }
            Ok(window::open(app.handle(), &home)?)
        })
        .build(tauri::generate_context!())
        .context("Seshat could not open its window")?;
    app.run(|handle, event| {
        if let RunEvent::Exit = event {
            handle.state::<Keeper>().write();
            handle.state::<Desk>().close();
        }
    });
    Ok(())
}

/// Somebody started the program while this window was open.
fn started_again(app: &AppHandle, request: Request) {
    if let Some(file) = request.file {
        app.state::<Asked>().open(&file);
    }
    window::show(app, request.token);
}

/// What is said instead of opening a window.
fn answer() -> Option<&'static str> {
    let asked = std::env::args_os().nth(1)?;
    match asked.to_str()? {
        "--version" | "-V" => Some(concat!("Seshat ", env!("CARGO_PKG_VERSION"))),
        "--help" | "-h" => Some(HELP),
        _ => None,
    }
}

const HELP: &str = "\
Usage: seshat-desktop [BACKUP]

Opens the window of the vault, or the one that is open already. With a backup
(a .seshat file), asks whether to bring it back.

  -h, --help     this text
  -V, --version  the version

SESHAT_HOME names another folder for the vault; each vault has a window of its own.";

/// What the desktop gave this start so that the window may take the focus.
#[expect(clippy::disallowed_methods, reason = "this is main's own look at its environment")]
fn token() -> Option<String> {
    let given = ["XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID"].into_iter();
    given.filter_map(|name| std::env::var(name).ok()).find(|token| !token.is_empty())
}

/// A folder of the author's own that is forgotten with the session.
#[expect(clippy::disallowed_methods, reason = "this is main's own look at its environment")]
fn session_folder() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    // On a Mac the folder for temporary files is the author's own.
    let usual = || cfg!(target_os = "macos").then(std::env::temp_dir);
    named.filter(|folder| folder.is_absolute()).or_else(usual)
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
