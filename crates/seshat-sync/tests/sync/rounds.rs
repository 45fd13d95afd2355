use seshat_protocol::limits;
use seshat_sync::{Outcome, Report, SyncOptions, TransportError, VAULT_TRIES, sync_once};

use crate::world::{Faults, Laptop, Network, Server};

async fn sync(network: &Network<'_>, laptop: &Laptop) -> Report {
    sync_once(network, laptop, SyncOptions::default()).await.unwrap()
}

#[tokio::test]
async fn a_round_goes_in_its_order_and_a_second_one_sends_nothing() {
    let server = Server::new(&[]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    laptop.write(vec![1]);
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    assert_eq!((report.pushed, report.pulled, report.rejected, report.quarantined), (1, 0, 0, 0));
    assert!(report.complete);
    assert_eq!(
        network.requests(),
        ["vault", "put vault", "changes", "push"],
        "the epoch is not known yet: a page comes before the first push"
    );
    laptop.write(vec![2]);
    sync(&network, &laptop).await;
    assert_eq!(network.requests(), ["vault", "push", "changes"]);
    for _ in 0..3 {
        let report = sync(&network, &laptop).await;
        assert_eq!((report.pushed, report.pulled), (0, 0));
        assert_eq!(network.requests(), ["vault", "changes"], "an idle laptop writes nothing");
    }
}

#[tokio::test]
async fn every_number_of_records_around_a_page_arrives_once() {
    let page = limits::RECORDS;
    for count in [0, 1, page - 1, page, page + 1, 2 * page - 1, 2 * page, 2 * page + 1] {
        let server = Server::new(&[1, 2]);
        let (one, two) = (Laptop::new(1), Laptop::new(2));
        for _ in 0..count {
            one.write(vec![1; 10]);
        }
        let report = sync(&Network::new(&server, 1), &one).await;
        assert_eq!(report.pushed, count, "{count} records");
        let network = Network::new(&server, 2);
        let report = sync(&network, &two).await;
        assert_eq!(report.pulled, count, "{count} records");
        assert_eq!(two.ids(), one.ids());
        assert_eq!(two.state().held.len(), count, "{count} records, doubled");
        let pages = network.requests().iter().filter(|request| **request == "changes").count();
        assert_eq!(
            pages,
            count.div_ceil(page).max(1),
            "{count} records took more pages than needed"
        );
    }
}

#[tokio::test]
async fn one_record_that_the_server_rejects_does_not_hold_up_the_rest() {
    let server = Server::new(&[1]);
    server.state().unwanted = Some(13);
    let laptop = Laptop::new(1);
    let ids: Vec<_> = (0..30_u8).map(|body| laptop.write(vec![body])).collect();
    let report = sync(&Network::new(&server, 1), &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done));
    assert_eq!((report.pushed, report.rejected), (29, 1));
    assert_eq!(laptop.state().rejected.keys().collect::<Vec<_>>(), [&ids[13]]);
    assert_eq!(laptop.state().held.len(), 30, "a rejected record was thrown away");
}

#[tokio::test]
async fn one_record_that_spoils_a_whole_request_is_found_and_the_rest_goes() {
    for poisoned in [0, 1, 49, 98, 99] {
        let server = Server::new(&[1]);
        server.state().poison = Some(poisoned);
        let laptop = Laptop::new(1);
        let ids: Vec<_> = (0..100_u8).map(|body| laptop.write(vec![body])).collect();
        let report = sync(&Network::new(&server, 1), &laptop).await;
        assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
        assert_eq!((report.pushed, report.rejected), (99, 1), "record {poisoned}");
        let rejected: Vec<_> = laptop.state().rejected.keys().copied().collect();
        assert_eq!(rejected, [ids[usize::from(poisoned)]]);
        let pushes = server.state().pushes;
        assert!(pushes < 40, "it took {pushes} requests");
    }
}

