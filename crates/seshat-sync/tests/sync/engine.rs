//! The engine by itself: whatever it is told, it ends or makes progress.

use proptest::prelude::*;
use seshat_sync::{
    Action, Comparison, Ending, Engine, Event, Failure, OtherHistory, PageInfo, Start,
};

fn start() -> Start {
    Start { epoch: Some("a".to_owned()), cursor: 5, retries: 2 }
}

fn page(next: u64, has_more: bool, epoch: &str) -> Event {
    Event::Page(PageInfo { next, has_more, head: 100, epoch: epoch.to_owned() })
}

fn passing() -> Event {
    Event::Failed { failure: Failure::Passing, jitter: 0 }
}

#[test]
fn a_failed_action_is_repeated_and_not_skipped() {
    let mut engine = Engine::new(start());
    assert_eq!(engine.next(Event::Begin), Action::FetchVault);
    let push = engine.next(Event::VaultSettled);
    assert!(matches!(push, Action::Push { .. }));
    assert!(matches!(engine.next(passing()), Action::Wait { .. }));
    assert_eq!(engine.next(Event::Waited), push);
    assert!(matches!(engine.next(passing()), Action::Wait { .. }));
    assert_eq!(engine.next(Event::Waited), push);
    assert_eq!(engine.next(passing()), Action::Finish(Ending::GaveUp));
}

#[test]
fn success_in_between_gives_all_the_retries_back() {
    let mut engine = Engine::new(start());
    engine.next(Event::Begin);
    for _ in 0..10 {
        assert!(matches!(engine.next(passing()), Action::Wait { .. }));
        engine.next(Event::Waited);
        engine.next(Event::VaultSettled);
    }
}

#[test]
fn what_came_up_during_the_pull_is_pushed_before_the_end() {
    let mut engine = Engine::new(start());
    engine.next(Event::Begin);
    engine.next(Event::VaultSettled);
    assert!(matches!(engine.next(Event::OutboxEmpty), Action::Pull { cursor: 5, .. }));
    assert!(matches!(engine.next(page(7, true, "a")), Action::Receive { .. }));
    assert!(matches!(engine.next(Event::Stored), Action::Pull { cursor: 7, .. }));
    assert!(matches!(engine.next(page(100, false, "a")), Action::Receive { .. }));
    assert_eq!(engine.next(Event::Stored), Action::Compare { again: false });
    let agreed = Event::Compared(Comparison::Agrees);
    assert!(matches!(engine.next(agreed), Action::Push { .. }));
    assert_eq!(engine.next(Event::Pushed { epoch: "a".to_owned() }), Action::Acknowledge);
    assert!(matches!(engine.next(Event::Acknowledged { room: true }), Action::Push { .. }));
    assert_eq!(engine.next(Event::OutboxEmpty), Action::RoundDone { agreed: true });
    assert_eq!(engine.next(Event::RoundDone), Action::Finish(Ending::Done));
}

#[test]
fn another_epoch_is_never_acknowledged_and_never_stored() {
    let mut engine = Engine::new(start());
    engine.next(Event::Begin);
    engine.next(Event::VaultSettled);
    assert_eq!(
        engine.next(Event::Pushed { epoch: "b".to_owned() }),
        Action::EpochChanged { how: OtherHistory::Epoch }
    );
    assert!(matches!(engine.next(Event::OfferedAgain), Action::Pull { cursor: 0, .. }));
    assert!(matches!(engine.next(page(3, true, "b")), Action::Receive { .. }));
    engine.next(Event::Stored);
    assert_eq!(engine.next(page(4, true, "c")), Action::EpochChanged { how: OtherHistory::Epoch });
}

#[test]
fn a_refused_device_ends_the_round_at_once_wherever_it_is() {
    for (failure, ending) in [
        (Failure::SignInRequired, Ending::SignInRefused),
        (Failure::DeviceRevoked, Ending::DeviceRevoked),
    ] {
        for steps in
            [vec![], vec![Event::VaultSettled], vec![Event::VaultSettled, Event::OutboxEmpty]]
        {
            let mut engine = Engine::new(start());
            engine.next(Event::Begin);
            for step in steps {
                engine.next(step);
            }
            assert_eq!(engine.next(Event::Failed { failure, jitter: 0 }), Action::Finish(ending));
        }
    }
}

fn event() -> impl Strategy<Value = Event> {
    let failure = prop_oneof![
        Just(Failure::Passing),
        Just(Failure::SignInRequired),
        Just(Failure::DeviceRevoked),
        Just(Failure::VaultChanged),
        (1..100_usize).prop_map(|sent| Failure::BatchRefused { sent }),
    ];
    prop_oneof![
        Just(Event::VaultSettled),
        Just(Event::VaultForeign),
        Just(Event::Compared(Comparison::ReadAgain)),
        Just(Event::Compared(Comparison::Differs)),
        Just(Event::RoundDone),
        Just(Event::VaultToPut),
        Just(Event::VaultStored),
        Just(Event::OutboxEmpty),
        any::<bool>().prop_map(|room| Event::Acknowledged { room }),
        Just(Event::Rejected),
        Just(Event::Stored),
        Just(Event::VaultNeeded),
        Just(Event::OfferedAgain),
        Just(Event::Waited),
        "[ab]".prop_map(|epoch| Event::Pushed { epoch }),
        (0..200_u64, any::<bool>(), "[ab]")
            .prop_map(|(next, more, epoch)| page(next, more, &epoch)),
        (failure, any::<u64>()).prop_map(|(failure, jitter)| Event::Failed { failure, jitter }),
    ]
}

proptest! {
    #[test]
    fn no_order_of_events_makes_it_panic_or_ask_for_more_than_the_limits(
        events in prop::collection::vec(event(), 0..200)
    ) {
        let mut engine = Engine::new(start());
        let mut action = engine.next(Event::Begin);
        for event in events {
            match action {
                Action::Push { limit, .. } | Action::Pull { limit, .. } => {
                    prop_assert!((1..=seshat_protocol::limits::RECORDS).contains(&limit));
                }
                Action::Wait { millis } => prop_assert!((1_000..=300_000).contains(&millis)),
                _ => {}
            }
            action = engine.next(event);
        }
    }
}
