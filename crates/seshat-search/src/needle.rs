//! What is searched for, made ready once.

use memchr::memmem::Finder;
use regex::{Regex, RegexBuilder};

use crate::fold::{self, Level};
use crate::{Case, Diacritics, Options, Pattern, Words};

/// Characters that an expression may have. Longer ones are no expressions that anybody wrote.
const LONGEST: usize = 1000;
/// Bytes that a compiled expression may take. What is larger could take minutes for a novel.
const LARGEST: usize = 512 * 1024;

/// What is searched for.
#[derive(Clone)]
pub struct Needle {
    kind: Kind,
    words: Words,
}

#[derive(Clone)]
pub(crate) enum Kind {
    Plain(Box<Plain>),
    Regex { regex: Regex, level: Level },
}

/// A text that is searched for.
#[derive(Clone)]
pub(crate) struct Plain {
    finder: Finder<'static>,
    /// Bytes of its first character.
    first: usize,
    /// Where equal to a reader is not enough.
    strict: Option<(String, Options)>,
}

/// Why there is nothing that can be searched for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NeedleError {
    /// It is no regular expression; the reason is the library's.
    #[error("it is no regular expression: {0}")]
    NotRegex(String),
    /// It would take too much memory or time.
    #[error("it is too large")]
    TooLarge,
}

impl std::fmt::Debug for Needle {
    /// Says nothing of the text, so that no log can hold it.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Needle").finish_non_exhaustive()
    }
}

impl Needle {
    /// What `text` means under `options`. One of which nothing can be seen finds nothing.
    ///
    /// # Errors
    /// When it shall be a regular expression and is none, or one that is too large.
    pub fn new(text: &str, options: Options) -> Result<Self, NeedleError> {
        let kind = match options.pattern {
            Pattern::Plain => Kind::Plain(Box::new(Plain::new(text, options))),
            Pattern::Regex => expression(text, options)?,
        };
        Ok(Self { kind, words: options.words })
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }

    pub(crate) fn whole_words(&self) -> bool {
        self.words == Words::Whole
    }
}

impl Plain {
    fn new(text: &str, options: Options) -> Self {
        let loose = fold::loose(text);
        let strict = (options.case, options.diacritics) != (Case::Ignored, Diacritics::Folded);
        let strict = strict.then(|| {
            let mut form = String::new();
            fold::strict(text, options, &mut form);
            (form, options)
        });
        let first = loose.chars().next().map_or(1, char::len_utf8);
        Self { finder: Finder::new(&loose).into_owned(), first, strict }
    }

    pub(crate) fn finder(&self) -> &Finder<'static> {
        &self.finder
    }

    pub(crate) fn first(&self) -> usize {
        self.first
    }

    /// Whether what stands there is what was meant. `form` is room for its form.
    pub(crate) fn is_strict(&self, written: &str, form: &mut String) -> bool {
        let Some((wanted, options)) = &self.strict else { return true };
        fold::strict(written, *options, form);
        form == wanted
    }
}

fn expression(text: &str, options: Options) -> Result<Kind, NeedleError> {
    if text.chars().nth(LONGEST).is_some() {
        return Err(NeedleError::TooLarge);
    }
    let level = match options.diacritics {
        Diacritics::Folded => Level::Unaccented,
        Diacritics::Exact => Level::Written,
    };
    let regex = RegexBuilder::new(&fold::expression(text, level))
        .case_insensitive(options.case == Case::Ignored)
        .size_limit(LARGEST)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => NeedleError::TooLarge,
            error => NeedleError::NotRegex(reason(&error)),
        })?;
    Ok(Kind::Regex { regex, level })
}

/// The last line of what the library says, which is the reason; the lines before show the expression.
fn reason(error: &regex::Error) -> String {
    let said = error.to_string();
    let last = said.lines().last().unwrap_or_default().trim();
    last.strip_prefix("error: ").unwrap_or(last).to_owned()
}
