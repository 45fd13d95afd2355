//! Text that moves from one scene to another, when a scene is split or two become one, and the log of it.
//!
//! A move copies characters and deletes the originals. Two laptops that move the same characters at once, to two
//! places, double them, and no merge of either document can see that. So the source scene notes which of its
//! characters became which characters of which document. From that every laptop finds the same copies to take
//! out again ([`doubled`]), and because deleting a character twice is deleting it once, all may do it.
//!
//! **Invariants:** of all copies of a character that its own scene names, exactly one wins, the same one whoever
//! looks and in whatever order the moves arrived. What is taken out are copies by identity and nothing else.

use std::collections::HashMap;
use std::ops::Range;

use loro::{ID, LoroDoc, LoroText, LoroValue};
use serde_json::{Value, json};
use seshat_protocol::DocumentId;

use crate::comments;
use crate::edit;
use crate::flat;
use crate::op::OpFault;
use crate::passage::{ATOM, Block};
use crate::replica::GENESIS_PEER;
use crate::rewrite;
use crate::spans::{self, Spans};

const MOVES: &str = "moves";

/// The first `\n` of every scene. It stays where it is, so a copy of it counts only together with others.
const FIRST: ID = ID { peer: GENESIS_PEER, counter: 0 };

/// Text of one scene that was moved to two places at once, by two laptops.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubled {
    /// The scene from which `spans` go.
    pub document: DocumentId,
    /// The characters there that are one time too many.
    pub spans: Spans,
    /// The scene that keeps the text.
    pub kept_in: DocumentId,
    /// The characters there. Where they have not arrived yet, taking the others out has to wait for them.
    pub kept: Spans,
}

/// What [`crate::SceneText::remove_doubled`] did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Whether the scene changed.
    pub changed: bool,
    /// Copies that have been moved on: to be removed there, too.
    pub moved_on: Vec<(DocumentId, Spans)>,
}

/// An entry of the log: the characters `from` became as many characters `to` of another document.
struct Move {
    /// Unique, and the same on every laptop; the smallest wins.
    key: String,
    document: DocumentId,
    from: Vec<ID>,
    to: Vec<ID>,
}

fn log(doc: &LoroDoc) -> Vec<Move> {
    let LoroValue::Map(all) = doc.get_map(MOVES).get_value() else { return Vec::new() };
    let mut log: Vec<Move> =
        all.iter().filter_map(|(key, value)| read(key, &Value::from(value.clone()))).collect();
    log.sort_by(|one, other| one.key.cmp(&other.key));
    log
}

fn read(key: &str, value: &Value) -> Option<Move> {
    let text = |field: &str| value.get(field).and_then(Value::as_str);
    let spans = |field: &str| text(field)?.parse::<Spans>().ok();
    let (from, to) = (spans("from")?, spans("to")?);
    let fits = from.len() == to.len();
    fits.then_some(Move {
        key: key.to_owned(),
        document: text("document")?.parse().ok()?,
        from: from.ids().collect(),
        to: to.ids().collect(),
    })
}

fn note(doc: &LoroDoc, document: DocumentId, from: &[ID], to: &[ID]) -> Result<(), OpFault> {
    if from.is_empty() || from.len() != to.len() {
        return Ok(());
    }
    let spans = |ids: &[ID]| ids.iter().copied().collect::<Spans>().to_string();
    // Each character of a document is made once, so no other move has this key.
    let key = to.iter().min().map(|id| format!("{:016x}-{:x}", id.peer, id.counter));
    let entry = json!({ "document": document.to_string(), "from": spans(from), "to": spans(to) });
    doc.get_map(MOVES).insert(&key.unwrap_or_default(), LoroValue::from(entry))?;
    Ok(())
}

/// Where the next word begins, where `at` stands before the blanks in front of it. They stay with the word before: no
/// scene begins with a blank, and what another laptop writes there meanwhile does not run into that word.
fn word_behind(text: &LoroText, at: usize) -> usize {
    let letter = |place: usize| text.char_at(place).unwrap_or('\n');
    let word = (at..).find(|&place| letter(place) == '\n' || !letter(place).is_whitespace());
    word.filter(|&place| letter(place) != '\n').unwrap_or(at)
}

