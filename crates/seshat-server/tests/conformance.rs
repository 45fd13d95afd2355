//! What every store must do. The suite knows nothing of the store but the trait.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

#[path = "conformance/blobs.rs"]
mod blobs;
#[path = "conformance/joins.rs"]
mod joins;
#[path = "conformance/once.rs"]
mod once;
#[path = "conformance/operations.rs"]
mod operations;
#[path = "conformance/outside.rs"]
mod outside;
#[path = "conformance/purging.rs"]
mod purging;
mod support;

use std::collections::HashSet;
use std::sync::Arc;

use blobs::{
    a_blob_comes_in_parts, a_blob_counts_from_its_beginning_until_it_is_forgotten,
    a_blob_counts_once_and_leaves_records_no_room, a_blob_is_here_when_it_is_finished,
    a_blob_of_another_length_begins_anew,
    a_record_keeps_the_blobs_that_it_names_until_it_is_purged,
    a_record_waits_for_the_blobs_that_it_names, blobs_are_forgotten_in_steps,
    what_no_record_names_is_forgotten_in_time,
};
use joins::{
    a_join_that_was_denied_is_over_and_who_asked_is_told,
    a_laptop_joins_step_by_step_and_nothing_is_changed_afterwards,
    an_asking_ends_after_ten_minutes_also_under_a_clock_set_back,
    no_step_of_a_join_comes_before_its_turn_or_from_others,
    there_is_room_for_so_many_in_all_and_again_when_they_end,
    three_may_ask_one_account_and_a_denied_one_makes_room,
};
use once::{
    an_invitation_ends_and_is_used_up_by_nothing_that_did_not_begin,
    one_invitation_lets_one_account_in, what_has_ended_is_not_good_again_under_a_clock_set_back,
    what_is_good_once_is_good_once,
};
use operations::{
    a_deleted_account_is_found_no_more, a_history_gets_another_name,
    a_locked_account_takes_nothing, accounts_are_listed_in_pages,
    an_account_beside_a_deleted_one_keeps_everything,
    sessions_end_with_the_lock_and_other_accounts_go_on,
    what_is_pushed_while_an_account_is_deleted_goes_with_it,
    who_begins_under_the_id_of_a_deleted_account_finds_nothing_of_it,
};
use outside::{
    a_body_outside_counts_and_is_compared_like_one_inside, a_live_page_leaves_out_what_is_replaced,
    bodies_outside_are_measured_and_in_use, heads_are_told_in_the_order_asked,
    its_own_quota_is_what_counts_for_an_account,
    what_does_not_fit_is_left_out_and_what_is_there_is_known, what_is_counted_is_what_is_there,
    what_is_purged_makes_room, what_replaces_others_may_go_past_the_quota_but_not_for_ever,
};
use purging::{
    a_purged_record_that_comes_again_is_taken_and_goes_again,
    of_everything_the_last_two_snapshots_stay, records_that_name_each_other_in_a_ring_stay,
    what_is_replaced_does_not_count_whichever_of_the_two_came_first,
    what_was_replaced_goes_in_time_and_pages_pass_over_it,
    whatever_is_pushed_and_swept_only_what_a_live_record_stands_for_is_gone,
};
use seshat_protocol::{Blob, PushOutcome, RecordId, VaultReply, limits};
use seshat_server::meta::{
    Created, MetaStore, Named, NewSession, Page, PageRequest, Seat, Sighting, VaultChange,
    VaultOutcome, reason,
};
use support::{Author, bytes, public, xor};

async fn author(store: &impl MetaStore, seed: u64) -> Author {
    let author = Author::new(seed);
    assert_eq!(store.create_account(author.new_account()).await.unwrap(), Created::Made);
    author
}

async fn page(store: &impl MetaStore, author: &Author, cursor: u64, limit: usize) -> Page {
    let request = PageRequest { cursor, limit, max_bytes: limits::BATCH_BYTES, live: false };
    store.changes(author.account, request).await.unwrap().unwrap()
}

fn rejected(why: &str) -> PushOutcome {
    PushOutcome::Rejected { reason: why.to_owned() }
}

