//! Which signs of emphasis belong together.
//!
//! Pandoc's rule, not CommonMark's: a sign opens when no white space follows and closes when none stands before.
//! Marks are flags, not a tree, so a pair switches its mark on and off, and pairs need no nesting. Every sign is
//! looked at once; signs without a partner are text.

use seshat_manuscript::{Marks, Piece};

/// What the inline reader found, in order.
#[derive(Debug)]
pub(super) enum Node {
    /// Text.
    Text(String),
    /// Text kept as it is written.
    Kept(String),
    /// Signs that may be marks.
    Signs(Signs),
    /// Pieces that have their own marks already.
    Pieces(Vec<Piece>),
}

/// A run of equal signs.
#[derive(Debug)]
pub(super) struct Signs {
    pub(super) sign: char,
    pub(super) length: usize,
    pub(super) opens: bool,
    pub(super) closes: bool,
    /// The marks that end before, and begin behind, the signs that are text.
    ends: Flags,
    begins: Flags,
}

impl Signs {
    pub(super) fn new(sign: char, length: usize, opens: bool, closes: bool) -> Self {
        Self { sign, length, opens, closes, ends: Flags::default(), begins: Flags::default() }
    }

    /// Makes a run of one sign, known to be paired, begin or end superscript.
    pub(super) fn begin(&mut self) {
        self.begins.small = 1;
    }

    pub(super) fn end(&mut self) {
        self.ends.small = 1;
    }

    /// How many signs belong to no pair.
    fn left(&self) -> usize {
        let [ends, begins] = [self.ends, self.begins];
        self.length
            - usize::from(ends.small + begins.small)
            - 2 * usize::from(ends.large + begins.large)
    }
}

/// Pairs of one sign (`*`: emphasis, `^`: superscript) and of two (`**`: strong, `~~`: struck).
#[derive(Clone, Copy, Debug, Default)]
struct Flags {
    small: u8,
    large: u8,
}

/// The signs waiting for a partner, as positions in the list of nodes.
#[derive(Default)]
struct Waiting {
    small: Option<usize>,
    large: Option<usize>,
}

/// Turns nodes into pieces.
pub(super) fn resolve(mut nodes: Vec<Node>) -> Vec<Piece> {
    for sign in ['*', '_', '~'] {
        pair(&mut nodes, sign);
    }
    let mut state = State::default();
    let mut pieces = Vec::with_capacity(nodes.len());
    for node in nodes {
        match node {
            Node::Text(text) => pieces.push(Piece::Text { text, marks: state.marks() }),
            Node::Kept(text) => {
                let marks = Marks { language: Some(super::KEPT.to_owned()), ..state.marks() };
                pieces.push(Piece::Text { text, marks });
            }
            Node::Pieces(inner) => {
                pieces.extend(inner.into_iter().map(|piece| with_marks(piece, &state.marks())));
            }
            Node::Signs(signs) => {
                state.apply(&signs, signs.ends, -1);
                let text = signs.sign.to_string().repeat(signs.left());
                pieces.push(Piece::Text { text, marks: state.marks() });
                state.apply(&signs, signs.begins, 1);
            }
        }
    }
    pieces
}

/// Adds marks to a piece; what the piece says itself wins.
pub(super) fn with_marks(piece: Piece, outer: &Marks) -> Piece {
    let Piece::Text { text, marks } = piece else { return piece };
    let marks = Marks {
        emphasis: marks.emphasis || outer.emphasis,
        strong: marks.strong || outer.strong,
        underline: marks.underline || outer.underline,
        strike: marks.strike || outer.strike,
        smallcaps: marks.smallcaps || outer.smallcaps,
        superscript: marks.superscript || outer.superscript,
        link: marks.link.or_else(|| outer.link.clone()),
        language: marks.language.or_else(|| outer.language.clone()),
        ruby: marks.ruby.or_else(|| outer.ruby.clone()),
    };
    Piece::Text { text, marks }
}

fn pair(nodes: &mut [Node], sign: char) {
    let mut waiting = Waiting::default();
    for at in 0..nodes.len() {
        let Some(Node::Signs(signs)) = nodes.get(at) else { continue };
        if signs.sign != sign || signs.length > 3 {
            continue;
        }
        let (opens, closes) = (signs.opens, signs.closes);
        let small = signs.length % 2 == 1 && sign != '~';
        let large = signs.length == 2 || (signs.length == 3 && sign != '~');
        if small {
            waiting.small =
                meet(nodes, at, waiting.small, (opens, closes), |flags| &mut flags.small);
        }
        if large {
            waiting.large =
                meet(nodes, at, waiting.large, (opens, closes), |flags| &mut flags.large);
        }
    }
}

/// Lets the signs at `at` close the waiting ones, or wait themselves. Returns who waits now.
fn meet(
    nodes: &mut [Node],
    at: usize,
    waiting: Option<usize>,
    (opens, closes): (bool, bool),
    part: fn(&mut Flags) -> &mut u8,
) -> Option<usize> {
    let Some(begin) = waiting.filter(|_| closes) else {
        return if opens { Some(at) } else { waiting };
    };
    if let Some(Node::Signs(signs)) = nodes.get_mut(begin) {
        *part(&mut signs.begins) = 1;
    }
    if let Some(Node::Signs(signs)) = nodes.get_mut(at) {
        *part(&mut signs.ends) = 1;
    }
    None
}

/// How many pairs of each mark are open: `*` and `_` may hold each other.
#[derive(Default)]
struct State {
    emphasis: i32,
    strong: i32,
    strike: i32,
    superscript: i32,
}

impl State {
    fn apply(&mut self, signs: &Signs, flags: Flags, by: i32) {
        let (small, large) = match signs.sign {
            '^' => (&mut self.superscript, &mut self.strike),
            '~' => (&mut self.superscript, &mut self.strike),
            _ => (&mut self.emphasis, &mut self.strong),
        };
        *small += by * i32::from(flags.small);
        *large += by * i32::from(flags.large);
    }

    fn marks(&self) -> Marks {
        Marks {
            emphasis: self.emphasis > 0,
            strong: self.strong > 0,
            strike: self.strike > 0,
            superscript: self.superscript > 0,
            ..Marks::default()
        }
    }
}
