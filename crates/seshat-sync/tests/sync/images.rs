//! Sealed images: sent before the records that name them, through a server and through a folder.

use seshat_protocol::Bytes32;
use seshat_sync::{Carried, Outcome, PutOff, Report, SyncOptions, Transport, sync_once};
use sha2::{Digest, Sha256};

use crate::folder::{begun, transport_to};
use crate::world::{Faults, Laptop, Network, Server};

async fn sync(network: &Network<'_>, laptop: &Laptop) -> Report {
    sync_once(network, laptop, SyncOptions::default()).await.unwrap()
}

#[tokio::test]
async fn text_goes_first_then_each_image_before_the_record_that_names_it_and_none_twice() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    laptop.state().images = [([7; 32], vec![7]), ([8; 32], vec![8])].into();
    laptop.write(vec![1]);
    laptop.write_showing(2, [7; 32]);
    laptop.write_showing(3, [7; 32]);
    laptop.write_showing(4, [8; 32]);
    laptop.write(vec![5]);
    let network = Network::new(&server, 1);
    let report = sync(&network, &laptop).await;
    assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
    assert_eq!((report.pushed, report.put_off), (5, PutOff::default()));
    let asked: Vec<_> =
        network.requests().into_iter().filter(|it| ["push", "image"].contains(it)).collect();
    assert_eq!(asked, ["push", "image", "push", "image", "push"]);
    assert_eq!(server.state().too_early, 0);
    assert_eq!(server.state().images.len(), 2);
}

#[tokio::test]
async fn a_record_whose_image_is_nowhere_is_never_sent_and_holds_up_no_other() {
    let server = Server::new(&[1]);
    let laptop = Laptop::new(1);
    laptop.write(vec![1]);
    laptop.write_showing(2, [7; 32]);
    laptop.write(vec![3]);
    let network = Network::new(&server, 1);
    for _ in 0..2 {
        let report = sync(&network, &laptop).await;
        assert!(matches!(report.outcome, Outcome::Done), "{report:?}");
        assert_eq!(report.put_off, PutOff { no_room: 0, waiting: 1 });
    }
    assert_eq!(server.state().records.len(), 2);
    assert_eq!(server.state().too_early, 0);
    // Another laptop brought it, or it was found again.
    server.state().images.insert([7; 32], vec![7]);
    assert_eq!(sync(&network, &laptop).await.pushed, 1);
    assert!(laptop.state().outbox.is_empty());
}

#[tokio::test]
async fn whatever_the_network_does_no_record_comes_before_its_image() {
    for seed in 0..40 {
        let server = Server::new(&[1]);
        let laptop = Laptop::new(1);
        for number in 0..6_u8 {
            laptop.state().images.insert([number; 32], vec![number]);
            laptop.write(vec![number]);
            laptop.write_showing(number, [number; 32]);
        }
        let network = Network::new(&server, seed);
        *network.faults.lock().unwrap() =
            Faults { drop_request: 15, drop_reply: 15, duplicate: 15, trouble: 15 };
        for _ in 0..400 {
            let _somehow = sync(&network, &laptop).await;
            if laptop.state().outbox.is_empty() {
                break;
            }
        }
        assert!(laptop.state().outbox.is_empty(), "seed {seed}");
        assert_eq!(server.state().records.len(), 12, "seed {seed}");
        assert_eq!(server.state().too_early, 0, "seed {seed}");
    }
}

#[tokio::test]
async fn an_image_goes_through_a_folder_in_parts_and_damage_to_one_of_them_is_made_good() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    begun(dir.path());
    let here = transport_to(1, dir.path(), one.path());
    let there = transport_to(2, dir.path(), two.path());
    let sealed: Vec<u8> = (0..9_000_000_u32).map(|number| number.to_be_bytes()[3]).collect();
    let hash = Bytes32(Sha256::digest(&sealed).into());
    assert_eq!(there.blob(hash).await.unwrap(), None);
    assert_eq!(here.carry_blob(hash, None).await.unwrap(), Carried::Absent);
    assert_eq!(here.carry_blob(hash, Some(&sealed)).await.unwrap(), Carried::There);
    assert!(there.blob(hash).await.unwrap() == Some(sealed.clone()));
    let facts = here.facts().unwrap();
    assert_eq!((facts.files, facts.unusable), (1, 0), "images are not looked through");
    let account = std::fs::read_dir(dir.path()).unwrap().next().unwrap().unwrap().path();
    let mut parts: Vec<_> =
        std::fs::read_dir(account.join("images")).unwrap().map(|it| it.unwrap().path()).collect();
    parts.sort();
    assert_eq!(parts.len(), 3);
    std::fs::write(&parts[1], b"half").unwrap();
    assert_eq!(there.blob(hash).await.unwrap(), None, "what has another hash is not there");
    assert_eq!(here.carry_blob(hash, Some(&sealed)).await.unwrap(), Carried::There);
    assert!(there.blob(hash).await.unwrap() == Some(sealed));
}
