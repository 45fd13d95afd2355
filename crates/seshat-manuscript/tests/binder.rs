//! The binder: edits, refusals, and three laptops that rearrange a novel at the same time.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use seshat_manuscript::{
    Binder, BinderError, LoadError, Merged, NewNode, Node, NodeId, NodeKind, Op, SceneText, Status,
    Unit,
};
use seshat_protocol::DocumentId;

fn new(kind: NodeKind, title: &str) -> NewNode<'_> {
    NewNode { kind, title, document: None }
}

fn titles(nodes: &[Node]) -> Vec<String> {
    nodes
        .iter()
        .flat_map(|node| {
            let below =
                titles(&node.children).into_iter().map(|title| format!("{}/{title}", node.title));
            std::iter::once(node.title.clone()).chain(below).collect::<Vec<_>>()
        })
        .collect()
}

fn ids(nodes: &[Node]) -> Vec<NodeId> {
    nodes.iter().flat_map(|node| std::iter::once(node.id).chain(ids(&node.children))).collect()
}

fn twin(binder: &Binder, peer: u64) -> Binder {
    Binder::load(peer, [&binder.snapshot().unwrap()[..]]).unwrap()
}

/// Part "I" with chapters "a" and "b", of which "a" holds scenes "1" and "2".
fn novel() -> (Binder, [NodeId; 5]) {
    let mut binder = Binder::new(1, "Ítaca", "pt");
    let part = binder.add(None, 0, &new(NodeKind::Part, "I")).unwrap();
    let b = binder.add(Some(part), 0, &new(NodeKind::Chapter, "b")).unwrap();
    let a = binder.add(Some(part), 0, &new(NodeKind::Chapter, "a")).unwrap();
    let document = Some(DocumentId([1; 16]));
    let scene = NewNode { kind: NodeKind::Scene, title: "1", document };
    let one = binder.add(Some(a), 9, &scene).unwrap();
    let two = binder.add(Some(a), 9, &new(NodeKind::Scene, "2")).unwrap();
    (binder, [part, a, b, one, two])
}

#[test]
fn a_novel_is_in_the_order_it_was_put_in() {
    let (mut binder, [part, a, b, one, two]) = novel();
    assert_eq!((&binder.title()[..], &binder.language()[..]), ("Ítaca", "pt"));
    assert_eq!(titles(&binder.outline()), ["I", "I/a", "I/a/1", "I/a/2", "I/b"]);
    binder.move_to(one, Some(a), 1).unwrap();
    assert_eq!(titles(&binder.outline()), ["I", "I/a", "I/a/2", "I/a/1", "I/b"]);
    binder.move_to(one, Some(a), 0).unwrap();
    binder.move_to(two, Some(b), 0).unwrap();
    binder.move_to(b, None, 0).unwrap();
    assert_eq!(titles(&binder.outline()), ["b", "b/2", "I", "I/a", "I/a/1"]);
    assert_eq!(binder.node(DocumentId([1; 16])), Some(one));
    assert_eq!(binder.look_up(part).unwrap().children[0].id, a);
    assert_eq!("x@1".parse::<NodeId>().ok(), None);
    assert_eq!(two.to_string().parse(), Ok(two));
}

#[test]
fn title_status_and_synopsis_are_kept() {
    let (mut binder, [_, _, _, one, _]) = novel();
    binder.rename(one, "Ao mar").unwrap();
    binder.set_status(one, Status::Revised).unwrap();
    binder.set_synopsis(one, "They leave.").unwrap();
    let saved = binder.take_update().unwrap();
    let node = Binder::load(2, [&saved[..]]).unwrap().look_up(one).unwrap();
    assert_eq!(
        (&node.title[..], node.status, &node.synopsis[..], node.kind, node.document),
        ("Ao mar", Status::Revised, "They leave.", NodeKind::Scene, Some(DocumentId([1; 16])))
    );
}

