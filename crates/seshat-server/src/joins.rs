//! The mailbox between a laptop that asks to join and one that the account has.
//!
//! **Invariants:** it is in memory alone and bounded: [`limits::JOINS`] for an account, [`MOST`] in all, each for
//! ten minutes. What is put in is never changed afterwards: who could change an offer that was read, or a
//! commitment that was answered, could choose the code that two people compare. An account that does not exist
//! is one that nobody answers.
//!
//! With several nodes it has to move into the shared database.
#![expect(
    clippy::significant_drop_tightening,
    reason = "each lock is held for some steps in memory"
)]

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use seshat_protocol::{AccountId, Blob, Bytes32, JoinId, JoinProgress, OpenJoin, limits};

/// How long a laptop may ask, in milliseconds.
pub(crate) const LIFETIME_MS: u64 = 10 * 60 * 1000;

/// Laptops that ask at a time, over all accounts: 24 MB.
const MOST: usize = 4096;

/// See the module.
#[derive(Default)]
pub(crate) struct Joins(Mutex<Mailbox>);

#[derive(Default)]
struct Mailbox {
    joins: HashMap<JoinId, Join>,
    by_age: VecDeque<(u64, JoinId)>,
    /// The latest time seen: a clock that is set back must not keep anything for longer.
    latest: u64,
}

struct Join {
    account: AccountId,
    token_hash: [u8; 32],
    commitment: Bytes32,
    asked_at: u64,
    offer: Option<Blob>,
    reveal: Option<Blob>,
    grant: Option<Blob>,
    denied: bool,
}

/// A laptop that begins to ask.
#[derive(Clone, Copy)]
pub(crate) struct Asking {
    /// Made by the server.
    pub(crate) join: JoinId,
    /// SHA-256 of the token.
    pub(crate) token_hash: [u8; 32],
    /// Where it wants to.
    pub(crate) account: AccountId,
    /// What it came with.
    pub(crate) commitment: Bytes32,
}

/// Why a step was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// There is no such asking, or it is somebody else's.
    Unknown,
    /// The step was taken, or another one comes first.
    OutOfTurn,
    /// No room.
    TooMany,
}

impl Joins {
    /// Begins.
    pub(crate) fn ask(&self, asking: Asking, now: u64) -> Result<(), Refusal> {
        let mut mailbox = self.at(now);
        let open = mailbox.joins.values().filter(|join| join.is_open(asking.account)).count();
        if open >= limits::JOINS || mailbox.joins.len() >= MOST {
            return Err(Refusal::TooMany);
        }
        let Asking { join, token_hash, account, commitment } = asking;
        let asked_at = mailbox.latest;
        let (offer, reveal, grant, denied) = (None, None, None, false);
        let asked =
            Join { account, token_hash, commitment, asked_at, offer, reveal, grant, denied };
        mailbox.joins.insert(join, asked);
        mailbox.by_age.push_back((asked_at.saturating_add(LIFETIME_MS), join));
        Ok(())
    }

    /// How far it has come, for who asked.
    pub(crate) fn progress(
        &self,
        join: JoinId,
        token_hash: &[u8; 32],
        now: u64,
    ) -> Result<JoinProgress, Refusal> {
        let mut mailbox = self.at(now);
        let join = mailbox.asked(join, token_hash)?;
        let Join { offer, grant, denied, .. } = join;
        Ok(JoinProgress { offer: offer.clone(), grant: grant.clone(), denied: *denied })
    }

    /// Who asked reveals what it committed to.
    pub(crate) fn reveal(
        &self,
        join: JoinId,
        token_hash: &[u8; 32],
        reveal: Blob,
        now: u64,
    ) -> Result<(), Refusal> {
        let mut mailbox = self.at(now);
        let join = mailbox.asked(join, token_hash)?;
        let turn = join.offer.is_some() && !join.denied;
        put(&mut join.reveal, reveal, turn)
    }

    /// Who asks to join the account, the oldest first.
    pub(crate) fn open(&self, account: AccountId, now: u64) -> Vec<OpenJoin> {
        let mailbox = self.at(now);
        let ids = mailbox.by_age.iter().map(|(_, join)| *join);
        let known = ids.filter_map(|id| mailbox.joins.get(&id).map(|join| (id, join)));
        known
            .filter(|(_, join)| join.is_open(account))
            .map(|(id, join)| OpenJoin {
                join: id,
                commitment: join.commitment,
                asked_at: join.asked_at,
                offered: join.offer.is_some(),
                reveal: join.reveal.clone(),
            })
            .collect()
    }

