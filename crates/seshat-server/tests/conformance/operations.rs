//! What who runs the server asks and does.

use std::sync::Arc;

use seshat_protocol::{Bytes32, PushOutcome};
use seshat_server::meta::{Created, MetaStore, Named, NewBlob, Sighting, Sweep, VaultOutcome};

use crate::outside::info;
use crate::support::Author;
use crate::{author, change, is_open, open_session, page};

async fn lock(store: &impl MetaStore, author: &Author, locked: bool) {
    assert!(store.set_locked(author.account, locked).await.unwrap());
    let seat = store.device(author.account, author.device_id()).await.unwrap().unwrap();
    assert_eq!((seat.locked, info(store, author).await.locked), (locked, locked));
}

fn blob(author: &Author) -> NewBlob {
    let (account, hash) = (author.account, Bytes32([1; 32]));
    NewBlob { account, hash, len: 1, quota_default: None, now: 5 }
}

pub(crate) async fn a_locked_account_takes_nothing<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    store.push(author.push(author.records(1..3))).await.unwrap();
    lock(&*store, &author, true).await;
    assert!(store.push(author.push(author.records(1..5))).await.unwrap().is_none());
    assert_eq!(store.begin_blob(blob(&author)).await.unwrap(), None);
    let outcome = store.replace_vault(change(&author, "first", "second")).await.unwrap();
    assert_eq!(outcome, VaultOutcome::Changed);
    assert_eq!(page(&*store, &author, 0, 9).await.records.len(), 2);
    assert_eq!(store.vault(author.account).await.unwrap().unwrap().revision, "first");

    lock(&*store, &author, false).await;
    let pushed = store.push(author.push(author.records(1..5))).await.unwrap().unwrap();
    assert_eq!(pushed.head, 4);
    assert!(store.begin_blob(blob(&author)).await.unwrap().is_some());
}

pub(crate) async fn sessions_end_with_the_lock_and_other_accounts_go_on<S: MetaStore>(
    store: Arc<S>,
) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    open_session(&*store, &one, 1).await;
    open_session(&*store, &two, 2).await;
    lock(&*store, &one, true).await;
    assert!(!is_open(&*store, &one, 1, 1).await);
    open_session(&*store, &one, 3).await;
    assert!(!is_open(&*store, &one, 3, 1).await, "a session of a locked account");
    lock(&*store, &one, false).await;
    assert!(!is_open(&*store, &one, 1, 1).await, "an ended session goes on");
    assert!(is_open(&*store, &two, 2, 1).await, "another account's session");
    assert!(!info(&*store, &two).await.locked, "another account");
    assert!(!store.set_locked(Author::new(3).account, true).await.unwrap());
}

/// An account with something of every kind: 700 records, of which the last names the others.
async fn full(store: &impl MetaStore, seed: u64) -> Author {
    let author = author(store, seed).await;
    let mut change = change(&author, "first", "second");
    change.device = Some(author.other_device(seed).1);
    change.revoke = vec![author.other_device(seed + 50).1.id];
    store.replace_vault(change).await.unwrap();
    open_session(store, &author, seed).await;
    let account = author.account;
    for blob in 0..2 {
        let hash = Bytes32([blob; 32]);
        let new = NewBlob { account, hash, len: 9, quota_default: None, now: 5 };
        store.begin_blob(new).await.unwrap();
        store.blob_part(account, hash, 0).await.unwrap();
    }
    store.finish_blob(account, Bytes32([1; 32])).await.unwrap();
    let mut records = author.records(1..701);
    records[699].replaces = records[..699].iter().map(|record| record.id).collect();
    records[0].blobs = vec![Bytes32([1; 32])];
    for records in records.chunks(100) {
        store.push(author.push(records.to_vec())).await.unwrap();
    }
    author
}

pub(crate) async fn a_deleted_account_is_found_no_more<S: MetaStore>(store: Arc<S>) {
    let author = full(&*store, 1).await;
    assert!(!store.delete_account(Author::new(3).account).await.unwrap());
    assert!(store.delete_account(author.account).await.unwrap());
    assert!(!store.delete_account(author.account).await.unwrap(), "there is none any more");
    for named in [Named::Id(author.account), Named::Email(author.email.clone())] {
        assert!(store.find(named.clone()).await.unwrap().is_none());
        assert!(store.account(named).await.unwrap().is_none());
    }
    assert!(store.vault(author.account).await.unwrap().is_none());
    assert!(store.push(author.push(author.records(1..2))).await.unwrap().is_none());
    assert!(!is_open(&*store, &author, 1, 1).await);
}

fn bodies() -> Vec<Bytes32> {
    vec![Bytes32([0; 32]), Bytes32([1; 32])]
}

