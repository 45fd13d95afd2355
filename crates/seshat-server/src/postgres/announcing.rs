//! Word from node to node that an account has something new: NOTIFY, outside of every transaction that writes. A node
//! does not hear itself.
//!
//! **Invariant:** a hint and no more. One that listens hears nothing while its connection is away, and asks for heads
//! in any case.

use std::future::poll_fn;
use std::time::Duration;

use deadpool_postgres::Client;
use seshat_protocol::AccountId;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;
use tokio_postgres::AsyncMessage;

use super::database;
use super::pool::{Failure, execute};
use super::secure::Way;

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
    node: Node,
    heard: broadcast::Sender<AccountId>,
    task: JoinHandle<()>,
}

/// Sixteen digits that no other node has.
pub(super) type Node = [u8; 16];

impl Ear {
    /// # Errors
    /// When the system gives no random bytes.
    pub(super) fn open(way: Way) -> Result<Self, getrandom::Error> {
        let mut random = [0; 8];
        getrandom::fill(&mut random)?;
        let mut node = [0; 16];
        node.copy_from_slice(digits(&random).as_bytes());
        let (heard, _) = broadcast::channel(KEPT);
        let sender = heard.clone();
        let task = tokio::spawn(async move {
            loop {
                // Whatever ended it, it is made anew; what was missed meanwhile, heads tell.
                drop(listen(&way, &node, &sender).await);
                tokio::time::sleep(PAUSE).await;
            }
        });
        Ok(Self { node, heard, task })
    }

    pub(super) fn node(&self) -> Node {
        self.node
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
    way: &Way,
    ours: &Node,
    heard: &broadcast::Sender<AccountId>,
) -> Result<(), tokio_postgres::Error> {
    let (client, mut connection) = database::connect(way).await?;
    let passing_on = async {
        while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
            if let AsyncMessage::Notification(told) = message? {
                for account in accounts(told.payload(), ours) {
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

/// Tells all nodes.
pub(super) async fn announce(
    client: &Client,
    (node, changed): &(Node, Vec<AccountId>),
) -> Result<(), Failure> {
    for some in changed.chunks(TOGETHER) {
        let payload = payload(node, some);
        execute(client, "SELECT pg_notify($1, $2)", &[&CHANNEL, &payload]).await?;
    }
    Ok(())
}

fn payload(node: &Node, accounts: &[AccountId]) -> String {
    let mut payload = String::from_utf8_lossy(node).into_owned();
    payload.extend(accounts.iter().map(|account| digits(&account.0)));
    payload
}

fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The accounts of another node's notification. What is no account is somebody else's joke.
fn accounts(payload: &str, ours: &Node) -> impl Iterator<Item = AccountId> {
    let told = payload.as_bytes().split_first_chunk::<16>();
    let told = told.filter(|(node, _)| *node != ours).map(|(_, accounts)| accounts);
    told.unwrap_or_default().as_chunks::<32>().0.iter().filter_map(|digits| {
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

    const ONE: Node = *b"0123456789abcdef";
    const TWO: Node = *b"fedcba9876543210";

    #[test]
    fn accounts_are_read_back_and_nonsense_is_passed_over() {
        let all: Vec<_> = (0..3).map(|number| AccountId([number * 77; 16])).collect();
        let told = payload(&ONE, &all);
        assert_eq!(accounts(&told, &TWO).collect::<Vec<_>>(), all);
        assert_eq!(accounts(&told, &ONE).count(), 0, "a node hears itself");
        let (node, rest) = told.split_at(16);
        let wrong = format!("{node}{}zz{rest}x", "é+".repeat(10));
        assert_eq!(accounts(&wrong, &TWO).collect::<Vec<_>>(), all);
        assert_eq!(accounts("", &TWO).count() + accounts("0123", &TWO).count(), 0);
        let most = payload(&ONE, &[AccountId([7; 16]); TOGETHER]);
        assert!(most.len() < 8000, "PostgreSQL takes no more");
    }
}
