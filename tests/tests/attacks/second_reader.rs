//! The format read a second time, from docs/format.md alone and with none of the code that writes it: opens a vault by
//! its password and names every key in it. Tests use it to look for keys where none may be.

use aes_gcm::aead::{AeadInOut, KeyInit};
use aes_gcm::{Aes256Gcm, Key, Nonce, Tag};
use argon2::{Algorithm, Argon2, Params, Version};
use hmac::{Hmac, Mac};
use sha2::Sha512;

/// A secret and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Named {
    /// Such as `novel-key`.
    pub(crate) name: String,
    /// 32 bytes.
    pub(crate) bytes: Vec<u8>,
}

/// Every key between the password and a record: those that come from the password and those in the vault's body.
///
/// # Panics
/// When the blob is not as docs/format.md says, or the password is not its password.
#[must_use]
pub(crate) fn keys_of(blob: &[u8], password: &str) -> Vec<Named> {
    let [title, account, generation, slots, body, _mac] =
        list(blob).try_into().expect("six fields");
    assert_eq!(title, b"seshat/v1/vault");
    let slot =
        list(slots).into_iter().find(|slot| list(slot)[0] == b"password").expect("a password slot");
    let [name, kdf, flag, slot_generation, wrap] = list(slot).try_into().expect("five fields");
    assert_eq!((name, flag), (&b"password"[..], &[0][..]), "no account code");
    let [_, memory, passes, lanes, salt] = list(kdf).try_into().expect("five fields");
    let params =
        Params::new(number(memory), number(passes), number(lanes), Some(32)).expect("parameters");
    let mut stretched = vec![0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.as_bytes(), salt, &mut stretched)
        .expect("it can be stretched");
    let root = derive(account, &stretched, "root");
    let wrap_key = derive(&[], &root, "password wrap");
    let extra = fields(&[kdf, slot_generation, flag]);
    let vault_key = open(&wrap_key, &context("slot-password", account, &extra), wrap);
    let body = open(&vault_key, &context("vault-body", account, &fields(&[generation])), body);
    assert_eq!(body[0], 0, "a vault's body is not compressed");
    let length = usize::try_from(number(&body[5..9])).expect("a length");
    let mut keys = vec![
        named("stretched", &stretched),
        named("root", &root),
        named("password wrap", &wrap_key),
        named("password sign-in", &derive(&[], &root, "password sign-in")),
        named("kit", &derive(&[], &root, "kit")),
        named("vault mac", &derive(&[], &vault_key, "vault mac")),
        named("vault key", &vault_key),
    ];
    for entry in list(&body[9..9 + length]) {
        let parts = list(entry);
        let name = String::from_utf8_lossy(parts[0]).into_owned();
        if name == "recovery-phrase" {
            let extra = fields(&[parts[1], parts[2]]);
            let kit = derive(&[], &root, "kit");
            let phrase = open(&kit, &context("recovery-phrase", account, &extra), parts[3]);
            keys.push(named("recovery phrase", &phrase));
        }
        if ["identity", "recovery-wrap", "account-key", "novel-key", "retired-vault-key"]
            .contains(&name.as_str())
        {
            keys.push(named(&name, parts.last().expect("a key stands last")));
        }
    }
    keys
}

/// What the vault key seals for one device: its two private keys.
///
/// # Panics
/// When it does not open.
#[must_use]
pub(crate) fn device_keys(
    vault_key: &[u8],
    account: &[u8],
    device: &[u8],
    sealed: &[u8],
) -> Vec<Named> {
    let context =
        fields(&[b"seshat/v1", b"device-keys", account, &[], &[], &[], &[], device, &[], &[], &[]]);
    let opened = open(vault_key, &context, sealed);
    let [signing, exchange] = list(&opened).try_into().expect("two keys");
    vec![named("device signing", signing), named("device exchange", exchange)]
}

fn named(name: &str, bytes: &[u8]) -> Named {
    assert_eq!(bytes.len(), 32, "{name}");
    Named { name: name.to_owned(), bytes: bytes.to_vec() }
}

fn list(mut encoded: &[u8]) -> Vec<&[u8]> {
    let mut parts = Vec::new();
    while let Some((length, rest)) = encoded.split_first_chunk::<4>() {
        let (part, rest) =
            rest.split_at(usize::try_from(u32::from_be_bytes(*length)).expect("a length"));
        parts.push(part);
        encoded = rest;
    }
    parts
}

fn fields(parts: &[&[u8]]) -> Vec<u8> {
    let length = |part: &[u8]| u32::try_from(part.len()).expect("short").to_be_bytes();
    parts.iter().flat_map(|part| [&length(part)[..], part].concat()).collect()
}

fn context(kind: &str, account: &[u8], extra: &[u8]) -> Vec<u8> {
    fields(&[b"seshat/v1", kind.as_bytes(), account, &[], &[], &[], &[], &[], &[], &[], extra])
}

fn number(bytes: &[u8]) -> u32 {
    u32::from_be_bytes(bytes.try_into().expect("four bytes"))
}

fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    let mac = <Hmac<Sha512> as hmac::KeyInit>::new_from_slice(key).expect("any key");
    mac.chain_update(text).finalize().into_bytes().to_vec()
}

/// HKDF-Expand with SHA-512.
fn expand(prk: &[u8], info: &[u8], length: usize) -> Vec<u8> {
    let (mut out, mut block) = (Vec::new(), Vec::new());
    for counter in 1.. {
        if out.len() >= length {
            break;
        }
        block = hmac(prk, &[&block, info, &[counter]].concat());
        out.extend_from_slice(&block);
    }
    out.truncate(length);
    out
}

fn derive(salt: &[u8], secret: &[u8], label: &str) -> Vec<u8> {
    expand(&hmac(salt, secret), &fields(&[b"seshat/v1", label.as_bytes()]), 32)
}

/// Opens C2SP chunked-encryption@v1.
fn open(key: &[u8], context: &[u8], sealed: &[u8]) -> Vec<u8> {
    let (salt, rest) = sealed.split_at(24);
    let (commitment, mut rest) = rest.split_at(32);
    let info = [b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0", salt, context].concat();
    let derived = expand(key, &info, 76);
    assert_eq!(&derived[44..], commitment, "another key or another place");
    let cipher = Aes256Gcm::new(&Key::<Aes256Gcm>::try_from(&derived[..32]).expect("32 bytes"));
    let mut opened = Vec::new();
    for counter in 0_u64.. {
        let (chunk, left) = rest.split_at(rest.len().min(16_400));
        let mut nonce: [u8; 12] = derived[32..44].try_into().expect("12 bytes");
        for (byte, number) in nonce[4..].iter_mut().zip(counter.to_be_bytes()) {
            *byte ^= number;
        }
        let (text, tag) = chunk.split_at(chunk.len() - 16);
        let mut text = text.to_vec();
        let tag = Tag::try_from(tag).expect("16 bytes");
        cipher
            .decrypt_inout_detached(
                &Nonce::try_from(&nonce[..]).expect("12 bytes"),
                &[],
                text.as_mut_slice().into(),
                &tag,
            )
            .expect("it opens");
        opened.extend_from_slice(&text);
        rest = left;
        if chunk.len() < 16_400 {
            break;
        }
    }
    opened
}
