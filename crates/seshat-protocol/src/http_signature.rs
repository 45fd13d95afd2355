//! How a device signs its requests: HTTP Message Signatures (RFC 9421) in the one shape that this protocol has,
//! with the body's digest (RFC 9530) among what is signed.
//!
//! **Invariant:** what is read is what would be written: [`SignatureInput::parse`] and [`ContentDigest::parse`]
//! take a header only if writing its meaning again gives the same text, so that no two headers mean the same.
//! No value can add a line to the signature base.

use std::fmt::{self, Write};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};

use crate::{AccountId, Bytes16, Bytes64, DeviceId, FORMAT_LABEL};

/// The headers, in lower case.
pub mod header {
    /// `sha-256=:…:` over the body, which may be empty.
    pub const CONTENT_DIGEST: &str = "content-digest";
    /// The origin as the client dialled it.
    pub const ORIGIN: &str = "seshat-origin";
    /// What is signed, and by whom.
    pub const SIGNATURE_INPUT: &str = "signature-input";
    /// The signature.
    pub const SIGNATURE: &str = "signature";
}

/// How old a signature may be, in seconds of the server's clock.
pub const SIGNATURE_SECONDS: u64 = 300;

/// The label that both headers carry.
const LABEL: &str = "seshat=";

/// A header that has not the one shape, or a value that cannot be signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureError;

impl fmt::Display for SignatureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a signed request of this protocol")
    }
}

impl std::error::Error for SignatureError {}

/// SHA-256 of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContentDigest(pub [u8; 32]);

impl ContentDigest {
    /// Of this body.
    #[must_use]
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    /// The header's value.
    #[must_use]
    pub fn to_header(self) -> String {
        format!("sha-256=:{}:", STANDARD.encode(self.0))
    }

    /// Reads the header.
    ///
    /// # Errors
    /// For another algorithm, several digests, or another spelling.
    pub fn parse(header: &str) -> Result<Self, SignatureError> {
        let inner = header.strip_prefix("sha-256=:").and_then(|rest| rest.strip_suffix(':'));
        let bytes = STANDARD.decode(inner.ok_or(SignatureError)?).map_err(|_| SignatureError)?;
        bytes.try_into().map(Self).map_err(|_| SignatureError)
    }
}

/// What is signed of a request, beside what [`SignatureInput`] says.
#[derive(Debug, Clone, Copy)]
pub struct SignedParts<'a> {
    /// In upper case.
    pub method: &'a str,
    /// The route's path, `/v1/…`, also where the server lives below another path.
    pub path: &'a str,
    /// What stands behind the `?`; `None` and an empty one are the same.
    pub query: Option<&'a str>,
    /// Of the body.
    pub digest: ContentDigest,
    /// As the client dialled it: `scheme://host[:port]`.
    pub origin: &'a str,
    /// The header's value, if it is sent.
    pub if_match: Option<&'a str>,
}

/// Who signed, when, and what: the header `Signature-Input`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureInput {
    /// The account.
    pub account: AccountId,
    /// Its device.
    pub device: DeviceId,
    /// Seconds since 1970.
    pub created: u64,
    /// Never used twice by one device.
    pub nonce: Bytes16,
    /// Whether the request has an `If-Match`, which is then signed too.
    pub if_match: bool,
}

impl SignatureInput {
    /// The header's value.
    #[must_use]
    pub fn to_header(self) -> String {
        format!("{LABEL}{}", self.parameters())
    }

    /// The signature parameters (RFC 9421 §2.3).
    fn parameters(self) -> String {
        let if_match = if self.if_match { " \"if-match\"" } else { "" };
        format!(
            "(\"@method\" \"@path\" \"@query\" \"content-digest\" \"seshat-origin\"{if_match})\
             ;created={};nonce=\"{}\";keyid=\"{}.{}\";alg=\"ed25519\";tag=\"{FORMAT_LABEL}\"",
            self.created,
            URL_SAFE_NO_PAD.encode(self.nonce.0),
            self.account,
            self.device,
        )
    }

    /// Reads the header.
    ///
    /// # Errors
    /// For anything but the one shape.
    pub fn parse(header: &str) -> Result<Self, SignatureError> {
        let read = Self::read(header).ok_or(SignatureError)?;
        if read.to_header() == header { Ok(read) } else { Err(SignatureError) }
    }

    /// Finds the values; whether everything around them is right is seen by writing them again.
    fn read(header: &str) -> Option<Self> {
        let (components, parameters) = header.split_once(')')?;
        let (created, rest) = parameters.strip_prefix(";created=")?.split_once(';')?;
        let (nonce, rest) = rest.strip_prefix("nonce=\"")?.split_once('"')?;
        let (key, _) = rest.strip_prefix(";keyid=\"")?.split_once('"')?;
        let (account, device) = key.split_once('.')?;
        // RFC 8941 §3.3.1: an integer has at most 15 digits.
        let created = if created.len() <= 15 { created.parse().ok()? } else { return None };
        Some(Self {
            account: account.parse().ok()?,
            device: device.parse().ok()?,
            created,
            nonce: Bytes16(URL_SAFE_NO_PAD.decode(nonce).ok()?.try_into().ok()?),
            if_match: components.ends_with("\"if-match\""),
        })
    }

