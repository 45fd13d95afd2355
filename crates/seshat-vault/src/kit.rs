//! The Emergency Kit: one plain page that opens the vault when the password or every laptop is gone.
//!
//! **Invariant:** the page is readable without Seshat, and Seshat reads it again after it was wrapped anew,
//! quoted, or saved with other line ends. A page with a wrong or missing word is refused, never guessed at.

use std::fmt::Write as _;

use seshat_protocol::{FORMAT_LABEL, FieldWriter};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::phrase::WORDS;
use crate::{AccountCode, PhraseError, RecoveryPhrase, base32};

/// 40 bits over words and code.
const CHECK_BYTES: usize = 5;
const CHECK_SYMBOLS: usize = 8;

/// What a kit holds.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(kit: seshat_vault::Kit) { println!("{kit:?}"); }
/// ```
pub struct Kit {
    /// Opens the vault.
    pub phrase: RecoveryPhrase,
    /// The account code, where the account had one when the kit was made.
    pub code: Option<AccountCode>,
}

/// Why a text is no kit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KitError {
    /// There is not one numbered word in it.
    #[error("this is not an Emergency Kit")]
    NotAKit,
    /// Numbers that have no word, or two different ones.
    #[error("these words cannot be read: {}", list(.0))]
    Words(Vec<usize>),
    /// The words are there, but something was altered: a word, the account code or the check line.
    #[error("something in this kit was altered or mistyped")]
    Altered,
}

