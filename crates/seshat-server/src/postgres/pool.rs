//! Connections, transactions, and trying again.
//!
//! **Invariants:** what lost a race (40001, 40P01, a key that somebody else has just taken) or its connection *before*
//! the commit was sent has left nothing behind and is done again, from the beginning, a bounded number of times. Once
//! the commit was sent nobody can tell, and nothing is done again here. No error says what stood in a column: of
//! PostgreSQL's own words only the code and the names of tables and constraints are passed on.

use std::pin::Pin;
use std::time::Duration;

use deadpool_postgres::{Client, GenericClient, Pool, PoolError, Transaction};
use tokio_postgres::Row;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;

use crate::meta::MetaError;

/// How often something is done in all before it is given up.
const ATTEMPTS: u32 = 10;
/// Milliseconds of which a random part is waited before the second time; twice as many each time, up to [`LONGEST`].
const SHORTEST: u64 = 4;
const LONGEST: u64 = 250;

/// What some work on the database answers, some time later.
pub(super) type Work<'t, T> = Pin<Box<dyn Future<Output = Result<T, Failure>> + Send + 't>>;

/// Why some work on the database came to nothing.
#[derive(Debug)]
pub(super) enum Failure {
    /// PostgreSQL refused, or is not there.
    Postgres(tokio_postgres::Error),
    /// No connection was to be had.
    Pool(PoolError),
    /// A column holds what cannot stand there.
    Shape,
    /// Somebody is in the way; the work is to be done again.
    Again,
    /// What the work found makes it impossible.
    Impossible(&'static str),
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

impl From<PoolError> for Failure {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => Self::Postgres(error),
            other => Self::Pool(other),
        }
    }
}

impl Failure {
    /// Whether nothing of the work was done and doing it again may help.
    fn is_passing(&self) -> bool {
        let Self::Postgres(error) = self else { return matches!(self, Self::Again) };
        let Some(code) = error.code() else {
            // No answer of PostgreSQL's: the connection is gone, or was never made.
            return true;
        };
        let races = [
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::UNIQUE_VIOLATION,
            SqlState::ADMIN_SHUTDOWN,
            SqlState::CRASH_SHUTDOWN,
            SqlState::CANNOT_CONNECT_NOW,
            SqlState::TOO_MANY_CONNECTIONS,
            // A follower that has not been told yet that it leads.
            SqlState::READ_ONLY_SQL_TRANSACTION,
        ];
        races.contains(code) || code.code().starts_with("08")
    }

    /// Whether PostgreSQL itself said no, so that certainly nothing was done. What it says when it is told to stop (class
    /// 57) may come behind a commit.
    fn is_refusal(&self) -> bool {
        let Self::Postgres(error) = self else { return false };
        error.code().is_some_and(|code| !code.code().starts_with("57"))
    }

    /// What this means to who asked.
    pub(super) fn said(&self) -> MetaError {
        match self {
            Self::Postgres(error) => match error.as_db_error() {
                Some(error) if *error.code() == SqlState::DISK_FULL => MetaError::Full,
                Some(error) => {
                    let named = [error.table(), error.constraint()];
                    let named: Vec<&str> = named.into_iter().flatten().collect();
                    MetaError::Failed(format!(
                        "PostgreSQL refused with {} {}",
                        error.code().code(),
                        named.join(" ")
                    ))
                }
                None => MetaError::Failed("PostgreSQL cannot be reached".to_owned()),
            },
            Self::Pool(PoolError::Closed) => MetaError::Stopped,
            Self::Pool(_) => MetaError::Failed("no connection to PostgreSQL is free".to_owned()),
            Self::Shape => MetaError::Failed("a column holds what cannot stand there".to_owned()),
            Self::Again => MetaError::Failed("others were in the way each time".to_owned()),
            Self::Impossible(why) => MetaError::Failed((*why).to_owned()),
        }
    }
}

