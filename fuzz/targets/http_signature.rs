//! The headers of a signed request: each has one spelling, so what parses is written as it came.

#![no_main]

use libfuzzer_sys::fuzz_target;
use seshat_protocol::http_signature::{
    ContentDigest, SignatureInput, SignedParts, parse_signature, signature_header,
};

fuzz_target!(|text: &str| {
    if let Ok(digest) = ContentDigest::parse(text) {
        assert_eq!(digest.to_header(), text);
    }
    if let Ok(signature) = parse_signature(text) {
        assert_eq!(signature_header(&signature), text);
    }
    let (header, rest) = text.split_once('\n').unwrap_or((text, ""));
    let Ok(input) = SignatureInput::parse(header) else { return };
    assert_eq!(input.to_header(), header);
    let mut lines = rest.split('\n');
    let mut line = || lines.next().unwrap_or("");
    let (method, path, origin) = (line(), line(), line());
    let query = Some(line()).filter(|query| !query.is_empty());
    let if_match = Some(line()).filter(|value| !value.is_empty());
    let digest = ContentDigest::of(text.as_bytes());
    let parts = SignedParts { method, path, query, digest, origin, if_match };
    if let Ok(base) = input.base(&parts) {
        let lines = 6 + usize::from(if_match.is_some());
        assert_eq!(base.split('\n').count(), lines, "a value made a line of its own: {base:?}");
    }
});