fn list(numbers: &[usize]) -> String {
    numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

const OPENING: &str = "\
SESHAT EMERGENCY KIT

This page opens your novels when the password is forgotten or every
laptop is lost. Nobody can do that without it: not even the people who
run the server.

Print it or write it down, and keep it where you keep your passport.
Whoever holds this page can read everything you have written, so do not
photograph it and do not send it to anyone.
";

const CLOSING: &str = "
How to use it: start Seshat on any computer, choose to open your vault
with the Emergency Kit, and type the words in their order. Then choose a
new password. Your text does not change, and the words stay valid.
";

/// Writes the page. `email` is how the author names the account at a server, if it has one there.
#[must_use]
pub fn text(
    email: Option<&str>,
    phrase: &RecoveryPhrase,
    code: Option<&AccountCode>,
) -> Zeroizing<String> {
    let email = email.map(one_token);
    let capacity = OPENING.len() + CLOSING.len() + 1024 + email.as_ref().map_or(0, String::len);
    let mut page = Zeroizing::new(String::with_capacity(capacity));
    page.push_str(OPENING);
    if let Some(email) = email {
        page.push_str("\nAccount: ");
        page.push_str(&email);
        page.push('\n');
    }
    page.push_str("\nRecovery words:\n\n");
    let words = phrase.words();
    for (index, word) in words.split(' ').enumerate() {
        let (width, end) = if index % 3 == 2 { (0, "\n") } else { (10, "") };
        write!(page, "   {:>2}. {word:<width$}{end}", index + 1).expect("a string takes all text");
    }
    let code_text = code.map(AccountCode::text);
    page.push_str("\nAccount code: ");
    page.push_str(code_text.as_ref().map_or("none", |text| text));
    page.push_str("\nCheck: ");
    page.push_str(&check_text(phrase, code));
    page.push('\n');
    page.push_str(CLOSING);
    page
}

/// The check over words and code as it stands in a kit, in base 32.
#[must_use]
pub fn check_text(phrase: &RecoveryPhrase, code: Option<&AccountCode>) -> Zeroizing<String> {
    base32::encode(&check(phrase, code), CHECK_SYMBOLS)
}

/// Reads a page that [`text`] wrote. White space, line ends, byte order marks, quotation marks of a mail
/// program and upper or lower case do not matter.
///
/// # Errors
/// [`KitError`] says which words are missing, or that something was altered.
pub fn parse(page: &str) -> Result<Kit, KitError> {
    let mut clean = Zeroizing::new(String::with_capacity(page.len()));
    clean.extend(
        page.chars()
            .filter(|c| !matches!(c, '\u{feff}' | '\u{200b}' | '\u{ad}' | '>'))
            .map(|c| c.to_ascii_lowercase()),
    );
    let tokens: Vec<&str> = clean.split_whitespace().collect();
    let phrase = read_phrase(&tokens)?;
    let code = read_code(&tokens)?;
    let mut stated = [0; CHECK_BYTES];
    let symbols = joined_after(&tokens, "check:", CHECK_SYMBOLS).ok_or(KitError::Altered)?;
    base32::decode(&symbols, CHECK_SYMBOLS, &mut stated).ok_or(KitError::Altered)?;
    if bool::from(check(&phrase, code.as_ref())[..].ct_eq(&stated[..])) {
        Ok(Kit { phrase, code })
    } else {
        Err(KitError::Altered)
    }
}

/// No address has white space in it; without, it cannot be taken for a line of the page.
fn one_token(email: &str) -> String {
    email.chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

/// Over the words and whether and which code there is.
fn check(phrase: &RecoveryPhrase, code: Option<&AccountCode>) -> [u8; CHECK_BYTES] {
    let labelled = Zeroizing::new(
        FieldWriter::with_capacity(128)
            .text(FORMAT_LABEL)
            .text("kit")
            .bytes(phrase.expose())
            .bytes(code.map_or(&[], |code| code.expose()))
            .finish(),
    );
    let hash = Sha256::digest(&labelled);
    std::array::from_fn(|index| hash[index])
}

/// The words behind `1.` to `24.`, each in its own token or in that of its number.
fn read_phrase(tokens: &[&str]) -> Result<RecoveryPhrase, KitError> {
    let mut words: [Vec<&str>; WORDS] = Default::default();
    for (index, token) in tokens.iter().enumerate() {
        let Some((number, rest)) = token.split_once(['.', ')']) else { continue };
        let Some(place) = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1)) else {
            continue;
        };
        let word = if rest.is_empty() { tokens.get(index + 1).copied() } else { Some(rest) };
        let found = word.filter(|word| word.bytes().all(|byte| byte.is_ascii_lowercase()));
        if let (Some(list), Some(word)) = (words.get_mut(place), found) {
            list.push(word);
        }
    }
    if words.iter().all(Vec::is_empty) {
        return Err(KitError::NotAKit);
    }
    let unclear = |list: &[&str]| list.is_empty() || list.iter().any(|word| *word != list[0]);
    let missing: Vec<usize> =
        (1..).zip(&words).filter(|(_, list)| unclear(list)).map(|(number, _)| number).collect();
    if !missing.is_empty() {
        return Err(KitError::Words(missing));
    }
    let mut text = Zeroizing::new(String::with_capacity(clean_len(&words)));
    for list in &words {
        text.push_str(list[0]);
        text.push(' ');
    }
    RecoveryPhrase::parse(&text).map_err(|error| match error {
        PhraseError::UnknownWord(number) => KitError::Words(vec![number]),
        PhraseError::WordCount(_) | PhraseError::Checksum => KitError::Altered,
    })
}

fn clean_len(words: &[Vec<&str>]) -> usize {
    words.iter().flatten().map(|word| word.len() + 1).sum()
}

/// The account code between its label and the check line; a code may be broken at its hyphens.
fn read_code(tokens: &[&str]) -> Result<Option<AccountCode>, KitError> {
    let start = tokens.iter().position(|token| *token == "code:").ok_or(KitError::Altered)?;
    let length =
        tokens[start..].iter().position(|token| *token == "check:").ok_or(KitError::Altered)?;
    match &tokens[start + 1..start + length] {
        ["none"] => Ok(None),
        parts => {
            let joined = Zeroizing::new(parts.concat());
            AccountCode::parse(&joined).map(Some).map_err(|_| KitError::Altered)
        }
    }
}

/// Tokens after a label, until `symbols` symbols are together.
fn joined_after(tokens: &[&str], label: &str, symbols: usize) -> Option<String> {
    let start = tokens.iter().position(|token| *token == label)?;
    let mut joined = String::new();
    for token in &tokens[start + 1..] {
        joined.push_str(token);
        if joined.chars().filter(|c| *c != '-').count() >= symbols {
            break;
        }
    }
    Some(joined)
}
