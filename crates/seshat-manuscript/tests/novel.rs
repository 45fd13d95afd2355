//! What else a binder knows: notes, labels and targets, copies, what came back from the trash, and versions of a
//! whole novel.

#![allow(clippy::unwrap_used, clippy::string_slice, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use seshat_manuscript::{
    Binder, BinderError, NewNode, Node, NodeId, NodeKind, Status, Version, VersionError,
    VersionKind, beside, saved_content,
};
use seshat_protocol::DocumentId;

fn new(kind: NodeKind, title: &str) -> NewNode<'_> {
    NewNode { kind, title, document: None }
}

fn titles(nodes: &[Node]) -> Vec<String> {
    nodes
        .iter()
        .flat_map(|node| {
            let below = titles(&node.children);
            let below = below.into_iter().map(|title| format!("{}/{title}", node.title));
            std::iter::once(node.title.clone()).chain(below).collect::<Vec<_>>()
        })
        .collect()
}

fn twin(binder: &Binder, peer: u64) -> Binder {
    Binder::load(peer, [&binder.snapshot().unwrap()[..]]).unwrap()
}

fn document(number: u8) -> DocumentId {
    DocumentId([number; 16])
}

#[test]
fn notes_stand_beside_the_manuscript_and_each_is_counted_in_its_own_order() {
    let mut binder = Binder::new(1, "n", "en");
    let two = binder.add(None, 9, &new(NodeKind::Scene, "2")).unwrap();
    let people = binder.add(None, 0, &new(NodeKind::Folder, "people")).unwrap();
    let one = binder.add(None, 0, &new(NodeKind::Scene, "1")).unwrap();
    let places = binder.add(None, 1, &new(NodeKind::Folder, "places")).unwrap();
    binder.add(None, 9, &new(NodeKind::Scene, "3")).unwrap();
    let loose = binder.add(None, 0, &new(NodeKind::Note, "loose")).unwrap();
    let ana = binder.add(Some(people), 0, &new(NodeKind::Note, "Ana")).unwrap();
    assert_eq!(titles(&binder.outline()), ["1", "2", "3"]);
    assert_eq!(titles(&binder.notes()), ["loose", "people", "people/Ana", "places"]);

    binder.move_to(one, None, 1).unwrap();
    binder.move_to(places, None, 0).unwrap();
    binder.move_to(loose, None, 9).unwrap();
    assert_eq!(titles(&binder.outline()), ["2", "1", "3"]);
    assert_eq!(titles(&binder.notes()), ["places", "people", "people/Ana", "loose"]);
    binder.move_to(people, Some(places), 0).unwrap();
    binder.trash(ana, 5, "").unwrap();
    assert_eq!(titles(&binder.notes()), ["places", "places/people", "loose"]);
    binder.restore(ana).unwrap();
    assert_eq!(titles(&binder.notes()), ["places", "places/people", "places/people/Ana", "loose"]);

    let refused = Err(BinderError::WrongPlace);
    assert_eq!(binder.move_to(two, Some(people), 0), refused, "a scene is no note");
    assert_eq!(binder.move_to(ana, Some(loose), 0), refused, "a note holds nothing");
    let chapter = binder.add(None, 0, &new(NodeKind::Chapter, "c")).unwrap();
    assert_eq!(binder.move_to(ana, Some(chapter), 0), refused, "a note is no scene");
    assert_eq!(binder.add(Some(chapter), 0, &new(NodeKind::Folder, "")), refused.map(|()| one));
}

#[test]
fn label_target_and_what_an_export_takes_are_kept() {
    let mut binder = Binder::new(1, "n", "en");
    let scene = binder.add(None, 0, &new(NodeKind::Scene, "s")).unwrap();
    let fresh = binder.look_up(scene).unwrap();
    let known = |node: &Node| (node.label.clone(), node.target, node.included);
    assert_eq!(known(&fresh), (String::new(), None, true));
    binder.take_update();
    binder.set_included(scene, true).unwrap();
    binder.set_target(scene, None).unwrap();
    assert!(binder.take_update().is_some(), "the first word on it is kept");
    binder.set_label(scene, "Ana's view").unwrap();
    binder.set_target(scene, Some(1500)).unwrap();
    binder.set_included(scene, false).unwrap();
    let loaded = twin(&binder, 2).look_up(scene).unwrap();
    assert_eq!(known(&loaded), ("Ana's view".into(), Some(1500), false));
    binder.take_update();
    binder.set_included(scene, false).unwrap();
    assert_eq!(binder.take_update(), None, "saying it again writes nothing");
    binder.set_target(scene, None).unwrap();
    assert_eq!(binder.look_up(scene).unwrap().target, None);
}

