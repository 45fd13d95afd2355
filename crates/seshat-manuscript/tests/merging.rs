//! Two laptops write offline and come back. Convergence alone proves nothing: text that is lost on both sides
//! converges too. So every character has an identity, and each must be there exactly once unless it was deleted.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

mod common;

use std::collections::HashSet;

use common::{Identities, Intent, Model, edit, intent, is_followed};
use proptest::prelude::*;
use seshat_manuscript::{Change, Changed, SceneText, Unit};

/// The scene of a second laptop that has everything of `scene`.
fn twin(saved: &[Vec<u8>], peer: u64) -> SceneText {
    SceneText::load(peer, saved.iter().map(Vec::as_slice)).unwrap()
}

fn letters(flat: &str) -> Vec<char> {
    let mut letters: Vec<char> = flat.chars().filter(|&c| is_followed(c)).collect();
    letters.sort_unstable();
    letters
}

/// What both sides' models say must be left, once each.
fn survivors(sides: [&Model; 2]) -> (Vec<char>, usize) {
    let deleted: HashSet<u32> = sides.iter().flat_map(|model| &model.deleted).copied().collect();
    let left: HashSet<(u32, char)> = sides
        .iter()
        .flat_map(|model| &model.text)
        .filter(|(id, _)| !deleted.contains(id))
        .copied()
        .collect();
    let mut followed: Vec<char> =
        left.iter().map(|&(_, c)| c).filter(|&c| is_followed(c)).collect();
    followed.sort_unstable();
    (followed, left.len())
}

/// `before` with `changed` done to it, in scalar values, and the same way in UTF-16.
fn replay(before: &str, changed: &Changed) -> String {
    let wide: Vec<u16> = before.encode_utf16().collect();
    let chars: Vec<char> = before.chars().collect();
    let (mut after, mut at, mut wide_at) = (String::new(), 0, 0);
    for change in &changed.body {
        match change {
            Change::Keep { len, utf16, .. } => {
                let kept: String = chars[at..at + len].iter().collect();
                assert_eq!(kept, String::from_utf16(&wide[wide_at..wide_at + utf16]).unwrap());
                after.push_str(&kept);
                (at, wide_at) = (at + len, wide_at + utf16);
            }
            Change::Insert { text, .. } => after.push_str(text),
            Change::Delete { len, utf16 } => (at, wide_at) = (at + len, wide_at + utf16),
        }
    }
    after.extend(&chars[at..]);
    after
}