#[test]
fn trash_holds_what_was_in_it_and_gives_it_back_where_it_was() {
    let (mut binder, [_, a, b, one, two]) = novel();
    binder.trash(one, 7, "").unwrap();
    binder.trash(a, 7, "").unwrap();
    binder.trash(a, 7, "").unwrap();
    assert_eq!(titles(&binder.outline()), ["I", "I/b"]);
    assert_eq!(titles(&binder.trashed()), ["1", "a", "a/2"]);
    assert!(binder.is_trashed(two) && !binder.is_trashed(b));

    assert_eq!(binder.move_to(b, Some(a), 0), Err(BinderError::WrongPlace));
    assert_eq!(binder.add(Some(a), 0, &new(NodeKind::Scene, "")), Err(BinderError::WrongPlace));
    binder.restore(a).unwrap();
    binder.restore(one).unwrap();
    assert_eq!(titles(&binder.outline()), ["I", "I/a", "I/a/1", "I/a/2", "I/b"]);

    binder.trash(one, 7, "").unwrap();
    binder.trash(a, 7, "").unwrap();
    binder.restore(two).unwrap();
    binder.restore(one).unwrap();
    assert_eq!(titles(&binder.outline()), ["I", "I/b", "2", "1"], "their chapter is gone");
    assert_eq!(titles(&binder.trashed()), ["a"]);
}

#[test]
fn a_node_stands_only_where_its_kind_belongs() {
    let (mut binder, [part, a, b, one, _]) = novel();
    assert_eq!(binder.add(Some(one), 0, &new(NodeKind::Scene, "")), Err(BinderError::WrongPlace));
    assert_eq!(binder.add(Some(a), 0, &new(NodeKind::Chapter, "")), Err(BinderError::WrongPlace));
    assert_eq!(binder.move_to(part, Some(b), 0), Err(BinderError::WrongPlace));
    let cards = binder.add(Some(a), 0, &new(NodeKind::Unknown("cards".into()), "c")).unwrap();
    let card = binder.add(Some(cards), 0, &new(NodeKind::Unknown("card".into()), "d")).unwrap();
    assert_eq!(binder.move_to(cards, Some(card), 0), Err(BinderError::WrongPlace), "a circle");
    assert_eq!(binder.move_to(cards, Some(cards), 0), Err(BinderError::WrongPlace), "a circle");
    for fixed in ["0@0", "1@0", "9@9"] {
        assert_eq!(
            binder.trash(fixed.parse().unwrap(), 7, ""),
            Err(BinderError::UnknownNode),
            "{fixed}"
        );
    }
    let loaded = twin(&binder, 2);
    assert_eq!(loaded.look_up(card).unwrap().kind, NodeKind::Unknown("card".into()));
}

#[test]
fn two_laptops_that_insert_at_one_place_disturb_nobody() {
    let (mut here, [_, a, _, one, two]) = novel();
    let mut there = twin(&here, 2);
    here.take_update();
    here.add(Some(a), 1, &new(NodeKind::Scene, "here")).unwrap();
    there.add(Some(a), 1, &new(NodeKind::Scene, "there")).unwrap();
    there.merge(&here.take_update().unwrap()).unwrap();
    here.merge(&there.take_update().unwrap()).unwrap();
    assert_eq!(here.outline(), there.outline());
    // Later than anything there, so that of two moves of one node this laptop's would win.
    for status in [Status::Draft, Status::Revised].repeat(25) {
        here.set_status(a, status).unwrap();
    }
    // Between the two: no sibling may be moved for it, so the other laptop's trashing of them stands.
    here.add(Some(a), 2, &new(NodeKind::Scene, "between")).unwrap();
    let line = there.look_up(a).unwrap().children;
    for node in &line {
        there.trash(node.id, 7, "").unwrap();
    }
    there.merge(&here.take_update().unwrap()).unwrap();
    here.merge(&there.take_update().unwrap()).unwrap();
    assert_eq!(here.outline(), there.outline());
    assert_eq!(titles(&here.look_up(a).unwrap().children), ["between"]);
    assert!(here.is_trashed(one) && here.is_trashed(two));
}

#[test]
fn two_laptops_that_open_a_new_binder_have_one_trash() {
    let mut here = Binder::new(1, "x", "en");
    let mut there = Binder::load(2, [&here.take_update().unwrap()[..]]).unwrap();
    let one = here.add(None, 0, &new(NodeKind::Scene, "1")).unwrap();
    let two = there.add(None, 0, &new(NodeKind::Scene, "2")).unwrap();
    here.trash(one, 7, "").unwrap();
    there.trash(two, 7, "").unwrap();
    assert_eq!(here.merge(&there.take_update().unwrap()), Ok(Merged::Changed));
    assert_eq!(here.trashed().len(), 2);
    assert_eq!(here.outline(), []);
    assert_eq!(here.merge(&[7]), Err(LoadError::Newer { index: 0, format: 7 }));
}

