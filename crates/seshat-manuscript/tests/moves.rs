//! Splitting and joining scenes: no word is lost or doubled, whoever else does the same at the same time.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

mod common;

use std::collections::BTreeMap;

use common::{Identities, Model, edit, intent, is_followed};
use proptest::prelude::*;
use seshat_manuscript::{
    Align, Atom, Block, Doubled, Mark, Marks, Op, OpFault, Paragraph, Passage, SceneText, Spans,
    Unit,
};
use seshat_protocol::DocumentId;

const SOURCE: DocumentId = DocumentId([1; 16]);
const OTHER: DocumentId = DocumentId([2; 16]);

fn insert(at: usize, text: &str) -> Op {
    Op::Insert { at, text: text.to_owned(), marks: None }
}

fn scene(peer: u64, text: &str) -> SceneText {
    let mut scene = SceneText::new(peer);
    scene.apply(&[insert(1, text)], Unit::Scalar).unwrap();
    scene
}

/// Paragraphs of both, one after the other, without what a split in the middle of one adds.
fn both(head: &SceneText, tail: &SceneText) -> Vec<Paragraph> {
    let mut paragraphs = head.passage().paragraphs;
    paragraphs.extend(tail.passage().paragraphs);
    paragraphs
}

#[test]
fn a_split_between_paragraphs_makes_the_scenes_that_were_there() {
    let mut head = SceneText::new(1);
    let note = Atom::Footnote { id: "n".into(), body: vec![Paragraph::new(Block::Body, "note")] };
    let link = Marks { link: Some("https://a.example".into()), ..Marks::default() };
    head.apply(
        &[
            insert(1, "one 😀\ntwo three"),
            Op::Block { at: 6, block: Block::Quote },
            Op::Align { at: 6, align: Some(Align::Right) },
            Op::Mark { from: 4, to: 9, mark: Mark::Strong(true) },
            Op::Insert { at: 11, text: "link".into(), marks: Some(link) },
            Op::Atom { at: 15, atom: note },
        ],
        Unit::Scalar,
    )
    .unwrap();
    let whole = head.passage();
    let mut tail = head.split_off(7, Unit::Utf16, 2, OTHER).unwrap();
    assert_eq!(head.flat(), "\none 😀");
    assert_eq!(both(&head, &tail), whole.paragraphs);
    assert_eq!(tail.note("n").unwrap(), [Paragraph::new(Block::Body, "note")]);
    assert_eq!(head.moved_to(), [OTHER]);
    assert_eq!(head.doubled(), []);

    // What was split off is an update of its own, and comes back whole.
    let update = tail.take_update().unwrap();
    let mut tail = SceneText::load(3, [&update[..]]).unwrap();
    head.absorb(&mut tail, SOURCE).unwrap();
    assert_eq!(head.passage(), whole);
    assert_eq!(tail.passage(), Passage::default().normalized());
    assert_eq!(tail.moved_to(), [SOURCE]);
}

#[test]
fn a_split_inside_a_paragraph_makes_two_of_its_kind() {
    let mut head = scene(1, "one two");
    head.apply(&[Op::Block { at: 0, block: Block::Verse }], Unit::Scalar).unwrap();
    let tail = head.split_off(4, Unit::Scalar, 2, OTHER).unwrap();
    let verse = |text: &str| Paragraph::new(Block::Verse, text);
    assert_eq!(both(&head, &tail), [verse("one "), verse("two")]);
}

#[test]
fn a_split_at_either_end_leaves_an_empty_scene_on_one_side() {
    let mut head = scene(1, "one\ntwo");
    head.apply(&[Op::Block { at: 0, block: Block::Heading }], Unit::Scalar).unwrap();
    let whole = head.passage();
    let mut end = head.split_off(8, Unit::Scalar, 2, OTHER).unwrap();
    assert_eq!((head.passage(), end.flat()), (whole.clone(), "\n".to_owned()));
    head.absorb(&mut end, SOURCE).unwrap();
    assert_eq!(head.passage(), whole, "an empty scene adds no paragraph");
    let mut all = head.split_off(0, Unit::Scalar, 3, OTHER).unwrap();
    assert_eq!((all.passage(), head.passage()), (whole.clone(), Passage::default().normalized()));
    head.absorb(&mut all, SOURCE).unwrap();
    assert_eq!(head.passage(), whole, "an empty scene lends its paragraph");
    let refused = head.split_off(9, Unit::Scalar, 4, OTHER).err().unwrap();
    assert_eq!(refused.fault, OpFault::OutOfRange);
    assert_eq!(head.passage(), whole);
}

