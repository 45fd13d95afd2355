//! Commands about syncing: one round, and how things stand.

use anyhow::{Context, bail};
use serde_json::json;
use seshat_app::{DeletionAnswer, LaptopHas, RefusedRecord, SyncFacts, SyncMode};

use crate::args::{Deletions, Mode};
use crate::commands::{Run, counted};
use crate::progress::Progress;
use crate::report::Report;

impl Run {
    /// One round; where the other laptops' deletions were held back and the author has said what to do, another one.
    pub(crate) fn sync(&self, deletions: Option<Deletions>) -> anyhow::Result<Report> {
        self.unlock()?;
        let shown = Progress::begin("Syncing");
        let mut report = self.desk.sync()?;
        if let (Some(answer), Some(_)) = (deletions, self.desk.status(0).sync.held) {
            self.desk.answer_deletion(match answer {
                Deletions::Keep => DeletionAnswer::Keep,
                Deletions::Delete => DeletionAnswer::Delete,
            })?;
            report = self.desk.sync()?;
            if report.complete && report.waiting > 0 {
                // What was put back goes to the others.
                report = self.desk.sync()?;
            }
        }
        drop(shown);
        if !report.complete {
            let message = report.message.unwrap_or_default();
            if self.desk.status(0).sync.held.is_some() {
                bail!("{} To do that, sync with --deletions keep or --deletions delete.", message);
            }
            bail!(
                "{} (waiting: {})",
                message.trim_end_matches('.'),
                counted(report.waiting, "record")
            );
        }
        let mut text = format!("{} up, {} down", counted(report.up, "record"), report.down);
        let notice = self.desk.status(0).notice;
        for sentence in report.message.iter().chain(&notice) {
            text.push('\n');
            text.push_str(sentence);
        }
        let mut facts = serde_json::to_value(&report).context("The report cannot be printed")?;
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("notice".to_owned(), notice.into());
        }
        Ok(Report::new(text, facts))
    }

    /// Lets go of the server, or of the folder in its place.
    pub(crate) fn leave(&self) -> anyhow::Result<Report> {
        self.unlock()?;
        let server = self.desk.status(0).server;
        let waiting = self.desk.leave_server()?;
        let waits = match waiting {
            0 => "nothing was waiting to be sent".to_owned(),
            _ => format!(
                "{} had not been sent and will go out when the account is connected again",
                counted(waiting, "record")
            ),
        };
        Ok(Report::new(
            format!("This vault does not sync any more; everything stays on this laptop; {waits}."),
            json!({ "left": server, "waiting": waiting }),
        ))
    }

    /// How things stand, without asking the server.
    pub(crate) fn syncing(&self, mode: Option<Mode>, offer_again: bool) -> anyhow::Result<Report> {
        if let Some(mode) = mode {
            self.desk.set_sync_mode(match mode {
                Mode::Automatic => SyncMode::Automatic,
                Mode::WhenAsked => SyncMode::WhenAsked,
                Mode::Offline => SyncMode::Offline,
            })?;
        }
        self.unlock()?;
        if offer_again {
            self.desk.offer_refused_again()?;
        }
        let (status, refused) = (self.desk.status(0), self.desk.refused_records()?);
        let text = lines(&status.sync, status.waiting, &refused).join("\n");
        Ok(Report::new(
            text,
            json!({
                "server": status.server,
                "waiting": status.waiting,
                "sync": status.sync,
                "refused": refused,
            }),
        ))
    }
}

fn lines(sync: &SyncFacts, waiting: u64, refused: &[RefusedRecord]) -> Vec<String> {
    let mode = match sync.mode {
        SyncMode::Automatic => "This laptop syncs by itself while the window is open.",
        SyncMode::WhenAsked => "This laptop syncs only when it is asked to.",
        SyncMode::Offline => "This laptop works offline: nothing is sent and nothing is fetched.",
    };
    let mut lines = vec![mode.to_owned()];
    lines.push(match waiting {
        0 => "Nothing waits to be sent.".to_owned(),
        _ => format!(
            "Waiting to be sent: {} of {}.",
            counted(waiting, "record"),
            counted(sync.waiting_scenes, "scene")
        ),
    });
    lines.extend(sync.laptops.iter().map(|laptop| {
        let has = match laptop.has {
            LaptopHas::Everything => "has everything",
            LaptopHas::NotYet => "does not have everything yet",
            LaptopHas::Unknown => "not heard of",
        };
        let this = if laptop.this_one { " (this laptop)" } else { "" };
        format!("{}{this}: {has}", laptop.name)
    }));
    lines.extend(refused.iter().map(|it| {
        let title = it.title.as_deref().unwrap_or("a text that cannot be read here");
        format!("Refused by the server, of {title}: {}", it.reason)
    }));
    lines
}
