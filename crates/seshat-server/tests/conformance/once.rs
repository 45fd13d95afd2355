//! What is good once: nonces, answered challenges, invitations.

use std::sync::Arc;

use seshat_server::meta::{Created, MetaStore, NewAccount};

use crate::support::{Author, bytes};

pub(crate) async fn what_is_good_once_is_good_once<S: MetaStore>(store: Arc<S>) {
    for round in 0..8_u64 {
        let thing = bytes(round, "spent");
        let racers: Vec<_> = (0..16_u64)
            .map(|racer| {
                let store = Arc::clone(&store);
                // Who comes again need not say the same end.
                let until = 1_000_000 + racer * 40_000;
                tokio::spawn(async move { store.spend(thing, until, 10 + racer).await.unwrap() })
            })
            .collect();
        let mut first = 0;
        for racer in racers {
            first += usize::from(racer.await.unwrap());
        }
        assert_eq!(first, 1, "{round}");
        assert!(!store.spend(thing, 1_000_000, 999_000).await.unwrap());
    }
    assert!(store.spend(bytes(99, "spent"), 1_000_000, 999_000).await.unwrap());
}

pub(crate) async fn what_has_ended_is_not_good_again_under_a_clock_set_back<S: MetaStore>(
    store: Arc<S>,
) {
    let [one, two, three] = [1, 2, 3].map(|thing| bytes(thing, "spent"));
    assert!(store.spend(one, 100_000, 10_000).await.unwrap());
    assert!(store.spend(two, 900_000, 100_000).await.unwrap());
    assert!(!store.spend(one, 100_000, 10_000).await.unwrap(), "revived");
    assert!(!store.spend(three, 100_000, 10_000).await.unwrap(), "nobody knows whether it was");
    assert!(store.spend(three, 100_001, 10_000).await.unwrap());
    assert!(!store.spend(two, 900_000, 899_999).await.unwrap(), "forgotten early");
}

fn invited(seed: u64, code: u64, now: u64) -> NewAccount {
    let invite = Some(bytes(code, "code"));
    NewAccount { invite, invited_only: true, now, ..Author::new(seed).new_account() }
}

pub(crate) async fn one_invitation_lets_one_account_in<S: MetaStore>(store: Arc<S>) {
    store.invite(bytes(1, "code"), 1000).await.unwrap();
    let uninvited = NewAccount { invite: None, ..invited(1, 1, 5) };
    assert_eq!(store.create_account(uninvited).await.unwrap(), Created::NotInvited);
    assert_eq!(store.create_account(invited(1, 2, 5)).await.unwrap(), Created::NotInvited);
    let racers: Vec<_> = (0..8)
        .map(|seed| {
            let store = Arc::clone(&store);
            tokio::spawn(
                async move { (seed, store.create_account(invited(seed, 1, 5)).await.unwrap()) },
            )
        })
        .collect();
    let mut made = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            (seed, Created::Made) => made.push(seed),
            (_, other) => assert_eq!(other, Created::NotInvited),
        }
    }
    let [winner] = made[..] else { panic!("{made:?} came in") };
    let again = store.create_account(invited(winner, 1, 5)).await.unwrap();
    assert_eq!(again, Created::Exists, "it cannot know that it came in");
    assert_eq!(store.create_account(invited(9, 1, 5)).await.unwrap(), Created::NotInvited);
    // Where anybody may come in, an invitation changes nothing.
    let anybody = NewAccount { invited_only: false, ..invited(10, 1, 5) };
    assert_eq!(store.create_account(anybody).await.unwrap(), Created::Made);
}

pub(crate) async fn an_invitation_ends_and_is_used_up_by_nothing_that_did_not_begin<
    S: MetaStore,
>(
    store: Arc<S>,
) {
    store.invite(bytes(1, "code"), 1000).await.unwrap();
    store.invite(bytes(2, "code"), 2000).await.unwrap();
    assert_eq!(store.create_account(invited(1, 1, 1000)).await.unwrap(), Created::NotInvited);
    assert_eq!(store.create_account(invited(1, 1, 999)).await.unwrap(), Created::Made);
    let mut taken = invited(2, 2, 1000);
    taken.email = Author::new(1).email;
    assert_eq!(store.create_account(taken.clone()).await.unwrap(), Created::Exists);
    assert_eq!(store.create_account(invited(2, 2, 1000)).await.unwrap(), Created::Made);
    taken.invite = None;
    let told = store.create_account(taken).await.unwrap();
    assert_eq!(told, Created::NotInvited, "who is not invited learns who is here");
    // The same invitation again lasts as long as the longer of the two, and is not good for another account.
    store.invite(bytes(2, "code"), 9000).await.unwrap();
    assert_eq!(store.create_account(invited(3, 2, 1500)).await.unwrap(), Created::NotInvited);
    store.invite(bytes(3, "code"), 9000).await.unwrap();
    store.invite(bytes(3, "code"), 10).await.unwrap();
    assert_eq!(store.create_account(invited(3, 3, 1500)).await.unwrap(), Created::Made);
}