#[test]
fn the_trash_says_when_and_what_was_seen_and_what_comes_back_is_marked() {
    let mut binder = Binder::new(1, "n", "en");
    let chapter = binder.add(None, 0, &new(NodeKind::Chapter, "c")).unwrap();
    let scene = binder.add(Some(chapter), 0, &new(NodeKind::Scene, "s")).unwrap();
    let first = binder.add(Some(chapter), 0, &new(NodeKind::Scene, "first")).unwrap();
    assert_eq!(binder.seen(scene), None);
    binder.trash(first, 3, "alone").unwrap();
    binder.trash(chapter, 1_700_000_000_123, "heads").unwrap();
    let binder = twin(&binder, 2);
    assert_eq!(binder.seen(scene), Some("heads".into()), "of what holds it");
    assert_eq!(binder.seen(first), Some("alone".into()));
    let trashed: Vec<_> = binder.trashed().iter().map(|node| node.trashed_at).collect();
    assert_eq!(trashed, [Some(3), Some(1_700_000_000_123)]);

    let mut binder = twin(&binder, 3);
    binder.keep(scene).unwrap();
    assert!(binder.look_up(scene).unwrap().kept);
    assert_eq!(titles(&binder.outline()), ["s"], "its chapter is in the trash");
    assert_eq!(binder.seen(scene), None);
    binder.keep(scene).unwrap();
    binder.acknowledge(scene).unwrap();
    assert!(!binder.look_up(scene).unwrap().kept);
    binder.restore(chapter).unwrap();
    binder.keep(chapter).unwrap();
    let back = binder.look_up(chapter).unwrap();
    assert_eq!((back.kept, back.trashed_at), (false, None), "it was not in the trash any more");
}

#[test]
fn a_scene_that_two_laptops_bring_back_and_a_third_trashes_again_is_in_one_place() {
    let mut here = Binder::new(1, "n", "en");
    let scene = here.add(None, 0, &new(NodeKind::Scene, "s")).unwrap();
    here.trash(scene, 1, "x").unwrap();
    let (mut there, mut third) = (twin(&here, 2), twin(&here, 3));
    here.take_update();
    here.keep(scene).unwrap();
    there.keep(scene).unwrap();
    third.restore(scene).unwrap();
    third.trash(scene, 2, "y").unwrap();
    let updates: Vec<_> =
        [&mut here, &mut there, &mut third].into_iter().filter_map(Binder::take_update).collect();
    for binder in [&mut here, &mut there, &mut third] {
        binder.merge_all(updates.iter().map(Vec::as_slice)).unwrap();
    }
    assert_eq!((here.outline(), here.trashed()), (there.outline(), there.trashed()));
    assert_eq!((here.outline(), here.trashed()), (third.outline(), third.trashed()));
    assert_eq!(here.outline().len() + here.trashed().len(), 1);
}

#[test]
fn a_copy_stands_behind_the_original_with_all_it_holds_and_its_own_texts() {
    let mut binder = Binder::new(1, "n", "en");
    let chapter = binder.add(None, 0, &new(NodeKind::Chapter, "c")).unwrap();
    binder.add(None, 1, &new(NodeKind::Chapter, "d")).unwrap();
    for number in [1, 2] {
        let scene = NewNode { kind: NodeKind::Scene, title: "s", document: Some(document(number)) };
        let id = binder.add(Some(chapter), 9, &scene).unwrap();
        binder.set_status(id, Status::Final).unwrap();
        binder.set_label(id, "l").unwrap();
    }
    let mut asked = Vec::new();
    let copy = binder
        .duplicate(chapter, &mut |old| {
            asked.push(old);
            document(old.0[0] + 10)
        })
        .unwrap();
    assert_eq!(asked, [document(1), document(2)]);
    assert_eq!(titles(&binder.outline()), ["c", "c/s", "c/s", "c", "c/s", "c/s", "d"]);
    let made = binder.look_up(copy).unwrap();
    let documents: Vec<_> = made.children.iter().map(|node| node.document.unwrap()).collect();
    assert_eq!(documents, [document(11), document(12)]);
    assert!(made.children.iter().all(|node| node.status == Status::Final && node.label == "l"));
    binder.trash(copy, 1, "").unwrap();
    assert_eq!(binder.duplicate(copy, &mut |old| old), Err(BinderError::WrongPlace));
}

