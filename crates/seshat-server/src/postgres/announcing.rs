//! Word from node to node that an account has something new: NOTIFY, outside of every transaction that writes.
//!
//! **Invariant:** a hint and no more. One that listens hears nothing while its connection is away, and asks for heads
//! in any case.

use std::future::poll_fn;
use std::time::Duration;

use deadpool_postgres::Client;
use seshat_protocol::AccountId;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_postgres::{AsyncMessage, Config};

use super::database;
use super::pool::{Failure, execute};

/// What it is called in the database.
const CHANNEL: &str = "seshat_changed";

/// Accounts in one notification: PostgreSQL takes 8,000 bytes.
const TOGETHER: usize = 200;

/// Announcements that a slow listener of this process may be behind.
const KEPT: usize = 4096;

/// How long to wait before a lost connection is made anew.
const PAUSE: Duration = Duration::from_secs(1);

/// Listens for as long as it lives.
pub(super) struct Ear {
    heard: broadcast::Sender<AccountId>,
    task: JoinHandle<()>,
}

impl Ear {
    pub(super) fn open(config: Config) -> Self {
        let (heard, _) = broadcast::channel(KEPT);
        let sender = heard.clone();
        let task = tokio::spawn(async move {
            loop {
                // Whatever ended it, it is made anew; what was missed meanwhile, heads tell.
                drop(listen(&config, &sender).await);
                tokio::time::sleep(PAUSE).await;
            }
        });
        Self { heard, task }
    }

    pub(super) fn heard(&self) -> broadcast::Receiver<AccountId> {
        self.heard.subscribe()
    }

    pub(super) fn close(&self) {
        self.task.abort();
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.close();
    }
}

/// Until the connection ends.
async fn listen(
    config: &Config,
    heard: &broadcast::Sender<AccountId>,
) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = database::connect(config).await?;
    let passing_on = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(told) = message? {
                for account in accounts(told.payload()) {
                    // Nobody in this process may be waiting.
                    let _nobody = heard.send(account);
                }
            }
        }
        Ok(())
    };
    let asking = async {
        client.batch_execute(&format!("LISTEN {CHANNEL}")).await?;
        std::future::pending().await
    };
    tokio::select! {
        ended = passing_on => ended,
        refused = asking => refused,
    }
}

/// Tells all nodes, this one among them.
pub(super) async fn announce(client: &Client, changed: &Vec<AccountId>) -> Result<(), Failure> {
    for some in changed.chunks(TOGETHER) {
        let payload: String = some.iter().map(|account| spelled(*account)).collect();
        execute(client, "SELECT pg_notify($1, $2)", &[&CHANNEL, &payload]).await?;
    }
    Ok(())
}

fn spelled(account: AccountId) -> String {
    account.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The accounts of a notification. What is no account is somebody else's joke.
fn accounts(payload: &str) -> impl Iterator<Item = AccountId> {
    payload.as_bytes().as_chunks::<32>().0.iter().filter_map(|digits| {
        let mut account = [0; 16];
        for (byte, pair) in account.iter_mut().zip(digits.as_chunks::<2>().0) {
            let pair = str::from_utf8(pair).ok()?;
            *byte = u8::from_str_radix(pair, 16).ok()?;
        }
        Some(AccountId(account))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_are_read_back_and_nonsense_is_passed_over() {
        let all: Vec<_> = (0..3).map(|number| AccountId([number * 77; 16])).collect();
        let payload: String = all.iter().map(|account| spelled(*account)).collect();
        assert!(payload.len() * TOGETHER / 3 < 8000, "PostgreSQL takes no more");
        assert_eq!(accounts(&payload).collect::<Vec<_>>(), all);
        let wrong = format!("{}{payload}x", "é+".repeat(10) + "zz");
        assert_eq!(accounts(&wrong).collect::<Vec<_>>(), all);
        assert_eq!(accounts("").count(), 0);
    }
}