#[test]
fn an_empty_heading_is_no_empty_scene_and_stays_when_another_is_joined() {
    let mut head = scene(1, "\none");
    head.apply(&[Op::Block { at: 0, block: Block::Heading }], Unit::Scalar).unwrap();
    let whole = head.passage();
    let mut tail = head.split_off(1, Unit::Scalar, 2, OTHER).unwrap();
    assert_eq!((head.flat(), tail.flat()), ("\n".to_owned(), "\none".to_owned()));
    head.absorb(&mut tail, SOURCE).unwrap();
    assert_eq!(head.passage(), whole);
}

#[test]
fn a_split_before_a_space_leaves_the_space_and_the_words_of_another_laptop_do_not_run_together() {
    let saved = saved(&mut scene(9, "one two three"));
    let mut laptops = [Laptop::new(1, &saved), Laptop::new(2, &saved)];
    let tail = laptops[0].scenes.get_mut(&SOURCE).unwrap().split_off(4, Unit::Scalar, 99, id(11));
    laptops[0].scenes.insert(id(11), tail.unwrap());
    // The other laptop writes another word for the one behind the space.
    let ops = [insert(8, " four "), Op::Delete { at: 5, len: 4 }];
    laptops[1].scenes.get_mut(&SOURCE).unwrap().apply(&ops, Unit::Scalar).unwrap();
    meet(&mut laptops);
    for laptop in &laptops {
        assert_eq!(laptop.scenes[&SOURCE].flat(), "\none four ");
        assert_eq!(laptop.scenes[&id(11)].flat(), "\ntwo three");
    }
}

#[test]
fn notes_of_the_same_name_and_another_text_stay_apart() {
    let note = |body: &str| Atom::Footnote {
        id: "n".into(),
        body: vec![Paragraph::new(Block::Body, body)],
    };
    let mut one = scene(1, "one");
    let mut two = scene(2, "two");
    one.apply(&[Op::Atom { at: 4, atom: note("first") }], Unit::Scalar).unwrap();
    two.apply(&[Op::Atom { at: 4, atom: note("second") }], Unit::Scalar).unwrap();
    let expected = both(&one, &two);
    one.absorb(&mut two, SOURCE).unwrap();
    assert_eq!(one.passage().paragraphs, expected);
}

/// Scenes of one laptop by id, and what "the app" does about doubled words.
struct Laptop {
    peer: u64,
    scenes: BTreeMap<DocumentId, SceneText>,
}

impl Laptop {
    fn new(peer: u64, from: &BTreeMap<DocumentId, Vec<Vec<u8>>>) -> Self {
        let scenes = from.iter().map(|(&id, saved)| {
            (id, SceneText::load(peer * 100, saved.iter().map(Vec::as_slice)).unwrap())
        });
        Self { peer, scenes: scenes.collect() }
    }

    fn updates(&mut self) -> Vec<(DocumentId, Vec<u8>)> {
        self.scenes
            .iter_mut()
            .filter_map(|(&id, scene)| scene.take_update().map(|update| (id, update)))
            .collect()
    }

    fn take(&mut self, updates: &[(DocumentId, Vec<u8>)]) {
        for (id, update) in updates {
            self.peer += 1;
            let peer = self.peer * 100 + 50;
            self.scenes.entry(*id).or_insert_with(|| SceneText::new(peer)).merge(update).unwrap();
        }
    }

