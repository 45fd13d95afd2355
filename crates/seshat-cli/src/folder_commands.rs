//! Commands about a folder that takes the place of a server.

use std::path::Path;

use serde_json::json;
use seshat_app::{FolderState, VaultState};

use crate::args::Folder;
use crate::ask;
use crate::commands::{Run, counted};
use crate::progress::Progress;
use crate::reading::{KIT, read_text};
use crate::report::Report;

impl Run {
    pub(crate) fn folder(&self, folder: &Folder) -> anyhow::Result<Report> {
        match folder {
            Folder::Create { path } => {
                self.unlock()?;
                self.desk.create_folder(path)?;
                Ok(linked(path, self.desk.folder_state()?))
            }
            Folder::Connect { path, kit } => self.connect_folder(path, kit.as_deref()),
            Folder::Status => {
                self.unlock()?;
                Ok(state(self.desk.folder_state()?))
            }
            Folder::Leave => self.leave(),
        }
    }

    fn connect_folder(&self, path: &Path, kit: Option<&Path>) -> anyhow::Result<Report> {
        if self.desk.vault_state()? != VaultState::Absent {
            self.unlock()?;
            self.desk.connect_folder(path)?;
            return Ok(linked(path, self.desk.folder_state()?));
        }
        let kit = kit.map(|kit| read_text(kit, KIT)).transpose()?;
        let password = ask::password(self.password_file.as_deref())?;
        let _shown = Progress::begin("Fetching the vault");
        self.desk.join_folder(path, password.to_string(), kit)?;
        Ok(Report::new(
            "The vault is on this laptop; sync fetches the novels.",
            json!({ "folder": path, "home": self.desk.home() }),
        ))
    }
}

fn linked(path: &Path, state: Option<FolderState>) -> Report {
    let path = state.map_or_else(|| path.display().to_string(), |state| state.path);
    Report::new(
        format!(
            "This vault syncs through {path} from now on; on your other laptops, connect the same folder."
        ),
        json!({ "folder": path }),
    )
}

fn state(state: Option<FolderState>) -> Report {
    let Some(state) = state else {
        return Report::new("This vault does not sync through a folder.", json!(null));
    };
    let there = if state.there { "there" } else { "not there" };
    let mut text = format!(
        "Folder   {}, {there}\nFiles    {}, {} bytes, by {}\nWaiting  {}",
        state.path,
        counted(state.files, "file"),
        state.bytes,
        counted(state.laptops, "laptop"),
        counted(state.waiting, "record"),
    );
    if let Some(message) = &state.message {
        text.push('\n');
        text.push_str(message);
    }
    Report::new(text, state)
}
