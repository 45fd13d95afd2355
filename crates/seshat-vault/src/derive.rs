//! HKDF-SHA-512 (RFC 5869), the one way in which a key comes from another secret.
//!
//! Written over `hmac`, because the crate `hkdf` takes no 32-byte key for the expand step with SHA-512 and the
//! envelope needs exactly that (C2SP chunked-encryption).

use hmac::{Hmac, KeyInit, Mac};
use seshat_protocol::{FORMAT_LABEL, FieldWriter};
use sha2::Sha512;
use zeroize::{Zeroize, Zeroizing};

use crate::key::Key;

/// SHA-512's output.
const BLOCK: usize = 64;

/// HMAC-SHA-512 over `parts`, one behind the other, into `out`.
fn hmac_into(key: &[u8], parts: &[&[u8]], out: &mut [u8; BLOCK]) {
    let mut mac = <Hmac<Sha512> as KeyInit>::new_from_slice(key).expect("HMAC takes any key");
    for part in parts {
        mac.update(part);
    }
    let mut tag = mac.finalize().into_bytes();
    out.copy_from_slice(&tag);
    tag.as_mut_slice().zeroize();
}

/// HKDF-Expand. `info` is given in parts and hashed as if it were one. `out` is at most 255 blocks.
pub(crate) fn expand(prk: &[u8], info: &[&[u8]], out: &mut [u8]) {
    let mut block = Box::new(Zeroizing::new([0_u8; BLOCK]));
    let mut previous = Box::new(Zeroizing::new([0_u8; BLOCK]));
    let mut counter = 0_u8;
    for chunk in out.chunks_mut(BLOCK) {
        let before: &[u8] = if counter == 0 { &[] } else { &previous[..] };
        counter = counter.checked_add(1).expect("no output of this crate reaches 255 blocks");
        let number = [counter];
        let parts: Vec<&[u8]> =
            std::iter::once(before).chain(info.iter().copied()).chain([&number[..]]).collect();
        hmac_into(prk, &parts, &mut block);
        chunk.copy_from_slice(&block[..chunk.len()]);
        previous.copy_from_slice(&block[..]);
    }
}

/// HKDF: extract from the parts of `secret` under `salt`, then expand for `info`.
pub(crate) fn hkdf(salt: &[u8], secret: &[&[u8]], info: &[u8], out: &mut [u8]) {
    let mut prk = Box::new(Zeroizing::new([0_u8; BLOCK]));
    hmac_into(salt, secret, &mut prk);
    expand(&prk[..], &[info], out);
}

/// A key of the hierarchy. The info field is the list `seshat/v1, label`.
pub(crate) fn derive_key(salt: &[u8], secret: &[&[u8]], label: &str) -> Key {
    let info = FieldWriter::new().text(FORMAT_LABEL).text(label).finish();
    Key::derive(|out| hkdf(salt, secret, &info, out))
}