pub(crate) async fn an_account_beside_a_deleted_one_keeps_everything<S: MetaStore>(store: Arc<S>) {
    let (one, two) = (full(&*store, 1).await, full(&*store, 2).await);
    assert!(store.delete_account(one.account).await.unwrap());
    let used = async |author: &Author| store.objects_used(author.account, bodies()).await.unwrap();
    assert_eq!((used(&one).await, used(&two).await), (vec![false; 2], vec![true; 2]));
    assert_eq!(store.heads(vec![one.account, two.account]).await.unwrap(), [None, Some(700)]);
    let listed = store.accounts(0, 100).await.unwrap();
    assert_eq!(listed, [info(&*store, &two).await]);
    assert_eq!((listed[0].records, listed[0].bytes), (700, 28_018));
    assert!(is_open(&*store, &two, 2, 1).await);
    assert_eq!(store.devices(two.account).await.unwrap().len(), 2);
    assert_eq!(page(&*store, &two, 0, 1000).await.records.len(), 700);
}

pub(crate) async fn who_begins_under_the_id_of_a_deleted_account_finds_nothing_of_it<
    S: MetaStore,
>(
    store: Arc<S>,
) {
    let author = full(&*store, 1).await;
    assert!(store.delete_account(author.account).await.unwrap());
    assert_eq!(store.create_account(author.new_account()).await.unwrap(), Created::Made);
    let info = info(&*store, &author).await;
    assert_eq!((info.records, info.bytes), (0, 0));
    assert_eq!(store.devices(author.account).await.unwrap().len(), 1);
    assert_eq!(store.blob(author.account, Bytes32([1; 32])).await.unwrap(), None);
    let pushed = store.push(author.push(author.records(1..3))).await.unwrap().unwrap();
    assert_eq!(pushed.outcomes, vec![PushOutcome::Stored; 2]);
    let fresh = page(&*store, &author, 0, 9).await;
    assert_eq!((fresh.head, fresh.digest.count), (2, 2), "something of the old one counts");
}

pub(crate) async fn what_is_pushed_while_an_account_is_deleted_goes_with_it<S: MetaStore>(
    store: Arc<S>,
) {
    let author = author(&*store, 1).await;
    let pushing: Vec<_> = (0..40_u64)
        .map(|turn| {
            let (store, author) = (Arc::clone(&store), author.clone());
            tokio::spawn(async move {
                let first = 1 + turn * 10;
                store.push(author.push(author.records(first..first + 10))).await.unwrap();
                if turn == 20 {
                    assert!(store.delete_account(author.account).await.unwrap());
                }
            })
        })
        .collect();
    for push in pushing {
        push.await.unwrap();
    }
    assert_eq!(store.heads(vec![author.account]).await.unwrap(), [None]);
    assert!(store.accounts(0, 9).await.unwrap().is_empty());
    assert_eq!(store.create_account(author.new_account()).await.unwrap(), Created::Made);
    assert!(page(&*store, &author, 0, 9).await.records.is_empty());
    assert_eq!(store.sweep(u64::MAX, Sweep::default()).await.unwrap().records, 0);
}

pub(crate) async fn accounts_are_listed_in_pages<S: MetaStore>(store: Arc<S>) {
    assert!(store.accounts(0, 9).await.unwrap().is_empty());
    let mut authors = Vec::new();
    for seed in 0..5 {
        let mut new = Author::new(seed).new_account();
        new.now = 100 + seed;
        assert_eq!(store.create_account(new).await.unwrap(), Created::Made);
        authors.push(Author::new(seed));
    }
    let (account, device) = (authors[3].account, authors[3].device_id());
    store.seen(Sighting { account, device, at: 50, cursor: None }).await.unwrap();
    let (mut listed, mut after) = (Vec::new(), 0);
    loop {
        let page = store.accounts(after, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        assert!(page.len() <= 2 && page.is_sorted_by_key(|info| info.number));
        assert!(page.iter().all(|info| info.number > after));
        after = last.number;
        listed.extend(page);
    }
    assert!(listed.iter().map(|info| info.account).eq(authors.iter().map(|one| one.account)));
    assert!(listed.iter().map(|info| info.created_at).eq(100..105));
    assert!(listed.iter().all(|info| info.email.starts_with("author-")));
    let seen: Vec<_> = listed.iter().map(|info| info.seen_at).collect();
    assert_eq!(seen, [None, None, None, Some(50), None]);
    let found = store.account(Named::Email(authors[3].email.clone())).await.unwrap().unwrap();
    assert_eq!(found, listed[3]);
}

pub(crate) async fn a_history_gets_another_name<S: MetaStore>(store: Arc<S>) {
    let before = store.identity().epoch.clone();
    let mut names = vec![before];
    for _ in 0..3 {
        let name = store.rotate_epoch().await.unwrap();
        assert!(name.len() == 32 && name.chars().all(|c| c.is_ascii_hexdigit()), "{name}");
        assert!(!names.contains(&name), "the same history");
        names.push(name);
    }
}
