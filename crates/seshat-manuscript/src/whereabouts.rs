//! Where characters are now that were noted earlier: for taking back what was done to them, and nothing else.

use std::ops::Range;

use loro::cursor::{Cursor, Side};
use loro::{ContainerTrait, ID, LoroText};

use crate::flat;
use crate::passage::ATOM;
use crate::scene::SceneText;
use crate::spans::{self, Spans};

impl SceneText {
    /// Ids of the footnotes in reading order, one for every sign: as [`crate::Passage`] has their bodies.
    #[must_use]
    pub fn note_ids(&self) -> Vec<String> {
        let runs = flat::runs(&flat::body(self.doc()));
        let signs = runs.into_iter().flat_map(|(text, attributes)| {
            let signs = text.matches(ATOM).count();
            let run = [(ATOM.to_string(), attributes)];
            flat::footnote_ids(&run).into_iter().cycle().take(signs).collect::<Vec<_>>()
        });
        signs.collect()
    }

    /// The characters that stand in `range` now, in Unicode scalar values of the scene's text or of a footnote's.
    #[must_use]
    pub fn spans(&self, note: Option<&str>, range: Range<usize>) -> Spans {
        self.replica.commit();
        let text = self.text_in(note);
        text.map(|text| spans::ids(&text, range).into_iter().collect()).unwrap_or_default()
    }

    /// Where the first and the last of these characters stand now, and so all of them, if nothing was put between
    /// them or taken out; `None` when one of the two is gone, or they are as many characters apart as they never
    /// were.
    #[must_use]
    pub fn whereabouts(&self, note: Option<&str>, spans: &Spans) -> Option<Range<usize>> {
        self.replica.commit();
        let text = self.text_in(note)?;
        let start = self.place(&text, spans.ids().next()?)?;
        let last = self.place(&text, spans.ids().last()?)?;
        (start + spans.len() == last + 1).then_some(start..last + 1)
    }

    fn text_in(&self, note: Option<&str>) -> Option<LoroText> {
        match note {
            None => Some(flat::body(self.doc())),
            Some(id) => flat::note_text(self.doc(), id),
        }
    }

    /// Where a character stands; `None` when it is gone.
    fn place(&self, text: &LoroText, id: ID) -> Option<usize> {
        let cursor = Cursor::new(Some(id), text.id(), Side::Middle, 0);
        let found = self.doc().get_cursor_pos(&cursor).ok()?;
        found.update.is_none().then_some(found.current.pos)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Atom, Op, Passage, Unit};

    fn scene(text: &str) -> SceneText {
        let paragraph = crate::Paragraph::new(crate::Block::Body, text);
        SceneText::from_passage(&Passage { paragraphs: vec![paragraph] }, 7)
    }

    fn insert(at: usize, text: &str) -> Op {
        Op::Insert { at, text: text.to_owned(), marks: None }
    }

    #[test]
    fn characters_are_found_again_where_others_moved_them() {
        let mut scene = scene("one two three");
        let two = scene.spans(None, 5..8);
        let saved = scene.snapshot().unwrap();
        let mut other = SceneText::load(8, [saved.as_slice()]).unwrap();
        scene.apply(&[insert(1, "zero "), insert(18, "!")], Unit::Scalar).unwrap();
        assert_eq!(scene.whereabouts(None, &two), Some(10..13));
        other.merge(&scene.take_update().unwrap()).unwrap();
        assert_eq!(other.whereabouts(None, &two), Some(10..13), "the same on another laptop");
    }

    #[test]
    fn what_was_cut_or_parted_is_nowhere() {
        let mut scene = scene("one two three");
        let two = scene.spans(None, 5..8);
        scene.apply(&[insert(6, "-")], Unit::Scalar).unwrap();
        assert_eq!(scene.whereabouts(None, &two), None, "something stands between them");
        scene.apply(&[Op::Delete { at: 6, len: 1 }], Unit::Scalar).unwrap();
        assert_eq!(scene.whereabouts(None, &two), Some(5..8));
        scene.apply(&[Op::Delete { at: 7, len: 1 }], Unit::Scalar).unwrap();
        assert_eq!(scene.whereabouts(None, &two), None, "the last one is gone");
        assert_eq!(scene.whereabouts(None, &Spans::default()), None);
    }

    #[test]
    fn a_note_has_a_place_of_its_own_and_every_sign_its_id() {
        let mut scene = scene("ab");
        let note = |at, id: &str| {
            let body = vec![crate::Paragraph::new(crate::Block::Body, "so")];
            Op::Atom { at, atom: Atom::Footnote { id: id.to_owned(), body } }
        };
        scene.apply(&[note(2, "x"), note(3, "x"), note(4, "y")], Unit::Scalar).unwrap();
        assert_eq!(scene.note_ids(), ["x", "x", "y"]);
        let so = scene.spans(Some("y"), 1..3);
        scene.apply_note("y", &[insert(1, "is ")], Unit::Scalar).unwrap();
        assert_eq!(scene.whereabouts(Some("y"), &so), Some(4..6));
        assert_eq!(scene.whereabouts(Some("x"), &so), None);
        assert_eq!(scene.whereabouts(None, &so), None);
    }
}
