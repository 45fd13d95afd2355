//! The mailbox through which laptops join.

use std::sync::Arc;

use seshat_protocol::{AccountId, Blob, Bytes32, JoinId, limits};
use seshat_server::meta::{
    Asking, JOIN_LIFETIME_MS, JOINS_MOST, JoinParty, JoinRefusal, JoinStep, MetaStore,
};

fn asking(number: u32, account: u8) -> Asking {
    let mut join = [0; 16];
    join[..4].copy_from_slice(&number.to_be_bytes());
    let (account, commitment) = (AccountId([account; 16]), Bytes32([7; 32]));
    Asking { join: JoinId(join), token_hash: [1; 32], account, commitment }
}

async fn ask(store: &impl MetaStore, asking: Asking, now: u64) -> Result<(), JoinRefusal> {
    store.joins().ask(asking, now).await.unwrap()
}

async fn is_known(store: &impl MetaStore, asking: Asking, now: u64) -> bool {
    let progress = store.joins().progress(asking.join, asking.token_hash, now).await.unwrap();
    progress.inspect_err(|refusal| assert_eq!(*refusal, JoinRefusal::Unknown)).is_ok()
}

pub(crate) async fn an_asking_ends_after_ten_minutes_also_under_a_clock_set_back<S: MetaStore>(
    store: Arc<S>,
) {
    let one = asking(1, 1);
    ask(&*store, one, 1000).await.unwrap();
    assert!(is_known(&*store, one, 1000 + JOIN_LIFETIME_MS - 1).await);
    assert_eq!(store.joins().open(one.account, 2000).await.unwrap()[0].asked_at, 1000);
    assert!(!is_known(&*store, one, 1000 + JOIN_LIFETIME_MS).await, "it goes on");
    assert!(!is_known(&*store, one, 1000).await, "revived");
    assert!(store.joins().open(one.account, 1000).await.unwrap().is_empty(), "revived");
}

pub(crate) async fn three_may_ask_one_account_and_a_denied_one_makes_room<S: MetaStore>(
    store: Arc<S>,
) {
    for number in 0..3 {
        ask(&*store, asking(number, 1), u64::from(number)).await.unwrap();
    }
    assert_eq!(ask(&*store, asking(3, 1), 4).await, Err(JoinRefusal::TooMany));
    ask(&*store, asking(4, 2), 4).await.unwrap();
    let (first, by) = (asking(0, 1), JoinParty::Account(AccountId([1; 16])));
    store.joins().step(first.join, by, JoinStep::Deny, 4).await.unwrap().unwrap();
    ask(&*store, asking(3, 1), 4).await.unwrap();
    let open = store.joins().open(AccountId([1; 16]), 4).await.unwrap();
    let open: Vec<_> = open.iter().map(|open| open.join).collect();
    assert_eq!(open, [1, 2, 3].map(|number| asking(number, 1).join), "the oldest first");
    assert_eq!(open.len(), limits::JOINS);
}

pub(crate) async fn there_is_room_for_so_many_in_all_and_again_when_they_end<S: MetaStore>(
    store: Arc<S>,
) {
    for number in 0..u32::try_from(JOINS_MOST).unwrap() {
        let mut asking = asking(number, 0);
        asking.account.0[..4].copy_from_slice(&number.to_be_bytes());
        ask(&*store, asking, 0).await.unwrap();
    }
    assert_eq!(ask(&*store, asking(u32::MAX, 9), 0).await, Err(JoinRefusal::TooMany));
    assert_eq!(ask(&*store, asking(u32::MAX, 9), JOIN_LIFETIME_MS).await, Ok(()));
}

fn blob(text: &str) -> Blob {
    Blob(text.as_bytes().to_vec())
}

/// Each of the steps in their order: by whom, what is said, and something else in its place.
fn steps(one: Asking) -> [(JoinParty, JoinStep, JoinStep); 3] {
    let (asker, ours) = (JoinParty::Asker(one.token_hash), JoinParty::Account(one.account));
    [
        (ours, JoinStep::Offer(blob("offer")), JoinStep::Offer(blob("other"))),
        (asker, JoinStep::Reveal(blob("reveal")), JoinStep::Reveal(blob("other"))),
        (ours, JoinStep::Grant(blob("grant")), JoinStep::Grant(blob("other"))),
    ]
}

async fn step(
    store: &impl MetaStore,
    one: Asking,
    by: JoinParty,
    step: JoinStep,
) -> Result<AccountId, JoinRefusal> {
    store.joins().step(one.join, by, step, 5).await.unwrap()
}

pub(crate) async fn a_laptop_joins_step_by_step_and_nothing_is_changed_afterwards<S: MetaStore>(
    store: Arc<S>,
) {
    let one = asking(1, 1);
    let ours = JoinParty::Account(one.account);
    let early = step(&*store, one, ours, JoinStep::Offer(blob("offer"))).await;
    assert_eq!(early, Err(JoinRefusal::Unknown), "nobody has asked");
    ask(&*store, one, 5).await.unwrap();
    for (by, taken, other) in steps(one) {
        assert_eq!(step(&*store, one, by, taken.clone()).await, Ok(one.account));
        let again = step(&*store, one, by, taken).await;
        assert_eq!(again, Ok(one.account), "the answer was lost");
        assert_eq!(step(&*store, one, by, other).await, Err(JoinRefusal::OutOfTurn), "changed");
    }
    let late = step(&*store, one, ours, JoinStep::Deny).await;
    assert_eq!(late, Err(JoinRefusal::OutOfTurn), "taken back");
    let progress = store.joins().progress(one.join, one.token_hash, 5).await.unwrap().unwrap();
    assert_eq!((progress.offer, progress.grant), (Some(blob("offer")), Some(blob("grant"))));
    assert!(!progress.denied);
}

pub(crate) async fn no_step_of_a_join_comes_before_its_turn_or_from_others<S: MetaStore>(
    store: Arc<S>,
) {
    let one = asking(1, 1);
    ask(&*store, one, 5).await.unwrap();
    let steps = steps(one);
    for (number, (by, taken, _)) in steps.iter().enumerate() {
        for (early_by, early, _) in &steps[number + 1..] {
            let early = step(&*store, one, *early_by, early.clone()).await;
            assert_eq!(early, Err(JoinRefusal::OutOfTurn));
        }
        let turned = steps.iter().map(|(by, _, _)| *by).find(|party| party != by).unwrap();
        let others = [JoinParty::Asker([2; 32]), JoinParty::Account(AccountId([2; 16])), turned];
        for other in others {
            let stranger = step(&*store, one, other, taken.clone()).await;
            assert_eq!(stranger, Err(JoinRefusal::Unknown), "not its part");
        }
        assert_eq!(step(&*store, one, *by, taken.clone()).await, Ok(one.account));
    }
}

pub(crate) async fn a_join_that_was_denied_is_over_and_who_asked_is_told<S: MetaStore>(
    store: Arc<S>,
) {
    let denied = asking(2, 1);
    let ours = JoinParty::Account(denied.account);
    ask(&*store, denied, 5).await.unwrap();
    step(&*store, denied, ours, JoinStep::Deny).await.unwrap();
    let late = step(&*store, denied, ours, JoinStep::Offer(blob("offer"))).await;
    assert_eq!(late, Err(JoinRefusal::OutOfTurn));
    let told = store.joins().progress(denied.join, denied.token_hash, 5).await.unwrap().unwrap();
    assert!(told.denied && told.offer.is_none());
}