    /// The signature base (RFC 9421 §2.5): what the device signs.
    ///
    /// # Errors
    /// When a value is not printable ASCII, or when `if_match` is there in one of the two and not in the other.
    pub fn base(self, parts: &SignedParts<'_>) -> Result<String, SignatureError> {
        if self.if_match != parts.if_match.is_some() {
            return Err(SignatureError);
        }
        let digest = parts.digest.to_header();
        let query = format!("?{}", parts.query.unwrap_or_default());
        let mut base = String::with_capacity(640);
        for (name, value) in [
            ("@method", parts.method),
            ("@path", parts.path),
            ("@query", &query),
            (header::CONTENT_DIGEST, &digest),
            (header::ORIGIN, parts.origin),
        ]
        .into_iter()
        .chain(parts.if_match.map(|value| ("if-match", value)))
        {
            line(&mut base, name, value)?;
        }
        // Behind the last line stands no line feed.
        write!(base, "\"@signature-params\": {}", self.parameters()).map_err(|_| SignatureError)?;
        Ok(base)
    }
}

fn line(base: &mut String, name: &str, value: &str) -> Result<(), SignatureError> {
    let plain = value.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    // RFC 9421 §2.1: a header's value counts without the blanks around it.
    if !plain || value.trim() != value {
        return Err(SignatureError);
    }
    writeln!(base, "\"{name}\": {value}").map_err(|_| SignatureError)
}

/// The header `Signature`.
#[must_use]
pub fn signature_header(signature: &Bytes64) -> String {
    format!("{LABEL}:{}:", STANDARD.encode(signature.0))
}

/// Reads the header `Signature`.
///
/// # Errors
/// For anything but one signature under the one label.
pub fn parse_signature(header: &str) -> Result<Bytes64, SignatureError> {
    let inner = header.strip_prefix(LABEL).and_then(|rest| rest.strip_prefix(':'));
    let inner = inner.and_then(|rest| rest.strip_suffix(':')).ok_or(SignatureError)?;
    let bytes = STANDARD.decode(inner).map_err(|_| SignatureError)?;
    bytes.try_into().map(Bytes64).map_err(|_| SignatureError)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn input() -> SignatureInput {
        SignatureInput {
            account: AccountId([0xa1; 16]),
            device: DeviceId([0x0d; 16]),
            created: 1_618_884_473,
            nonce: Bytes16([0xff; 16]),
            if_match: true,
        }
    }

    fn parts() -> SignedParts<'static> {
        SignedParts {
            method: "PUT",
            path: "/v1/vault",
            query: None,
            digest: ContentDigest::of(b"{\"hello\": \"world\"}"),
            origin: "https://desk.example.org",
            if_match: Some("\"0123\""),
        }
    }

    /// Written by hand after RFC 9421 §2.5, the digest with `sha256sum` and `base64`.
    const BASE: &str = r#""@method": PUT