    /// Takes out what is there twice, wherever what keeps it has arrived.
    fn repair(&mut self) {
        let doubled: Vec<Doubled> = self.scenes.values().flat_map(SceneText::doubled).collect();
        let mut work: Vec<(DocumentId, Spans)> = doubled
            .into_iter()
            .filter(|one| self.scenes.get(&one.kept_in).is_some_and(|scene| scene.has(&one.kept)))
            .map(|one| (one.document, one.spans))
            .collect();
        while let Some((document, spans)) = work.pop() {
            if let Some(scene) = self.scenes.get_mut(&document) {
                work.extend(scene.remove_doubled(&spans).moved_on);
            }
        }
    }

    /// What is written in each scene. An empty one that nobody has saved is nowhere else.
    fn texts(&self) -> Vec<(DocumentId, String)> {
        let texts = self.scenes.iter().map(|(&id, scene)| (id, scene.flat()));
        texts.filter(|(_, text)| text != "\n").collect()
    }

    fn letters(&self) -> Vec<char> {
        let mut letters: Vec<char> = self
            .scenes
            .values()
            .flat_map(|scene| scene.flat().chars().filter(|&c| is_followed(c)).collect::<Vec<_>>())
            .collect();
        letters.sort_unstable();
        letters
    }
}

fn saved(scene: &mut SceneText) -> BTreeMap<DocumentId, Vec<Vec<u8>>> {
    BTreeMap::from([(SOURCE, vec![scene.take_update().unwrap()])])
}

/// Everybody sends everything until nobody has anything to send.
fn meet(laptops: &mut [Laptop]) {
    for round in 0.. {
        assert!(round < 6, "repairing goes on for ever");
        let updates: Vec<_> = laptops.iter_mut().flat_map(Laptop::updates).collect();
        if updates.is_empty() {
            return;
        }
        for laptop in laptops.iter_mut() {
            laptop.take(&updates);
            laptop.repair();
        }
    }
}

fn id(number: u8) -> DocumentId {
    DocumentId([number; 16])
}

#[test]
fn two_laptops_that_split_one_scene_at_once_have_every_word_once() {
    let mut start = scene(9, "one two three four five");
    let saved = saved(&mut start);
    let mut laptops = [Laptop::new(1, &saved), Laptop::new(2, &saved)];
    for (laptop, (at, new)) in laptops.iter_mut().zip([(9, 11), (5, 12)]) {
        let peer = laptop.peer * 100 + 1;
        let scene = laptop.scenes.get_mut(&SOURCE).unwrap();
        let tail = scene.split_off(at, Unit::Scalar, peer, id(new)).unwrap();
        laptop.scenes.insert(id(new), tail);
    }
    let updates: Vec<_> = laptops.iter_mut().flat_map(Laptop::updates).collect();
    for laptop in &mut laptops {
        laptop.take(&updates);
    }
    let doubled = laptops[0].scenes[&SOURCE].doubled();
    assert_eq!(doubled.len(), 1);
    assert_eq!(doubled[0].spans.len(), "three four five".len());
    assert_eq!(doubled, laptops[1].scenes[&SOURCE].doubled());
    for laptop in &mut laptops {
        laptop.repair();
    }
    meet(&mut laptops);
    assert_eq!(laptops[0].texts(), laptops[1].texts());
    let all: String = laptops[0].texts().into_iter().map(|(_, text)| text).collect();
    let mut words: Vec<&str> = all.split_whitespace().collect();
    words.sort_unstable();
    assert_eq!(words, ["five", "four", "one", "three", "two"]);
}

