//! A server that drops, rolls back and forks. Nothing local is lost, and the laptop says so within a round.

use seshat_sync::{Outcome, SyncOptions, sync_once};

use crate::world::{Dice, Laptop, Network, Server};

async fn sync(server: &Server, laptop: &Laptop) {
    let network = Network::new(server, 1);
    let report = sync_once(&network, laptop, SyncOptions::default()).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
}

/// A server and two laptops that hold the same `count` records of each.
async fn begun(count: u8) -> (Server, Laptop, Laptop) {
    let server = Server::new(&[1, 2]);
    let (one, two) = (Laptop::new(1), Laptop::new(2));
    one.written(count);
    two.written(count);
    for laptop in [&one, &two, &one, &two] {
        sync(&server, laptop).await;
        assert!(laptop.alarms().is_empty(), "an alarm about an honest server");
    }
    (server, one, two)
}

#[tokio::test]
async fn a_record_that_the_server_drops_is_an_alarm_at_its_writer_and_is_sent_again() {
    for seed in 0..20 {
        let (server, _, two) = begun(4).await;
        let dropped = usize::try_from(Dice(seed).below(8)).unwrap();
        // Something else comes, so that the head is not behind.
        server.state().records.remove(dropped);
        two.written(2);
        sync(&server, &two).await;
        let said = two.alarms();
        assert!(said.contains(&"digest") || said.contains(&"head back"), "{said:?}");
        sync(&server, &two).await;
        assert!(two.lasting().is_empty(), "{:?}", two.lasting());
        assert_eq!(server.state().records.len(), 10, "what it dropped was not given back");
    }
}

#[tokio::test]
async fn a_record_that_is_hidden_from_a_new_laptop_is_a_gap_until_it_comes() {
    let (server, _, two) = begun(4).await;
    let hidden = server.state().records.remove(1);
    let three = Laptop::new(3);
    sync(&server, &three).await;
    assert_eq!(three.lasting(), ["gap"]);
    server.state().records.push(hidden);
    sync(&server, &three).await;
    assert!(three.lasting().is_empty(), "{:?}", three.lasting());
    assert_eq!(three.ids(), two.ids());
}

#[tokio::test]
async fn a_server_that_went_back_is_an_alarm_and_gets_everything_back() {
    for epoch in [0, 1] {
        let (server, one, _) = begun(4).await;
        server.state().records.truncate(3);
        server.state().epoch += epoch;
        sync(&server, &one).await;
        assert_eq!(one.alarms(), [["head back"], ["restored"]][usize::try_from(epoch).unwrap()]);
        assert!(one.lasting().is_empty(), "{:?}", one.lasting());
        assert_eq!(server.state().records.len(), 8);
    }
}

#[tokio::test]
async fn two_laptops_that_were_shown_different_histories_hear_of_it_when_the_views_meet() {
    for joined_at in [0, 1] {
        let (server, one, two) = begun(3).await;
        let other = Server::new(&[1, 2, 3]);
        other.state().records = server.state().records.clone();
        one.written(2);
        two.written(3);
        sync(&server, &one).await;
        sync(&other, &two).await;
        assert!(one.alarms().is_empty() && two.alarms().is_empty(), "nobody can know yet");
        // The views meet: the one's new records before the other's, or behind them.
        let both = if joined_at == 0 { (&server, &other) } else { (&other, &server) };
        let tail = both.1.state().records[6..].to_vec();
        both.0.state().records.extend(tail);
        let all = both.0.state().records.clone();
        server.state().records.clone_from(&all);
        sync(&server, &one).await;
        sync(&server, &two).await;
        let said = [one.alarms(), two.alarms()].concat();
        assert_eq!(
            said,
            ["digest"],
            "the one who was shown the other's tail where its own had been"
        );
        assert_eq!(one.ids(), two.ids());
        assert!(one.lasting().is_empty() && two.lasting().is_empty());
    }
}

#[tokio::test]
async fn a_digest_that_never_agrees_sends_a_round_back_once_and_no_more() {
    let (server, one, _) = begun(2).await;
    server.state().lying = true;
    let network = Network::new(&server, 1);
    let report = sync_once(&network, &one, SyncOptions::default()).await.unwrap();
    assert!(matches!(report.outcome, Outcome::Done) && !report.complete, "{report:?}");
    let pages = network.requests().iter().filter(|request| **request == "changes").count();
    assert_eq!(pages, 2, "once on, once from the beginning");
    assert_eq!(one.lasting(), ["digest"]);
    assert_eq!(one.ids().len(), 4, "something local is gone");
}
