//! Finding text in open scenes, and what to do to replace it, in memory only.
//!
//! What a writer means is found, not the same bytes: case and diacritics do not count unless asked for, a straight
//! quote finds a curly one, `ß` is found by `ss`, and characters that nobody sees (soft hyphen, word joiner) are not
//! there. A line break inside a paragraph is found by a space; a footnote's sign and an image are passed over.
//!
//! **Invariants:** nothing is indexed on any disk, so no word outlives the [`Prepared`] scene; a hit begins and ends at
//! whole characters, so replacing it cannot leave half of one; the order of hits is the order of reading, they do not
//! overlap, and none reaches from one paragraph into the next.

mod fold;
mod hit;
mod needle;
mod prepared;
mod replace;
mod word;

pub use hit::{Excerpt, Hit};
pub use needle::{Needle, NeedleError};
pub use prepared::{Prepared, Spot};
pub use replace::{Change, Splice, With, WithError, changes};

/// How strictly to compare. The default is what a writer means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Whether capitals differ from small letters.
    pub case: Case,
    /// Whether accents count.
    pub diacritics: Diacritics,
    /// Whether a part of a word will do.
    pub words: Words,
    /// What the text that is searched for is.
    pub pattern: Pattern,
}

/// Whether capitals differ from small letters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// "seshat" finds "Seshat".
    #[default]
    Ignored,
    /// It does not.
    Exact,
}

/// Whether accents count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Diacritics {
    /// "natasha" finds "Natásha".
    #[default]
    Folded,
    /// It does not. Kinds of quotation marks and spaces are still the same.
    Exact,
}

/// Whether a part of a word will do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Words {
    /// "cat" finds "concatenate".
    #[default]
    Parts,
    /// It does not, and still finds "cat’s". Words are those of Unicode, in any script.
    Whole,
}

/// What the text that is searched for is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pattern {
    /// Itself.
    #[default]
    Plain,
    /// A regular expression in the syntax of the crate `regex`, asked of each paragraph by itself: `^` and `$` are its
    /// ends. It never matches nothing.
    Regex,
}