/// Written by the first release of this format; must load for ever.
#[test]
fn a_binder_of_the_first_format_still_loads() {
    let golden = include_str!("golden/binder-update-1.hex");
    let bytes: Vec<u8> = golden
        .trim()
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect();
    let binder = Binder::load(9, [&bytes[..]]).unwrap();
    assert_eq!(titles(&binder.outline()), ["I", "I/a", "I/a/1", "I/b"]);
    assert_eq!(titles(&binder.trashed()), ["2"]);
    assert_eq!((&binder.title()[..], &binder.language()[..]), ("Ítaca", "pt"));
    assert!(binder.node(DocumentId([1; 16])).is_some());
}

#[test]
#[ignore = "writes the golden file; run once for a new format"]
fn write_the_golden_binder() {
    let (mut binder, [_, _, _, _, two]) = novel();
    binder.trash(two, 7, "").unwrap();
    let update = binder.take_update().unwrap();
    let hex: String = update.iter().map(|byte| format!("{byte:02x}")).collect();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/binder-update-1.hex");
    std::fs::write(path, hex + "\n").unwrap();
}

#[derive(Clone, Debug)]
enum Intent {
    Add { kind: NodeKind, parent: prop::sample::Index, index: usize },
    Move { node: prop::sample::Index, parent: prop::sample::Index, index: usize },
    Rename { node: prop::sample::Index, title: String },
    Trash { node: prop::sample::Index },
    Restore { node: prop::sample::Index },
    SetStatus { node: prop::sample::Index },
}

fn intent() -> impl Strategy<Value = Intent> {
    let index = any::<prop::sample::Index>;
    let kind = prop::sample::select(vec![
        NodeKind::Part,
        NodeKind::Chapter,
        NodeKind::Chapter,
        NodeKind::Scene,
        NodeKind::Scene,
        NodeKind::Folder,
        NodeKind::Note,
        NodeKind::Unknown("card".into()),
    ]);
    prop_oneof![
        2 => (kind, index(), 0..6_usize)
            .prop_map(|(kind, parent, index)| Intent::Add { kind, parent, index }),
        5 => (index(), index(), 0..6_usize)
            .prop_map(|(node, parent, index)| Intent::Move { node, parent, index }),
        1 => (index(), "[a-zא-ת😀]{0,4}").prop_map(|(node, title)| Intent::Rename { node, title }),
        3 => index().prop_map(|node| Intent::Trash { node }),
        1 => index().prop_map(|node| Intent::Restore { node }),
        1 => index().prop_map(|node| Intent::SetStatus { node }),
    ]
}

/// Every node of the binder, in the outline or in the trash; panics when one is there twice.
fn all(binder: &Binder) -> BTreeSet<NodeId> {
    let parts = [binder.outline(), binder.notes(), binder.trashed()];
    let all: Vec<NodeId> = parts.iter().flat_map(|part| ids(part)).collect();
    let set: BTreeSet<NodeId> = all.iter().copied().collect();
    assert_eq!(set.len(), all.len(), "a node is in two places");
    set
}

fn act(binder: &mut Binder, intents: &[Intent], known: &mut BTreeSet<NodeId>) {
    for intent in intents {
        let nodes: Vec<NodeId> = all(binder).into_iter().collect();
        let pick =
            |index: &prop::sample::Index| nodes.get(index.index(nodes.len().max(1))).copied();
        let parent = |index: &prop::sample::Index| {
            let at = index.index(nodes.len() + 1);
            nodes.get(at).copied()
        };
        let result = match intent {
            Intent::Add { kind, parent: holder, index } => binder
                .add(parent(holder), *index, &new(kind.clone(), "n"))
                .map(|id| assert!(known.insert(id), "an id was given twice")),
            Intent::Move { node, parent: holder, index } => match pick(node) {
                Some(node) => binder.move_to(node, parent(holder), *index),
                None => Ok(()),
            },
            Intent::Rename { node, title } => {
                pick(node).map_or(Ok(()), |id| binder.rename(id, title))
            }
            Intent::Trash { node } => pick(node).map_or(Ok(()), |id| binder.trash(id, 7, "seen")),
            Intent::Restore { node } => pick(node).map_or(Ok(()), |id| binder.restore(id)),
            Intent::SetStatus { node } => {
                pick(node).map_or(Ok(()), |id| binder.set_status(id, Status::Final))
            }
        };
        if let Err(error) = result {
            assert_eq!(error, BinderError::WrongPlace, "{intent:?}");
        }
        assert_eq!(&all(binder), known, "{intent:?} hid, doubled or made a node");
    }
}