fn change(author: &Author, expected: &str, revision: &str) -> VaultChange {
    VaultChange {
        account: author.account,
        expected: expected.to_owned(),
        vault: VaultReply {
            revision: revision.to_owned(),
            vault: Blob(revision.as_bytes().to_vec()),
        },
        sign_in: None,
        device: None,
        revoke: Vec::new(),
        session: None,
        now: 9,
    }
}

/// 4 writers push 150 records each, singly and in small batches, while a reader pages along.
async fn a_reader_under_four_writers_misses_nothing<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let writers: Vec<_> = (0..4_u64)
        .map(|writer| {
            let (store, author) = (Arc::clone(&store), author.clone());
            tokio::spawn(async move {
                let mut next = writer * 1000 + 1;
                let end = next + 150;
                while next < end {
                    let until = (next + 1 + next % 5).min(end);
                    let push = author.push(author.records(next..until));
                    let pushed = store.push(push).await.unwrap().unwrap();
                    assert!(pushed.outcomes.iter().all(|outcome| *outcome == PushOutcome::Stored));
                    next = until;
                }
            })
        })
        .collect();
    let mut seen = HashSet::new();
    let mut cursor = 0;
    while cursor < 600 {
        let page = page(&*store, &author, cursor, 7).await;
        for changed in page.records {
            assert_eq!(changed.position, cursor + 1, "a gap, or a position out of order");
            cursor = changed.position;
            assert!(seen.insert(changed.held.record.id), "a record came twice");
        }
        assert!(page.head >= cursor, "a position above the head was shown");
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    assert_eq!(seen.len(), 600);
}

async fn a_repeated_push_changes_nothing<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let push = author.push(author.records(1..6));
    let first = store.push(push.clone()).await.unwrap().unwrap();
    assert_eq!(first.outcomes, vec![PushOutcome::Stored; 5]);
    let again = store.push(push.clone()).await.unwrap().unwrap();
    assert_eq!(again.outcomes, vec![PushOutcome::Known; 5]);
    assert_eq!((first.head, again.head), (5, 5));
    let page = page(&*store, &author, 0, 100).await;
    let stored: Vec<_> = page.records.into_iter().map(|changed| changed.held).collect();
    assert_eq!(stored, push.records, "what comes back is not what was pushed");
}

async fn one_push_may_hold_a_record_twice<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let record = author.record(1, 10);
    let pushed = store.push(author.push(vec![record.clone(), record])).await.unwrap().unwrap();
    assert_eq!(pushed.outcomes, [PushOutcome::Stored, PushOutcome::Known]);
    assert_eq!(pushed.head, 1);
}

async fn a_bad_record_is_refused_and_its_neighbours_are_stored<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    store.push(author.push(author.records(1..2))).await.unwrap();
    let altered = |sequence, change: fn(&mut seshat_protocol::Record)| {
        let mut record = author.record(sequence, 40);
        change(&mut record);
        record
    };
    let push = author.push(vec![
        author.record(2, 40),
        altered(1, |record| record.body.0.push(0)),
        altered(1, |record| record.replaces.push(RecordId([3; 16]))),
        altered(1, |record| record.id = RecordId([4; 16])),
        altered(3, |record| record.device.0[0] ^= 1),
        altered(4, |record| record.body.0 = vec![0; limits::RECORD_BYTES + 1]),
        altered(5, |record| record.replaces = vec![RecordId([3; 16]); limits::REPLACES + 1]),
        altered(6, |record| record.sequence = 0),
        altered(7, |record| record.sequence = u64::MAX),
        author.record(8, 40),
    ]);
    let pushed = store.push(push).await.unwrap().unwrap();
    let expected = [
        PushOutcome::Stored,
        rejected(reason::OTHER_CONTENT),
        rejected(reason::OTHER_CONTENT),
        rejected(reason::SEQUENCE_TAKEN),
        rejected(reason::UNKNOWN_DEVICE),
        rejected(reason::TOO_LARGE),
        rejected(reason::REPLACES_TOO_MANY),
        rejected(reason::NO_SEQUENCE),
        rejected(reason::NO_SEQUENCE),
        PushOutcome::Stored,
    ];
    assert_eq!(pushed.outcomes, expected);
    assert_eq!(pushed.head, 3, "a refused record was given a position");
}