/// Reads: one statement, which sees one moment.
pub(super) async fn read<D: Sync, T>(
    pool: &Pool,
    asked: &D,
    work: for<'t> fn(&'t Client, &'t D) -> Work<'t, T>,
) -> Result<T, Failure> {
    let mut attempt = 0;
    loop {
        let answer = async { work(&pool.get().await?, asked).await }.await;
        match answer {
            Err(failure) if failure.is_passing() && attempt + 1 < ATTEMPTS => {
                attempt += 1;
                pause(attempt).await;
            }
            answer => return answer,
        }
    }
}

/// Writes with one statement, which is a transaction by itself. What PostgreSQL has refused is done again; once a
/// connection is lost nobody can tell.
pub(super) async fn write_at_once<D: Sync, T>(
    pool: &Pool,
    asked: &D,
    work: for<'t> fn(&'t Client, &'t D) -> Work<'t, T>,
) -> Result<T, Failure> {
    let mut attempt = 0;
    loop {
        let got = pool.get().await.map_err(Failure::from);
        let is_sent = got.is_ok();
        let answer = async { work(&got?, asked).await }.await;
        match answer {
            Err(failure)
                if (!is_sent || failure.is_refusal())
                    && failure.is_passing()
                    && attempt + 1 < ATTEMPTS =>
            {
                attempt += 1;
                pause(attempt).await;
            }
            answer => return answer,
        }
    }
}

/// Writes, in a transaction of its own; answers once that is on the disk.
pub(super) async fn write<D: Sync, T>(
    pool: &Pool,
    asked: &D,
    work: for<'t> fn(&'t Transaction<'t>, &'t D) -> Work<'t, T>,
) -> Result<T, Failure> {
    let mut attempt = 0;
    loop {
        match once(pool, asked, work).await {
            Err((failure, Ended::BeforeCommit))
                if failure.is_passing() && attempt + 1 < ATTEMPTS =>
            {
                attempt += 1;
                pause(attempt).await;
            }
            answer => return answer.map_err(|(failure, _)| failure),
        }
    }
}

/// How far a transaction came.
enum Ended {
    BeforeCommit,
    Unknown,
}

async fn once<D: Sync, T>(
    pool: &Pool,
    asked: &D,
    work: for<'t> fn(&'t Transaction<'t>, &'t D) -> Work<'t, T>,
) -> Result<T, (Failure, Ended)> {
    let early = |failure: Failure| (failure, Ended::BeforeCommit);
    let mut client = pool.get().await.map_err(|error| early(error.into()))?;
    let transaction = client.transaction().await.map_err(|error| early(error.into()))?;
    let value = work(&transaction, asked).await.map_err(early)?;
    transaction.commit().await.map_err(|error| {
        let failure = Failure::from(error);
        let ended = if failure.is_refusal() { Ended::BeforeCommit } else { Ended::Unknown };
        (failure, ended)
    })?;
    Ok(value)
}

/// A random part of a time that doubles: those who were in each other's way do not meet again.
async fn pause(attempt: u32) {
    let most = SHORTEST.checked_shl(attempt).unwrap_or(LONGEST).min(LONGEST);
    let mut random = [0; 8];
    // Without randomness all wait as long as each other, which is worse and not wrong.
    let _same_for_all = getrandom::fill(&mut random);
    let wait = u64::from_le_bytes(random) % most;
    tokio::time::sleep(Duration::from_millis(wait)).await;
}

/// The values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// All rows.
pub(super) async fn rows(
    on: &impl GenericClient,
    sql: &str,
    values: Values<'_>,
) -> Result<Vec<Row>, Failure> {
    let statement = on.prepare_cached(sql).await?;
    Ok(on.query(&statement, values).await?)
}

/// The one row, if there is one.
pub(super) async fn row(
    on: &impl GenericClient,
    sql: &str,
    values: Values<'_>,
) -> Result<Option<Row>, Failure> {
    let statement = on.prepare_cached(sql).await?;
    Ok(on.query_opt(&statement, values).await?)
}

/// Writes; the number of rows.
pub(super) async fn execute(
    on: &impl GenericClient,
    sql: &str,
    values: Values<'_>,
) -> Result<u64, Failure> {
    let statement = on.prepare_cached(sql).await?;
    Ok(on.execute(&statement, values).await?)
}
