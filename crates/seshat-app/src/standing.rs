//! How things stand between this laptop, the server and the other laptops, for the author: facts that are read off the
//! store and the last round, never guessed.
//!
//! **Invariants:** a laptop is only said to have everything when the server has heard it ask for what comes after the
//! last position that is known here. Asking for these facts sends nothing and writes nothing.

use std::sync::{MutexGuard, PoisonError};

use seshat_protocol::NovelId;
use seshat_store::{Cause, Store};
use seshat_sync::{Outcome, Report};

use crate::clock::now_ms;
use crate::deletions::Question;
use crate::devices::HeardOf;
use crate::scenes::to_u64;
use crate::session::{Session, binder_document};
use crate::{
    Desk, Failure, FailureCode, FirstSync, HeldDeletion, LaptopHas, LaptopSync, Link,
    RefusedRecord, RestoredServer, SyncFacts, SyncMode, folder,
};

/// When this laptop talks to the server: one byte; without it, by itself.
const SYNC_MODE: &str = "sync-mode";

/// What is remembered of rounds, until the program ends.
#[derive(Default)]
pub(crate) struct Rounds {
    /// The server's newest position that is known.
    head: u64,
    no_room: bool,
    /// In the last round nothing was put off for another reason.
    only_room: bool,
    even_at: Option<u64>,
    /// The server was asked.
    asked: bool,
    pub(crate) first: Option<FirstSync>,
    pub(crate) held: Option<HeldDeletion>,
    /// What the author is asked about deletions, and has answered.
    pub(crate) question: Question,
    /// How long the server asked to be left alone, in seconds.
    pub(crate) patience: Option<u64>,
}

impl Desk {
    /// Says when this laptop talks to the server. May be said while the vault is locked.
    ///
    /// # Errors
    /// When there is no vault, or the disk refuses.
    pub fn set_sync_mode(&self, mode: SyncMode) -> Result<(), Failure> {
        let mut state = self.state();
        let set = self.store(&mut state).and_then(|store| {
            let code = code(mode);
            Ok(store.set_setting(SYNC_MODE, code.as_ref().map(std::slice::from_ref))?)
        });
        drop(state);
        set?;
        self.shared.board.show(|status| {
            status.sync.mode = mode;
            if mode == SyncMode::Offline && status.link != Link::None {
                status.link = Link::Offline;
            }
        });
        self.show_sync();
        self.shared.wake.send();
        Ok(())
    }

    /// The records that the server will not take, with what it said.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn refused_records(&self) -> Result<Vec<RefusedRecord>, Failure> {
        self.with_session(|session, store| {
            let mut refused = Vec::new();
            for record in store.rejected()? {
                let place = record.place.filter(|place| place.novel != NovelId([0; 16]));
                let title = place.and_then(|place| session.title(store, place.novel));
                let scene = place.filter(|place| place.document != binder_document(place.novel));
                refused.push(RefusedRecord {
                    novel: place.map(|place| place.novel.to_string()),
                    title,
                    scene: scene.map(|place| place.document.to_string()),
                    reason: record.reason,
                });
            }
            Ok(refused)
        })
    }

    /// Has what the server would not take offered once more, with the next round. Returns how many records that are.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn offer_refused_again(&self) -> Result<u64, Failure> {
        let offered = self.with_session(|_, store| Ok(store.offer_rejected()?))?;
        self.show_sync();
        self.shared.wake.send();
        Ok(to_u64(offered))
    }

    /// Fails where the author wants nothing to go out.
    pub(crate) fn may_go_out(&self) -> Result<(), Failure> {
        if self.status(u64::MAX).sync.mode != SyncMode::Offline {
            return Ok(());
        }
        Err(Failure::new(
            FailureCode::Offline,
            "This laptop is set to work offline, so nothing was sent or asked; everything is safe on it; let it sync again to do this.",
        ))
    }

    /// Notes what a round brought to light.
    pub(crate) fn note_round(&self, report: &Report, waiting: usize) {
        let mut rounds = self.rounds();
        rounds.asked = true;
        rounds.head = report.head.unwrap_or(rounds.head);
        if report.put_off.no_room > 0 || report.pushed > 0 {
            rounds.no_room = report.put_off.no_room > 0;
        }
        rounds.only_room = report.complete && report.put_off.waiting == 0;
        let done = matches!(report.outcome, Outcome::Done);
        if done && waiting == 0 {
            rounds.even_at = Some(now_ms());
            rounds.no_room = false;
        }
        if done {
            rounds.held = None;
        }
        rounds.patience = match &report.outcome {
            Outcome::Offline(seshat_sync::TransportError::ServerTrouble {
                retry_after, ..
            }) => *retry_after,
            _ => None,
        };
    }

    /// Puts the facts on the board; while the vault is locked, nothing that names anything in it.
    pub(crate) fn show_sync(&self) {
        let heard = self.heard().clone();
        let facts = self.with_session(|session, store| self.facts(session, store, &heard));
        // Where they cannot be read, what is shown stays; the board itself forgets it when the vault is locked.
        let Ok(facts) = facts else { return };
        let asked = self.rounds().asked;
        self.shared.board.show(|status| {
            let mode = status.sync.mode;
            let headline = headline(&facts, mode, reached(status.link, asked), status.waiting);
            let headline =
                if folder::is_folder(status) { folder::worded(&headline) } else { headline };
            status.sync = SyncFacts { mode, headline, ..facts };
        });
    }

    fn facts(
        &self,
        session: &Session,
        store: &Store,
        heard: &HeardOf,
    ) -> Result<SyncFacts, Failure> {
        let Some(link) = store.server()? else { return Ok(SyncFacts::default()) };
        let waiting = store.waiting_documents()?;
        let scenes = waiting.iter().filter(|(novel, it)| *it != binder_document(*novel)).count();
        let restored = store
            .alarms()?
            .into_iter()
            .find(|alarm| alarm.cause == Cause::Restored && !alarm.dismissed);
        let rounds = self.rounds();
        let is_even = store.waiting()? == 0 && link.cursor >= rounds.head;
        let known = is_even.then_some(rounds.head).filter(|_| rounds.even_at.is_some());
        let facts = SyncFacts {
            mode: SyncMode::default(),
            headline: String::new(),
            waiting_scenes: to_u64(scenes),
            no_room: rounds.no_room,
            refused: to_u64(store.rejected_count()?),
            even_at: rounds.even_at,
            laptops: laptops(session, heard, known),
            restored: restored.map(|alarm| RestoredServer {
                at: alarm.at,
                sent_again: alarm.healed_at.is_some(),
            }),
            first: rounds.first.clone(),
            held: rounds.held.clone(),
        };
        drop(rounds);
        Ok(facts)
    }

    /// Whether what waits does so for want of room on the server alone.
    pub(crate) fn waits_for_room(&self) -> bool {
        let rounds = self.rounds();
        rounds.no_room && rounds.only_room
    }

    pub(crate) fn rounds(&self) -> MutexGuard<'_, Rounds> {
        self.shared.rounds.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Session {
    /// A novel's title, where it can be read.
    pub(crate) fn title(&mut self, store: &Store, novel: NovelId) -> Option<String> {
        self.binder(store, novel).ok().map(|open| open.binder.title())
    }
}

