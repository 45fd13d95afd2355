//! A model of flat text in which every character has an identity, and random edits for it.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test fails by panicking, and may print"
)]
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::HashSet;
use std::path::PathBuf;

use proptest::prelude::*;
use seshat_manuscript::{ATOM, Align, Atom, Block, Mark, Marks, Op, SceneText, Unit};

/// What else stands in a text beside the characters that are followed: astral, combining, right-to-left, CJK.
const DECORATION: [&str; 10] =
    ["", " ", "a", "😀", "👩‍👩‍👧", "e\u{301}", "שָׁלוֹם", "日本", "\u{2060}—", "نص"];

/// An edit that has not yet met its text: positions are shares of 65,536.
#[derive(Clone, Debug)]
pub(crate) enum Intent {
    Insert { at: u16, decoration: usize, letters: usize, marks: Option<Marks> },
    Split { at: u16 },
    Delete { at: u16, len: usize },
    Join { paragraph: u16 },
    Mark { from: u16, len: usize, mark: Mark },
    Block { paragraph: u16, block: Block },
    Align { paragraph: u16, align: Option<Align> },
    Break { at: u16 },
}

pub(crate) fn marks() -> impl Strategy<Value = Marks> {
    let flag = || prop::bool::weighted(0.2);
    let text = |one: &'static str, two: &'static str| prop_oneof![8 => Just(None), 1 => Just(Some(one.to_owned())), 1 => Just(Some(two.to_owned()))];
    (
        (flag(), flag(), flag(), flag(), flag(), flag()),
        (text("https://a.example", "#here"), text("fr", "he"), text("かん", "じ")),
    )
        .prop_map(|(flags, (link, language, ruby))| Marks {
            emphasis: flags.0,
            strong: flags.1,
            underline: flags.2,
            strike: flags.3,
            smallcaps: flags.4,
            superscript: flags.5,
            link,
            language,
            ruby,
        })
}

pub(crate) fn block() -> impl Strategy<Value = Block> {
    prop::sample::select(vec![
        Block::Body,
        Block::Heading,
        Block::Quote,
        Block::Verse,
        Block::Letter,
        Block::Break,
    ])
}

pub(crate) fn align() -> impl Strategy<Value = Option<Align>> {
    prop::sample::select(vec![
        None,
        Some(Align::Left),
        Some(Align::Center),
        Some(Align::Right),
        Some(Align::Justify),
    ])
}

fn mark() -> impl Strategy<Value = Mark> {
    prop_oneof![
        any::<bool>().prop_map(Mark::Emphasis),
        any::<bool>().prop_map(Mark::Strong),
        any::<bool>().prop_map(Mark::Smallcaps),
        prop::sample::select(vec![None, Some("https://b.example".to_owned())]).prop_map(Mark::Link),
        prop::sample::select(vec![None, Some("de".to_owned())]).prop_map(Mark::Language),
        prop::sample::select(vec![None, Some("ルビ".to_owned())]).prop_map(Mark::Ruby),
    ]
}

pub(crate) fn intent() -> impl Strategy<Value = Intent> {
    let at = any::<u16>;
    prop_oneof![
        6 => (at(), 0..DECORATION.len(), 1..6_usize, prop::option::of(marks()))
            .prop_map(|(at, decoration, letters, marks)| Intent::Insert { at, decoration, letters, marks }),
        3 => at().prop_map(|at| Intent::Split { at }),
        3 => (at(), 1..9_usize).prop_map(|(at, len)| Intent::Delete { at, len }),
        2 => at().prop_map(|paragraph| Intent::Join { paragraph }),
        3 => (at(), 1..12_usize, mark()).prop_map(|(from, len, mark)| Intent::Mark { from, len, mark }),
        2 => (at(), block()).prop_map(|(paragraph, block)| Intent::Block { paragraph, block }),
        1 => (at(), align()).prop_map(|(paragraph, align)| Intent::Align { paragraph, align }),
        1 => at().prop_map(|at| Intent::Break { at }),
    ]
}

/// Gives every character an identity, and every followed letter a code point that no other one has.
#[derive(Clone)]
pub(crate) struct Identities {
    next: u32,
}

impl Identities {
    pub(crate) fn starting_at(next: u32) -> Self {
        Self { next }
    }

    fn next(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    /// A private character: from the basic plane and from beyond it in turn, so that UTF-16 lengths differ.
    fn letter(&mut self) -> (u32, char) {
        let id = self.next();
        let code = if id.is_multiple_of(2) { 0xE000 + id } else { 0xF_0000 + id };
        assert!(id < 6000, "more letters than private characters");
        (id, char::from_u32(code).unwrap())
    }
}

pub(crate) fn is_followed(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}')
}