#[tokio::test]
async fn a_full_server_is_said_so_and_marks_no_record() {
    let server = Server::new(&[1]);
    server.state().full = true;
    let laptop = Laptop::new(1);
    laptop.write(vec![1]);
    let network = Network::new(&server, 1);
    let report = sync(&network, &laptop).await;
    assert!(
        matches!(report.outcome, Outcome::Failed(TransportError::Refused { .. })),
        "{report:?}"
    );
    assert_eq!(laptop.state().outbox.len(), 1);
    assert!(laptop.state().rejected.is_empty());
    server.state().full = false;
    assert_eq!(sync(&network, &laptop).await.pushed, 1);
}

#[tokio::test]
async fn a_device_that_the_server_does_not_know_asks_once_and_keeps_everything() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    sync(&network, &laptop).await;
    network.requests();
    laptop.write(vec![1]);
    server.state().stranger = true;
    assert!(matches!(sync(&network, &laptop).await.outcome, Outcome::SignInRefused));
    assert_eq!(network.requests(), ["vault"], "one try, not many");
    assert_eq!(laptop.state().outbox.len(), 1);
}

#[tokio::test]
async fn a_device_that_was_removed_is_told_so_and_keeps_everything() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    sync(&network, &laptop).await;
    network.requests();
    laptop.write(vec![1]);
    server.state().revoked = true;
    let options = SyncOptions { retries: 5, seed: 1 };
    let report = sync_once(&network, &laptop, options).await.unwrap();
    assert!(matches!(report.outcome, Outcome::DeviceRevoked), "{report:?}");
    assert_eq!(network.requests(), ["vault"], "one try, not many");
    let state = laptop.state();
    assert_eq!((state.outbox.len(), state.held.len()), (1, 1), "something local is gone");
}

#[tokio::test]
async fn a_vault_that_others_overtake_is_merged_and_put_again() {
    let server = Server::new(&[]);
    server.state().overtaken = VAULT_TRIES - 1;
    let laptop = Laptop::new(1);
    let report = sync(&Network::new(&server, 1), &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    let vault = server.state().vault.clone();
    assert!(vault.contains(&1), "ours is missing");
    assert_eq!(vault.len(), 5, "a key of another laptop was overwritten: {vault:?}");
    assert!(!laptop.state().vault_waiting);
}

#[tokio::test]
async fn a_vault_that_others_never_stop_changing_ends_the_round_and_loses_nothing() {
    let server = Server::new(&[]);
    server.state().overtaken = 50;
    let laptop = Laptop::new(1);
    laptop.write(vec![1]);
    let network = Network::new(&server, 1);
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::VaultContested));
    let puts = network.requests().iter().filter(|request| **request == "put vault").count();
    assert_eq!(puts, usize::try_from(VAULT_TRIES).unwrap());
    assert!(laptop.state().vault_waiting);
    assert_eq!(laptop.state().outbox.len(), 1);
}

#[tokio::test]
async fn an_unknown_device_sends_us_to_the_vault_once_and_then_to_quarantine() {
    let server = Server::new(&[1]);
    let (one, stranger) = (Laptop::new(1), Laptop::new(66));
    let network = Network::new(&server, 1);
    // Records of a device that is in no vault, over several pages.
    server.state().page_limit = Some(1);
    for body in 0..3 {
        stranger.write(vec![body]);
        let forged = stranger.state().held.last().unwrap().clone();
        server.state().records.push(forged);
    }
    let report = sync(&network, &one).await;
    assert!(matches!(report.outcome, Outcome::Done));
    assert_eq!((report.pulled, report.quarantined), (3, 3), "the round went on");
    let vaults = network.requests().iter().filter(|request| **request == "vault").count();
    assert_eq!(vaults, 2, "at the beginning, and once for the stranger");
}

#[tokio::test]
async fn a_device_that_joined_in_the_middle_of_a_round_is_found_by_looking_again() {
    let server = Server::new(&[1]);
    let (one, two) = (Laptop::new(1), Laptop::new(2));
    two.write(vec![1]);
    let record = two.state().held[0].clone();
    server.state().joins_at_next_page = Some((2, record));
    let report = sync(&Network::new(&server, 1), &one).await;
    assert!(matches!(report.outcome, Outcome::Done));
    assert_eq!((report.pulled, report.quarantined), (1, 0), "its first record was not understood");
    assert!(one.state().devices.contains(&2));
}