"@path": /v1/vault
"@query": ?
"content-digest": sha-256=:X48E9qOokqqrvdts8nOJRJN3OWDUoyWxBf7kbu9DBPE=:
"seshat-origin": https://desk.example.org
"if-match": "0123"
"@signature-params": ("@method" "@path" "@query" "content-digest" "seshat-origin" "if-match");created=1618884473;nonce="_____________________w";keyid="a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1.0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d0d";alg="ed25519";tag="seshat/v1""#;

    #[test]
    fn the_signature_base_is_that_of_the_rfc() {
        assert_eq!(input().base(&parts()).unwrap(), BASE);
    }

    #[test]
    fn a_query_is_signed_with_its_mark_and_a_missing_header_is_not_named() {
        let asked = SignatureInput { if_match: false, ..input() };
        let parts = SignedParts {
            method: "GET",
            path: "/v1/changes",
            query: Some("cursor=7&limit=100"),
            digest: ContentDigest::of(b""),
            if_match: None,
            ..parts()
        };
        let base = asked.base(&parts).unwrap();
        let lines: Vec<_> = base.lines().collect();
        assert_eq!(lines[2], "\"@query\": ?cursor=7&limit=100");
        // SHA-256 of nothing, FIPS 180-4.
        let nothing = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
        assert_eq!(lines[3], format!("\"content-digest\": sha-256=:{nothing}:"));
        assert_eq!(lines.len(), 6, "if-match stands in the base of a request that has none");
        assert!(!base.contains("if-match"));
    }

    #[test]
    fn every_part_is_signed() {
        let signed = input().base(&parts()).unwrap();
        let other = SignedParts { query: Some(""), ..parts() };
        assert_eq!(input().base(&other).unwrap(), signed, "an empty query is no query");
        for changed in [
            SignedParts { method: "GET", ..parts() },
            SignedParts { path: "/v1/records", ..parts() },
            SignedParts { query: Some("x"), ..parts() },
            SignedParts { digest: ContentDigest::of(b""), ..parts() },
            SignedParts { origin: "http://desk.example.org", ..parts() },
            SignedParts { if_match: Some("\"0124\""), ..parts() },
        ] {
            assert_ne!(input().base(&changed).unwrap(), signed, "{changed:?}");
        }
        for changed in [
            SignatureInput { account: AccountId([0xa2; 16]), ..input() },
            SignatureInput { device: DeviceId([0x0e; 16]), ..input() },
            SignatureInput { created: 1, ..input() },
            SignatureInput { nonce: Bytes16([0; 16]), ..input() },
        ] {
            assert_ne!(changed.base(&parts()).unwrap(), signed, "{changed:?}");
        }
    }

    #[test]
    fn no_value_adds_a_line_and_no_header_is_left_out() {
        for origin in ["https://a\n\"@method\": GET", "https://a\r", "https://ä", " https://a"] {
            let parts = SignedParts { origin, ..parts() };
            assert_eq!(input().base(&parts), Err(SignatureError), "{origin:?}");
        }
        let left_out = SignedParts { if_match: None, ..parts() };
        assert_eq!(input().base(&left_out), Err(SignatureError));
        let unnamed = SignatureInput { if_match: false, ..input() };
        assert_eq!(unnamed.base(&parts()), Err(SignatureError));
    }

    #[test]
    fn what_was_written_is_read_and_any_other_spelling_is_not() {
        let header = input().to_header();
        assert_eq!(SignatureInput::parse(&header), Ok(input()));
        let without = SignatureInput { if_match: false, created: 0, ..input() };
        assert_eq!(SignatureInput::parse(&without.to_header()), Ok(without));
        for (from, to) in [
            ("seshat=", "other="),
            ("\"@method\" ", ""),
            ("\"@path\"", "\"@target-uri\""),
            ("\"@method\" \"@path\"", "\"@path\" \"@method\""),
            ("created=1618884473", "created=01618884473"),
            ("created=1618884473", "created=+1618884473"),
            ("created=1618884473", "created=1618884473.0"),
            ("created=1618884473", "created=1618884473000000"),
            (";nonce", "; nonce"),
            ("___w\"", "___x\""),
            ("___w\"", "___w=\""),
            ("a1a1.", "A1A1."),
            ("ed25519", "rsa-v1_5-sha256"),
            ("seshat/v1", "seshat/v2"),
            ("\";tag=\"seshat/v1\"", "\""),
            ("/v1\"", "/v1\";expires=1"),
            ("/v1\"", "/v1\", other=()"),
        ] {
            let altered = header.replace(from, to);
            assert_ne!(altered, header, "{from} is not there");
            assert_eq!(SignatureInput::parse(&altered), Err(SignatureError), "{altered}");
        }
        let twice = format!("{header}, {header}");
        assert_eq!(SignatureInput::parse(&twice), Err(SignatureError));
    }

    #[test]
    fn digests_and_signatures_have_one_spelling() {
        let digest = ContentDigest::of(b"x");
        let header = digest.to_header();
        assert_eq!(ContentDigest::parse(&header), Ok(digest));
        let signature = Bytes64([0xfe; 64]);
        let signed = signature_header(&signature);
        assert_eq!(parse_signature(&signed), Ok(signature));
        for (from, to) in [("sha-256", "sha-512"), ("=:", "="), ("=:", "=: "), (":", "::")] {
            let altered = header.replacen(from, to, 1);
            assert_eq!(ContentDigest::parse(&altered), Err(SignatureError), "{altered}");
        }
        let two = format!("{header}, {header}");
        assert_eq!(ContentDigest::parse(&two), Err(SignatureError));
        for altered in [
            signed.replace("seshat", "sig1"),
            signed.replace("==:", ":"),
            format!("{signed}, {signed}"),
            signature_header(&signature).replace(':', ""),
        ] {
            assert_eq!(parse_signature(&altered), Err(SignatureError), "{altered}");
        }
    }

    proptest! {
        #[test]
        fn any_input_survives_its_header(account: [u8; 16], device: [u8; 16], created in 0..1_000_000_000_000_000_u64, nonce: [u8; 16], if_match: bool) {
            let input = SignatureInput { account: AccountId(account), device: DeviceId(device), created, nonce: Bytes16(nonce), if_match };
            prop_assert_eq!(SignatureInput::parse(&input.to_header()), Ok(input));
        }

        #[test]
        fn no_text_makes_the_readers_panic(text in ".{0,200}") {
            let read = (SignatureInput::parse(&text).is_ok(), ContentDigest::parse(&text).is_ok(), parse_signature(&text).is_ok());
            prop_assert_eq!(read, (false, false, false));
        }
    }
}