/// What is said in a store of when this laptop talks to the server.
pub(crate) fn sync_mode(store: &Store) -> Result<SyncMode, Failure> {
    Ok(match store.setting(SYNC_MODE)?.as_deref() {
        Some([1]) => SyncMode::WhenAsked,
        Some([2]) => SyncMode::Offline,
        _ => SyncMode::Automatic,
    })
}

const fn code(mode: SyncMode) -> Option<u8> {
    match mode {
        SyncMode::Automatic => None,
        SyncMode::WhenAsked => Some(1),
        SyncMode::Offline => Some(2),
    }
}

/// The account's laptops; `known` is the server's newest position, if everything up to there is here and nothing waits.
fn laptops(session: &Session, heard: &HeardOf, known: Option<u64>) -> Vec<LaptopSync> {
    let this = session.device_id();
    let live = session.vault.devices().filter(|device| !device.state.is_revoked());
    let mut laptops: Vec<_> = live
        .map(|device| {
            let id = device.entry.id;
            let said = heard.get(&id);
            let has = match (known, said.and_then(|said| said.cursor)) {
                (Some(_), _) if id == this => LaptopHas::Everything,
                (None, _) if id == this => LaptopHas::NotYet,
                (Some(head), Some(cursor)) if cursor >= head => LaptopHas::Everything,
                (_, Some(_)) => LaptopHas::NotYet,
                (_, None) => LaptopHas::Unknown,
            };
            let seen_at = said.and_then(|said| said.seen_at);
            let name = device.name.clone();
            LaptopSync { id: id.to_string(), name, this_one: id == this, has, seen_at }
        })
        .collect();
    laptops.sort_by_key(|laptop| (!laptop.this_one, laptop.name.clone(), laptop.id.clone()));
    laptops
}

/// Of a server that nobody has asked yet it is not known whether it can be reached.
const fn reached(link: Link, asked: bool) -> Link {
    match link {
        Link::Offline if !asked => Link::Syncing,
        link => link,
    }
}

/// All of it in one sentence, the most pressing first.
fn headline(facts: &SyncFacts, mode: SyncMode, link: Link, waiting: u64) -> String {
    if link == Link::None {
        return String::new();
    }
    let scenes = match facts.waiting_scenes {
        0 => "The outline waits".to_owned(),
        1 => "1 scene waits".to_owned(),
        count => format!("{count} scenes wait"),
    };
    let wait = waiting > 0;
    if facts.held.is_some() {
        return "Another laptop deleted a lot; nothing of that was done here; it waits for your word."
            .to_owned();
    }
    if let Some(first) = &facts.first {
        return first_headline(first);
    }
    match mode {
        SyncMode::Offline if wait => return format!("{scenes} until this laptop may sync again."),
        SyncMode::Offline => return "This laptop works offline, as you set it.".to_owned(),
        SyncMode::WhenAsked if wait => return format!("{scenes} until you sync."),
        SyncMode::WhenAsked | SyncMode::Automatic => {}
    }
    if wait && facts.no_room {
        return format!("{scenes}, because the server has no more room for this account.");
    }
    if wait {
        return match link {
            Link::Syncing => format!("{scenes} to be sent."),
            Link::Attention => format!("{scenes}; the server answers, and something is wrong."),
            Link::None | Link::Offline | Link::Online => format!("{scenes} for the network."),
        };
    }
    if facts.refused > 0 {
        let (count, it) = if facts.refused == 1 {
            ("1 change".to_owned(), "it is")
        } else {
            (format!("{} changes", facts.refused), "they are")
        };
        return format!("The server refuses {count}; {it} safe on this laptop.");
    }
    if let Some(RestoredServer { sent_again: true, .. }) = facts.restored {
        return "The server was restored from a backup; this laptop sent it what it lacked."
            .to_owned();
    }
    laptops_headline(facts, link)
}

