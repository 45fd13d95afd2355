//! Characters by identity: each has one for ever, on every laptop, wherever it stands and whether it still does.

use std::collections::HashMap;
use std::fmt::{self, Write as _};
use std::ops::Range;
use std::str::FromStr;

use loro::cursor::Side;
use loro::{ID, LoroText};

/// Characters of one document, in reading order at the time when they were noted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Spans(Vec<Span>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Span {
    peer: u64,
    counter: i32,
    len: i32,
}

impl Spans {
    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many characters.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.iter().map(|span| usize::try_from(span.len).unwrap_or(0)).sum()
    }

    pub(crate) fn push(&mut self, id: ID) {
        match self.0.last_mut() {
            Some(last) if last.peer == id.peer && last.counter + last.len == id.counter => {
                last.len += 1;
            }
            _ => self.0.push(Span { peer: id.peer, counter: id.counter, len: 1 }),
        }
    }

    pub(crate) fn ids(&self) -> impl Iterator<Item = ID> + '_ {
        self.0
            .iter()
            .flat_map(|span| (0..span.len).map(|offset| ID::new(span.peer, span.counter + offset)))
    }

    /// The last operation of each laptop in it.
    pub(crate) fn ends(&self) -> impl Iterator<Item = ID> + '_ {
        self.0.iter().map(|span| ID::new(span.peer, span.counter + span.len - 1))
    }
}

impl FromIterator<ID> for Spans {
    fn from_iter<I: IntoIterator<Item = ID>>(ids: I) -> Self {
        let mut spans = Self::default();
        ids.into_iter().for_each(|id| spans.push(id));
        spans
    }
}

/// `peer:counter+length,counter+length;peer:…` in hexadecimal digits.
impl fmt::Display for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut peer = None;
        for span in &self.0 {
            if peer == Some(span.peer) {
                f.write_char(',')?;
            } else {
                let mark = if peer.is_some() { ";" } else { "" };
                write!(f, "{mark}{:x}:", span.peer)?;
            }
            peer = Some(span.peer);
            write!(f, "{:x}+{:x}", span.counter, span.len)?;
        }
        Ok(())
    }
}

/// A text that names no characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this does not name characters of a scene")]
pub struct SpansError;

impl FromStr for Spans {
    type Err = SpansError;

    fn from_str(text: &str) -> Result<Self, SpansError> {
        /// More than a scene can hold; a damaged entry must not make us count for ever.
        const MOST: i32 = 1 << 26;
        let mut spans = Vec::new();
        for of_one in text.split(';').filter(|of_one| !of_one.is_empty()) {
            let (peer, rest) = of_one.split_once(':').ok_or(SpansError)?;
            let peer = u64::from_str_radix(peer, 16).map_err(|_| SpansError)?;
            for span in rest.split(',') {
                let (counter, len) = span.split_once('+').ok_or(SpansError)?;
                let counter = i32::from_str_radix(counter, 16).map_err(|_| SpansError)?;
                let len = i32::from_str_radix(len, 16).map_err(|_| SpansError)?;
                let fits = counter >= 0 && (1..=MOST).contains(&len);
                if !fits || counter.checked_add(len).is_none() {
                    return Err(SpansError);
                }
                spans.push(Span { peer, counter, len });
            }
        }
        Ok(Self(spans))
    }
}

/// Who the character at `at` is.
pub(crate) fn id_at(text: &LoroText, at: usize) -> Option<ID> {
    text.get_cursor(at, Side::Middle).and_then(|cursor| cursor.id)
}

/// Who stands in `range`.
pub(crate) fn ids(text: &LoroText, range: Range<usize>) -> Vec<ID> {
    range.filter_map(|at| id_at(text, at)).collect()
}

/// Where those of `spans` stand that still do, in reading order and as few ranges.
pub(crate) fn standing(text: &LoroText, spans: &Spans) -> Vec<Range<usize>> {
    let places: HashMap<ID, usize> =
        ids(text, 0..text.len_unicode()).into_iter().enumerate().map(|(at, id)| (id, at)).collect();
    let mut standing: Vec<usize> = spans.ids().filter_map(|id| places.get(&id).copied()).collect();
    standing.sort_unstable();
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for at in standing {
        match ranges.last_mut() {
            Some(last) if last.end == at => last.end += 1,
            Some(last) if last.end > at => {}
            _ => ranges.push(at..at + 1),
        }
    }
    ranges
}