#[test]
fn a_space_that_was_moved_elsewhere_still_parts_the_words_that_were_not() {
    let mut two = scene(9, "one two");
    let mut saved = saved(&mut scene(8, "first"));
    saved.insert(OTHER, vec![two.take_update().unwrap()]);
    let mut laptops = [Laptop::new(5, &saved), Laptop::new(6, &saved)];
    let mut next = laptops[0].scenes.remove(&OTHER).unwrap();
    laptops[0].scenes.get_mut(&SOURCE).unwrap().absorb(&mut next, SOURCE).unwrap();
    laptops[0].scenes.insert(OTHER, next);
    // The other laptop parts the words by something else, and the space goes with that.
    let there = laptops[1].scenes.get_mut(&OTHER).unwrap();
    let tail = there.split_off(5, Unit::Scalar, 99_999, id(11)).unwrap();
    there.apply(&[insert(4, "\nfour")], Unit::Scalar).unwrap();
    let space = there.split_off(5, Unit::Scalar, 3, id(12)).unwrap();
    assert_eq!((there.flat(), tail.flat()), ("\none\n".into(), "\ntwo".into()));
    laptops[1].scenes.extend([(id(11), tail), (id(12), space)]);
    meet(&mut laptops);
    for laptop in &laptops {
        assert_eq!(laptop.scenes[&SOURCE].flat(), "\nfirst\none two");
        assert_eq!(laptop.scenes[&id(12)].flat(), "\nfour ");
    }
}

#[test]
fn two_laptops_that_join_the_same_scenes_at_once_have_every_paragraph_once() {
    let (mut one, mut two) = (scene(8, "one"), scene(9, "two\nthree"));
    let mut saved = saved(&mut one);
    saved.insert(OTHER, vec![two.take_update().unwrap()]);
    let mut laptops = [Laptop::new(1, &saved), Laptop::new(2, &saved)];
    for laptop in &mut laptops {
        let mut next = laptop.scenes.remove(&OTHER).unwrap();
        laptop.scenes.get_mut(&SOURCE).unwrap().absorb(&mut next, SOURCE).unwrap();
        laptop.scenes.insert(OTHER, next);
    }
    meet(&mut laptops);
    for laptop in &laptops {
        assert_eq!(laptop.texts(), [(SOURCE, "\none\ntwo\nthree".into())]);
    }
}

#[test]
fn a_scene_that_is_joined_written_again_and_joined_again_has_nothing_twice() {
    let (mut one, mut two) = (scene(1, "one"), scene(2, "two"));
    one.absorb(&mut two, SOURCE).unwrap();
    two.apply(&[insert(1, "again")], Unit::Scalar).unwrap();
    one.absorb(&mut two, SOURCE).unwrap();
    assert_eq!(one.flat(), "\none\ntwo\nagain");
    assert_eq!(two.doubled(), [], "its first line break moved twice, and that says nothing");
}

#[test]
fn nothing_is_taken_out_before_what_keeps_it_is_there() {
    let mut start = scene(9, "one two");
    let saved = saved(&mut start);
    let mut laptops = [Laptop::new(1, &saved), Laptop::new(2, &saved)];
    for (laptop, new) in laptops.iter_mut().zip([11, 12]) {
        let peer = laptop.peer * 100 + 1;
        let tail = laptop
            .scenes
            .get_mut(&SOURCE)
            .unwrap()
            .split_off(4, Unit::Scalar, peer, id(new))
            .unwrap();
        laptop.scenes.insert(id(new), tail);
    }
    let [mut here, mut there] = laptops;
    let (mine, theirs) = (here.updates(), there.updates());
    for (laptop, updates) in [(&mut here, &theirs), (&mut there, &mine)] {
        // The source arrives, what was split off does not yet.
        let (source, rest): (Vec<_>, Vec<_>) =
            updates.iter().cloned().partition(|(id, _)| *id == SOURCE);
        laptop.take(&source);
        laptop.repair();
        let all: String = laptop.texts().into_iter().map(|(_, text)| text).collect();
        assert!(all.contains("two"), "{all:?}");
        laptop.take(&rest);
        laptop.repair();
    }
    let mut laptops = [here, there];
    meet(&mut laptops);
    assert_eq!(laptops[0].texts(), laptops[1].texts());
    let all: String = laptops[0].texts().into_iter().map(|(_, text)| text).collect();
    assert_eq!(all.matches("two").count(), 1, "{all:?}");
}