/// Moves what stands at `at` and behind it from `source` into the empty scene `target`.
pub(crate) fn split(
    source: &LoroDoc,
    at: usize,
    target: &LoroDoc,
    document: DocumentId,
) -> Result<(), OpFault> {
    let (text, new) = (flat::body(source), flat::body(target));
    let length = text.len_unicode();
    let at = word_behind(&text, at);
    let all = flat::runs(&text);
    // A new scene has its first `\n` already; that of the tail lends it its attributes and goes.
    let starts_paragraph = at == length || text.char_at(at) == Ok('\n');
    let first = if starts_paragraph { at } else { edit::newline_before(&text, at)? };
    let tail = if starts_paragraph && at < length { at + 1 } else { at };
    if at < length {
        rewrite::conform(&new, 0, &rewrite::cut(&all, first..first + 1))?;
    }
    let runs = carry_notes(source, rewrite::cut(&all, tail..length), target)?;
    rewrite::insert(&new, 1, &runs)?;
    let shift = tail - 1;
    comments::carry(source, at, target, &|place| place.saturating_sub(shift))?;
    let from = spans::ids(&text, tail..length);
    let to = spans::ids(&new, 1..new.len_unicode());
    note(source, document, &from, &to)?;
    empty_from(&text, at)
}

/// Appends what stands in `source` to `target` as paragraphs, and leaves `source` empty.
pub(crate) fn absorb(
    target: &LoroDoc,
    source: &LoroDoc,
    document: DocumentId,
) -> Result<(), OpFault> {
    let (text, end) = (flat::body(source), flat::body(target));
    let all = flat::runs(&text);
    let length = text.len_unicode();
    if length == 1 && all.iter().all(|(_, attributes)| attributes.is_empty()) {
        return comments::carry(source, 0, target, &|_| end.len_unicode());
    }
    let (at, skipped) = match &flat::runs(&end)[..] {
        // A scene as empty as a new one takes the first paragraph into its own; an empty heading stays.
        [(one, attributes)] if one == "\n" && attributes.is_empty() => (1, 1),
        _ => (end.len_unicode(), 0),
    };
    if skipped == 1 {
        rewrite::conform(&end, 0, &rewrite::cut(&all, 0..1))?;
    }
    let runs = carry_notes(source, rewrite::cut(&all, skipped..length), target)?;
    rewrite::insert(&end, at, &runs)?;
    comments::carry(source, 0, target, &|place| place + at - skipped)?;
    let from = spans::ids(&text, skipped..length);
    let to = spans::ids(&end, at..end.len_unicode());
    note(source, document, &from, &to)?;
    empty_from(&text, 0)
}

/// Deletes everything from `at`, which leaves an empty paragraph at least.
fn empty_from(text: &LoroText, at: usize) -> Result<(), OpFault> {
    let start = at.max(1);
    let length = text.len_unicode();
    if start < length {
        text.delete(start, length - start)?;
    }
    if at == 0 {
        edit::set_block(text, 0, Block::Body)?;
        edit::set_align(text, 0, None)?;
    }
    Ok(())
}

/// Copies the footnotes that `runs` name into `target`, under other ids where those are taken by other texts.
fn carry_notes(
    source: &LoroDoc,
    runs: Vec<rewrite::Run>,
    target: &LoroDoc,
) -> Result<Vec<rewrite::Run>, OpFault> {
    let mut names: HashMap<String, String> = HashMap::new();
    for id in flat::footnote_ids(&runs) {
        let note = flat::runs(&flat::note(source, &id));
        let name = free_name(target, &id, &note);
        let copy = flat::note(target, &name);
        if copy.is_empty() {
            rewrite::insert(&copy, 0, &note)?;
        }
        names.insert(id, name);
    }
    Ok(runs.into_iter().map(|run| renamed(run, &names)).collect())
}

fn free_name(target: &LoroDoc, id: &str, note: &rewrite::Runs) -> String {
    let is_free = |name: &str| {
        let text = flat::note(target, name);
        text.is_empty() || flat::runs(&text) == note
    };
    if is_free(id) {
        return id.to_owned();
    }
    // The peer is this session's own, so no other laptop can choose the same name.
    let peer = target.peer_id();
    (0_u32..)
        .map(|number| format!("{peer:016x}-m{number}"))
        .find(|name| is_free(name))
        .unwrap_or_default()
}

fn renamed((text, mut attributes): rewrite::Run, names: &HashMap<String, String>) -> rewrite::Run {
    let runs = [(text, attributes.clone())];
    let name = flat::footnote_ids(&runs).pop().and_then(|id| names.get(&id));
    let [(text, _)] = runs;
    if let (Some(name), true) = (name, text.contains(ATOM)) {
        attributes.insert(flat::ATOM_KEY.to_owned(), flat::footnote_json(name));
    }
    (text, attributes)
}