async fn accounts_do_not_meet<S: MetaStore>(store: Arc<S>) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    let mine = one.record(1, 40);
    let mut theirs = two.record(1, 99);
    theirs.id = mine.id;
    store.push(one.push(vec![mine.clone()])).await.unwrap();
    let pushed = store.push(two.push(vec![theirs])).await.unwrap().unwrap();
    assert_eq!(pushed.outcomes, [PushOutcome::Stored], "another account's id was in the way");
    let foreign = store.push(two.push(vec![one.record(2, 40)])).await.unwrap().unwrap();
    assert_eq!(foreign.outcomes, [rejected(reason::UNKNOWN_DEVICE)]);
    assert_eq!(page(&*store, &one, 0, 100).await.records[0].held.record, mine);
    let nobody = Author::new(3);
    assert!(store.push(nobody.push(Vec::new())).await.unwrap().is_none());
}

async fn the_digest_is_what_a_recomputation_gives<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let mut next = 1;
    for size in [1, 3, 1, 9, 20] {
        store.push(author.push(author.records(next.max(2) - 1..next + size))).await.unwrap();
        next += size;
        let page = page(&*store, &author, 0, 100).await;
        let ids: Vec<_> = page.records.iter().map(|changed| changed.held.record.id).collect();
        assert_eq!(page.digest.count, ids.len() as u64);
        assert_eq!(page.digest.xor, xor(&ids));
    }
    let empty = page(&*store, &self::author(&*store, 2).await, 0, 100).await;
    assert_eq!((empty.head, empty.digest.count, empty.digest.xor), (0, 0, xor([])));
}

async fn pages_end_where_they_should_at_every_boundary<S: MetaStore>(store: Arc<S>) {
    const PAGE: usize = 10;
    for (seed, records) in [(1, 0_u64), (2, 1), (3, 9), (4, 10), (5, 11), (6, 29), (7, 30), (8, 31)]
    {
        let author = author(&*store, seed).await;
        store.push(author.push(author.records(1..records + 1))).await.unwrap();
        let (mut cursor, mut sizes) = (0, Vec::new());
        loop {
            let page = page(&*store, &author, cursor, PAGE).await;
            let Some(last) = page.records.last() else { break };
            sizes.push(page.records.len());
            cursor = last.position;
        }
        assert_eq!(cursor, records);
        assert_eq!(sizes.iter().sum::<usize>() as u64, records);
        assert!(sizes.iter().rev().skip(1).all(|size| *size == PAGE), "{records}: {sizes:?}");
    }
}

async fn a_page_is_measured_in_bytes_and_never_empty<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let records = [100, 100, 101, 5000, 1].iter().zip(1..).map(|(n, i)| author.record(i, *n));
    store.push(author.push(records.collect())).await.unwrap();
    let take = async |cursor, max_bytes| {
        let request = PageRequest { cursor, limit: 100, max_bytes, live: false };
        store.changes(author.account, request).await.unwrap().unwrap().records.len()
    };
    assert_eq!(take(0, 200).await, 2);
    assert_eq!(take(0, 199).await, 1);
    assert_eq!(take(0, 301).await, 3);
    assert_eq!(take(3, 10).await, 1, "the large one comes by itself");
    assert_eq!(take(2, 5101).await, 2);
    assert_eq!(take(0, 0).await, 1);
    assert_eq!(take(5, 0).await, 0);
    assert_eq!(take(u64::MAX, 100).await, 0);
}

async fn of_racing_vaults_exactly_one_wins<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let racers: Vec<_> = (0..16_u64)
        .map(|seed| {
            let (store, author) = (Arc::clone(&store), author.clone());
            tokio::spawn(async move {
                let mut change = change(&author, "first", &format!("racer {seed}"));
                let mut sign_in = author.description();
                sign_in.kdf.passes = u32::try_from(seed + 100).unwrap();
                change.sign_in = Some(sign_in);
                change.device = Some(author.other_device(seed).1);
                (seed, store.replace_vault(change).await.unwrap())
            })
        })
        .collect();
    let mut winners = Vec::new();
    for racer in racers {
        let (seed, outcome) = racer.await.unwrap();
        match outcome {
            VaultOutcome::Stored { .. } => winners.push(seed),
            other => assert_eq!(other, VaultOutcome::Changed),
        }
    }
    let [winner] = winners[..] else { panic!("{winners:?} won") };
    let vault = store.vault(author.account).await.unwrap().unwrap();
    assert_eq!(vault.revision, format!("racer {winner}"));
    let known = store.find(Named::Id(author.account)).await.unwrap().unwrap();
    assert_eq!(u64::from(known.sign_in.kdf.passes), winner + 100, "a loser's keys were taken");
    for seed in 0..16 {
        let id = author.other_device(seed).1.id;
        let seat = store.device(author.account, id).await.unwrap();
        assert_eq!(seat.is_some(), seed == winner, "a loser's device joined");
    }
}