#[test]
fn what_was_moved_on_after_a_doubled_split_is_found_there() {
    let mut start = scene(9, "one two three four");
    let saved = saved(&mut start);
    let mut laptops = [Laptop::new(1, &saved), Laptop::new(2, &saved)];
    for (laptop, new) in laptops.iter_mut().zip([11, 21]) {
        let peer = laptop.peer * 100;
        let mut tail = laptop
            .scenes
            .get_mut(&SOURCE)
            .unwrap()
            .split_off(4, Unit::Scalar, peer + 1, id(new))
            .unwrap();
        // Each splits its own half again, and joins the far end to the first scene.
        let mut far = tail.split_off(4, Unit::Scalar, peer + 2, id(new + 1)).unwrap();
        laptop.scenes.get_mut(&SOURCE).unwrap().absorb(&mut far, SOURCE).unwrap();
        laptop.scenes.insert(id(new), tail);
        laptop.scenes.insert(id(new + 1), far);
    }
    meet(&mut laptops);
    assert_eq!(laptops[0].texts(), laptops[1].texts());
    let all: String = laptops[0].texts().into_iter().map(|(_, text)| text).collect();
    for word in ["one", "two", "three", "four"] {
        assert_eq!(all.matches(word).count(), 1, "{word} in {all:?}");
    }
}

#[test]
fn characters_are_named_by_a_text_that_is_read_back_or_refused() {
    let mut start = scene(9, "one two");
    let mut tail = start.split_off(4, Unit::Scalar, 77, OTHER).unwrap();
    drop(tail.take_update());
    let spans: Spans = "4d:0+4,9+1;1:3+2".parse().unwrap();
    assert_eq!((spans.len(), &spans.to_string()[..]), (7, "4d:0+4,9+1;1:3+2"));
    assert_eq!("".parse::<Spans>().unwrap(), Spans::default());
    for wrong in ["x", "1:", "1:2", "1:2+0", "1:2+-1", "1:-2+1", "1:7fffffff+7", "1:0+7fffffff"] {
        assert!(wrong.parse::<Spans>().is_err(), "{wrong:?}");
    }
}

#[derive(Clone, Debug)]
enum Act {
    Edit(common::Intent),
    Split(u16),
    Join(prop::sample::Index),
}

fn act() -> impl Strategy<Value = Act> {
    prop_oneof![
        4 => intent().prop_map(Act::Edit),
        2 => any::<u16>().prop_map(Act::Split),
        1 => any::<prop::sample::Index>().prop_map(Act::Join),
    ]
}

