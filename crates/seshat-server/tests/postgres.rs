//! What is special about PostgreSQL: several nodes, crashes, other people's settings.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use seshat_protocol::{AccountId, PushOutcome};
use seshat_server::meta::{Created, MetaError, MetaStore, PageRequest};
use seshat_server::postgres::{Address, OpenError, PostgresStore, SCHEMA_VERSION};
use seshat_testkit::Postgres;
use support::Author;
use support::postgres::{at, node, shared};

const ALL: PageRequest = PageRequest { cursor: 0, limit: 10_000, max_bytes: 1 << 30, live: false };

/// Cuts every connection to the database but the one that says so.
const CUT: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE pid <> pg_backend_pid() AND datname = current_database()";

async fn database() -> String {
    tokio::task::spawn_blocking(|| shared().database()).await.unwrap()
}

/// Runs SQL beside the store.
fn sql(url: &str, sql: &str) -> String {
    tokio::task::block_in_place(|| shared().sql(url, sql))
}

async fn sequences(store: &PostgresStore, author: &Author) -> Vec<u64> {
    let page = store.changes(author.account, ALL).await.unwrap().unwrap();
    let positions = page.records.iter().map(|changed| changed.position);
    assert!(positions.eq(1..=page.head), "a gap");
    page.records.iter().map(|changed| changed.held.record.sequence).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_that_start_at_once_on_an_empty_database_are_of_one_history() {
    let url = database().await;
    let starting: Vec<_> = (0..8)
        .map(|_| {
            let url = url.clone();
            tokio::spawn(async move { node(&url).await.identity().clone() })
        })
        .collect();
    let mut said = BTreeSet::new();
    for node in starting {
        let identity = node.await.unwrap();
        said.insert((identity.epoch, identity.secret, identity.receipt_key));
    }
    assert_eq!(said.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_newer_database_is_refused_and_left_as_it_is() {
    let url = database().await;
    node(&url).await;
    let newer = SCHEMA_VERSION + 1;
    sql(&url, &format!("UPDATE schema_version SET version = {newer}"));
    let Err(error) = PostgresStore::open(at(&url), 0).await else { panic!("it was opened") };
    assert!(matches!(error, OpenError::Newer { found } if found == newer), "{error}");
    assert!(error.to_string().contains("newer seshat-server"), "{error}");
    assert_eq!(sql(&url, "SELECT version FROM schema_version"), newer.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_not_there_is_said_at_once() {
    let nowhere = format!("postgres://seshat@127.0.0.1:{}/not_there", shared().port());
    let Err(error) = PostgresStore::open(at(&nowhere), 0).await else { panic!("it was opened") };
    assert!(matches!(error, OpenError::Unreachable(_)), "{error:?}");
    let Err(error) = PostgresStore::open(at("postgres//nonsense"), 0).await else {
        panic!("it was opened")
    };
    assert!(matches!(error, OpenError::Address(_)), "{error:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_node_takes_the_others_give_and_a_record_offered_to_all_is_stored_once() {
    let url = database().await;
    let author = Author::new(1);
    let mut nodes = Vec::new();
    for _ in 0..3 {
        nodes.push(Arc::new(node(&url).await));
    }
    nodes[0].create_account(author.new_account()).await.unwrap();
    let pushing: Vec<_> = (0..90_u64)
        .map(|turn| {
            let (node, author) =
                (Arc::clone(&nodes[usize::try_from(turn % 3).unwrap()]), author.clone());
            tokio::spawn(async move {
                let first = 1 + turn / 3 * 5;
                let push = author.push(author.records(first..first + 5));
                node.push(push).await.unwrap().unwrap().outcomes
            })
        })
        .collect();
    let mut stored = 0;
    for push in pushing {
        let outcomes = push.await.unwrap();
        stored += outcomes.iter().filter(|outcome| **outcome == PushOutcome::Stored).count();
        let taken = [PushOutcome::Stored, PushOutcome::Known];
        assert!(outcomes.iter().all(|outcome| taken.contains(outcome)));
    }
    assert_eq!(stored, 150);
    for node in &nodes {
        let mut there = sequences(node, &author).await;
        there.sort_unstable();
        assert_eq!(there, (1..=150).collect::<Vec<u64>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_answered_outlives_a_crash_of_a_database_that_was_told_to_be_careless() {
    let mut postgres = tokio::task::block_in_place(Postgres::start);
    let url = tokio::task::block_in_place(|| {
        let url = postgres.database();
        postgres.sql(&url, "ALTER DATABASE test_0 SET synchronous_commit = off");
        postgres.sql(&url, "ALTER SYSTEM SET wal_writer_delay = '10s'");
        postgres.sql(&url, "SELECT pg_reload_conf()");
        url
    });
    let store = node(&url).await;
    let author = Author::new(1);
    assert_eq!(store.create_account(author.new_account()).await.unwrap(), Created::Made);
    for round in 0..4_u64 {
        let push = author.push(author.records(1 + round * 10..11 + round * 10));
        store.push(push).await.unwrap().unwrap();
        tokio::task::block_in_place(|| {
            postgres.crash();
            postgres.restart();
        });
        let there = sequences(&store, &author).await;
        assert_eq!(there, (1..=(round + 1) * 10).collect::<Vec<u64>>(), "round {round}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_database_says_so_and_no_error_says_what_was_written() {
    let url = database().await;
    let store = node(&url).await;
    let author = Author::new(1);
    store.create_account(author.new_account()).await.unwrap();
    let refusing = |code: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS TRIGGER LANGUAGE plpgsql AS $$ BEGIN
                RAISE EXCEPTION 'written: %', NEW.email USING ERRCODE = '{code}', DETAIL = NEW.email;
             END $$"
        )
    };
    sql(&url, &refusing("53100"));
    sql(
        &url,
        "CREATE TRIGGER refuse BEFORE UPDATE ON accounts FOR EACH ROW EXECUTE FUNCTION refuse()",
    );
    let push = author.push(author.records(1..3));
    assert!(matches!(store.push(push.clone()).await, Err(MetaError::Full)));
    sql(&url, &refusing("22000"));
    let Err(error) = store.push(push.clone()).await else { panic!("it was taken") };
    assert!(matches!(error, MetaError::Failed(_)));
    let said = format!("{error} {error:?}");
    assert!(said.contains("22000") && !said.contains("example.org"), "{said}");
    sql(&url, "DROP TRIGGER refuse ON accounts");
    assert!(sequences(&store, &author).await.is_empty(), "half of it was taken");
    assert_eq!(store.push(push).await.unwrap().unwrap().head, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_was_closed_says_so() {
    let store = node(&database().await).await;
    store.close();
    let closed = store.vault(Author::new(1).account).await;
    assert!(matches!(closed, Err(MetaError::Stopped)));
}

/// Tells about `account` at one node until another hears of something; what that was.
async fn heard(
    told_at: &PostgresStore,
    heard: &mut tokio::sync::broadcast::Receiver<AccountId>,
    account: AccountId,
) -> AccountId {
    for _ in 0..600 {
        told_at.announce(vec![account]).await.unwrap();
        if let Ok(heard) = tokio::time::timeout(Duration::from_millis(100), heard.recv()).await {
            return heard.unwrap();
        }
    }
    panic!("nothing is heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_hear_each_other_and_not_themselves() {
    let url = database().await;
    let (one, two) = (node(&url).await, node(&url).await);
    let (mut at_one, mut at_two) = (one.announcements().unwrap(), two.announcements().unwrap());
    let (first, second) = (AccountId([1; 16]), AccountId([2; 16]));
    assert_eq!(heard(&one, &mut at_two, first).await, first);
    assert_eq!(heard(&two, &mut at_one, second).await, second, "a node heard itself");
    let many: Vec<_> = (0..=255).map(|number| AccountId([number; 16])).collect();
    let mut expected: BTreeSet<_> = many.iter().copied().collect();
    one.announce(many).await.unwrap();
    while !expected.is_empty() {
        expected.remove(&at_two.recv().await.unwrap());
    }
    // The connection that listens is cut, and made anew.
    sql(&url, CUT);
    let third = AccountId([3; 16]);
    while heard(&one, &mut at_two, third).await != third {}
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_spent_at_one_node_is_spent_at_all_until_a_crash_which_all_notice() {
    let mut postgres = tokio::task::block_in_place(Postgres::start);
    let url = tokio::task::block_in_place(|| postgres.database());
    let one = PostgresStore::open(at(&url), 1000).await.unwrap();
    let two = PostgresStore::open(at(&url), 2000).await.unwrap();
    assert_eq!((one.began(), two.began()), (1000, 1000), "a node that joins forgets");
    let spend = async |node: &PostgresStore, thing, now| node.spend([thing; 32], 90_000, now).await;
    assert!(spend(&one, 1, 3000).await.unwrap());
    assert!(!spend(&two, 1, 3000).await.unwrap(), "spent twice");
    tokio::task::block_in_place(|| {
        postgres.stop();
        postgres.restart();
    });
    assert!(!spend(&two, 1, 4000).await.unwrap(), "an orderly restart forgets");
    assert_eq!(two.began(), 1000);
    tokio::task::block_in_place(|| {
        postgres.crash();
        postgres.restart();
    });
    // Nobody knows any more what was spent: neither node takes anything before it has said so.
    for node in [&one, &two] {
        assert!(spend(node, 2, 5000).await.is_err(), "it was not noticed");
        assert_eq!(node.began(), 5000);
    }
    assert!(spend(&two, 2, 5001).await.unwrap());
    assert!(!spend(&one, 2, 5002).await.unwrap(), "spent twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_been_spent_is_cleared_away_some_time_after_it_ended() {
    let url = database().await;
    let store = PostgresStore::open(at(&url), 0).await.unwrap();
    for thing in 1..=20 {
        assert!(store.spend([thing; 32], 10_000, 1).await.unwrap());
    }
    assert!(store.spend([21; 32], 100_000, 69_000).await.unwrap());
    assert_eq!(sql(&url, "SELECT COUNT(*) FROM spent"), "22", "gone while a slow clock may ask");
    assert!(store.spend([22; 32], 200_000, 99_001).await.unwrap());
    assert_eq!(sql(&url, "SELECT COUNT(*) FROM spent"), "3", "the table grows");
    assert_eq!(store.began(), 0);
    assert!(!store.spend([22; 32], 200_000, 99_002).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_are_cut_lose_nothing_and_double_nothing() {
    let url = database().await;
    let store = Arc::new(node(&url).await);
    let author = Author::new(1);
    store.create_account(author.new_account()).await.unwrap();
    let pushing: Vec<_> = (0..4_u64)
        .map(|writer| {
            let (store, author) = (Arc::clone(&store), author.clone());
            tokio::spawn(async move {
                for first in (0..20_u64).map(|turn| 1 + (writer * 20 + turn) * 3) {
                    let push = author.push(author.records(first..first + 3));
                    // Cut off at the commit nobody knows what became of it: a laptop offers it again.
                    while store.push(push.clone()).await.is_err() {}
                }
            })
        })
        .collect();
    while !pushing.iter().all(tokio::task::JoinHandle::is_finished) {
        sql(&url, CUT);
    }
    for writer in pushing {
        writer.await.unwrap();
    }
    let mut there = sequences(&store, &author).await;
    there.sort_unstable();
    assert_eq!(there, (1..=240).collect::<Vec<u64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_writers_of_one_account_leave_connections_for_the_others() {
    let url = database().await;
    let few = Address { connections: 2, ..at(&url) };
    let store = Arc::new(PostgresStore::open(few, 0).await.unwrap());
    let (busy, other) = (Author::new(1), Author::new(2));
    for author in [&busy, &other] {
        store.create_account(author.new_account()).await.unwrap();
    }
    let (client, connection) = tokio_postgres::connect(&url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client.batch_execute("BEGIN").await.unwrap();
    let lock = "SELECT 1 FROM accounts WHERE email = 'author-1@example.org' FOR UPDATE";
    client.batch_execute(lock).await.unwrap();
    let waiting: Vec<_> = (1..9_u64)
        .map(|sequence| {
            let (store, push) = (Arc::clone(&store), busy.push(vec![busy.record(sequence, 9)]));
            tokio::spawn(async move { store.push(push).await.unwrap().unwrap() })
        })
        .collect();
    for sequence in 1..30 {
        let push = other.push(vec![other.record(sequence, 9)]);
        assert_eq!(store.push(push).await.unwrap().unwrap().head, sequence);
    }
    assert!(waiting.iter().all(|push| !push.is_finished()), "nobody waited");
    client.batch_execute("COMMIT").await.unwrap();
    for push in waiting {
        push.await.unwrap();
    }
    assert_eq!(sequences(&store, &busy).await.len(), 8);
}
