//! What the footer shows, kept apart from the vault so that asking never waits for a write or for the network.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::{Link, Status, SyncFacts, VaultState};

/// How many changes from elsewhere are remembered. Whoever asks about older ones is told of all of these.
const REMEMBERED: usize = 512;

/// The board.
pub(crate) struct Board {
    face: Mutex<Face>,
    revision: watch::Sender<u64>,
}

struct Face {
    status: Status,
    changed_scenes: VecDeque<(u64, String)>,
    changed_novels: VecDeque<(u64, String)>,
}

impl Board {
    pub(crate) fn new() -> Self {
        let status = Status {
            revision: 1,
            vault: VaultState::Absent,
            writing: false,
            saved_at: None,
            save_failure: None,
            link: Link::None,
            server: None,
            email: None,
            waiting: 0,
            message: None,
            notice: None,
            alarms: Vec::new(),
            joins: 0,
            merges: 0,
            backup: None,
            sync: SyncFacts::default(),
            changed_scenes: Vec::new(),
            changed_novels: Vec::new(),
        };
        let face =
            Face { status, changed_scenes: VecDeque::new(), changed_novels: VecDeque::new() };
        Self { face: Mutex::new(face), revision: watch::Sender::new(1) }
    }

    /// Changes what is shown; whoever waits is told, if it differs.
    pub(crate) fn show(&self, change: impl FnOnce(&mut Status)) {
        let mut face = self.face();
        let before = face.status.clone();
        change(&mut face.status);
        if face.status.vault != VaultState::Open {
            // They name laptops, as only the vault knows them.
            face.status.alarms.clear();
            face.status.merges = 0;
            face.status.sync = SyncFacts { mode: face.status.sync.mode, ..SyncFacts::default() };
        }
        if face.status != before {
            self.turn(&mut face);
        }
    }

    /// Tells that scenes and novels changed from elsewhere.
    pub(crate) fn tell(&self, scenes: Vec<String>, novels: Vec<String>) {
        if scenes.is_empty() && novels.is_empty() {
            return;
        }
        let mut face = self.face();
        self.turn(&mut face);
        let revision = face.status.revision;
        face.changed_scenes.extend(scenes.into_iter().map(|id| (revision, id)));
        face.changed_novels.extend(novels.into_iter().map(|id| (revision, id)));
        trim(&mut face.changed_scenes);
        trim(&mut face.changed_novels);
    }

    /// What is shown now, with what changed since a revision.
    pub(crate) fn status(&self, since: u64) -> Status {
        let face = self.face();
        let newer = |list: &VecDeque<(u64, String)>| {
            let mut ids: Vec<String> =
                list.iter().filter(|(at, _)| *at > since).map(|(_, id)| id.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        Status {
            changed_scenes: newer(&face.changed_scenes),
            changed_novels: newer(&face.changed_novels),
            ..face.status.clone()
        }
    }

    /// Waits until something changed since a revision, but no longer than `most`.
    pub(crate) async fn wait(&self, since: u64, most: Duration) {
        let mut revision = self.revision.subscribe();
        // Both ends are answers: something changed, or the time is up.
        let _ended =
            tokio::time::timeout(most, revision.wait_for(|now| *now > since)).await.is_ok();
    }

    /// Waits until what is shown is so.
    pub(crate) async fn wait_until(&self, is_so: impl Fn(&Status) -> bool) {
        let mut revision = self.revision.subscribe();
        while !is_so(&self.face().status) {
            if revision.changed().await.is_err() {
                return;
            }
        }
    }

    fn turn(&self, face: &mut Face) {
        face.status.revision += 1;
        self.revision.send_replace(face.status.revision);
    }

    fn face(&self) -> MutexGuard<'_, Face> {
        self.face.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn trim(list: &mut VecDeque<(u64, String)>) {
    let surplus = list.len().saturating_sub(REMEMBERED);
    list.drain(..surplus);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_once_to_whoever_had_not_heard_of_it() {
        let board = Board::new();
        let before = board.status(0).revision;
        board.tell(vec!["b".into(), "a".into(), "a".into()], Vec::new());
        let after = board.status(before);
        assert_eq!(after.changed_scenes, ["a", "b"]);
        assert!(board.status(after.revision).changed_scenes.is_empty());
    }

    #[test]
    fn showing_the_same_again_wakes_nobody() {
        let board = Board::new();
        let before = board.status(0).revision;
        board.show(|status| status.waiting = 0);
        assert_eq!(board.status(0).revision, before);
        board.show(|status| status.waiting = 3);
        assert!(board.status(0).revision > before);
    }
}
