//! What a check says, in sentences for the author.

use serde::Serialize;

/// One thing that a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Whether shops and readers' programs may refuse the file, or fail to show part of it. Else it is something that
    /// the author may want to add.
    pub grave: bool,
    /// One sentence: what it is and what to do.
    pub said: String,
}

impl Finding {
    /// The file is broken.
    pub(super) fn grave(said: impl Into<String>) -> Self {
        Self { grave: true, said: said.into() }
    }

    /// Something could be better.
    pub(super) fn light(said: impl Into<String>) -> Self {
        Self { grave: false, said: said.into() }
    }
}

/// Nobody said what the book is called.
pub(super) fn no_title() -> Finding {
    Finding::light(
        "The book has no title: give the novel one, for shops and shelves list books by it.",
    )
}

/// Nobody said who wrote it.
pub(super) fn no_author() -> Finding {
    Finding::light(
        "The book names no author: write the name under “Author”, for shops and shelves list books by it.",
    )
}

/// Nobody said in which language it is.
pub(super) fn no_language() -> Finding {
    Finding::light(
        "The book does not say its language: choose the novel's language, so that words are divided and read aloud rightly.",
    )
}

/// Pictures that say nothing to those who cannot see them.
pub(super) fn undescribed(pictures: usize) -> Finding {
    Finding::light(match pictures {
        1 => "A picture has no description: write one, for readers who cannot see it.".to_owned(),
        more => format!(
            "{more} pictures have no description: write one for each, for readers who cannot see them."
        ),
    })
}