/// One laptop's offline time: `made` counts the scenes that it makes, `ids` the letters.
fn live(laptop: &mut Laptop, acts: &[Act], made: &mut u8, ids: &mut Identities) -> Vec<char> {
    let mut deleted = Vec::new();
    for act in acts {
        let here: Vec<DocumentId> = laptop.scenes.keys().copied().collect();
        match act {
            Act::Edit(intent) => {
                let scene = laptop.scenes.get_mut(&here[here.len() / 2]).unwrap();
                let mut model = Model::new();
                // Identities of what stands there are its characters: letters are unique.
                model.text = scene.flat().chars().map(|c| (u32::from(c), c)).collect();
                edit(scene, &mut model, std::slice::from_ref(intent), ids);
                deleted.extend(model.deleted.into_iter().filter_map(char::from_u32));
            }
            Act::Split(share) => {
                let from = here[usize::from(*share) % here.len()];
                let scene = laptop.scenes.get_mut(&from).unwrap();
                let at = usize::from(*share) * (scene.flat().chars().count() + 1) / 65_536;
                *made += 1;
                let peer = laptop.peer * 100 + u64::from(*made % 50);
                let tail = scene.split_off(at, Unit::Scalar, peer, id(*made)).unwrap();
                laptop.scenes.insert(id(*made), tail);
            }
            Act::Join(index) => {
                let place = index.index(here.len());
                if let [one, next, ..] = here[place..] {
                    let mut source = laptop.scenes.remove(&next).unwrap();
                    laptop.scenes.get_mut(&one).unwrap().absorb(&mut source, one).unwrap();
                    laptop.scenes.insert(next, source);
                }
            }
        }
    }
    deleted
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_split_and_a_join_keep_every_word_and_give_the_scene_back(
        edits in prop::collection::vec(intent(), 1..40), at in any::<u16>(),
    ) {
        let (mut scene, mut model) = (SceneText::new(1), Model::new());
        edit(&mut scene, &mut model, &edits, &mut Identities::starting_at(0));
        let whole = scene.passage();
        let flat: Vec<char> = scene.flat().chars().collect();
        let at = usize::from(at) * (flat.len() + 1) / 65_536;
        let mut tail = scene.split_off(at, Unit::Scalar, 2, OTHER).unwrap();
        let starts_paragraph = flat.get(at).is_none_or(|&c| c == '\n');
        let words = scene.words() + tail.words();
        prop_assert!(words == whole.words() || !starts_paragraph && words <= whole.words() + 2, "{words}");
        let seen: String = scene.flat() + tail.flat().strip_prefix('\n').unwrap();
        let expected: String = flat[..at].iter().chain(flat[at..].iter().skip(usize::from(starts_paragraph))).collect();
        prop_assert_eq!(seen.strip_prefix('\n'), if at == 0 { Some(&seen[1..]) } else { expected.strip_prefix('\n') });
        let tail_is_new = tail.flat() == "\n" && tail.passage() == Passage::default().normalized();
        let head_is_new = scene.flat() == "\n" && scene.passage() == Passage::default().normalized();
        scene.absorb(&mut tail, SOURCE).unwrap();
        if starts_paragraph && !head_is_new && !(tail_is_new && at < flat.len()) {
            prop_assert_eq!(scene.passage(), whole);
        }
        prop_assert_eq!(tail.words(), 0);
        let saved = scene.history(b"").unwrap();
        prop_assert_eq!(SceneText::load(3, [&saved[..]]).unwrap().passage(), scene.passage());
    }

    #[test]
    fn up_to_five_laptops_that_write_split_and_join_at_once_agree_and_have_every_letter_once(
        base in prop::collection::vec(intent(), 1..20),
        lives in prop::collection::vec(prop::collection::vec(act(), 0..8), 2..6),
        again in prop::collection::vec(prop::collection::vec(act(), 0..4), 2..6),
    ) {
        let (mut start, mut model) = (SceneText::new(99_999), Model::new());
        let mut base_ids = Identities::starting_at(0);
        edit(&mut start, &mut model, &base, &mut base_ids);
        let Some(first) = start.take_update() else { return Ok(()) };
        let saved = BTreeMap::from([(SOURCE, vec![first])]);
        let mut laptops: Vec<Laptop> =
            (0..lives.len()).map(|n| Laptop::new(1000 * (n as u64 + 1), &saved)).collect();
        let mut typed: Vec<char> = laptops[0].letters();
        let mut deleted = Vec::new();
        let mut made = 10;
        let mut ids: Vec<Identities> =
            (0..5_u32).map(|n| Identities::starting_at(1000 * (n + 1) - 100 * n)).collect();
        for round in [&lives, &again] {
            for (laptop, (acts, ids)) in laptops.iter_mut().zip(round.iter().zip(&mut ids)) {
                let before = laptop.letters();
                let gone = live(laptop, acts, &mut made, ids);
                typed.extend(laptop.letters().into_iter().filter(|c| !before.contains(c)));
                // What was typed and deleted again before anybody saw it.
                typed.extend(&gone);
                deleted.extend(gone);
            }
            meet(&mut laptops);
            let texts = laptops[0].texts();
            for laptop in &laptops {
                prop_assert_eq!(&laptop.texts(), &texts);
            }
        }
        let here = laptops[0].letters();
        typed.retain(|&c| is_followed(c) && !deleted.contains(&c));
        typed.sort_unstable();
        typed.dedup();
        let mut once = here.clone();
        once.dedup();
        prop_assert_eq!(&once, &here, "a letter is there twice");
        let lost: Vec<_> = typed.iter().filter(|c| !here.contains(c)).collect();
        prop_assert!(lost.is_empty(), "lost {lost:?}");
    }
}