    /// A device answers.
    pub(crate) fn offer(
        &self,
        join: JoinId,
        account: AccountId,
        offer: Blob,
        now: u64,
    ) -> Result<(), Refusal> {
        let mut mailbox = self.at(now);
        let join = mailbox.asks(join, account)?;
        let turn = !join.denied;
        put(&mut join.offer, offer, turn)
    }

    /// A device lets it in.
    pub(crate) fn grant(
        &self,
        join: JoinId,
        account: AccountId,
        grant: Blob,
        now: u64,
    ) -> Result<(), Refusal> {
        let mut mailbox = self.at(now);
        let join = mailbox.asks(join, account)?;
        let turn = join.reveal.is_some() && !join.denied;
        put(&mut join.grant, grant, turn)
    }

    /// The author says no. What was granted is not taken back.
    pub(crate) fn deny(&self, join: JoinId, account: AccountId, now: u64) -> Result<(), Refusal> {
        let mut mailbox = self.at(now);
        let join = mailbox.asks(join, account)?;
        if join.grant.is_some() {
            return Err(Refusal::OutOfTurn);
        }
        join.denied = true;
        Ok(())
    }

    /// The mailbox, without what has ended.
    fn at(&self, now: u64) -> MutexGuard<'_, Mailbox> {
        let mut mailbox = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        mailbox.latest = mailbox.latest.max(now);
        while let Some((ends, oldest)) = mailbox.by_age.front().copied()
            && ends <= mailbox.latest
        {
            mailbox.by_age.pop_front();
            mailbox.joins.remove(&oldest);
        }
        mailbox
    }
}

impl Mailbox {
    fn asked(&mut self, join: JoinId, token_hash: &[u8; 32]) -> Result<&mut Join, Refusal> {
        let join = self.joins.get_mut(&join).filter(|join| join.token_hash == *token_hash);
        join.ok_or(Refusal::Unknown)
    }

    fn asks(&mut self, join: JoinId, account: AccountId) -> Result<&mut Join, Refusal> {
        let join = self.joins.get_mut(&join).filter(|join| join.account == account);
        join.ok_or(Refusal::Unknown)
    }
}

impl Join {
    fn is_open(&self, account: AccountId) -> bool {
        self.account == account && !self.denied && self.grant.is_none()
    }
}

/// Puts something where nothing is. The same thing again is an answer that got lost.
fn put(into: &mut Option<Blob>, what: Blob, turn: bool) -> Result<(), Refusal> {
    match into {
        Some(there) if *there == what => Ok(()),
        None if turn => {
            *into = Some(what);
            Ok(())
        }
        _ => Err(Refusal::OutOfTurn),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asking(number: u32, account: u8) -> Asking {
        let mut join = [0; 16];
        join[..4].copy_from_slice(&number.to_be_bytes());
        let account = AccountId([account; 16]);
        let commitment = Bytes32([7; 32]);
        Asking { join: JoinId(join), token_hash: [1; 32], account, commitment }
    }

    #[test]
    fn an_asking_ends_after_ten_minutes_also_under_a_clock_set_back() {
        let joins = Joins::default();
        let one = asking(1, 1);
        joins.ask(one, 1000).unwrap();
        assert!(joins.progress(one.join, &[1; 32], 1000 + LIFETIME_MS - 1).is_ok());
        assert_eq!(joins.progress(one.join, &[1; 32], 1000 + LIFETIME_MS), Err(Refusal::Unknown));
        assert_eq!(joins.progress(one.join, &[1; 32], 1000), Err(Refusal::Unknown), "revived");
        assert!(joins.0.lock().unwrap().joins.is_empty(), "memory grows");
    }

    #[test]
    fn three_may_ask_one_account_and_a_denied_one_makes_room() {
        let joins = Joins::default();
        for number in 0..3 {
            joins.ask(asking(number, 1), 0).unwrap();
        }
        assert_eq!(joins.ask(asking(3, 1), 0), Err(Refusal::TooMany));
        joins.ask(asking(4, 2), 0).unwrap();
        joins.deny(asking(0, 1).join, AccountId([1; 16]), 0).unwrap();
        joins.ask(asking(3, 1), 0).unwrap();
        assert_eq!(joins.open(AccountId([1; 16]), 0).len(), 3);
    }

    #[test]
    fn there_is_room_for_so_many_in_all_and_again_when_they_end() {
        let joins = Joins::default();
        for number in 0..u32::try_from(MOST).unwrap() {
            let mut asking = asking(number, 0);
            asking.account.0[..4].copy_from_slice(&number.to_be_bytes());
            joins.ask(asking, 0).unwrap();
        }
        assert_eq!(joins.ask(asking(u32::MAX, 9), 0), Err(Refusal::TooMany));
        assert_eq!(joins.ask(asking(u32::MAX, 9), LIFETIME_MS), Ok(()));
    }
}
