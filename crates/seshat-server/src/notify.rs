//! Who waits for news of an account, and how news comes to them: from this process, and from other nodes.
//!
//! **Invariants:** news is a hint and nothing more; what there is to fetch is what the store says. Nobody who stores
//! something waits for those who hear of it. Nothing is announced to other nodes from inside a write, and not more
//! often than every [`TOGETHER`]. What an announcement fails to tell, the next look at the heads does.
//! Accounts that nobody listens to take up no memory.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use seshat_protocol::AccountId;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use tokio::sync::watch;

use crate::meta::MetaStore;

/// For how long news is gathered before other nodes are told.
const TOGETHER: Duration = Duration::from_millis(100);

/// How often the heads of all accounts that somebody listens to are read, where there are other nodes.
const LOOK: Duration = Duration::from_secs(3);

/// Accounts in one question to the store.
const AT_ONCE: usize = 500;

/// Who may listen to one account at a time: some laptops, each with a connection that it lost and one that it has.
const LISTENERS: usize = 64;

/// See the module.
#[derive(Default)]
pub(crate) struct Notify {
    state: Mutex<State>,
    /// Something is to be announced.
    news: tokio::sync::Notify,
}

#[derive(Default)]
struct State {
    accounts: HashMap<AccountId, watch::Sender<News>>,
    /// To be announced; stays empty where there are no other nodes.
    pending: HashSet<AccountId>,
    listeners: usize,
    shared: bool,
    closed: bool,
}

/// What is known of an account.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct News {
    head: u64,
    /// Counts what changes and moves no head: a vault that was put, a laptop that asks to join.
    turn: u64,
}

/// Why nobody else may listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unheard {
    /// The server stops.
    Closed,
    /// There are [`LISTENERS`].
    TooMany,
}

impl Notify {
    /// From now on news of `account` is told to whoever holds this.
    pub(crate) fn listen(self: &Arc<Self>, account: AccountId) -> Result<Listener, Unheard> {
        let mut state = self.state();
        if state.closed {
            return Err(Unheard::Closed);
        }
        let sender = state.accounts.entry(account).or_default();
        if sender.receiver_count() >= LISTENERS {
            return Err(Unheard::TooMany);
        }
        let news = sender.subscribe();
        state.listeners += 1;
        drop(state);
        Ok(Listener { account, news, notify: Arc::clone(self) })
    }

    /// Records of the account were stored up to `head`.
    pub(crate) fn stored(&self, account: AccountId, head: u64) {
        self.told(account, head);
        self.announce(account);
    }

    /// Something else of the account changed that its laptops should look at.
    pub(crate) fn touched(&self, account: AccountId) {
        self.turned(account);
        self.announce(account);
    }

    /// The account's head is known to have come this far.
    pub(crate) fn told(&self, account: AccountId, head: u64) -> bool {
        let state = self.state();
        let further = |news: &mut News| {
            let further = head > news.head;
            news.head = news.head.max(head);
            further
        };
        state.accounts.get(&account).is_some_and(|sender| sender.send_if_modified(further))
    }

    /// How many listen.
    pub(crate) fn listeners(&self) -> usize {
        self.state().listeners
    }