/// The naive twin of a scene's text.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) text: Vec<(u32, char)>,
    pub(crate) deleted: HashSet<u32>,
}

impl Model {
    pub(crate) fn new() -> Self {
        Self { text: vec![(0, '\n')], deleted: HashSet::new() }
    }

    pub(crate) fn flat(&self) -> String {
        self.text.iter().map(|&(_, c)| c).collect()
    }

    fn gap(&self, share: u16) -> usize {
        1 + usize::from(share) * self.text.len() / 65_536
    }

    fn newline(&self, share: u16) -> usize {
        let newlines: Vec<usize> =
            (0..self.text.len()).filter(|&at| self.text[at].1 == '\n').collect();
        newlines[usize::from(share) * newlines.len() / 65_536]
    }

    /// The operation that `intent` means here (in scalar values), after doing it to the model.
    pub(crate) fn act(&mut self, intent: &Intent, ids: &mut Identities) -> Op {
        match intent {
            Intent::Insert { at, decoration, letters, marks } => {
                let at = self.gap(*at).min(self.text.len());
                let mut inserted: Vec<(u32, char)> = (0..*letters).map(|_| ids.letter()).collect();
                inserted.extend(DECORATION[*decoration].chars().map(|c| (ids.next(), c)));
                let text = inserted.iter().map(|&(_, c)| c).collect();
                self.text.splice(at..at, inserted);
                Op::Insert { at, text, marks: marks.clone() }
            }
            Intent::Split { at } => {
                let at = self.gap(*at).min(self.text.len());
                self.text.insert(at, (ids.next(), '\n'));
                Op::Insert { at, text: "\n".to_owned(), marks: None }
            }
            Intent::Delete { at, len } => {
                let at = self.gap(*at).min(self.text.len());
                let len = (*len).min(self.text.len() - at);
                self.deleted.extend(self.text.drain(at..at + len).map(|(id, _)| id));
                Op::Delete { at, len }
            }
            Intent::Join { paragraph } => match self.newline(*paragraph) {
                0 => Op::Delete { at: 1, len: 0 },
                at => {
                    self.deleted.insert(self.text.remove(at).0);
                    Op::Delete { at, len: 1 }
                }
            },
            Intent::Mark { from, len, mark } => {
                let from = self.gap(*from).min(self.text.len());
                Op::Mark { from, to: (from + len).min(self.text.len()), mark: mark.clone() }
            }
            Intent::Block { paragraph, block } => {
                Op::Block { at: self.newline(*paragraph), block: *block }
            }
            Intent::Align { paragraph, align } => {
                Op::Align { at: self.newline(*paragraph), align: *align }
            }
            Intent::Break { at } => {
                let at = self.gap(*at).min(self.text.len());
                self.text.insert(at, (ids.next(), ATOM));
                Op::Atom { at, atom: Atom::Break }
            }
        }
    }

    /// The same operation with positions in UTF-16; `self` is the text before it.
    pub(crate) fn in_utf16(&self, op: &Op) -> Op {
        let units = |at: usize| self.text[..at].iter().map(|&(_, c)| c.len_utf16()).sum::<usize>();
        let mut op = op.clone();
        match &mut op {
            Op::Insert { at, .. }
            | Op::Block { at, .. }
            | Op::Align { at, .. }
            | Op::Atom { at, .. } => *at = units(*at),
            Op::Delete { at, len } => {
                *len = units(*at + *len) - units(*at);
                *at = units(*at);
            }
            Op::Mark { from, to, .. } => (*from, *to) = (units(*from), units(*to)),
            // Its places are those of the note's own text.
            Op::Note { .. } => {}
        }
        op
    }
}

/// Does `intents` to scene and model alike.
pub(crate) fn edit(
    scene: &mut SceneText,
    model: &mut Model,
    intents: &[Intent],
    ids: &mut Identities,
) {
    for intent in intents {
        let op = model.act(intent, ids);
        scene.apply(&[op], Unit::Scalar).unwrap();
    }
    assert_eq!(scene.flat(), model.flat(), "the scene is not what was typed");
}

/// The corpus, when it is there.
pub(crate) fn corpus() -> Option<PathBuf> {
    #[allow(clippy::disallowed_methods, reason = "a test has no main that could pass it in")]
    let named = std::env::var_os("SESHAT_CORPUS").map(PathBuf::from);
    let beside = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/corpus"));
    let found = named.unwrap_or(beside);
    if found.is_dir() {
        return Some(found);
    }
    println!("left out: there is no corpus (SESHAT_CORPUS)");
    None
}
