//! Hearing what is new: the best way that works, and the next one where it does not.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use seshat_protocol::{
    Changes, Head, PushRequest, PushResponse, VaultReply, VaultUpdate, VaultUpdated,
};
use seshat_sync::{
    Answer, FIRST_WORD, Listener, News, OfflineReason, PageRequest, Silence, Transport,
    TransportError, VaultFetched, WAIT, Way,
};

/// What a line or a question brings.
#[derive(Clone, Copy, Debug)]
enum Word {
    Head(u64),
    /// After so many seconds of silence.
    Late(u64, u64),
    Cut,
    Gateway,
    Unknown,
    Never,
}

fn cut() -> TransportError {
    TransportError::Offline { reason: OfflineReason::CutShort, source: None }
}

async fn say(word: Option<Word>) -> Result<Head, TransportError> {
    let head = |head| Ok(Head { head, epoch: "a".to_owned() });
    match word {
        Some(Word::Head(number)) => head(number),
        Some(Word::Late(seconds, number)) => {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            head(number)
        }
        Some(Word::Gateway) => {
            Err(TransportError::ServerTrouble { status: 504, retry_after: None })
        }
        Some(Word::Unknown) => Err(TransportError::NotSeshat { status: 404 }),
        Some(Word::Never) => std::future::pending().await,
        Some(Word::Cut) | None => Err(cut()),
    }
}

struct Line(VecDeque<Word>);

impl News for Line {
    fn next(&mut self) -> Answer<'_, Head> {
        let word = self.0.pop_front();
        Box::pin(say(word))
    }
}

/// A server that tells what it is told to tell. Without a line it is an older one.
#[derive(Default)]
struct Teller {
    line: Option<Vec<Word>>,
    answers: Mutex<VecDeque<Word>>,
    /// What the questions named.
    known: Mutex<Vec<u64>>,
}

impl Transport for Teller {
    fn vault<'a>(&'a self, _: Option<&'a str>) -> Answer<'a, VaultFetched> {
        let vault = seshat_protocol::Blob(Vec::new());
        let reply = VaultReply { revision: String::new(), vault };
        Box::pin(async { Ok(VaultFetched::Reply(reply)) })
    }

    fn put_vault<'a>(&'a self, _: &'a VaultUpdate, _: &'a str) -> Answer<'a, VaultUpdated> {
        Box::pin(async { Err(cut()) })
    }

    fn push<'a>(&'a self, _: &'a PushRequest) -> Answer<'a, PushResponse> {
        Box::pin(async { Err(cut()) })
    }

    fn changes(&self, _: PageRequest) -> Answer<'_, Changes> {
        Box::pin(async { Err(cut()) })
    }

    fn news(&self) -> Answer<'_, Option<Box<dyn News>>> {
        let line = self.line.clone();
        Box::pin(async move {
            let line = line.ok_or(TransportError::NotSeshat { status: 404 })?;
            Ok(Some(Box::new(Line(line.into())) as Box<dyn News>))
        })
    }

    fn wait(&self, known: u64, _: Duration) -> Answer<'_, Option<Head>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).push(known);
        let word = self.answers.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
        Box::pin(async move { say(word).await.map(Some) })
    }
}

async fn heard(listener: &mut Listener, teller: &Teller) -> (Vec<u64>, Silence) {
    let mut heads = Vec::new();
    let silence = listener.listen(teller, &mut |head| heads.push(head.head)).await;
    (heads, silence)
}

#[tokio::test(start_paused = true)]
async fn a_line_tells_everything_and_is_opened_again_when_it_was_cut() {
    let line = vec![Word::Head(3), Word::Late(40, 3), Word::Late(3000, 4), Word::Cut];
    let teller = Teller { line: Some(line), ..Teller::default() };
    let mut listener = Listener::default();
    for _ in 0..2 {
        let (heads, silence) = heard(&mut listener, &teller).await;
        assert_eq!(heads, [3, 3, 4], "the same word again is a word");
        assert!(matches!(silence, Silence::Cut(_)), "{silence:?}");
        assert_eq!(listener.way(), Way::Line);
    }
}

#[tokio::test(start_paused = true)]
async fn where_something_holds_the_line_back_or_there_is_none_questions_are_asked() {
    let held_back = Teller { line: Some(vec![Word::Never]), ..Teller::default() };
    let older = Teller::default();
    for teller in [held_back, older] {
        let answers = [Word::Head(5), Word::Late(24, 5), Word::Late(1, 6), Word::Unknown];
        teller.answers.lock().unwrap().extend(answers);
        let mut listener = Listener::default();
        let begun = tokio::time::Instant::now();
        let (heads, silence) = heard(&mut listener, &teller).await;
        assert!(heads.is_empty() && matches!(silence, Silence::OtherWay), "{silence:?}");
        assert!(begun.elapsed() <= FIRST_WORD);
        let (heads, silence) = heard(&mut listener, &teller).await;
        assert_eq!(heads, [5, 6], "an answer without news is none");
        assert!(matches!(silence, Silence::OtherWay), "{silence:?}");
        assert_eq!(*teller.known.lock().unwrap(), [u64::MAX, 5, 5, 6]);
        assert_eq!(listener.way(), Way::None);
        listener.forget();
        assert_eq!(listener.way(), Way::Line, "after a while the best way is tried again");
    }
    assert!(WAIT < Duration::from_secs(30), "longer than many proxies wait");
}

#[tokio::test(start_paused = true)]
async fn a_proxy_that_does_not_wait_once_is_forgiven_and_twice_is_not() {
    let teller = Teller::default();
    let answers = [Word::Head(1), Word::Gateway, Word::Head(2), Word::Cut, Word::Gateway];
    teller.answers.lock().unwrap().extend(answers);
    let mut listener = Listener::default();
    heard(&mut listener, &teller).await;
    let (heads, silence) = heard(&mut listener, &teller).await;
    assert_eq!(heads, [1, 2]);
    assert!(matches!(silence, Silence::OtherWay), "{silence:?}");
    assert_eq!(listener.way(), Way::None);
}

#[tokio::test(start_paused = true)]
async fn a_network_that_is_gone_says_nothing_of_the_way() {
    let teller = Teller { line: Some(vec![Word::Cut]), ..Teller::default() };
    let mut listener = Listener::default();
    let (_, silence) = heard(&mut listener, &teller).await;
    assert!(matches!(silence, Silence::Cut(_)), "{silence:?}");
    assert_eq!(listener.way(), Way::Line);
}
