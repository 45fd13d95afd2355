//! Commands about the vault itself: its protection, its kit, its laptops, its alarms.

use std::io::{self, Write};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::bail;
use serde_json::json;
use seshat_app::{DeviceCard, JoinAsking, JoinStep, KitForm, NovelLock, Security, SlotKind};

use crate::args::{Alarm, Device, Vault};
use crate::ask;
use crate::commands::{Run, counted};
use crate::progress::Progress;
use crate::reading::{KIT, read_text};
use crate::report::Report;

/// How often a question is looked at again.
const LOOK: Duration = Duration::from_millis(700);

impl Run {
    pub(crate) fn vault(&self, vault: &Vault) -> anyhow::Result<Report> {
        match vault {
            Vault::Info => {
                self.unlock()?;
                Ok(info(&self.desk.security()?))
            }
            Vault::Calibrate => {
                let password = self.unlock_by_password()?;
                let _shown = Progress::begin("Measuring");
                Ok(info(&self.desk.calibrate(password.to_string())?))
            }
            Vault::Rotate { kit, new_password_file } => {
                let password = self.unlock_by_password()?;
                let new = ask::new_password(new_password_file.as_deref())?;
                let shown = Progress::begin("Making new keys");
                self.desk.rotate_vault(password.to_string(), new.to_string(), Some(kit))?;
                drop(shown);
                let kit = kit.display().to_string();
                Ok(Report::new(
                    format!(
                        "The vault has new keys and its new password.\nThe new Emergency Kit is in {kit}: print it, delete the file, and destroy the old kit, which opens nothing new.\nOther laptops follow at their next sync."
                    ),
                    json!({ "rotated": true, "kit": kit }),
                ))
            }
            Vault::Adopt { new_password_file } => {
                self.unlock()?;
                let new = ask::password(new_password_file.as_deref())?;
                let _shown = Progress::begin("Taking over the new keys");
                self.desk.adopt_vault(new.to_string())?;
                Ok(Report::new(
                    "This laptop has the new keys; the new password opens it from now on.",
                    json!({ "adopted": true }),
                ))
            }
            Vault::Remember { days } => {
                self.unlock()?;
                self.desk.remember(*days)?;
                Ok(Report::new(
                    format!(
                        "This laptop opens the vault without the password for {}; the key is in the system's keychain.",
                        counted(u64::from(*days), "day")
                    ),
                    json!({ "days": days }),
                ))
            }
            Vault::Forget => {
                self.desk.forget_remembered()?;
                Ok(Report::new(
                    "This laptop asks for the password again.",
                    json!({ "forgotten": true }),
                ))
            }
        }
    }

    pub(crate) fn kit(&self, out: &Path, form: KitForm, new: bool) -> anyhow::Result<Report> {
        let password = self.unlock_by_password()?.to_string();
        if out.exists() {
            bail!(
                "There is a file at {} already, so nothing was written; choose another place for the Emergency Kit.",
                out.display()
            );
        }
        let shown = Progress::begin("Opening the vault");
        let text = if new {
            self.desk.new_kit(password, Some((out, form)))?;
            "This is a new Emergency Kit; the old one stops working with the next sync."
        } else {
            self.desk.show_kit(password)?;
            self.desk.save_kit(out, form)?;
            "This is the Emergency Kit as it was, with the same words."
        };
        drop(shown);
        let out = out.display().to_string();
        Ok(Report::new(
            format!(
                "{text}\nIt is in {out}: print it or copy it to a safe place, and delete the file."
            ),
            json!({ "kit": out, "new": new }),
        ))
    }

