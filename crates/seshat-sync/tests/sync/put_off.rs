//! Records that the server does not take now, and pages that the desk does not take.

use seshat_protocol::limits;
use seshat_sync::{Outcome, PutOff, Report, SyncOptions, sync_once};

use crate::world::{Laptop, Network, Server};

async fn sync(network: &Network<'_>, laptop: &Laptop) -> Report {
    sync_once(network, laptop, SyncOptions::default()).await.unwrap()
}

#[tokio::test]
async fn a_record_that_waits_for_something_else_holds_up_no_other_and_is_offered_once_a_round() {
    let server = Server::new(&[1]);
    server.state().waits = Some(7);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    for body in [1, 7, 2, 7] {
        laptop.write(vec![body]);
    }
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    assert_eq!((report.pushed, report.put_off), (2, PutOff { no_room: 0, waiting: 2 }));
    assert_eq!(laptop.state().outbox.len(), 2, "what was put off still waits");
    assert_eq!(network.requests().iter().filter(|it| **it == "push").count(), 1);
    // Behind them new ones go through, and they themselves as soon as they can.
    laptop.write(vec![3]);
    assert_eq!(sync(&network, &laptop).await.pushed, 1);
    server.state().waits = None;
    let report = sync(&network, &laptop).await;
    assert_eq!((report.pushed, report.put_off), (2, PutOff::default()));
    assert!(laptop.state().outbox.is_empty() && laptop.state().rejected.is_empty());
}

#[tokio::test]
async fn a_server_without_room_is_not_sent_the_rest_and_what_others_wrote_is_fetched_all_the_same()
{
    let server = Server::new(&[1, 2]);
    let (one, two) = (Laptop::new(1), Laptop::new(2));
    two.write(vec![1]);
    sync(&Network::new(&server, 2), &two).await;
    server.state().room = Some(1);
    for _ in 0..3 * limits::RECORDS {
        one.write(vec![2]);
    }
    let network = Network::new(&server, 1);
    let report = sync(&network, &one).await;
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    assert_eq!((report.pulled, report.put_off.no_room), (1, limits::RECORDS));
    assert_eq!(network.requests().iter().filter(|it| **it == "push").count(), 1);
    server.state().room = None;
    let report = sync(&network, &one).await;
    assert_eq!((report.pushed, report.put_off), (3 * limits::RECORDS, PutOff::default()));
    assert_eq!(server.state().records.len(), 1 + 3 * limits::RECORDS, "each once");
}

#[tokio::test]
async fn a_server_without_room_is_still_sent_what_makes_some() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    let old: Vec<_> = (0..3).map(|body| laptop.write(vec![body])).collect();
    sync(&network, &laptop).await;
    server.state().room = Some(3);
    for _ in 0..2 * limits::RECORDS {
        laptop.write(vec![4]);
    }
    laptop.write_naming(vec![5], old);
    laptop.write(vec![6]);
    let _before = network.requests();
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    assert_eq!((report.pushed, report.put_off.no_room), (1, limits::RECORDS));
    let pushes = network.requests().iter().filter(|it| **it == "push").count();
    assert_eq!(pushes, 2, "one batch to hear that there is no room, and what makes some");
    assert_eq!(laptop.state().outbox.len(), 2 * limits::RECORDS + 1, "the rest still waits");
    server.state().room = None;
    assert_eq!(sync(&network, &laptop).await.pushed, 2 * limits::RECORDS + 1);
}

#[tokio::test]
async fn room_that_ends_in_the_middle_of_a_batch_lets_the_rest_wait() {
    let server = Server::new(&[1]);
    server.state().room = Some(4);
    let laptop = Laptop::new(1);
    laptop.written(10);
    let report = sync(&Network::new(&server, 1), &laptop).await;
    assert_eq!((report.pushed, report.put_off.no_room), (4, 6));
    assert_eq!(laptop.state().outbox.len(), 6);
}

#[tokio::test]
async fn a_server_that_was_restored_is_offered_what_was_put_off_before_too() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    let network = Network::new(&server, 1);
    laptop.write(vec![1]);
    sync(&network, &laptop).await;
    laptop.write(vec![7]);
    laptop.write(vec![2]);
    server.state().waits = Some(7);
    server.state().epoch += 1;
    server.state().records.clear();
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    assert_eq!((server.state().records.len(), report.put_off.waiting), (2, 1));
    assert_eq!(laptop.state().outbox.len(), 1);
}

#[tokio::test]
async fn a_page_that_the_desk_holds_back_ends_the_round_after_its_own_work_went_up() {
    let server = Server::new(&[1, 2]);
    let (one, two) = (Laptop::new(1), Laptop::new(2));
    sync(&Network::new(&server, 1), &one).await;
    two.write(vec![1]);
    sync(&Network::new(&server, 2), &two).await;
    one.write(vec![2]);
    one.state().holds_back = true;
    let report = sync(&Network::new(&server, 1), &one).await;
    assert!(matches!(report.outcome, Outcome::Held), "{report:?}");
    assert_eq!((report.pushed, report.pulled), (1, 0));
    assert!(!report.complete);
    one.state().holds_back = false;
    let report = sync(&Network::new(&server, 1), &one).await;
    assert!(report.complete && one.ids().len() == 2, "nothing was passed over");
}
