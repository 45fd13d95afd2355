//! How laptops join: what one asking is, whatever it is kept in, and the mailbox of a single process.
//!
//! **Invariants:** see [`JoinBox`]. This mailbox is in memory alone.
#![expect(
    clippy::significant_drop_tightening,
    reason = "each lock is held for some steps in memory"
)]

use std::collections::{HashMap, VecDeque};
use std::future::ready;
use std::sync::{Mutex, MutexGuard, PoisonError};

use seshat_protocol::{AccountId, Blob, Bytes32, JoinId, JoinProgress, OpenJoin, limits};

use crate::meta::{
    Answer, Asking, JOIN_LIFETIME_MS, JOINS_MOST, JoinBox, JoinParty, JoinRefusal, JoinStep,
};

/// One asking.
pub(crate) struct Join {
    pub(crate) account: AccountId,
    pub(crate) token_hash: [u8; 32],
    pub(crate) commitment: Bytes32,
    pub(crate) asked_at: u64,
    pub(crate) offer: Option<Blob>,
    pub(crate) reveal: Option<Blob>,
    pub(crate) grant: Option<Blob>,
    pub(crate) denied: bool,
}

impl Join {
    /// It begins.
    fn begun(asking: Asking, now: u64) -> Self {
        let Asking { token_hash, account, commitment, .. } = asking;
        let (offer, reveal, grant) = (None, None, None);
        Self { account, token_hash, commitment, asked_at: now, offer, reveal, grant, denied: false }
    }

    /// Whether it waits for somebody of this account.
    fn is_open(&self, account: AccountId) -> bool {
        self.account == account && !self.denied && self.grant.is_none()
    }

    /// How far it has come, for who asked.
    pub(crate) fn progress(&self, token_hash: &[u8; 32]) -> Result<JoinProgress, JoinRefusal> {
        if self.token_hash != *token_hash {
            return Err(JoinRefusal::Unknown);
        }
        let Self { offer, grant, denied, .. } = self;
        Ok(JoinProgress { offer: offer.clone(), grant: grant.clone(), denied: *denied })
    }

    /// As the account's devices see it.
    pub(crate) fn listed(&self, join: JoinId) -> OpenJoin {
        OpenJoin {
            join,
            commitment: self.commitment,
            asked_at: self.asked_at,
            offered: self.offer.is_some(),
            reveal: self.reveal.clone(),
        }
    }

    /// Takes a step, if it is its turn and that party's to take; the account that is asked.
    pub(crate) fn take(&mut self, by: JoinParty, step: JoinStep) -> Result<AccountId, JoinRefusal> {
        let is_theirs = match by {
            JoinParty::Asker(token_hash) => self.token_hash == token_hash,
            JoinParty::Account(account) => self.account == account,
        };
        let asks = matches!(by, JoinParty::Asker(_));
        if !is_theirs || asks != matches!(step, JoinStep::Reveal(_)) {
            return Err(JoinRefusal::Unknown);
        }
        match step {
            JoinStep::Offer(offer) => put(&mut self.offer, offer, !self.denied),
            JoinStep::Reveal(reveal) => {
                put(&mut self.reveal, reveal, self.offer.is_some() && !self.denied)
            }
            JoinStep::Grant(grant) => {
                put(&mut self.grant, grant, self.reveal.is_some() && !self.denied)
            }
            JoinStep::Deny if self.grant.is_some() => Err(JoinRefusal::OutOfTurn),
            JoinStep::Deny => {
                self.denied = true;
                Ok(())
            }
        }
        .map(|()| self.account)
    }
}

/// Puts something where nothing is. The same thing again is an answer that got lost.
fn put(into: &mut Option<Blob>, what: Blob, turn: bool) -> Result<(), JoinRefusal> {
    match into {
        Some(there) if *there == what => Ok(()),
        None if turn => {
            *into = Some(what);
            Ok(())
        }
        _ => Err(JoinRefusal::OutOfTurn),
    }
}

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

impl Joins {
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

    fn begin(&self, asking: Asking, now: u64) -> Result<(), JoinRefusal> {
        let mut mailbox = self.at(now);
        let open = mailbox.joins.values().filter(|join| join.is_open(asking.account)).count();
        if open >= limits::JOINS || mailbox.joins.len() >= JOINS_MOST {
            return Err(JoinRefusal::TooMany);
        }
        let now = mailbox.latest;
        mailbox.joins.insert(asking.join, Join::begun(asking, now));
        mailbox.by_age.push_back((now.saturating_add(JOIN_LIFETIME_MS), asking.join));
        Ok(())
    }

    fn listed(&self, account: AccountId, now: u64) -> Vec<OpenJoin> {
        let mailbox = self.at(now);
        let ids = mailbox.by_age.iter().map(|(_, join)| *join);
        let known = ids.filter_map(|id| mailbox.joins.get(&id).map(|join| (id, join)));
        let open = known.filter(|(_, join)| join.is_open(account));
        open.map(|(id, join)| join.listed(id)).collect()
    }
}

impl JoinBox for Joins {
    fn ask(&self, asking: Asking, now: u64) -> Answer<'_, Result<(), JoinRefusal>> {
        Box::pin(ready(Ok(self.begin(asking, now))))
    }

    fn progress(
        &self,
        join: JoinId,
        token_hash: [u8; 32],
        now: u64,
    ) -> Answer<'_, Result<JoinProgress, JoinRefusal>> {
        let mailbox = self.at(now);
        let join = mailbox.joins.get(&join).ok_or(JoinRefusal::Unknown);
        Box::pin(ready(Ok(join.and_then(|join| join.progress(&token_hash)))))
    }

    fn open(&self, account: AccountId, now: u64) -> Answer<'_, Vec<OpenJoin>> {
        Box::pin(ready(Ok(self.listed(account, now))))
    }

    fn step(
        &self,
        join: JoinId,
        by: JoinParty,
        step: JoinStep,
        now: u64,
    ) -> Answer<'_, Result<AccountId, JoinRefusal>> {
        let mut mailbox = self.at(now);
        let join = mailbox.joins.get_mut(&join).ok_or(JoinRefusal::Unknown);
        Box::pin(ready(Ok(join.and_then(|join| join.take(by, step)))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_given_back_when_an_asking_ends() {
        let joins = Joins::default();
        let asking = Asking {
            join: JoinId([1; 16]),
            token_hash: [1; 32],
            account: AccountId([1; 16]),
            commitment: Bytes32([7; 32]),
        };
        joins.begin(asking, 1000).unwrap();
        assert!(joins.listed(asking.account, 1000 + JOIN_LIFETIME_MS).is_empty());
        let mailbox = joins.0.lock().unwrap();
        assert!(mailbox.joins.is_empty() && mailbox.by_age.is_empty(), "memory grows");
    }
}