    pub(crate) fn lock_novel(&self, novel: &str, kit_opens: bool) -> anyhow::Result<Report> {
        self.unlock()?;
        let id = self.desk.find_novel(novel)?;
        let passphrase = ask::new_passphrase(self.passphrase_file.as_deref())?;
        let _shown = Progress::begin("Closing the novel");
        self.desk.lock_novel(&id, passphrase.to_string(), kit_opens)?;
        self.desk.close_novel(&id)?;
        let kept = if kit_opens {
            "The Emergency Kit opens it too."
        } else {
            "Who loses the passphrase loses this novel."
        };
        Ok(Report::new(
            format!(
                "The novel is closed: name it by the beginning of its id, {}.\n{kept}",
                id.get(..8).unwrap_or(&id)
            ),
            json!({ "novel": id, "kit_opens": kit_opens }),
        ))
    }

    pub(crate) fn unlock_novel(&self, novel: &str, kit: Option<&Path>) -> anyhow::Result<Report> {
        self.unlock()?;
        let id = self.desk.find_novel(novel)?;
        let card = self.desk.library()?.into_iter().find(|card| card.id == id);
        if card.is_some_and(|card| card.lock == NovelLock::Locked) {
            match kit {
                Some(kit) => self.desk.open_novel_with_kit(&id, read_text(kit, KIT)?)?,
                None => {
                    let passphrase = ask::passphrase(self.passphrase_file.as_deref())?;
                    self.desk.open_novel(&id, passphrase.to_string())?;
                }
            }
        }
        self.desk.unlock_novel_for_good(&id)?;
        Ok(Report::new("The novel has no passphrase of its own any more.", json!({ "novel": id })))
    }

    pub(crate) fn device(&self, device: &Device) -> anyhow::Result<Report> {
        self.unlock()?;
        match device {
            Device::List => {
                let devices = self.desk.devices()?;
                let lines: Vec<String> = devices.iter().map(device_line).collect();
                Ok(Report::new(lines.join("\n"), devices))
            }
            Device::Rename { device, name } => {
                self.desk.rename_device(device, name)?;
                Ok(Report::new("Renamed.", json!({ "name": name })))
            }
            Device::Revoke { device } => {
                self.desk.revoke_device(device)?;
                Ok(Report::new(
                    "That laptop is shut out with the next sync. It keeps what it has already; if somebody else has it, make new keys with vault rotate.",
                    json!({ "revoked": device }),
                ))
            }
            Device::Approve { name, wait } => self.approve(name, Duration::from_secs(*wait)),
        }
    }

    /// Waits for a laptop that asks, shows its digits, and lets it in if the author says that both show the same.
    fn approve(&self, name: &str, wait: Duration) -> anyhow::Result<Report> {
        let until = Instant::now() + wait;
        loop {
            let asking = self.desk.joins()?;
            if let Some((it, code)) = asking.iter().find_map(|it| Some((it, it.code.as_ref()?))) {
                return self.compare(it, code, name);
            }
            if Instant::now() > until {
                bail!(
                    "No laptop asked to join in that time; nothing was sent; start account join --approve there."
                );
            }
            thread::sleep(LOOK);
        }
    }

    fn compare(&self, asking: &JoinAsking, code: &str, name: &str) -> anyhow::Result<Report> {
        let mut terminal = io::stderr().lock();
        write!(terminal, "The new laptop has to show {}. Does it? [yes/no] ", grouped(code))?;
        terminal.flush()?;
        drop(terminal);
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        if answer.trim().eq_ignore_ascii_case("yes") {
            return self.let_in(asking, name);
        }
        self.desk.deny_join(&asking.join)?;
        Ok(Report::new(
            "It was refused and nothing was sent; if the digits differed, somebody stands in between.",
            json!({ "approved": false }),
        ))
    }

    fn let_in(&self, asking: &JoinAsking, name: &str) -> anyhow::Result<Report> {
        self.desk.approve_join(&asking.join, name)?;
        Ok(Report::new(
            "The new laptop has the vault; it opens it with your password.",
            json!({ "approved": true, "name": name }),
        ))
    }

