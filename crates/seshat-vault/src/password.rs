//! The author's password, and how hard it would be to guess.

use unicode_normalization::UnicodeNormalization;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The score from which a password is accepted.
pub(crate) const ACCEPTED: u8 = 3;

/// A password in Unicode form NFKC, so that it is the same from every keyboard. Wiped when dropped.
///
/// Deliberately neither `Clone`, `Debug`, `PartialEq` nor `Serialize`:
/// ```compile_fail
/// let password = seshat_vault::Password::new("a quiet harbour".into());
/// println!("{password:?}");
/// ```
/// ```compile_fail
/// let password = seshat_vault::Password::new("a quiet harbour".into());
/// let copy = password.clone();
/// ```
#[derive(ZeroizeOnDrop)]
pub struct Password(String);

impl Password {
    /// Takes over what was typed, normalizes it and wipes what it was given.
    #[must_use]
    pub fn new(mut typed: String) -> Self {
        // Measured first: a string that grows leaves its earlier buffers behind.
        let length = typed.nfkc().map(char::len_utf8).sum();
        let mut normalized = String::with_capacity(length);
        normalized.extend(typed.nfkc());
        typed.zeroize();
        Self(normalized)
    }

    /// Whether nothing was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn expose(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// Whether a vault may be made under this password.
    pub(crate) fn is_strong(&self) -> bool {
        strength(&self.0, &[]).is_accepted()
    }
}

/// How hard a password is to guess.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Strength {
    /// 0 (first guess) to 4 (more than 10^10 guesses), as zxcvbn counts.
    pub score: u8,
    /// What would make it better, in English; `None` where it is good.
    pub advice: Option<String>,
}

impl Strength {
    /// Whether a vault can be made under such a password.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.score >= ACCEPTED
    }
}

/// Estimates a password. `user_inputs` are words that an attacker would try first: the email address, the
/// name, the titles of the novels.
#[must_use]
pub fn strength(password: &str, user_inputs: &[&str]) -> Strength {
    let estimate = zxcvbn::zxcvbn(password, user_inputs);
    let advice = estimate.feedback().map(|feedback| {
        let warning = feedback.warning().map(|warning| warning.to_string());
        let suggestions = feedback.suggestions().iter().map(ToString::to_string);
        warning.into_iter().chain(suggestions).collect::<Vec<_>>().join(" ")
    });
    Strength { score: estimate.score().into(), advice: advice.filter(|text| !text.is_empty()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_same_from_every_keyboard() {
        let composed = Password::new("caf\u{e9} \u{fb01}n".into());
        let decomposed = Password::new("cafe\u{301} fin".into());
        assert_eq!(composed.expose(), decomposed.expose());
    }

    #[test]
    fn common_passwords_get_advice_and_long_odd_ones_pass() {
        let poor = strength("password1", &[]);
        assert!(!poor.is_accepted() && poor.advice.is_some(), "{poor:?}");
        let own_name = strength("seraphinaquill", &["seraphinaquill"]);
        assert!(
            !own_name.is_accepted(),
            "the author's own words are the first guess: {own_name:?}"
        );
        assert!(strength("lantern gravel oboe tuesday", &[]).is_accepted());
    }
}