    /// Ends all listening; nobody can begin to.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.accounts.clear();
    }

    /// Whether the server stops.
    pub(crate) fn is_closed(&self) -> bool {
        self.state().closed
    }

    /// Tells other nodes, and hears what they tell. Never ends by itself; where there are none, there is nothing to do.
    pub(crate) async fn carry(self: Arc<Self>, store: Arc<dyn MetaStore>) {
        let Some(announced) = store.announcements() else { return };
        self.state().shared = true;
        let store = store.as_ref();
        tokio::join!(self.tell(store), self.hear(store, announced), self.look(store));
    }

    fn announce(&self, account: AccountId) {
        let mut state = self.state();
        if state.shared {
            state.pending.insert(account);
            drop(state);
            self.news.notify_one();
        }
    }

    fn turned(&self, account: AccountId) {
        if let Some(sender) = self.state().accounts.get(&account) {
            sender.send_modify(|news| news.turn += 1);
        }
    }

    async fn tell(&self, store: &dyn MetaStore) {
        loop {
            self.news.notified().await;
            tokio::time::sleep(TOGETHER).await;
            let accounts: Vec<_> = self.state().pending.drain().collect();
            for part in accounts.chunks(AT_ONCE) {
                // What is not told now is seen at the next look.
                let _untold = store.announce(part.to_vec()).await;
            }
        }
    }

    async fn hear(&self, store: &dyn MetaStore, mut announced: Receiver<AccountId>) {
        loop {
            let mut accounts = HashSet::new();
            match announced.recv().await {
                Ok(account) => drop(accounts.insert(account)),
                // Too much came at once; the next look sees what it was.
                Err(RecvError::Lagged(_)) => continue,
                Err(RecvError::Closed) => return,
            }
            while accounts.len() < AT_ONCE
                && let Ok(account) = announced.try_recv()
            {
                accounts.insert(account);
            }
            accounts.retain(|account| self.state().accounts.contains_key(account));
            let accounts: Vec<_> = accounts.into_iter().collect();
            for (account, further) in self.read(store, &accounts).await {
                if !further {
                    self.turned(account);
                }
            }
        }
    }

    async fn look(&self, store: &dyn MetaStore) {
        loop {
            tokio::time::sleep(LOOK).await;
            let accounts: Vec<_> = self.state().accounts.keys().copied().collect();
            for part in accounts.chunks(AT_ONCE) {
                self.read(store, part).await;
            }
        }
    }

    /// Reads heads and tells them; which of the accounts had come further.
    async fn read(&self, store: &dyn MetaStore, accounts: &[AccountId]) -> Vec<(AccountId, bool)> {
        if accounts.is_empty() {
            return Vec::new();
        }
        // A store that cannot be asked now will be at the next look.
        let heads = store.heads(accounts.to_vec()).await.unwrap_or_default();
        let answers = accounts.iter().zip(heads);
        // Of an account that is gone whoever listens learns when something other than its head is looked at.
        let told = |account, head: Option<u64>| head.is_some_and(|head| self.told(account, head));
        answers.map(|(account, head)| (*account, told(*account, head))).collect()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Hears of one account, until it is dropped.
pub(crate) struct Listener {
    account: AccountId,
    news: watch::Receiver<News>,
    notify: Arc<Notify>,
}

impl Listener {
    /// The head, as far as it is known, and from here on what comes after it.
    pub(crate) fn head(&mut self) -> u64 {
        self.news.borrow_and_update().head
    }

    /// Waits until something changed, and takes it together with all that changed meanwhile. The head; `None` when the
    /// server stops.
    pub(crate) async fn next(&mut self) -> Option<u64> {
        self.news.changed().await.ok()?;
        Some(self.head())
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let mut state = self.notify.state();
        state.listeners -= 1;
        // This one is still counted.
        if state.accounts.get(&self.account).is_some_and(|sender| sender.receiver_count() <= 1) {
            state.accounts.remove(&self.account);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: AccountId = AccountId([1; 16]);
    const OTHER: AccountId = AccountId([2; 16]);

    fn news(listener: &Listener) -> bool {
        listener.news.has_changed().unwrap_or(false)
    }

    #[tokio::test]
    async fn who_listens_hears_of_its_own_account_and_of_no_other() {
        let notify = Arc::new(Notify::default());
        let mut one = notify.listen(ONE).unwrap();
        let other = notify.listen(OTHER).unwrap();
        notify.stored(ONE, 3);
        notify.stored(ONE, 5);
        assert_eq!(one.next().await, Some(5), "what came meanwhile is told once");
        assert!(!news(&one));
        assert!(!news(&other));
    }

    #[tokio::test]
    async fn a_head_that_is_known_is_no_news_and_another_change_is() {
        let notify = Arc::new(Notify::default());
        let mut one = notify.listen(ONE).unwrap();
        notify.stored(ONE, 5);
        one.head();
        assert!(!notify.told(ONE, 5));
        assert!(!notify.told(ONE, 4), "an answer that was late took the head back");
        assert!(!news(&one));
        notify.touched(ONE);
        assert_eq!(one.next().await, Some(5));
    }

    #[tokio::test]
    async fn who_stops_listening_leaves_nothing_behind() {
        let notify = Arc::new(Notify::default());
        let first = notify.listen(ONE).unwrap();
        let mut second = notify.listen(ONE).unwrap();
        drop(first);
        assert_eq!(notify.listeners(), 1);
        notify.stored(ONE, 1);
        assert_eq!(second.next().await, Some(1), "the one that stayed hears no more");
        drop(second);
        assert!(notify.state().accounts.is_empty());
        notify.stored(ONE, 2);
        assert!(notify.state().accounts.is_empty(), "who has no listener takes up memory");
        assert!(notify.state().pending.is_empty(), "one node alone gathers what it tells nobody");
    }

    #[tokio::test]
    async fn a_server_that_stops_lets_go_of_all_who_listen() {
        let notify = Arc::new(Notify::default());
        let mut one = notify.listen(ONE).unwrap();
        notify.close();
        assert_eq!(one.next().await, None);
        assert_eq!(notify.listen(ONE).err(), Some(Unheard::Closed));
        drop(one);
        assert_eq!(notify.listeners(), 0);
    }

    #[tokio::test]
    async fn an_account_has_so_many_listeners_and_room_again_when_one_leaves() {
        let notify = Arc::new(Notify::default());
        let mut held: Vec<_> = (0..LISTENERS).map(|_| notify.listen(ONE).unwrap()).collect();
        assert_eq!(notify.listen(ONE).err(), Some(Unheard::TooMany));
        assert!(notify.listen(OTHER).is_ok());
        held.pop();
        assert!(notify.listen(ONE).is_ok());
    }
}