fn intents(most: usize) -> impl Strategy<Value = Vec<Intent>> {
    prop::collection::vec(intent(), 0..=most)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn two_laptops_that_come_back_have_every_character_once(
        base in intents(25), left in intents(80), right in intents(80), more in intents(10),
    ) {
        let mut ids = Identities::starting_at(0);
        let (mut here, mut model) = (SceneText::new(11), Model::new());
        edit(&mut here, &mut model, &base, &mut ids);
        let saved: Vec<Vec<u8>> = here.take_update().into_iter().collect();
        let mut there = twin(&saved, 22);
        prop_assert_eq!(there.runs(), here.runs(), "an update loaded is not what was written");
        model.deleted.clear();

        let (mut model_here, mut model_there) = (model.clone(), model);
        edit(&mut here, &mut model_here, &left, &mut Identities::starting_at(1000));
        edit(&mut there, &mut model_there, &right, &mut Identities::starting_at(3000));
        let (from_here, from_there) = (here.take_update(), there.take_update());

        if let Some(update) = &from_there {
            let before = here.flat();
            let changed = here.merge(update).unwrap();
            prop_assert_eq!(replay(&before, &changed), here.flat(), "the steps tell another story");
            prop_assert!(here.merge(update).unwrap().is_nothing(), "a second time changes nothing");
        }
        if let Some(update) = &from_here {
            there.merge(update).unwrap();
        }
        prop_assert_eq!(here.runs(), there.runs(), "the two laptops differ");
        prop_assert_eq!(here.take_update(), None, "what came from elsewhere was sent back");
        let (followed, length) = survivors([&model_here, &model_there]);
        prop_assert_eq!(letters(&here.flat()), followed, "characters lost, doubled or risen");
        prop_assert_eq!(here.flat().chars().count(), length, "paragraphs lost or doubled");

        // Writing goes on after a merge, and the update holds just that.
        let mut model_after = Model::new();
        model_after.text = here.flat().chars().map(|c| (0, c)).collect();
        edit(&mut here, &mut model_after, &more, &mut Identities::starting_at(5000));
        if let Some(update) = here.take_update() {
            there.merge(&update).unwrap();
        }
        prop_assert_eq!(here.runs(), there.runs(), "the two laptops differ after going on");

        let saved: Vec<Vec<u8>> = saved.into_iter().chain(from_there).chain(from_here).collect();
        let snapshot = here.snapshot().unwrap();
        let loaded = SceneText::load(33, std::iter::once(&snapshot[..])).unwrap();
        prop_assert_eq!(loaded.runs(), here.runs(), "a snapshot is another text");
        let both = saved.iter().map(Vec::as_slice).chain(std::iter::once(&snapshot[..]));
        prop_assert_eq!(SceneText::load(44, both).unwrap().runs(), here.runs());
    }

    #[test]
    fn utf16_positions_do_what_scalar_positions_do(edits in intents(60)) {
        let mut ids = Identities::starting_at(0);
        let mut model = Model::new();
        let (mut scalar, mut utf16) = (SceneText::new(5), SceneText::new(5));
        for intent in &edits {
            let before = model.clone();
            let op = model.act(intent, &mut ids);
            utf16.apply(&[before.in_utf16(&op)], Unit::Utf16).unwrap();
            scalar.apply(&[op], Unit::Scalar).unwrap();
        }
        prop_assert_eq!(scalar.runs(), utf16.runs());
        prop_assert_eq!(scalar.take_update(), utf16.take_update(), "not the same operations");
    }

    #[test]
    fn the_parts_of_a_scene_may_arrive_in_any_order_and_twice(
        edits in prop::collection::vec(intents(6), 1..8), order in any::<prop::sample::Index>(),
    ) {
        let (mut scene, mut model) = (SceneText::new(7), Model::new());
        let mut ids = Identities::starting_at(0);
        let mut parts = Vec::new();
        for edits in &edits {
            edit(&mut scene, &mut model, edits, &mut ids);
            parts.extend(scene.take_update());
        }
        let mut mixed = parts.clone();
        mixed.reverse();
        if !mixed.is_empty() {
            mixed.rotate_left(order.index(parts.len()));
            mixed.push(parts[order.index(parts.len())].clone());
        }
        prop_assert_eq!(twin(&mixed, 8).runs(), scene.runs());
        let mut other = SceneText::new(9);
        for part in &mixed {
            other.merge(part).unwrap();
        }
        prop_assert_eq!(other.runs(), scene.runs());
        prop_assert!(!other.is_waiting(), "everything has come");
    }
}

#[test]
fn two_laptops_that_open_the_same_empty_scene_have_one_first_paragraph() {
    let (mut here, mut there) = (SceneText::new(1), SceneText::load(2, []).unwrap());
    let insert =
        |text: &str| seshat_manuscript::Op::Insert { at: 1, text: text.into(), marks: None };
    here.apply(&[insert("ice")], Unit::Scalar).unwrap();
    there.apply(&[insert("snow")], Unit::Scalar).unwrap();
    here.merge(&there.take_update().unwrap()).unwrap();
    assert!(matches!(&here.flat()[..], "\nicesnow" | "\nsnowice"), "{:?}", here.flat());
}

#[test]
fn a_peer_that_wrote_to_the_scene_before_is_refused() {
    let mut scene = SceneText::new(4);
    let op = seshat_manuscript::Op::Insert { at: 1, text: "x".into(), marks: None };
    scene.apply(&[op], Unit::Scalar).unwrap();
    let update = scene.take_update().unwrap();
    let again = SceneText::load(4, [&update[..]]);
    assert_eq!(again.err(), Some(seshat_manuscript::LoadError::PeerReused));
    let error = SceneText::new(4).merge(&update).err();
    assert_eq!(error, Some(seshat_manuscript::LoadError::PeerReused));
}