async fn a_device_id_is_never_given_to_other_keys<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let mut thief = author.other_device(1).1;
    thief.id = author.device_id();
    let mut change = change(&author, "first", "second");
    change.device = Some(thief);
    assert_eq!(store.replace_vault(change.clone()).await.unwrap(), VaultOutcome::DeviceTaken);
    assert_eq!(store.vault(author.account).await.unwrap().unwrap().revision, "first");
    change.device = Some(author.device());
    let again = VaultOutcome::Stored { registered_at: Some(1) };
    assert_eq!(store.replace_vault(change).await.unwrap(), again, "registered a second time");
    let kept = store.device(author.account, author.device_id()).await.unwrap();
    assert_eq!(
        kept,
        Some(Seat { signing_key: public(&author.laptop), revoked: false, locked: false })
    );
}

async fn a_revoked_device_stays_listed_and_never_comes_back<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    let (_, other) = author.other_device(1);
    let mut join = change(&author, "first", "second");
    join.device = Some(other.clone());
    assert_eq!(
        store.replace_vault(join).await.unwrap(),
        VaultOutcome::Stored { registered_at: Some(9) }
    );
    let mut late = change(&author, "first", "third");
    late.revoke = vec![other.id];
    assert_eq!(store.replace_vault(late).await.unwrap(), VaultOutcome::Changed);
    assert!(!store.device(author.account, other.id).await.unwrap().unwrap().revoked);

    let (unheard_key, unheard) = author.other_device(2);
    let mut out = change(&author, "second", "third");
    out.revoke = vec![other.id, unheard.id, other.id];
    out.now = 20;
    assert_eq!(
        store.replace_vault(out).await.unwrap(),
        VaultOutcome::Stored { registered_at: None }
    );
    assert!(store.device(author.account, other.id).await.unwrap().unwrap().revoked);
    for device in [other.clone(), unheard] {
        let mut back = change(&author, "third", "fourth");
        back.device = Some(device);
        assert_eq!(store.replace_vault(back).await.unwrap(), VaultOutcome::DeviceTaken);
    }
    assert_ne!(public(&unheard_key), other.signing_key);
    let mut push = author.push(author.records(1..2));
    push.by = other.id;
    assert!(store.push(push).await.unwrap().is_none(), "its push was on the way and got in");
}

async fn what_a_revoked_device_wrote_is_taken_and_its_first_revocation_counts<S: MetaStore>(
    store: Arc<S>,
) {
    let author = author(&*store, 1).await;
    let (_, other) = author.other_device(1);
    let mut join = change(&author, "first", "second");
    join.device = Some(other.clone());
    store.replace_vault(join).await.unwrap();
    let mut out = change(&author, "second", "third");
    (out.revoke, out.now) = (vec![other.id], 20);
    store.replace_vault(out).await.unwrap();

    // What it wrote while it was one of hers may still be offered by the others.
    let mut record = author.record(1, 10);
    record.device = other.id;
    let pushed = store.push(author.push(vec![record])).await.unwrap().unwrap();
    assert_eq!(pushed.outcomes, [PushOutcome::Stored]);

    let mut again = change(&author, "third", "fourth");
    (again.revoke, again.now) = (vec![other.id], 30);
    store.replace_vault(again).await.unwrap();
    let devices = store.devices(author.account).await.unwrap();
    let listed: Vec<_> = devices
        .iter()
        .map(|known| (known.device.id, known.registered_at, known.revoked_at))
        .collect();
    assert_eq!(listed, [(author.device_id(), 1, None), (other.id, 9, Some(20))]);
    assert_eq!(devices[1].device, other);
}

