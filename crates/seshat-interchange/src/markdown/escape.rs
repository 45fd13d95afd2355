//! Characters that are written otherwise than they read: escapes (`\*`) and references (`&#32;`).

/// References by name that are understood. Others stay text: novels hold "AT&T;" more often than `&flat;`.
const NAMES: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("ensp", '\u{2002}'),
    ("emsp", '\u{2003}'),
    ("thinsp", '\u{2009}'),
    ("shy", '\u{ad}'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("laquo", '«'),
    ("raquo", '»'),
];

/// The character that the reference at the beginning of `text` stands for, and the reference's length.
pub(super) fn reference(text: &str) -> Option<(char, usize)> {
    let inside = text.strip_prefix('&')?;
    let end = inside.bytes().take(10).position(|byte| byte == b';')?;
    let name = inside.get(..end)?;
    let c = if let Some(number) = name.strip_prefix('#') {
        let (digits, radix) = match number.strip_prefix(['x', 'X']) {
            Some(digits) => (digits, 16),
            None => (number, 10),
        };
        // A sign would pass `from_str_radix`.
        let code = digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(digits)?;
        char::from_u32(u32::from_str_radix(code, radix).ok()?)?
    } else {
        NAMES.iter().find(|(known, _)| *known == name)?.1
    };
    Some((c, end + 2))
}

/// Writes a character as a reference, so that nothing takes it for the edge of a line or a mark.
pub(super) fn push_reference(out: &mut String, c: char) {
    out.push_str(&format!("&#{};", u32::from(c)));
}

/// Writes text between inline signs so that it reads as this text.
pub(super) fn push_text(out: &mut String, text: &str) {
    let mut before: Option<char> = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        let after = rest.clone().next();
        if c == '\n' || c == '\r' {
            push_reference(out, c);
        } else {
            if is_special(c, before, after, rest.as_str()) {
                out.push('\\');
            }
            out.push(c);
        }
        before = Some(c);
    }
}

fn is_special(c: char, before: Option<char>, after: Option<char>, rest: &str) -> bool {
    let letter = |side: Option<char>| side.is_some_and(char::is_alphanumeric);
    match c {
        '*' | '[' | ']' | '`' | '^' | '<' => true,
        '\\' => after.is_none_or(|c| c.is_ascii_punctuation() || c.is_whitespace()),
        '_' => !(letter(before) && letter(after)),
        '~' => before.is_none() || after.is_none() || before == Some('~') || after == Some('~'),
        // The reference is looked for behind the sign: a copy of the few characters keeps this linear.
        '&' => {
            let mut ahead = String::from("&");
            ahead.extend(rest.chars().take(10));
            after.is_none() || reference(&ahead).is_some()
        }
        _ => false,
    }
}

/// The text that escapes and references stand for; everything else is as it is.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let behind = rest.get(c.len_utf8()..).unwrap_or_default();
        let escaped = behind.chars().next().filter(|next| c == '\\' && next.is_ascii_punctuation());
        if let Some(escaped) = escaped {
            plain.push(escaped);
            rest = behind.get(escaped.len_utf8()..).unwrap_or_default();
        } else if let Some((meant, length)) = reference(rest) {
            plain.push(meant);
            rest = rest.get(length..).unwrap_or_default();
        } else {
            plain.push(c);
            rest = behind;
        }
    }
    plain
}