#[test]
fn a_version_of_the_novel_holds_its_scenes_and_puts_the_novel_back_in_order() {
    let mut binder = Binder::new(1, "Ítaca", "pt");
    let part = binder.add(None, 0, &new(NodeKind::Part, "I")).unwrap();
    let a = binder.add(Some(part), 0, &new(NodeKind::Chapter, "a")).unwrap();
    let b = binder.add(Some(part), 1, &new(NodeKind::Chapter, "b")).unwrap();
    let one = binder.add(Some(a), 0, &new(NodeKind::Scene, "1")).unwrap();
    let two = binder.add(Some(a), 1, &new(NodeKind::Scene, "2")).unwrap();
    let gone = binder.add(Some(a), 2, &new(NodeKind::Scene, "gone")).unwrap();
    binder.add(None, 0, &new(NodeKind::Note, "note")).unwrap();
    binder.trash(gone, 1, "").unwrap();
    let scenes = [(document(1), Version::beginning())];
    binder.name_version("v", VersionKind::Named, "first draft", 7, &scenes).unwrap();
    let (outline, notes) = (binder.outline(), binder.notes());

    binder.set_title("Ithaca");
    binder.move_to(a, None, 0).unwrap();
    binder.move_to(two, Some(b), 0).unwrap();
    binder.rename(one, "renamed").unwrap();
    binder.set_target(one, Some(5)).unwrap();
    binder.trash(part, 2, "").unwrap();
    let late = binder.add(Some(a), 0, &new(NodeKind::Scene, "late")).unwrap();
    binder.restore(gone).unwrap();
    let mut other = twin(&binder, 2);
    other.move_to(one, None, 0).unwrap();

    let named = twin(&binder, 3).named_versions();
    assert_eq!(named.len(), 1);
    let version = &named[0];
    assert_eq!(
        (&version.name[..], version.at, &version.scenes[..]),
        ("first draft", 7, &scenes[..])
    );
    let past = binder.at(&version.version).unwrap();
    assert_eq!(
        (past.outline(), past.notes(), past.title()),
        (outline.clone(), notes.clone(), "Ítaca".into())
    );
    assert_eq!(titles(&past.trashed()), ["gone"]);
    binder.rearrange(&past, 9, "seen").unwrap();
    assert_eq!((binder.outline(), binder.notes()), (outline, notes));
    let trashed: BTreeSet<String> = titles(&binder.trashed()).into_iter().collect();
    assert_eq!(trashed, BTreeSet::from(["gone".to_owned(), "late".to_owned()]));
    assert_eq!(binder.seen(late), Some("seen".into()));

    // What another laptop moved meanwhile is in one of the two places, the same on both.
    binder.merge(&other.take_update().unwrap()).unwrap();
    other.merge(&binder.snapshot().unwrap()).unwrap();
    assert_eq!(binder.outline(), other.outline());
    binder.rename_version("v", "draft 1").unwrap();
    assert_eq!(binder.named_versions()[0].scenes, scenes);
    binder.forget_version("v").unwrap();
    assert_eq!(binder.named_versions(), []);
    assert_eq!(binder.forget_version("v"), Err(VersionError::Unknown));
    let stranger = Binder::new(5, "x", "en");
    let theirs = stranger.at(&stranger.version()).unwrap();
    drop(theirs);
    assert!(binder.at(&stranger.version()).is_err());
}