async fn a_device_is_seen_forward_only<S: MetaStore>(store: Arc<S>) {
    let (one, two) = (author(&*store, 1).await, author(&*store, 2).await);
    let device = one.device_id();
    let seen = async |account, at, cursor| {
        store.seen(Sighting { account, device, at, cursor }).await.unwrap();
        let listed = &store.devices(one.account).await.unwrap()[0];
        (listed.seen_at, listed.cursor)
    };
    assert_eq!(seen(one.account, 50, None).await, (Some(50), None));
    assert_eq!(seen(one.account, 40, Some(9)).await, (Some(50), Some(9)), "went back");
    assert_eq!(seen(one.account, 60, None).await, (Some(60), Some(9)));
    assert_eq!(seen(one.account, 60, Some(8)).await, (Some(60), Some(9)), "went back");
    assert_eq!(seen(two.account, 70, Some(70)).await, (Some(60), Some(9)), "another account's");
    assert_eq!(store.devices(two.account).await.unwrap()[0].seen_at, None);
    store.rotate_epoch().await.unwrap();
    assert_eq!(seen(one.account, 60, None).await.1, None, "a cursor of another history");
}

async fn an_account_begins_once<S: MetaStore>(store: Arc<S>) {
    let racers: Vec<_> = (0..8)
        .map(|seed| {
            let store = Arc::clone(&store);
            let mut new = Author::new(seed).new_account();
            new.email = "one@example.org".to_owned();
            tokio::spawn(async move { store.create_account(new).await.unwrap() })
        })
        .collect();
    let mut made = 0;
    for racer in racers {
        made += usize::from(racer.await.unwrap() == Created::Made);
    }
    assert_eq!(made, 1);
    let known = store.find(Named::Email("one@example.org".to_owned())).await.unwrap().unwrap();
    let mut same_id = Author::new(99).new_account();
    same_id.account = known.account;
    assert_eq!(store.create_account(same_id).await.unwrap(), Created::Exists);
}

async fn open_session(store: &impl MetaStore, author: &Author, seed: u64) {
    let (token_hash, account) = (bytes(seed, "token"), author.account);
    let session = NewSession { token_hash, account, now: 0, ends_at: 1000 };
    store.open_session(session).await.unwrap();
}

async fn is_open(store: &impl MetaStore, author: &Author, seed: u64, now: u64) -> bool {
    let whose = store.session(bytes(seed, "token"), now).await.unwrap();
    assert!(whose.is_none_or(|account| account == author.account), "somebody else's session");
    whose.is_some()
}

async fn a_session_ends_in_time<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    open_session(&*store, &author, 1).await;
    assert!(is_open(&*store, &author, 1, 999).await);
    assert!(!is_open(&*store, &author, 1, 1000).await, "the session outlived its end");
    assert!(!is_open(&*store, &author, 9, 0).await, "nobody opened this one");
    let (token_hash, account) = (bytes(2, "token"), author.account);
    let later = NewSession { token_hash, account, now: 5000, ends_at: 6000 };
    store.open_session(later).await.unwrap();
    assert!(!is_open(&*store, &author, 1, 1).await, "ended sessions are kept");
}

async fn a_persons_session_ends_with_the_password<S: MetaStore>(store: Arc<S>) {
    let author = author(&*store, 1).await;
    open_session(&*store, &author, 1).await;
    open_session(&*store, &author, 2).await;
    let mut change = change(&author, "first", "second");
    change.session = Some(bytes(1, "token"));
    let stored = VaultOutcome::Stored { registered_at: None };
    assert_eq!(store.replace_vault(change.clone()).await.unwrap(), stored);
    assert!(is_open(&*store, &author, 2, 1).await, "no key changed, yet a session ended");
    change.expected = "second".to_owned();
    change.sign_in = Some(author.description());
    assert_eq!(store.replace_vault(change.clone()).await.unwrap(), stored);
    assert!(is_open(&*store, &author, 1, 1).await, "the one that changed it must go on");
    assert!(!is_open(&*store, &author, 2, 1).await, "a session of the old password goes on");
    // Changed by a device, which has no session to spare.
    (change.expected, change.vault.revision) = ("second".to_owned(), "third".to_owned());
    change.session = None;
    assert_eq!(store.replace_vault(change).await.unwrap(), stored);
    assert!(!is_open(&*store, &author, 1, 1).await, "a session of the old password goes on");
}

