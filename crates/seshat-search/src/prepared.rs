//! A scene made ready for searching: folded once, searched as often as the author types.

use std::iter;
use std::ops::Range;

use memchr::memmem::Finder;
use regex::Regex;
use seshat_manuscript::{ATOM, Paragraph, Passage, Piece};
use zeroize::Zeroizing;

use crate::fold::{Folded, LINE, Level};
use crate::hit::{Hit, Placing};
use crate::needle::{Kind, Needle, Plain};
use crate::word::Words;

/// A scene made ready for searching. It holds the text, and wipes it when it goes.
pub struct Prepared {
    /// The scene's own, then those of its footnotes in reading order.
    texts: Vec<Text>,
}

/// One flat text.
pub(crate) struct Text {
    /// As it is written, with [`LINE`] for a line break.
    pub(crate) written: Zeroizing<String>,
    loose: Folded,
}

/// Where something was found, in as few bytes as can be: there may be very many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spot {
    /// 0 is the scene's own text; the others are its footnotes, counted from 1 in reading order.
    pub(crate) text: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Spot {
    fn new(text: usize, range: &Range<usize>) -> Option<Self> {
        let [text, start, end] = [text, range.start, range.end].map(u32::try_from);
        Some(Self { text: text.ok()?, start: start.ok()?, end: end.ok()? })
    }

    /// The footnote that it is in, counted from 0 in reading order; `None` in the scene's own text.
    #[must_use]
    pub fn note(&self) -> Option<usize> {
        (self.text as usize).checked_sub(1)
    }

    pub(crate) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl std::fmt::Debug for Prepared {
    /// Says nothing of the text, so that no log can hold it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}

impl Prepared {
    /// Makes a passage in normal form ready, footnotes too. Costs about as much as reading it once.
    #[must_use]
    pub fn new(passage: &Passage) -> Self {
        let texts = iter::once(passage.paragraphs.as_slice()).chain(bodies(passage));
        Self { texts: texts.map(Text::new).collect() }
    }

    /// Every place where the needle stands, in reading order, footnotes after the scene's own text. No two overlap,
    /// and none reaches from one paragraph into the next.
    #[must_use]
    pub fn find(&self, needle: &Needle) -> Vec<Spot> {
        let mut spots = Vec::new();
        for (index, text) in self.texts.iter().enumerate() {
            let mut words = needle.whole_words().then(Words::default);
            let mut keep = |range: &Range<usize>| {
                let fits = words.as_mut().is_none_or(|words| words.is_whole(&text.written, range));
                let spot = fits.then(|| Spot::new(index, range)).flatten();
                spots.extend(spot);
                spot.is_some()
            };
            match needle.kind() {
                Kind::Plain(plain) => text.find_plain(plain, &mut keep),
                Kind::Regex { regex, level } => {
                    text.find_regex(regex, &text.leveled(*level), &mut keep);
                }
            }
        }
        spots
    }

    /// The particulars of spots that [`Prepared::find`] gave, in the same order.
    #[must_use]
    pub fn hits(&self, spots: &[Spot]) -> Vec<Hit> {
        let mut hits = Vec::with_capacity(spots.len());
        for spots in spots.chunk_by(|one, other| one.text == other.text) {
            let Some(text) = self.text_of(spots) else { continue };
            let mut placing = Placing::new(&text.written);
            hits.extend(spots.iter().filter_map(|spot| placing.hit(spot)));
        }
        hits
    }

    /// Bytes that it takes.
    #[must_use]
    pub fn size(&self) -> usize {
        let size = |text: &Text| text.written.capacity() + text.loose.size() + size_of::<Text>();
        self.texts.iter().map(size).sum()
    }

    /// The text that spots of one text are in.
    pub(crate) fn text_of(&self, spots: &[Spot]) -> Option<&Text> {
        self.texts.get(spots.first()?.text as usize)
    }
}

impl Text {
    fn new(paragraphs: &[Paragraph]) -> Self {
        let pieces = || paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
        let length = |piece: &Piece| match piece {
            Piece::Text { text, .. } => text.len(),
            _ => ATOM.len_utf8(),
        };
        let length = paragraphs.len() + pieces().map(length).sum::<usize>();
        let mut written = Zeroizing::new(String::with_capacity(length));
        for paragraph in paragraphs {
            written.push('\n');
            for piece in &paragraph.pieces {
                match piece {
                    Piece::Text { text, .. } => written.push_str(text),
                    Piece::Break => written.push(LINE),
                    Piece::Footnote { .. } | Piece::Image { .. } | Piece::Unknown { .. } => {
                        written.push(ATOM);
                    }
                }
            }
        }
        let loose = Folded::new(&written, Level::Loose);
        Self { written, loose }
    }

    fn find_plain(&self, needle: &Plain, keep: &mut impl FnMut(&Range<usize>) -> bool) {
        let haystack = self.loose.text().as_bytes();
        let finder: &Finder<'_> = needle.finder();
        let length = finder.needle().len();
        if length == 0 {
            return;
        }
        let mut walk = self.loose.walk(&self.written);
        let mut form = String::new();
        let mut from = 0;
        while let Some(at) = haystack.get(from..).and_then(|rest| finder.find(rest)) {
            let folded = from + at..from + at + length;
            let range = walk.whole(&folded);
            let range = range.filter(|range| {
                needle.is_strict(self.written.get(range.clone()).unwrap_or_default(), &mut form)
            });
            let kept = range.is_some_and(|range| keep(&range));
            // Another may begin inside of one that does not count.
            from = folded.start + if kept { length } else { needle.first() };
        }
    }

    fn find_regex(
        &self,
        regex: &Regex,
        leveled: &Folded,
        keep: &mut impl FnMut(&Range<usize>) -> bool,
    ) {
        let mut walk = leveled.walk(&self.written);
        let mut begin = 0;
        for paragraph in leveled.text().split('\n') {
            for found in regex.find_iter(paragraph).filter(|found| !found.is_empty()) {
                if let Some(range) = walk.whole(&(begin + found.start()..begin + found.end())) {
                    keep(&range);
                }
            }
            begin += paragraph.len() + 1;
        }
    }

    /// Every match of an expression with its groups, as they are written.
    pub(crate) fn captures(
        &self,
        regex: &Regex,
        level: Level,
        found: &mut impl FnMut(Range<usize>, &dyn Fn(usize) -> String),
    ) {
        let leveled = self.leveled(level);
        let mut begin = 0;
        for paragraph in leveled.text().split('\n') {
            for matched in regex.captures_iter(paragraph) {
                let place = |group: regex::Match<'_>| {
                    let range = begin + group.start()..begin + group.end();
                    leveled.walk(&self.written).whole(&range)
                };
                let all = matched.get(0).filter(|all| !all.is_empty()).and_then(place);
                let Some(range) = all else { continue };
                found(range, &|group| {
                    let Some(group) = matched.get(group).filter(|it| !it.is_empty()) else {
                        return String::new();
                    };
                    // Half of an ellipsis is nowhere in the text: three dots as the expression saw them.
                    let written = place(group).and_then(|range| self.written.get(range));
                    shown(written.unwrap_or_else(|| group.as_str()))
                });
            }
            begin += paragraph.len() + 1;
        }
    }

    /// The text as an expression sees it.
    pub(crate) fn leveled(&self, level: Level) -> Folded {
        Folded::new(&self.written, level)
    }
}

/// The bodies of the footnotes, in reading order.
pub(crate) fn bodies(passage: &Passage) -> impl Iterator<Item = &[Paragraph]> {
    let pieces = passage.paragraphs.iter().flat_map(|paragraph| &paragraph.pieces);
    pieces.filter_map(|piece| match piece {
        Piece::Footnote { body } => Some(body.as_slice()),
        _ => None,
    })
}

/// A stretch of a text as a reader would copy it, on one line.
pub(crate) fn shown(written: &str) -> String {
    // The first bytes of the two characters that are not shown as they are; few others begin so.
    if memchr::memchr2(0xe2, 0xef, written.as_bytes()).is_none() {
        return written.to_owned();
    }
    written.chars().filter(|&c| c != ATOM).map(|c| if c == LINE { ' ' } else { c }).collect()
}
