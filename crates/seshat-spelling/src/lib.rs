//! Which words of a text are misspelt, and what may have been meant.
//!
//! **Invariants:** no I/O and no clock: dictionaries come in as bytes. Nothing of a text is kept, and neither `Debug` nor
//! an error says a word of one. What cannot be judged (another script, a number, an address) is never called wrong.

mod dictionary;
mod known;
mod language;
mod speller;
mod tokens;

pub use dictionary::{Dictionary, DictionaryError};
pub use known::Known;
pub use language::{fitting, named};
pub use speller::{Misspelt, Speller};