    /// The new laptop: asks, shows the digits, waits.
    pub(crate) fn join_by_approval(&self, server: &str, email: &str) -> anyhow::Result<Report> {
        self.desk.ask_to_join(server, email)?;
        let mut said = false;
        loop {
            let state = self.desk.join_state()?;
            match state.step {
                JoinStep::Waiting => {}
                JoinStep::Compare => {
                    if let (false, Some(code)) = (said, &state.code) {
                        said = true;
                        // A person reads this while the command still waits.
                        let _shown = writeln!(
                            io::stderr().lock(),
                            "This laptop shows {}; compare it on the other one.",
                            grouped(code)
                        );
                    }
                }
                JoinStep::Joined => {
                    return Ok(Report::new(
                        "The vault is on this laptop; sync fetches the novels.",
                        json!({ "server": server, "email": email, "home": self.desk.home() }),
                    ));
                }
                JoinStep::Denied => bail!(
                    "The other laptop refused this one; nothing was changed; ask again if that was a mistake."
                ),
                JoinStep::Ended => bail!(
                    "Nobody let this laptop in within ten minutes; nothing was changed; ask again."
                ),
            }
            thread::sleep(LOOK);
        }
    }

    pub(crate) fn alarm(&self, alarm: &Alarm) -> anyhow::Result<Report> {
        self.unlock()?;
        match alarm {
            Alarm::List => {
                let alarms = self.desk.alarms()?;
                let lines: Vec<String> =
                    alarms.iter().map(|it| format!("{}  {}", it.id, it.message)).collect();
                let text = if lines.is_empty() {
                    "There is no alarm.".to_owned()
                } else {
                    lines.join("\n")
                };
                Ok(Report::new(text, alarms))
            }
            Alarm::Dismiss { alarm } => {
                self.desk.dismiss_alarm(*alarm)?;
                Ok(Report::new("Put away.", json!({ "dismissed": alarm })))
            }
        }
    }
}

fn info(security: &Security) -> Report {
    let passes = match security.passes {
        1 => "1 pass".to_owned(),
        passes => format!("{passes} passes"),
    };
    let mut lines = vec![
        format!(
            "Argon2id: {} MiB, {passes}, {}",
            security.memory_mib,
            counted(u64::from(security.lanes), "lane")
        ),
        format!("Generation: {}", security.generation),
    ];
    for slot in &security.slots {
        let kind = match slot.kind {
            SlotKind::Password => "password",
            SlotKind::Recovery => "recovery phrase",
            SlotKind::Device => "another laptop",
        };
        lines.push(format!("Slot: {kind} (generation {})", slot.generation));
    }
    lines.push(format!("Account code: {}", if security.account_code { "in use" } else { "none" }));
    let newest = security.novel_epochs.iter().max().copied().unwrap_or(0);
    lines.push(format!(
        "Epochs: record headers {}, novels {} (newest {newest})",
        security.header_epoch,
        security.novel_epochs.len()
    ));
    lines.push(format!(
        "Remembered on this laptop: {}",
        if security.remembered_until.is_some() { "yes" } else { "no" }
    ));
    lines.push("Laptops:".to_owned());
    lines.extend(security.devices.iter().map(|it| format!("  {}", device_line(it))));
    Report::new(lines.join("\n"), security)
}

fn device_line(device: &DeviceCard) -> String {
    let id = device.id.get(..8).unwrap_or(&device.id);
    let mut line = format!("{id}  {}", device.name);
    for (is, word) in [
        (device.this_one, "this one"),
        (device.revoked, "shut out"),
        (device.countersigned, "countersigned by the server"),
    ] {
        if is {
            line.push_str(", ");
            line.push_str(word);
        }
    }
    line
}

fn digits(code: &str) -> String {
    code.chars().filter(char::is_ascii_digit).collect()
}

fn grouped(code: &str) -> String {
    let digits = digits(code);
    match digits.split_at_checked(3) {
        Some((first, second)) => format!("{first} {second}"),
        None => digits,
    }
}
