//! Crockford's base 32: upper-case letters and digits without I, L, O and U, in groups of four.

use zeroize::Zeroizing;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The first `symbols` times five bits of `bytes`, in groups of four with hyphens between.
pub(crate) fn encode(bytes: &[u8], symbols: usize) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(symbols + symbols / 4));
    for symbol in 0..symbols {
        if symbol > 0 && symbol % 4 == 0 {
            text.push('-');
        }
        let value = (symbol * 5..symbol * 5 + 5).fold(0, |value, bit| {
            let byte = bytes.get(bit / 8).copied().unwrap_or(0);
            (value << 1) | usize::from((byte >> (7 - bit % 8)) & 1)
        });
        text.push(char::from(ALPHABET[value]));
    }
    text
}

/// Reads exactly `symbols` symbols into the bits of `out`. Case, hyphens and white space do not matter, and O
/// is read as 0, I and L as 1. `None` for anything else.
pub(crate) fn decode(text: &str, symbols: usize, out: &mut [u8]) -> Option<()> {
    let mut bit = 0;
    for symbol in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let value = value_of(symbol)?;
        for shift in (0..5).rev() {
            let byte = out.get_mut(bit / 8)?;
            *byte |= ((value >> shift) & 1) << (7 - bit % 8);
            bit += 1;
        }
    }
    (bit == symbols * 5).then_some(())
}

/// The five bits of one symbol.
fn value_of(symbol: char) -> Option<u8> {
    let symbol = match symbol.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| char::from(*known) == symbol)?;
    u8::try_from(place).ok()
}
