//! Runs of text in a flow.

use seshat_manuscript::{ATOM, Marks};

use super::Inline;

/// Appends characters: line ends (`\n`, `\r\n`, `\r`, U+2028, vertical tab) become [`Inline::Break`], characters
/// that no text may hold (other controls, U+FFFC, U+FEFF) are left out, and text continues the last run where the
/// marks are equal.
pub fn push_text(inline: &mut Vec<Inline>, text: &str, marks: &Marks) {
    let mut after_return = false;
    let mut start = 0;
    for (at, c) in text.char_indices() {
        let what = What::of(c);
        if what != What::Kept {
            push_run(inline, text.get(start..at).unwrap_or_default(), marks);
            start = at + c.len_utf8();
            if what == What::LineEnd && !(c == '\n' && after_return) {
                inline.push(Inline::Break);
            }
        }
        after_return = c == '\r';
    }
    push_run(inline, text.get(start..).unwrap_or_default(), marks);
}

#[derive(PartialEq)]
enum What {
    Kept,
    LineEnd,
    Dropped,
}

impl What {
    fn of(c: char) -> Self {
        match c {
            '\n' | '\r' | '\u{b}' | '\u{2028}' | '\u{2029}' => Self::LineEnd,
            '\t' => Self::Kept,
            ATOM | '\u{feff}' => Self::Dropped,
            c if c.is_control() => Self::Dropped,
            _ => Self::Kept,
        }
    }
}

fn push_run(inline: &mut Vec<Inline>, run: &str, marks: &Marks) {
    if run.is_empty() {
        return;
    }
    match inline.last_mut() {
        Some(Inline::Text { text, marks: same }) if same == marks => text.push_str(run),
        _ => inline.push(Inline::Text { text: run.to_owned(), marks: marks.clone() }),
    }
}

/// Whether there is something to read or to look at: a character that is no white space, a note, an image.
#[must_use]
pub fn visible(inline: &[Inline]) -> bool {
    inline.iter().any(|part| match part {
        Inline::Text { text, .. } => !text.chars().all(char::is_whitespace),
        Inline::Footnote(_) | Inline::Image { .. } => true,
        Inline::Break | Inline::CommentFrom(_) | Inline::CommentTo(_) | Inline::Kept(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::{Inline, push_text, visible};
    use seshat_manuscript::Marks;

    #[test]
    fn line_ends_become_breaks_and_runs_of_equal_marks_are_one() {
        let plain = Marks::default();
        let mut inline = Vec::new();
        push_text(&mut inline, "a\r", &plain);
        push_text(&mut inline, "b\r\nc\u{1}\u{feff}", &plain);
        push_text(&mut inline, "d\t", &plain);
        let text = |text: &str| Inline::Text { text: text.to_owned(), marks: Marks::default() };
        assert_eq!(inline, [text("a"), Inline::Break, text("b"), Inline::Break, text("cd\t")]);
        assert!(visible(&inline) && !visible(&[Inline::Break, text(" \u{3000}")]));
    }
}
