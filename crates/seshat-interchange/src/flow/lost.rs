//! What a file held and Seshat cannot: counted while reading, told before anything is written.

use std::collections::BTreeMap;

/// What was lost, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lost(BTreeMap<Loss, usize>);

/// A kind of thing that cannot be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Loss {
    /// Subscript: the text stays, on the line.
    Subscript,
    /// Colours, fonts, sizes and spacing of letters.
    Looks,
    /// Highlighting with a colour.
    Highlight,
    /// Indents and spacing of paragraphs that are no quotation.
    Indents,
    /// A list: its entries stay as paragraphs that begin with their sign or number.
    List,
    /// A table: its rows stay as paragraphs, cells parted by tabs.
    Table,
    /// A text box: its text stays, as paragraphs behind the one it was fixed to.
    TextBox,
    /// Headers and footers of pages.
    HeadersAndFooters,
    /// A text that somebody deleted while changes were tracked; left out, as the program showed it last.
    TrackedDeletion,
    /// A text that somebody inserted while changes were tracked; taken as accepted.
    TrackedInsertion,
    /// Text that was marked as hidden: it stays, visible.
    Hidden,
    /// A field: what it showed last stays as text.
    Field,
    /// A table of contents or an index that a program had made; left out, since export makes its own.
    Contents,
    /// A formula: its letters stay as text.
    Formula,
    /// A drawing, a chart or a shape without text.
    Drawing,
    /// Something of another program, a film or a sound.
    Object,
    /// An image whose bytes are not in the file; nothing is fetched from the network.
    ImageElsewhere,
    /// An image of a kind that is not shown, or larger than the limit.
    ImageRefused,
    /// A link whose address is not one of the web, of mail or inside the book: its text stays.
    Link,
    /// A jump to another place in the book: its text stays.
    InnerLink,
    /// A form: what it showed stays as text.
    Form,
    /// A script or a style sheet.
    Script,
    /// A comment whose place was not found: it stands at the end of its chapter's text.
    CommentPlace,
    /// Data of the writing program: collections, snapshots, settings, keywords.
    Metadata,
    /// A character's, place's or thing's own fields beyond their text.
    StoryFields,
}

impl Lost {
    /// Counts one.
    pub fn add(&mut self, what: Loss) {
        self.add_many(what, 1);
    }

    /// Counts several; none is no entry.
    pub fn add_many(&mut self, what: Loss, count: usize) {
        if count > 0 {
            let so_far = self.0.entry(what).or_default();
            *so_far = so_far.saturating_add(count);
        }
    }

    /// Adds what another reading lost.
    pub fn merge(&mut self, other: &Self) {
        for (&what, &count) in &other.0 {
            self.add_many(what, count);
        }
    }

    /// How many of that kind.
    #[must_use]
    pub fn count(&self, what: Loss) -> usize {
        self.0.get(&what).copied().unwrap_or(0)
    }

    /// Whether nothing was lost.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One sentence for each kind, for the author.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(|(&what, &count)| sentence(what, count)).collect()
    }
}

fn sentence(what: Loss, count: usize) -> String {
    let (one, many, fate) = words(what);
    let verb = |singular: &'static str| match (singular, count) {
        (_, 1) => singular,
        ("is", _) => "are",
        ("was", _) => "were",
        (other, _) => other,
    };
    let fate = fate.replace("{is}", verb("is")).replace("{was}", verb("was"));
    if count == 1 { format!("1 {one} {fate}.") } else { format!("{count} {many} {fate}.") }
}

/// One of them, several of them, and what became of them.
#[allow(clippy::too_many_lines, reason = "a table of sentences")]
fn words(what: Loss) -> (&'static str, &'static str, &'static str) {
    match what {
        Loss::Subscript => ("subscript", "subscripts", "{is} on the line now"),
        Loss::Looks => (
            "change of font, size or colour",
            "changes of font, size or colour",
            "{was} not kept; the text is there",
        ),
        Loss::Highlight => ("highlighted text", "highlighted texts", "lost the highlighting"),
        Loss::Indents => (
            "paragraph with an indent of its own",
            "paragraphs with an indent of their own",
            "lost it",
        ),
        Loss::List => ("list", "lists", "became paragraphs that begin with their sign or number"),
        Loss::Table => {
            ("table", "tables", "became paragraphs, one for each row, with tabs between the cells")
        }
        Loss::TextBox => ("text box", "text boxes", "became ordinary paragraphs"),
        Loss::HeadersAndFooters => (
            "header or footer of pages",
            "headers and footers of pages",
            "{was} left out; an export makes its own",
        ),
        Loss::TrackedDeletion => (
            "tracked deletion",
            "tracked deletions",
            "{was} taken as accepted, so that text is gone",
        ),
        Loss::TrackedInsertion => {
            ("tracked insertion", "tracked insertions", "{was} taken as accepted")
        }
        Loss::Hidden => ("hidden text", "hidden texts", "{is} visible now"),
        Loss::Field => ("field", "fields", "became the text that it showed last"),
        Loss::Contents => (
            "table of contents or index",
            "tables of contents or indexes",
            "{was} left out; an export makes its own",
        ),
        Loss::Formula => ("formula", "formulas", "became plain letters"),
        Loss::Drawing => ("drawing or chart", "drawings and charts", "{was} left out"),
        Loss::Object => (
            "embedded object, film or sound",
            "embedded objects, films or sounds",
            "{was} left out",
        ),
        Loss::ImageElsewhere => (
            "image outside of the file",
            "images outside of the file",
            "{was} not fetched, because an import never uses the network",
        ),
        Loss::ImageRefused => (
            "image of a kind or size that is not kept",
            "images of a kind or size that is not kept",
            "{was} left out",
        ),
        Loss::Link => {
            ("link to an unusual address", "links to unusual addresses", "became plain text")
        }
        Loss::InnerLink => {
            ("link inside the document", "links inside the document", "became plain text")
        }
        Loss::Form => ("form field", "form fields", "became plain text"),
        Loss::Script => ("script or style sheet", "scripts and style sheets", "{was} left out"),
        Loss::CommentPlace => {
            ("comment without a place", "comments without a place", "{is} at the end of the text")
        }
        Loss::Metadata => (
            "entry of the program's own data",
            "entries of the program's own data",
            "{was} left out",
        ),
        Loss::StoryFields => (
            "detail of a character, place or thing",
            "details of characters, places or things",
            "{was} left out",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::{Loss, Lost};

    #[test]
    fn losses_are_counted_and_told_in_sentences() {
        let mut lost = Lost::default();
        lost.add(Loss::List);
        lost.add_many(Loss::Drawing, 3);
        lost.add_many(Loss::Table, 0);
        let mut twice = lost.clone();
        twice.merge(&lost);
        assert_eq!(
            twice.sentences(),
            [
                "2 lists became paragraphs that begin with their sign or number.",
                "6 drawings and charts were left out."
            ]
        );
        assert_eq!(twice.count(Loss::Table), 0);
    }
}
