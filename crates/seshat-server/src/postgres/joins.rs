//! The mailbox through which laptops join, for all nodes together.
//!
//! **Invariants:** see [`JoinBox`]. Who begins waits for whoever else begins, so that the bounds hold; who takes a step
//! has locked the asking. The table is emptied by a crash.

use deadpool_postgres::{Client, GenericClient, Transaction};
use seshat_protocol::{AccountId, Blob, Bytes32, JoinId, JoinProgress, OpenJoin, limits};
use tokio_postgres::Row;

use super::PostgresStore;
use super::pool::{Failure, execute, row, rows};
use super::rows::{bytes, number, stored};
use crate::joins::Join;
use crate::meta::{
    Answer, Asking, JOIN_LIFETIME_MS, JOINS_MOST, JoinBox, JoinParty, JoinRefusal, JoinStep,
};

impl JoinBox for PostgresStore {
    fn ask(&self, asking: Asking, now: u64) -> Answer<'_, Result<(), JoinRefusal>> {
        self.write((asking, self.spent.forward(now)), |transaction, asked| {
            Box::pin(begin(transaction, asked))
        })
    }

    fn progress(
        &self,
        join: JoinId,
        token_hash: [u8; 32],
        now: u64,
    ) -> Answer<'_, Result<JoinProgress, JoinRefusal>> {
        self.read((join, token_hash, self.spent.forward(now)), |client, asked| {
            Box::pin(progress(client, asked))
        })
    }

    fn open(&self, account: AccountId, now: u64) -> Answer<'_, Vec<OpenJoin>> {
        self.read((account, self.spent.forward(now)), |client, asked| {
            Box::pin(listed(client, asked))
        })
    }

    fn step(
        &self,
        join: JoinId,
        by: JoinParty,
        step: JoinStep,
        now: u64,
    ) -> Answer<'_, Result<AccountId, JoinRefusal>> {
        let taken = Taken { join, by, step, now: self.spent.forward(now) };
        self.write(taken, |transaction, taken| Box::pin(take(transaction, taken)))
    }
}

/// A step that somebody takes.
struct Taken {
    join: JoinId,
    by: JoinParty,
    step: JoinStep,
    now: u64,
}

/// What was asked at or before this time has ended.
fn ended(now: u64) -> i64 {
    stored(now).saturating_sub(stored(JOIN_LIFETIME_MS))
}

const COLUMNS: &str =
    "id, account, token_hash, commitment, asked_at, offer, reveal, consent, denied <> 0";

fn join(row: &Row) -> Result<(JoinId, Join), Failure> {
    let blob = |at| row.try_get::<_, Option<Vec<u8>>>(at).map(|found| found.map(Blob));
    let join = Join {
        account: AccountId(bytes(row, 1)?),
        token_hash: bytes(row, 2)?,
        commitment: Bytes32(bytes(row, 3)?),
        asked_at: number(row, 4)?,
        offer: blob(5)?,
        reveal: blob(6)?,
        grant: blob(7)?,
        denied: row.try_get(8)?,
    };
    Ok((JoinId(bytes(row, 0)?), join))
}

async fn begin(
    transaction: &Transaction<'_>,
    (asking, now): &(Asking, u64),
) -> Result<Result<(), JoinRefusal>, Failure> {
    rows(transaction, "SELECT 1 FROM server WHERE name = 'secret' FOR UPDATE", &[]).await?;
    execute(transaction, "DELETE FROM joins WHERE asked_at <= $1", &[&ended(*now)]).await?;
    let sql = "SELECT COUNT(*),
            COUNT(CASE WHEN account = $1 AND denied = 0 AND consent IS NULL THEN 1 END)
         FROM joins";
    let account = asking.account.0.as_slice();
    let counted = row(transaction, sql, &[&account]).await?.ok_or(Failure::Shape)?;
    let (all, open): (i64, i64) = (counted.try_get(0)?, counted.try_get(1)?);
    if open >= stored(limits::JOINS as u64) || all >= stored(JOINS_MOST as u64) {
        return Ok(Err(JoinRefusal::TooMany));
    }
    let sql = "INSERT INTO joins (id, account, token_hash, commitment, asked_at)
         VALUES ($1, $2, $3, $4, $5)";
    let (id, token_hash) = (asking.join.0.as_slice(), asking.token_hash.as_slice());
    let commitment = asking.commitment.0.as_slice();
    execute(transaction, sql, &[&id, &account, &token_hash, &commitment, &stored(*now)]).await?;
    Ok(Ok(()))
}

async fn found(
    on: &impl GenericClient,
    id: JoinId,
    now: u64,
    lock: &str,
) -> Result<Option<Join>, Failure> {
    let sql = format!("SELECT {COLUMNS} FROM joins WHERE id = $1 AND asked_at > $2 {lock}");
    let found = row(on, &sql, &[&id.0.as_slice(), &ended(now)]).await?;
    Ok(found.map(|row| join(&row)).transpose()?.map(|(_, join)| join))
}

async fn progress(
    client: &Client,
    (id, token_hash, now): &(JoinId, [u8; 32], u64),
) -> Result<Result<JoinProgress, JoinRefusal>, Failure> {
    let found = found(client, *id, *now, "").await?;
    Ok(found.ok_or(JoinRefusal::Unknown).and_then(|join| join.progress(token_hash)))
}

async fn listed(
    client: &Client,
    (account, now): &(AccountId, u64),
) -> Result<Vec<OpenJoin>, Failure> {
    let sql = format!(
        "SELECT {COLUMNS} FROM joins
         WHERE account = $1 AND asked_at > $2 AND denied = 0 AND consent IS NULL
         ORDER BY asked_at, id"
    );
    let found = rows(client, &sql, &[&account.0.as_slice(), &ended(*now)]).await?;
    found.iter().map(|row| join(row).map(|(id, join)| join.listed(id))).collect()
}

async fn take(
    transaction: &Transaction<'_>,
    taken: &Taken,
) -> Result<Result<AccountId, JoinRefusal>, Failure> {
    let Some(mut join) = found(transaction, taken.join, taken.now, "FOR UPDATE").await? else {
        return Ok(Err(JoinRefusal::Unknown));
    };
    if let Err(refusal) = join.take(taken.by, taken.step.clone()) {
        return Ok(Err(refusal));
    }
    let sql = "UPDATE joins SET offer = $2, reveal = $3, consent = $4, denied = $5 WHERE id = $1";
    let bytes = |blob: Option<Blob>| blob.map(|blob| blob.0);
    let (offer, reveal, grant) = (bytes(join.offer), bytes(join.reveal), bytes(join.grant));
    let denied = i64::from(join.denied);
    execute(transaction, sql, &[&taken.join.0.as_slice(), &offer, &reveal, &grant, &denied])
        .await?;
    Ok(Ok(join.account))
}