fn first_headline(first: &FirstSync) -> String {
    let share = (first.done * 100).checked_div(first.total).unwrap_or(0);
    match first.ready.len() {
        0 => format!("Your novels are arriving ({share} %)."),
        1 => format!("1 novel is ready to write in; the rest is arriving ({share} %)."),
        count => format!("{count} novels are ready to write in; the rest is arriving ({share} %)."),
    }
}

fn laptops_headline(facts: &SyncFacts, link: Link) -> String {
    if facts.even_at.is_none() {
        return match link {
            Link::Offline => "The server cannot be reached; everything is safe on this laptop.",
            _ => "",
        }
        .to_owned();
    }
    let total = facts.laptops.len();
    let has = |has| facts.laptops.iter().filter(move |laptop| laptop.has == has);
    let behind: Vec<_> = has(LaptopHas::NotYet).map(|laptop| laptop.name.as_str()).collect();
    match (&behind[..], has(LaptopHas::Everything).count()) {
        ([], count) if count == total && total > 1 => {
            if total == 2 {
                "Both laptops have everything.".to_owned()
            } else {
                format!("All {total} laptops have everything.")
            }
        }
        ([], _) => "The server has everything.".to_owned(),
        ([name], _) => {
            format!("The server has everything; “{name}” has not fetched all of it yet.")
        }
        (names, _) => format!(
            "The server has everything; {} laptops have not fetched all of it yet.",
            names.len()
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laptop(name: &str, has: LaptopHas) -> LaptopSync {
        let this_one = name == "Desk";
        LaptopSync { id: String::new(), name: name.to_owned(), this_one, has, seen_at: None }
    }

    fn three(other: LaptopHas) -> SyncFacts {
        let laptops =
            [("Desk", LaptopHas::Everything), ("Train", LaptopHas::Everything), ("Attic", other)];
        let laptops = laptops.map(|(name, has)| laptop(name, has)).into();
        SyncFacts { even_at: Some(1), laptops, ..SyncFacts::default() }
    }

    #[test]
    fn what_is_said_first_is_what_presses_most() {
        let say = |facts: &SyncFacts, waiting| {
            headline(facts, SyncMode::Automatic, Link::Online, waiting)
        };
        assert_eq!(say(&three(LaptopHas::Everything), 0), "All 3 laptops have everything.");
        assert_eq!(
            say(&three(LaptopHas::NotYet), 0),
            "The server has everything; “Attic” has not fetched all of it yet."
        );
        assert_eq!(say(&three(LaptopHas::Unknown), 0), "The server has everything.");
        let waiting = SyncFacts { waiting_scenes: 4, ..three(LaptopHas::Everything) };
        assert_eq!(say(&waiting, 9), "4 scenes wait for the network.");
        let restored = Some(RestoredServer { at: 1, sent_again: true });
        let restored = SyncFacts { restored, ..three(LaptopHas::Everything) };
        assert_eq!(
            say(&restored, 0),
            "The server was restored from a backup; this laptop sent it what it lacked."
        );
        let first = Some(FirstSync { done: 1, total: 4, ready: vec![String::new()], bytes: 0 });
        let first = SyncFacts { first, ..waiting.clone() };
        assert_eq!(say(&first, 9), "1 novel is ready to write in; the rest is arriving (25 %).");
        assert_eq!(
            headline(&waiting, SyncMode::Offline, Link::Offline, 9),
            "4 scenes wait until this laptop may sync again."
        );
        assert_eq!(headline(&waiting, SyncMode::Automatic, Link::None, 9), "");
    }

    #[test]
    fn a_server_that_was_not_asked_is_not_called_out_of_reach() {
        let facts = SyncFacts { waiting_scenes: 2, ..SyncFacts::default() };
        let say = |asked, waiting| {
            headline(&facts, SyncMode::Automatic, reached(Link::Offline, asked), waiting)
        };
        assert_eq!(
            (say(false, 0).as_str(), say(false, 3).as_str()),
            ("", "2 scenes wait to be sent.")
        );
        assert!(say(true, 0).starts_with("The server cannot be reached"));
        assert_eq!(say(true, 3), "2 scenes wait for the network.");
        assert_eq!(reached(Link::Online, false), Link::Online);
    }
}
