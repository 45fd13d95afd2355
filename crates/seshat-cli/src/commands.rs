//! Each command: what it asks of the desk, and what it answers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::json;
use seshat_app::{
    Desk, Failure, KitForm, NodeKind, NovelCard, NovelLock, Outline, OutlineNode, SecondSecret,
    VaultState,
};

use zeroize::Zeroizing;

use crate::args::{Account, Cli, Command, Init, Novel, Password, Scene, Server};
use crate::ask;
use crate::progress::Progress;
use crate::reading::{KIT, OPERATIONS, SCENE, read_text};
use crate::report::Report;

/// One command on one desk.
pub(crate) struct Run {
    pub(crate) desk: Desk,
    pub(crate) password_file: Option<PathBuf>,
    pub(crate) passphrase_file: Option<PathBuf>,
}

/// Where a vault is recovered from.
enum Source {
    /// This laptop.
    Here,
    /// A server's address, and the account's.
    Server(String, String),
    /// A folder.
    Folder(PathBuf),
}

/// Does what the command line says.
pub(crate) fn run(cli: Cli) -> anyhow::Result<Report> {
    let home = cli.home.map_or_else(default_home, Ok)?;
    let run = Run {
        desk: Desk::at(home, device_name()),
        password_file: cli.password_file,
        passphrase_file: cli.passphrase_file,
    };
    let report = run.command(cli.command)?;
    // Everything is on the disk already; this only tidies, and a lock that fails says so.
    run.desk.lock()?;
    Ok(report)
}

fn default_home() -> anyhow::Result<PathBuf> {
    let folders = directories::ProjectDirs::from("org", "seshat", "Seshat").context(
        "This system names no home folder, so nothing was done; name the vault's folder with --home",
    )?;
    Ok(folders.data_dir().to_owned())
}

fn device_name() -> String {
    let name = fs::read_to_string("/etc/hostname").unwrap_or_default();
    let name = name.trim();
    if name.is_empty() { "A laptop".to_owned() } else { name.to_owned() }
}

impl Run {
    fn command(&self, command: Command) -> anyhow::Result<Report> {
        match command {
            Command::Init(init) => self.init(&init),
            Command::Status => self.status(),
            Command::Novel(novel) => self.novel(novel),
            Command::Import(import) => self.import(*import),
            Command::UndoImport { novel } => self.undo_import(&novel),
            Command::RedoImport { novel } => self.redo_import(&novel),
            Command::Export(export) => self.export(&export),
            Command::Presets { novel } => self.presets(&novel),
            Command::Copies { novel } => self.copies(&novel),
            Command::Scene(scene) => self.scene(scene),
            Command::Find { query, with } => self.find(query, with.as_deref()),
            Command::Replace { query, with, hits, dry_run } => {
                if dry_run {
                    self.find(query, Some(&with))
                } else {
                    self.replace(query, with, hits)
                }
            }
            Command::History { novel, scene } => self.history(&novel, scene.as_deref()),
            Command::Version(version) => self.version(&version),
            Command::Merges { novel, dismiss } => self.merges(&novel, dismiss),
            Command::Progress { novel } => self.progress(&novel),
            Command::Goals { novel, daily, words, by } => self.goals(&novel, daily, words, by),
            Command::Comment(comment) => self.comment(&comment),
            Command::Trash(trash) => self.trash(&trash),
            Command::Backup { out, plain, what } => {
                self.backup(out.as_deref(), plain.as_deref(), what.as_ref())
            }
            Command::Restore { file, kit } => self.restore(&file, kit.as_deref()),
            Command::Compact { all } => self.compact(all),
            Command::Account(account) => self.account(account),
            Command::Folder(folder) => self.folder(&folder),
            Command::Sync { deletions } => self.sync(deletions),
            Command::Syncing { mode, offer_again } => self.syncing(mode, offer_again),
            Command::Password(Password::Change { new_password_file }) => {
                self.change_password(new_password_file.as_deref())
            }
            Command::Recover { kit, new_password_file, server, email, folder } => {
                let from = match (folder, server.zip(email)) {
                    (Some(folder), _) => Source::Folder(folder),
                    (None, Some((server, email))) => Source::Server(server, email),
                    (None, None) => Source::Here,
                };
                self.recover(&kit, new_password_file.as_deref(), from)
            }
            Command::Check => self.check(),
            Command::Vault(vault) => self.vault(&vault),
            Command::Kit { out, page, new } => {
                self.kit(&out, if page { KitForm::Page } else { KitForm::Text }, new)
            }
            Command::Device(device) => self.device(&device),
            Command::Alarm(alarm) => self.alarm(&alarm),
        }
    }

