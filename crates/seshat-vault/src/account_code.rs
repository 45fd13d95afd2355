//! The account code: an opt-in second secret beside the password.

use seshat_protocol::{FORMAT_LABEL, FieldWriter};
use sha2::{Digest, Sha256};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::{Entropy, EntropyError, base32};

/// 128 bits and a check of 12 make 28 symbols: seven groups of four.
const SYMBOLS: usize = 28;

/// 128 random bits. With it in use, a stolen server database is no help in guessing even a poor password.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// fn show(code: seshat_vault::AccountCode) { println!("{code:?}"); }
/// ```
/// ```compile_fail
/// fn copy(code: &seshat_vault::AccountCode) -> seshat_vault::AccountCode { code.clone() }
/// ```
#[derive(ZeroizeOnDrop)]
pub struct AccountCode(Box<[u8; 16]>);

/// What was typed is not an account code, or has a typing error in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an account code: 28 letters and digits in groups of four")]
pub struct AccountCodeError;

/// Whether a new password slot takes an account code as a second secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AccountCodeUse {
    /// The password alone is enough.
    None,
    /// A code is made, and needed with the password on every new laptop.
    Make,
}

impl AccountCode {
    /// Reads a code as [`AccountCode::text`] writes it; case, hyphens and white space do not matter.
    ///
    /// # Errors
    /// [`AccountCodeError`] for another length, other characters, or (4095 times in 4096) a typing error.
    pub fn parse(text: &str) -> Result<Self, AccountCodeError> {
        let mut bits = Zeroizing::new([0_u8; 18]);
        base32::decode(text, SYMBOLS, &mut bits[..]).ok_or(AccountCodeError)?;
        let code = Self::copy_of(&bits[..16]).ok_or(AccountCodeError)?;
        if code.check() == bits[16..] { Ok(code) } else { Err(AccountCodeError) }
    }

    /// `XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX`.
    #[must_use]
    pub fn text(&self) -> Zeroizing<String> {
        let mut bits = Zeroizing::new([0_u8; 18]);
        bits[..16].copy_from_slice(&self.0[..]);
        bits[16..].copy_from_slice(&self.check());
        base32::encode(&bits[..], SYMBOLS)
    }

    pub(crate) fn make(entropy: &mut dyn Entropy) -> Result<Self, EntropyError> {
        let mut code = Self(Box::new([0; 16]));
        entropy.fill(&mut code.0[..])?;
        Ok(code)
    }

    pub(crate) fn copy_of(bytes: &[u8]) -> Option<Self> {
        let mut code = Self(Box::new([0; 16]));
        (bytes.len() == 16).then(|| code.0.copy_from_slice(bytes))?;
        Some(code)
    }

    pub(crate) fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn expose(&self) -> &[u8; 16] {
        &self.0
    }

    /// 12 bits of a hash, so that a typing error is told at once and not as a wrong password.
    fn check(&self) -> [u8; 2] {
        let labelled = Zeroizing::new(
            FieldWriter::with_capacity(64)
                .text(FORMAT_LABEL)
                .text("account code")
                .bytes(&self.0[..])
                .finish(),
        );
        let hash = Sha256::digest(&labelled);
        [hash[0], hash[1] & 0xF0]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::TestEntropy;

    #[test]
    fn a_code_survives_being_typed_carelessly() {
        let code = AccountCode::make(&mut TestEntropy::new(1)).unwrap();
        let text = code.text();
        assert_eq!(text.len(), 34, "{}", *text);
        let careless = text.to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
        for typed in [text.to_string(), careless, text.replace('-', "")] {
            let read = AccountCode::parse(&typed).unwrap_or_else(|_| panic!("{typed}"));
            assert_eq!(read.expose(), code.expose());
        }
    }

    #[test]
    fn a_mistyped_or_cut_code_is_told_at_once() {
        let text = AccountCode::make(&mut TestEntropy::new(2)).unwrap().text();
        let mut refused = 0;
        for place in (0..text.len()).filter(|place| text.as_bytes()[*place] != b'-') {
            let mut typed: Vec<char> = text.chars().collect();
            typed[place] = if typed[place] == 'X' { 'Y' } else { 'X' };
            refused += usize::from(AccountCode::parse(&typed.iter().collect::<String>()).is_err());
        }
        assert_eq!(refused, 28, "a wrong symbol was taken");
        for end in 0..text.len() {
            assert!(AccountCode::parse(text.split_at(end).0).is_err(), "cut at {end}");
        }
        assert!(AccountCode::parse(&format!("{}X", *text)).is_err(), "one symbol too many");
        assert!(AccountCode::parse("not a code").is_err());
    }
}