#[test]
fn a_history_of_the_binder_is_read_with_and_without_the_crdt() {
    let mut binder = Binder::new(1, "Ítaca", "pt");
    binder.set_time(1_800_000_000);
    binder.add(None, 0, &new(NodeKind::Folder, "people")).unwrap();
    let before = binder.version();
    binder.add(None, 0, &new(NodeKind::Scene, "1")).unwrap();
    let saved = binder.history(b"covers").unwrap();
    let loaded = Binder::load(2, [&saved[..]]).unwrap();
    assert_eq!((loaded.outline(), loaded.notes()), (binder.outline(), binder.notes()));
    assert_eq!(loaded.at(&before).unwrap().outline(), []);
    assert_eq!(beside(&saved), Some(&b"covers"[..]));
    let content = saved_content(&saved).unwrap();
    assert_eq!(content["title"], "Ítaca");
    assert_eq!(content["notes"][0]["title"], "people");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn putting_a_novel_back_in_order_removes_nothing_and_gives_the_order_of_then(
        before in prop::collection::vec(edit(), 1..25), after in prop::collection::vec(edit(), 1..25),
    ) {
        let mut binder = Binder::new(1, "n", "en");
        act(&mut binder, &before);
        let (version, outline, notes) = (binder.version(), binder.outline(), binder.notes());
        act(&mut binder, &after);
        let all = ids(&binder);
        let past = binder.at(&version).unwrap();
        binder.rearrange(&past, 1, "").unwrap();
        prop_assert_eq!((binder.outline(), binder.notes()), (outline, notes));
        prop_assert_eq!(ids(&binder), all, "a node went");
        binder.take_update();
        let past = binder.at(&version).unwrap();
        binder.rearrange(&past, 1, "").unwrap();
        prop_assert_eq!(binder.take_update(), None, "there was nothing left to do");
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Add(NodeKind, prop::sample::Index, usize),
    Move(prop::sample::Index, prop::sample::Index, usize),
    Trash(prop::sample::Index),
    Restore(prop::sample::Index),
    Describe(prop::sample::Index, String),
}

fn edit() -> impl Strategy<Value = Edit> {
    let index = any::<prop::sample::Index>;
    let kind = prop::sample::select(vec![
        NodeKind::Part,
        NodeKind::Chapter,
        NodeKind::Scene,
        NodeKind::Scene,
        NodeKind::Folder,
        NodeKind::Note,
        NodeKind::Unknown("card".into()),
    ]);
    prop_oneof![
        4 => (kind, index(), 0..5_usize).prop_map(|(kind, holder, at)| Edit::Add(kind, holder, at)),
        4 => (index(), index(), 0..5_usize).prop_map(|(node, holder, at)| Edit::Move(node, holder, at)),
        2 => index().prop_map(Edit::Trash),
        1 => index().prop_map(Edit::Restore),
        2 => (index(), "[a-z]{0,3}").prop_map(|(node, text)| Edit::Describe(node, text)),
    ]
}

fn ids(binder: &Binder) -> BTreeSet<NodeId> {
    fn walk(nodes: &[Node], ids: &mut Vec<NodeId>) {
        for node in nodes {
            ids.push(node.id);
            walk(&node.children, ids);
        }
    }
    let mut all = Vec::new();
    for part in [binder.outline(), binder.notes(), binder.trashed()] {
        walk(&part, &mut all);
    }
    let set: BTreeSet<NodeId> = all.iter().copied().collect();
    assert_eq!(set.len(), all.len(), "a node is in two places");
    set
}

fn act(binder: &mut Binder, edits: &[Edit]) {
    for edit in edits {
        let all: Vec<NodeId> = ids(binder).into_iter().collect();
        let pick =
            |index: &prop::sample::Index| (!all.is_empty()).then(|| all[index.index(all.len())]);
        let holder = |index: &prop::sample::Index| all.get(index.index(all.len() + 1)).copied();
        let result = match edit {
            Edit::Add(kind, parent, at) => {
                binder.add(holder(parent), *at, &new(kind.clone(), "t")).map(drop)
            }
            Edit::Move(node, parent, at) => {
                pick(node).map_or(Ok(()), |node| binder.move_to(node, holder(parent), *at))
            }
            Edit::Trash(node) => pick(node).map_or(Ok(()), |node| binder.trash(node, 1, "")),
            Edit::Restore(node) => pick(node).map_or(Ok(()), |node| binder.restore(node)),
            Edit::Describe(node, text) => pick(node).map_or(Ok(()), |node| {
                binder.rename(node, text)?;
                binder.set_target(node, Some(1).filter(|_| text.is_empty()))?;
                binder.set_included(node, text.len() == 1)?;
                binder.set_label(node, text)
            }),
        };
        if let Err(error) = result {
            assert_eq!(error, BinderError::WrongPlace);
        }
    }
}