/// Runs the suite on the store that `$open` makes in an empty folder.
macro_rules! conformance {
    ($name:ident, $open:expr, $($test:ident),+ $(,)?) => {
        mod $name {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() {
                    let folder = tempfile::tempdir().unwrap();
                    super::$test(std::sync::Arc::new(($open)(folder.path()).await)).await;
                }
            )+
        }
    };
}

macro_rules! every_store_conforms {
    ($($name:ident: $open:expr),+ $(,)?) => {
        $(conformance!(
            $name,
            $open,
            a_reader_under_four_writers_misses_nothing,
            a_repeated_push_changes_nothing,
            one_push_may_hold_a_record_twice,
            a_bad_record_is_refused_and_its_neighbours_are_stored,
            accounts_do_not_meet,
            the_digest_is_what_a_recomputation_gives,
            pages_end_where_they_should_at_every_boundary,
            a_page_is_measured_in_bytes_and_never_empty,
            of_racing_vaults_exactly_one_wins,
            a_device_id_is_never_given_to_other_keys,
            a_revoked_device_stays_listed_and_never_comes_back,
            what_a_revoked_device_wrote_is_taken_and_its_first_revocation_counts,
            a_device_is_seen_forward_only,
            an_account_begins_once,
            a_session_ends_in_time,
            a_persons_session_ends_with_the_password,
            what_is_replaced_does_not_count_whichever_of_the_two_came_first,
            what_was_replaced_goes_in_time_and_pages_pass_over_it,
            of_everything_the_last_two_snapshots_stay,
            a_purged_record_that_comes_again_is_taken_and_goes_again,
            records_that_name_each_other_in_a_ring_stay,
            whatever_is_pushed_and_swept_only_what_a_live_record_stands_for_is_gone,
            a_blob_comes_in_parts,
            a_blob_is_here_when_it_is_finished,
            a_blob_of_another_length_begins_anew,
            a_blob_counts_from_its_beginning_until_it_is_forgotten,
            a_blob_counts_once_and_leaves_records_no_room,
            a_record_waits_for_the_blobs_that_it_names,
            a_record_keeps_the_blobs_that_it_names_until_it_is_purged,
            what_no_record_names_is_forgotten_in_time,
            blobs_are_forgotten_in_steps,
            what_is_good_once_is_good_once,
            what_has_ended_is_not_good_again_under_a_clock_set_back,
            one_invitation_lets_one_account_in,
            an_invitation_ends_and_is_used_up_by_nothing_that_did_not_begin,
            a_locked_account_takes_nothing,
            sessions_end_with_the_lock_and_other_accounts_go_on,
            a_deleted_account_is_found_no_more,
            an_account_beside_a_deleted_one_keeps_everything,
            who_begins_under_the_id_of_a_deleted_account_finds_nothing_of_it,
            what_is_pushed_while_an_account_is_deleted_goes_with_it,
            accounts_are_listed_in_pages,
            a_history_gets_another_name,
            a_body_outside_counts_and_is_compared_like_one_inside,
            bodies_outside_are_measured_and_in_use,
            what_does_not_fit_is_left_out_and_what_is_there_is_known,
            its_own_quota_is_what_counts_for_an_account,
            what_is_purged_makes_room,
            what_replaces_others_may_go_past_the_quota_but_not_for_ever,
            a_live_page_leaves_out_what_is_replaced,
            heads_are_told_in_the_order_asked,
            what_is_counted_is_what_is_there,
            an_asking_ends_after_ten_minutes_also_under_a_clock_set_back,
            three_may_ask_one_account_and_a_denied_one_makes_room,
            there_is_room_for_so_many_in_all_and_again_when_they_end,
            a_laptop_joins_step_by_step_and_nothing_is_changed_afterwards,
            no_step_of_a_join_comes_before_its_turn_or_from_others,
            a_join_that_was_denied_is_over_and_who_asked_is_told,
        );)+
    };
}

every_store_conforms! {
    sqlite: async |folder: &std::path::Path| {
        seshat_server::sqlite::SqliteStore::open(&folder.join("server.db"), None, 0).unwrap()
    },
    postgres: async |_: &std::path::Path| crate::support::postgres::store().await,
    postgres_serializable: async |_: &std::path::Path| {
        crate::support::postgres::serializable_store().await
    },
}
