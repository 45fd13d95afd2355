//! Hearing what is new at the server: by a line that it keeps open, else by questions that it answers late, else not
//! at all; then whoever syncs has to ask now and then.
//!
//! **Invariant:** what is heard is a hint. Nothing is lost when a word is lost, comes twice or is a lie: rounds of sync
//! find out what there is.

use std::time::Duration;

use seshat_protocol::Head;

use crate::{OfflineReason, Transport, TransportError};

/// How long a line may take until its first word. Something between here and the server may hold everything back.
pub const FIRST_WORD: Duration = Duration::from_secs(10);
/// How long the server may keep a question. Many proxies give up after 30 seconds.
pub const WAIT: Duration = Duration::from_secs(25);

/// How news come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Way {
    /// By a line that the server keeps open.
    #[default]
    Line,
    /// By questions that it answers when there is something to say.
    Questions,
    /// Not at all.
    None,
}

/// Why nothing is heard any more.
#[derive(Debug)]
pub enum Silence {
    /// It did not go that way: try [`Listener::way`] at once.
    OtherWay,
    /// The way is good and was cut: try again after a pause.
    Cut(TransportError),
}

/// Finds the way on which news come from one server, and listens.
#[derive(Clone, Copy, Debug, Default)]
pub struct Listener {
    way: Way,
}

impl Listener {
    /// How it listens, or will.
    #[must_use]
    pub fn way(&self) -> Way {
        self.way
    }

    /// Begins with the best way again: networks change.
    pub fn forget(&mut self) {
        self.way = Way::default();
    }

    /// Listens until that ends, and hands every word to `hear`. Words may be the same as the one before, which on
    /// [`Way::Line`] means that there is something to look at.
    pub async fn listen(
        &mut self,
        transport: &dyn Transport,
        hear: &mut (dyn FnMut(Head) + Send),
    ) -> Silence {
        let (ended, next) = match self.way {
            Way::Line => (line(transport, hear).await, Way::Questions),
            Way::Questions => (questions(transport, hear).await, Way::None),
            Way::None => return Silence::OtherWay,
        };
        match ended {
            End::NoWay => {
                self.way = next;
                Silence::OtherWay
            }
            End::Cut(error) => Silence::Cut(error),
        }
    }
}

/// How one way ended.
enum End {
    NoWay,
    Cut(TransportError),
}

impl End {
    /// Before the first word: whether it is the way that does not do, or the network or this laptop.
    fn of(error: TransportError) -> Self {
        match error {
            // An older server, or something between here and it that takes no part in this.
            TransportError::NotSeshat { .. }
            | TransportError::Nonsense { .. }
            | TransportError::TooMuch { .. }
            | TransportError::Refused { .. }
            | TransportError::Redirected { .. } => Self::NoWay,
            error => Self::Cut(error),
        }
    }
}

async fn line(transport: &dyn Transport, hear: &mut (dyn FnMut(Head) + Send)) -> End {
    let opened = async {
        let Some(mut news) = transport.news().await? else { return Ok(None) };
        let first = news.next().await?;
        Ok(Some((news, first)))
    };
    let (mut news, first) = match tokio::time::timeout(FIRST_WORD, opened).await {
        Err(_) | Ok(Ok(None)) => return End::NoWay,
        Ok(Err(error)) => return End::of(error),
        Ok(Ok(Some(opened))) => opened,
    };
    hear(first);
    loop {
        match news.next().await {
            Ok(head) => hear(head),
            Err(error) => return End::Cut(error),
        }
    }
}

async fn questions(transport: &dyn Transport, hear: &mut (dyn FnMut(Head) + Send)) -> End {
    // No server has come so far: the first answer comes at once.
    let mut known = u64::MAX;
    let mut forgiven = false;
    loop {
        match transport.wait(known, WAIT).await {
            Ok(None) => return End::NoWay,
            Ok(Some(head)) => {
                forgiven = false;
                if head.head != known {
                    known = head.head;
                    hear(head);
                }
            }
            Err(error) if known != u64::MAX && is_impatience(&error) => {
                if forgiven {
                    return End::NoWay;
                }
                forgiven = true;
            }
            Err(error) => return End::of(error),
        }
    }
}

/// What a proxy says, or does, that does not wait as long as the server does.
fn is_impatience(error: &TransportError) -> bool {
    match error {
        TransportError::Offline { reason, .. } => {
            matches!(reason, OfflineReason::TimedOut | OfflineReason::CutShort)
        }
        TransportError::ServerTrouble { status, .. } => matches!(status, 502 | 504),
        _ => false,
    }
}