/// A losing and a winning move, and the characters that they both moved: there and here.
type Losses = HashMap<(usize, usize), (Vec<ID>, Vec<ID>)>;

/// What was moved out of `doc` more than once.
pub(crate) fn doubled(doc: &LoroDoc) -> Vec<Doubled> {
    let log = log(doc);
    if log.len() < 2 {
        return Vec::new();
    }
    // The log is sorted, so the first move of a character is the one that wins.
    let mut winners: HashMap<ID, (usize, ID)> = HashMap::new();
    let mut losses = Losses::new();
    for (index, moved) in log.iter().enumerate() {
        for (&from, &to) in moved.from.iter().zip(&moved.to) {
            if from == FIRST {
                continue;
            }
            let &mut (winner, kept) = winners.entry(from).or_insert((index, to));
            if winner != index {
                let (lost, won) = losses.entry((index, winner)).or_default();
                lost.push(to);
                won.push(kept);
            }
        }
    }
    let lost_first: Vec<_> =
        losses.iter().filter_map(|(&pair, loss)| lost_first(&log, pair, loss)).collect();
    for (pair, id) in lost_first {
        losses.entry(pair).or_default().0.insert(0, id);
    }
    let mut doubled: Vec<_> = losses.into_iter().collect();
    doubled.sort_by_key(|&(pair, _)| pair);
    let spans = |ids: Vec<ID>| ids.into_iter().collect();
    doubled
        .into_iter()
        .map(|((loser, winner), (lost, won))| Doubled {
            document: log[loser].document,
            spans: spans(lost),
            kept_in: log[winner].document,
            kept: spans(won),
        })
        .collect()
}

/// The copy of the scene's first `\n`, where a move lost everything else to one other. Scenes are emptied more
/// than once in their lives, so that `\n` alone, in two moves, says nothing.
fn lost_first(
    log: &[Move],
    pair: (usize, usize),
    (lost, _): &(Vec<ID>, Vec<ID>),
) -> Option<((usize, usize), ID)> {
    let moved = &log[pair.0];
    let at = moved.from.iter().position(|&id| id == FIRST)?;
    (lost.len() + 1 == moved.from.len()).then(|| (pair, moved.to[at]))
}

/// Deletes those of `spans` that still stand, but for a blank without which two words would be one, and says where
/// the others were moved.
pub(crate) fn remove(doc: &LoroDoc, spans: &Spans) -> Result<Removed, OpFault> {
    let text = flat::body(doc);
    let letters: Vec<char> = text.to_string().chars().collect();
    let mut removed = Removed::default();
    for range in spans::standing(&text, spans).into_iter().rev() {
        let range = range.start.max(1)..range.end.max(1);
        let parts = match parting(&letters, &range) {
            Some(kept) => [kept + 1..range.end, range.start..kept],
            None => [range.end..range.end, range],
        };
        for part in parts.into_iter().filter(|part| !part.is_empty()) {
            text.delete(part.start, part.len())?;
            removed.changed = true;
        }
    }
    let wanted: std::collections::HashSet<ID> = spans.ids().collect();
    for moved in log(doc) {
        let on: Spans = moved
            .from
            .iter()
            .zip(&moved.to)
            .filter(|(from, _)| wanted.contains(from))
            .map(|(_, &to)| to)
            .collect();
        if !on.is_empty() {
            removed.moved_on.push((moved.document, on));
        }
    }
    Ok(removed)
}

/// The blank in `range` that has to stay between what stands before and behind it: the end of a paragraph rather than
/// a space. The author who moved the words may have put others where the blank was.
fn parting(letters: &[char], range: &Range<usize>) -> Option<usize> {
    let is_word = |at: usize| letters.get(at).is_some_and(|c| !c.is_whitespace());
    if range.is_empty() || !is_word(range.start - 1) || !is_word(range.end) {
        return None;
    }
    let blanks = || range.clone().filter(|&at| !is_word(at));
    blanks().rev().find(|&at| letters[at] == '\n').or_else(|| blanks().next_back())
}

/// Where the text of `doc` went: the documents that its log names.
pub(crate) fn targets(doc: &LoroDoc) -> Vec<DocumentId> {
    let mut targets: Vec<_> = log(doc).into_iter().map(|moved| moved.document).collect();
    targets.sort_unstable();
    targets.dedup();
    targets
}

/// Everything that stands here, for comparing documents.
pub(crate) fn portrait(doc: &LoroDoc) -> Value {
    Value::from(doc.get_map(MOVES).get_deep_value())
}