    /// The ids of the novel and the scene that a script calls so.
    pub(crate) fn scene_of(&self, novel: &str, scene: &str) -> Result<(String, String), Failure> {
        let novel = self.desk.find_novel(novel)?;
        let scene = self.desk.find_scene(&novel, scene)?;
        Ok((novel, scene))
    }

    /// Opens the vault: with the password file, else with what the keychain remembers, else by asking.
    pub(crate) fn unlock(&self) -> anyhow::Result<()> {
        let remembers = || self.desk.remembered().unwrap_or(false);
        if self.password_file.is_none() && remembers() && self.desk.unlock_remembered().is_ok() {
            return self.open_closed();
        }
        self.unlock_by_password().map(drop)
    }

    /// Opens the vault with its password, and gives that for what asks for it once more.
    pub(crate) fn unlock_by_password(&self) -> anyhow::Result<Zeroizing<String>> {
        if self.desk.vault_state()? == VaultState::Absent {
            bail!(
                "There is no vault in {} yet; make one with init, or fetch yours with account join.",
                self.desk.home().display()
            );
        }
        let password = ask::password(self.password_file.as_deref())?;
        let shown = Progress::begin("Opening the vault");
        self.desk.unlock(password.to_string())?;
        drop(shown);
        self.open_closed()?;
        Ok(password)
    }

    /// Opens the closed novels whose passphrase was given.
    fn open_closed(&self) -> anyhow::Result<()> {
        let Some(file) = &self.passphrase_file else { return Ok(()) };
        let passphrase = ask::passphrase(Some(file))?;
        let closed: Vec<_> =
            self.desk.library()?.into_iter().filter(|it| it.lock == NovelLock::Locked).collect();
        let mut refused = None;
        for novel in &closed {
            match self.desk.open_novel(&novel.id, passphrase.to_string()) {
                Ok(()) => return Ok(()),
                Err(failure) => refused = Some(failure),
            }
        }
        refused.map_or(Ok(()), |failure| Err(failure.into()))
    }

    fn init(&self, init: &Init) -> anyhow::Result<Report> {
        if self.desk.vault_state()? != VaultState::Absent {
            bail!(
                "There is a vault in {} already and it was not touched; choose another folder with --home.",
                self.desk.home().display()
            );
        }
        if init.kit.exists() {
            bail!(
                "There is a file at {} already, so no vault was made; choose another place for the Emergency Kit.",
                init.kit.display()
            );
        }
        let file = init.new_password_file.as_deref().or(self.password_file.as_deref());
        let password = ask::new_password(file)?;
        let shown = Progress::begin("Making the vault");
        let second = SecondSecret::from(init.account_code);
        self.desk.create_vault_with_kit(password.to_string(), second, &init.kit)?;
        drop(shown);
        let (home, kit) = (self.desk.home().display().to_string(), init.kit.display().to_string());
        let text = format!(
            "The vault is in {home}.\nThe Emergency Kit is in {kit}: print it or copy it to a safe place, and delete the file.\nWho loses the password and the kit loses the text."
        );
        Ok(Report::new(
            text,
            json!({ "home": home, "kit": kit, "account_code": init.account_code }),
        ))
    }

