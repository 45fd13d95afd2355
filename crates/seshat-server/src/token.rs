//! Tokens of people: 32 random bytes, known to the client; the server keeps their SHA-256.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest, Sha256};

/// How long a session lasts: long enough to fetch a vault, open it and put it back with one more device. From
/// then on the device signs for itself.
pub(crate) const LIFETIME_SECONDS: u64 = 15 * 60;

/// Makes a token.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn make() -> Result<[u8; 32], getrandom::Error> {
    let mut token = [0; 32];
    getrandom::fill(&mut token)?;
    Ok(token)
}

/// The token as it travels.
pub(crate) fn text(token: &[u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode(token)
}

/// What is kept of the token in `header`, an `Authorization` header. `None` when there is no token in it.
pub(crate) fn hash_in(header: &str) -> Option<[u8; 32]> {
    let (scheme, text) = header.split_once(' ')?;
    let token = URL_SAFE_NO_PAD.decode(text.trim()).ok()?;
    let whole = scheme.eq_ignore_ascii_case("bearer") && token.len() == 32;
    whole.then(|| hash(&token))
}

/// What is kept of a token.
pub(crate) fn hash(token: &[u8]) -> [u8; 32] {
    Sha256::digest(token).into()
}