/// Every pair of holder and held fits: no merge may put a chapter into a scene.
fn check_places(nodes: &[Node]) {
    for node in nodes {
        for child in &node.children {
            let fits = match (&child.kind, &node.kind) {
                (_, NodeKind::Scene | NodeKind::Note) | (NodeKind::Part, _) => false,
                (NodeKind::Folder | NodeKind::Note, holder) => *holder == NodeKind::Folder,
                (NodeKind::Chapter, holder) => {
                    *holder != NodeKind::Chapter && *holder != NodeKind::Folder
                }
                (NodeKind::Scene, holder) => *holder != NodeKind::Folder,
                (NodeKind::Unknown(_), _) => true,
            };
            assert!(fits, "{:?} in {:?}", child.kind, node.kind);
        }
        check_places(&node.children);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn three_laptops_that_rearrange_a_novel_agree_and_lose_no_node(
        base in prop::collection::vec(intent(), 0..30),
        rounds in prop::collection::vec(prop::array::uniform3(prop::collection::vec(intent(), 0..20)), 1..4),
    ) {
        let mut first = Binder::new(1, "novel", "en");
        let mut known = BTreeSet::new();
        act(&mut first, &base, &mut known);
        let second = twin(&first, 2);
        let third = twin(&first, 3);
        first.take_update();
        let mut laptops = [first, second, third];
        for round in &rounds {
            let before = known.clone();
            for (laptop, intents) in laptops.iter_mut().zip(round) {
                let mut seen = before.clone();
                act(laptop, intents, &mut seen);
                known.extend(seen);
            }
            let updates: Vec<Vec<u8>> = laptops.iter_mut().filter_map(Binder::take_update).collect();
            for (place, laptop) in laptops.iter_mut().enumerate() {
                // Everybody gets the parts in another order.
                for turn in 0..updates.len() {
                    laptop.merge(&updates[(turn + place) % updates.len()]).unwrap();
                }
            }
            let [first, second, third] = &laptops;
            prop_assert_eq!(first.outline(), second.outline());
            prop_assert_eq!(first.outline(), third.outline());
            prop_assert_eq!(first.notes(), second.notes());
            prop_assert_eq!(first.notes(), third.notes());
            prop_assert_eq!(first.trashed(), second.trashed());
            prop_assert_eq!(first.trashed(), third.trashed());
            for laptop in &laptops {
                prop_assert_eq!(&all(laptop), &known, "a node is hidden, or there are too many");
                check_places(&laptop.outline());
                check_places(&laptop.notes());
            }
        }
        let loaded = twin(&laptops[0], 9);
        prop_assert_eq!(loaded.outline(), laptops[0].outline());
        prop_assert_eq!(loaded.trashed(), laptops[0].trashed());
    }

    #[test]
    fn moving_renaming_and_trashing_never_touch_a_text(intents in prop::collection::vec(intent(), 1..40)) {
        let mut binder = Binder::new(1, "novel", "en");
        let mut scenes = BTreeMap::new();
        let mut known = BTreeSet::new();
        for number in 0..4_u8 {
            let document = DocumentId([number; 16]);
            let node = NewNode { kind: NodeKind::Scene, title: "s", document: Some(document) };
            let id = binder.add(None, 0, &node).unwrap();
            known.insert(id);
            let mut text = SceneText::new(u64::from(number) + 1);
            let op = Op::Insert { at: 1, text: format!("text of {number}"), marks: None };
            text.apply(&[op], Unit::Scalar).unwrap();
            scenes.insert(id, (document, text.snapshot().unwrap()));
        }
        act(&mut binder, &intents, &mut known);
        for (node, (document, snapshot)) in &scenes {
            prop_assert_eq!(binder.look_up(*node).unwrap().document, Some(*document));
            prop_assert_eq!(binder.node(*document), Some(*node));
            prop_assert!(SceneText::load(9, [&snapshot[..]]).is_ok());
        }
    }
}