    fn status(&self) -> anyhow::Result<Report> {
        let state = self.desk.vault_state()?;
        let novels = if state != VaultState::Absent && self.password_file.is_some() {
            self.unlock()?;
            Some(self.desk.library()?)
        } else {
            None
        };
        let status = self.desk.status(0);
        let vault = match (state, &novels) {
            (VaultState::Absent, _) => "absent",
            (_, Some(_)) => "open",
            (_, None) => "locked",
        };
        let count = match &novels {
            Some(novels) => novels.len(),
            None => self.desk.novel_count()?,
        };
        let server = match (&status.server, &status.email) {
            (Some(server), Some(email)) => format!("{server} as {email}"),
            (Some(folder), None) => folder.replacen("folder:", "the folder ", 1),
            _ => "none, everything is on this laptop".to_owned(),
        };
        let text = format!(
            "Vault    {vault}, in {}\nNovels   {count}\nWaiting  {} records\nServer   {server}",
            self.desk.home().display(),
            status.waiting
        );
        let facts = json!({
            "vault": vault,
            "home": self.desk.home(),
            "novels": count,
            "waiting": status.waiting,
            "server": status.server,
            "email": status.email,
        });
        Ok(Report::new(text, facts))
    }

    fn novel(&self, novel: Novel) -> anyhow::Result<Report> {
        self.unlock()?;
        match novel {
            Novel::New { title, language } => {
                let card = self.desk.create_novel(&title, &language)?;
                Ok(Report::new(line(&card), &card))
            }
            Novel::List => {
                let cards = self.desk.library()?;
                let lines: Vec<String> = cards.iter().map(line).collect();
                let text =
                    if lines.is_empty() { "No novels yet.".to_owned() } else { lines.join("\n") };
                Ok(Report::new(text, &cards))
            }
            Novel::Lock { novel, kit_opens } => self.lock_novel(&novel, kit_opens),
            Novel::Unlock { novel, kit } => self.unlock_novel(&novel, kit.as_deref()),
            Novel::Outline { novel } => {
                let outline = self.desk.outline(&self.desk.find_novel(&novel)?)?;
                Ok(Report::new(outlined(&outline), &outline))
            }
        }
    }

    fn scene(&self, scene: Scene) -> anyhow::Result<Report> {
        let find = |novel: &str, scene: &str| self.scene_of(novel, scene);
        let (scene, words) = match scene {
            Scene::Show { novel, scene } => {
                self.unlock()?;
                let (novel, scene) = find(&novel, &scene)?;
                let shown = self.desk.show_scene(&novel, &scene)?;
                let facts = json!({
                    "scene": shown.scene,
                    "words": shown.words,
                    "flat": shown.flat,
                    "markdown": shown.markdown,
                });
                return Ok(Report::new(shown.markdown, facts));
            }
            Scene::Append { novel, scene, file } => {
                let text = read_text(&file, SCENE)?;
                self.unlock()?;
                let (novel, scene) = find(&novel, &scene)?;
                let words = self.desk.append_markdown(&novel, &scene, &text)?;
                (scene, words)
            }
            Scene::Replace { novel, scene, file } => {
                let text = read_text(&file, SCENE)?;
                self.unlock()?;
                let (novel, scene) = find(&novel, &scene)?;
                let words = self.desk.replace_markdown(&novel, &scene, &text)?;
                (scene, words)
            }
            Scene::Edit { novel, scene, ops } => {
                let ops = seshat_app::parse_ops(&read_text(&ops, OPERATIONS)?)?;
                self.unlock()?;
                let (novel, scene) = find(&novel, &scene)?;
                let words = self.desk.apply_ops(&novel, &scene, &ops)?;
                (scene, words)
            }
            Scene::Split { novel, scene, at } => return self.split(&novel, &scene, at),
            Scene::Merge { novel, scene } => return self.merge(&novel, &scene),
            Scene::Duplicate { novel, scene } => return self.duplicate(&novel, &scene),
        };
        Ok(Report::new(format!("{words} words"), json!({ "scene": scene, "words": words })))
    }