#[tokio::test]
async fn a_server_restored_from_a_backup_gets_back_what_it_lost_and_no_more() {
    let server = Server::new(&[1, 2]);
    let (one, two) = (Laptop::new(1), Laptop::new(2));
    let networks = (Network::new(&server, 1), Network::new(&server, 2));
    for body in 0..10 {
        one.write(vec![body]);
        two.write(vec![body]);
    }
    sync(&networks.0, &one).await;
    sync(&networks.1, &two).await;
    sync(&networks.0, &one).await;
    let everything = one.ids();
    assert_eq!(everything.len(), 20);
    {
        let mut state = server.state();
        state.records.truncate(7);
        state.epoch += 1;
    }
    let report = sync(&networks.0, &one).await;
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    assert_eq!(report.pushed, 13, "only what is missing is sent, that of the other laptop too");
    let report = sync(&networks.1, &two).await;
    assert_eq!(report.pushed, 0);
    let on_server: std::collections::BTreeSet<_> =
        server.state().records.iter().map(|record| record.id).collect();
    assert_eq!(on_server, everything);
    assert_eq!(server.state().records.len(), 20, "doubled");
    assert_eq!((one.ids(), two.ids()), (everything.clone(), everything));
}

#[tokio::test]
async fn a_server_that_went_back_without_saying_so_is_noticed_by_its_head() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    for body in 0..9 {
        laptop.write(vec![body]);
    }
    sync(&network, &laptop).await;
    sync(&network, &laptop).await;
    server.state().records.truncate(4);
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done));
    assert_eq!(server.state().records.len(), 9);
}

#[tokio::test]
async fn a_push_that_meets_a_restored_server_is_not_acknowledged_in_the_old_epoch() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    for body in 0..5 {
        laptop.write(vec![body]);
    }
    sync(&network, &laptop).await;
    sync(&network, &laptop).await;
    laptop.write(vec![9]);
    {
        let mut state = server.state();
        state.records.clear();
        state.epoch += 1;
    }
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done));
    assert_eq!(server.state().records.len(), 6);
    assert_eq!(laptop.state().epoch_changes, 1);
    assert!(laptop.state().outbox.is_empty());
}

#[tokio::test]
async fn a_server_that_never_keeps_an_epoch_ends_the_round() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    laptop.write(vec![1]);
    sync(&network, &laptop).await;
    laptop.write(vec![2]);
    server.state().unsteady = true;
    server.state().page_limit = Some(1);
    server.state().records.extend(Laptop::new(9).written(3));
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::Unsteady), "{report:?}");
    assert!(laptop.state().held.len() >= 2, "something local is gone");
}

#[tokio::test(start_paused = true)]
async fn passing_failures_are_waited_for_as_often_as_was_asked() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    *network.faults.lock().unwrap() = Faults { drop_request: 100, ..Faults::default() };
    let options = |retries| SyncOptions { retries, seed: 7 };
    for retries in [0, 4] {
        let begun = tokio::time::Instant::now();
        let report = sync_once(&network, &laptop, options(retries)).await.unwrap();
        assert!(matches!(report.outcome, Outcome::Offline(TransportError::Offline { .. })));
        assert_eq!(network.requests().len(), usize::try_from(retries).unwrap() + 1);
        let waited = begun.elapsed().as_secs();
        let bounds = if retries == 0 { 0..=0 } else { 4..=30 };
        assert!(bounds.contains(&waited), "{retries} retries took {waited} s");
    }
}

#[tokio::test]
async fn a_desk_that_fails_stops_the_round_and_the_cursor_stays() {
    let server = Server::new(&[1, 2]);
    let (one, two) = (Laptop::new(1), Laptop::new(2));
    one.write(vec![1]);
    sync(&Network::new(&server, 1), &one).await;
    two.state().broken = true;
    let network = Network::new(&server, 2);
    let failed = sync_once(&network, &two, SyncOptions::default()).await;
    assert!(failed.is_err());
    assert_eq!(two.state().sync.cursor, 0);
    two.state().broken = false;
    assert_eq!(sync(&network, &two).await.pulled, 1);
}
