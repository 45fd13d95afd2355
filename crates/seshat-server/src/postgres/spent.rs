//! What is good once, for all nodes together.
//!
//! **Invariants:** what was spent is remembered until it ends, or nothing is taken that was signed before: the table is
//! emptied by a crash and does not follow to another server, and with it goes the row that says since when it is kept.
//! Each spending names that row; where it is not the one that this node knows, nothing is spent and the node learns
//! the new one. What has ended is removed by nobody's clock alone.

use std::sync::atomic::{AtomicU64, Ordering};

use deadpool_postgres::{Client, Pool, Transaction};

use super::pool::{self, Failure, execute, row};
use super::rows::{number, stored};

/// The row that says since when: no hash is this one.
const SINCE: [u8; 32] = [0; 32];

/// Milliseconds between two removals of what has ended, by one node.
const CLEARED: u64 = 30_000;

/// Milliseconds that something is kept longer, for nodes whose clocks are behind.
const BEHIND: i64 = 60_000;

/// See the module.
pub(super) struct Spent {
    began: AtomicU64,
    /// The latest time seen, in milliseconds.
    latest: AtomicU64,
    cleared: AtomicU64,
}

/// Something to spend.
struct Spending {
    fingerprint: [u8; 32],
    until: u64,
    began: u64,
}

impl Spent {
    /// `now` is in milliseconds since 1970.
    pub(super) async fn open(pool: &Pool, now: u64) -> Result<Self, Failure> {
        let began = since(pool, now).await?;
        let (latest, cleared) = (AtomicU64::new(now), AtomicU64::new(now));
        Ok(Self { began: AtomicU64::new(began), latest, cleared })
    }

    pub(super) fn began(&self) -> u64 {
        self.began.load(Ordering::SeqCst)
    }

    /// The time, which counts forward only.
    pub(super) fn forward(&self, now: u64) -> u64 {
        self.latest.fetch_max(now, Ordering::SeqCst).max(now)
    }

    /// See [`crate::meta::MetaStore::spend`].
    pub(super) async fn spend(
        &self,
        pool: &Pool,
        fingerprint: [u8; 32],
        until: u64,
        now: u64,
    ) -> Result<bool, Failure> {
        let latest = self.forward(now);
        if until <= latest {
            return Ok(false);
        }
        self.clear(pool, latest).await?;
        let spending = Spending { fingerprint, until, began: self.began() };
        let taken = pool::write_at_once(pool, &spending, |client, spending| {
            Box::pin(take(client, spending))
        });
        if taken.await? {
            return Ok(true);
        }
        let began = since(pool, latest).await?;
        if began == spending.began {
            return Ok(false);
        }
        self.began.store(began, Ordering::SeqCst);
        // Whether this one was spent before nobody knows.
        Err(Failure::Impossible("what was spent is forgotten; ask again"))
    }

    async fn clear(&self, pool: &Pool, now: u64) -> Result<(), Failure> {
        let cleared = self.cleared.load(Ordering::SeqCst);
        let is_due = now >= cleared.saturating_add(CLEARED);
        let ours = is_due
            && self
                .cleared
                .compare_exchange(cleared, now, Ordering::SeqCst, Ordering::SeqCst)
                .is_ok();
        if ours {
            pool::write(pool, &now, |transaction, now| Box::pin(forget(transaction, *now))).await?;
        }
        Ok(())
    }
}

/// Since when it is remembered; if nothing is, from now on.
async fn since(pool: &Pool, now: u64) -> Result<u64, Failure> {
    let known = pool::read(pool, &(), |client, ()| Box::pin(said(client)));
    if let Some(began) = known.await? {
        return Ok(began);
    }
    pool::write(pool, &now, |transaction, now| Box::pin(begin(transaction, *now))).await?;
    let known = pool::read(pool, &(), |client, ()| Box::pin(said(client)));
    known.await?.ok_or(Failure::Shape)
}

async fn said(client: &Client) -> Result<Option<u64>, Failure> {
    let sql = "SELECT ends_at FROM spent WHERE fingerprint = $1";
    let found = row(client, sql, &[&SINCE.as_slice()]).await?;
    found.map(|row| number(&row, 0)).transpose()
}

async fn begin(transaction: &Transaction<'_>, now: u64) -> Result<(), Failure> {
    let sql = "INSERT INTO spent (fingerprint, ends_at) VALUES ($1, $2)
         ON CONFLICT (fingerprint) DO NOTHING";
    execute(transaction, sql, &[&SINCE.as_slice(), &stored(now)]).await?;
    Ok(())
}

async fn take(client: &Client, spending: &Spending) -> Result<bool, Failure> {
    let Spending { fingerprint, until, began } = spending;
    let sql = "INSERT INTO spent (fingerprint, ends_at)
         SELECT $1::BYTEA, $2::BIGINT FROM spent WHERE fingerprint = $3 AND ends_at = $4
         ON CONFLICT (fingerprint) DO NOTHING";
    let (until, began) = (stored(*until), stored(*began));
    let values = (fingerprint.as_slice(), SINCE.as_slice());
    Ok(execute(client, sql, &[&values.0, &until, &values.1, &began]).await? > 0)
}

async fn forget(transaction: &Transaction<'_>, now: u64) -> Result<(), Failure> {
    let sql = "DELETE FROM spent
         WHERE fingerprint <> $1
            AND ends_at <= LEAST($2, CAST(EXTRACT(EPOCH FROM now()) * 1000 AS BIGINT)) - $3";
    execute(transaction, sql, &[&SINCE.as_slice(), &stored(now), &BEHIND]).await?;
    Ok(())
}