    fn account(&self, account: Account) -> anyhow::Result<Report> {
        match account {
            Account::Leave => self.leave(),
            Account::Create { server: Server { server, email }, invitation } => {
                self.unlock()?;
                let _shown = Progress::begin("Making the account");
                self.desk.connect_with(&server, &email, invitation.as_deref())?;
                Ok(Report::new(
                    format!("This vault syncs with {server} as {email} from now on."),
                    json!({ "server": server, "email": email }),
                ))
            }
            Account::Join { server: Server { server, email }, approve: true, .. } => {
                self.join_by_approval(&server, &email)
            }
            Account::Join { server: Server { server, email }, kit, .. } => {
                let kit = kit.as_deref().map(|kit| read_text(kit, KIT)).transpose()?;
                let password = ask::password(self.password_file.as_deref())?;
                let _shown = Progress::begin("Fetching the vault");
                self.desk.join(&server, &email, password.to_string(), kit)?;
                Ok(Report::new(
                    "The vault is on this laptop; sync fetches the novels.",
                    json!({ "server": server, "email": email, "home": self.desk.home() }),
                ))
            }
        }
    }

    fn change_password(&self, file: Option<&Path>) -> anyhow::Result<Report> {
        let current = self.unlock_by_password()?;
        let new = ask::new_password(file)?;
        let _shown = Progress::begin("Changing the password");
        self.desk.change_password(current.to_string(), new.to_string())?;
        Ok(Report::new(
            "The password is changed; the Emergency Kit stays valid, and other laptops ask for the new password after their next sync.",
            json!({ "changed": true }),
        ))
    }

    fn recover(&self, kit: &Path, file: Option<&Path>, from: Source) -> anyhow::Result<Report> {
        let kit = read_text(kit, KIT)?;
        let new = ask::new_password(file)?;
        let _shown = Progress::begin("Opening the vault with the kit");
        match from {
            Source::Server(server, email) => {
                self.desk.recover_from(&server, &email, kit, new.to_string())?;
            }
            Source::Folder(folder) => {
                self.desk.recover_from_folder(&folder, kit, new.to_string())?
            }
            Source::Here => self.desk.recover(kit, new.to_string())?,
        }
        Ok(Report::new(
            "The vault has its new password; the kit stays valid.",
            json!({ "recovered": true }),
        ))
    }

    fn check(&self) -> anyhow::Result<Report> {
        self.unlock()?;
        let shown = Progress::begin("Checking");
        let found = self.desk.check()?;
        drop(shown);
        let mut text = format!(
            "{} records, {} open; {} documents, {} words",
            found.records, found.opened, found.documents, found.words
        );
        for problem in &found.problems {
            text.push('\n');
            text.push_str(problem);
        }
        let report = Report::new(text, &found);
        Ok(match found.problems.len() {
            0 => report,
            1 => report.failing("The check found one problem; what opens is safe.".to_owned()),
            count => {
                report.failing(format!("The check found {count} problems; what opens is safe."))
            }
        })
    }
}

/// A number with its noun.
pub(crate) fn counted(number: u64, one: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {one}s") }
}

/// A novel on one line.
pub(crate) fn line(card: &NovelCard) -> String {
    let id = card.id.get(..8).unwrap_or(&card.id);
    if card.lock == NovelLock::Locked {
        return format!("{id}  (closed with a passphrase of its own)");
    }
    format!("{id}  {}  ({}, {} words)", card.title, card.language, card.words)
}

fn outlined(outline: &Outline) -> String {
    let mut lines = vec![line(&outline.novel)];
    for node in &outline.nodes {
        rows(node, 0, &mut lines);
    }
    lines.join("\n")
}

pub(crate) fn rows(node: &OutlineNode, depth: usize, lines: &mut Vec<String>) {
    let title = match (node.kind, node.title.as_str()) {
        (NodeKind::Scene, "") => node.excerpt.as_str(),
        (_, title) => title,
    };
    let id = node.scene.as_deref().and_then(|id| id.get(..8)).unwrap_or("        ");
    let indent = "  ".repeat(depth);
    lines.push(format!("{id}  {indent}{:<6} {title}  ({})", node.path, node.words));
    for child in &node.children {
        rows(child, depth + 1, lines);
    }
}
