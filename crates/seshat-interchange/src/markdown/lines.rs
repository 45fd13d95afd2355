//! What a line of Markdown is, looked at alone. Reader and writer ask the same questions here, so what the
//! writer does not escape is exactly what the reader does not take for structure.

/// Quotations nest at most this deep; further `>` are text. Without a limit a line of 20,000 of them would be
/// repeated before every line that follows.
pub(super) const MAX_QUOTE_DEPTH: usize = 16;

/// Takes at most `most` quotation signs off the line: how many there were, and the rest.
pub(super) fn strip_quotes(line: &str, most: usize) -> (usize, &str) {
    let (mut depth, mut rest) = (0, line);
    while depth < most {
        let Some(inner) = indented(rest).and_then(|(_, text)| text.strip_prefix('>')) else {
            break;
        };
        rest = inner.strip_prefix(' ').unwrap_or(inner);
        depth += 1;
    }
    (depth, rest)
}

/// Whether nothing but spaces and tabs is on the line. Other white space (an em space) is content.
pub(super) fn is_blank(line: &str) -> bool {
    line.bytes().all(|byte| byte == b' ' || byte == b'\t')
}

/// The line without at most three spaces before it, and their number; `None` when there are more or a tab.
fn indented(line: &str) -> Option<(usize, &str)> {
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    (indent <= 3 && !text.starts_with('\t')).then_some((indent, text))
}

/// Level and content of a heading (`## content`).
pub(super) fn heading(line: &str) -> Option<(usize, &str)> {
    let (_, text) = indented(line)?;
    let content = text.trim_start_matches('#');
    let level = text.len() - content.len();
    if level == 0 || level > 6 || !(content.is_empty() || content.starts_with([' ', '\t'])) {
        return None;
    }
    Some((level, without_closing_signs(content.trim_matches([' ', '\t']))))
}

fn without_closing_signs(content: &str) -> &str {
    let open = content.trim_end_matches('#');
    if open.is_empty() || open.ends_with([' ', '\t']) {
        open.trim_end_matches([' ', '\t'])
    } else {
        content
    }
}

/// Whether the heading text ends in signs that would be taken for the closing of the heading.
pub(super) fn ends_in_closing_signs(content: &str) -> bool {
    without_closing_signs(content).len() != content.len()
}

/// The level of the heading that this line makes of the one line before it (`===` or `---`).
pub(super) fn underline(line: &str) -> Option<usize> {
    let text = indented(line)?.1.trim_end_matches([' ', '\t']);
    match text.as_bytes() {
        [] => None,
        bytes if bytes.iter().all(|&byte| byte == b'=') => Some(1),
        bytes if bytes.iter().all(|&byte| byte == b'-') => Some(2),
        _ => None,
    }
}

/// Whether the line is a break: three or more `*`, `-` or `_` with nothing but spaces between.
pub(super) fn is_break(line: &str) -> bool {
    let Some((_, text)) = indented(line) else { return false };
    let Some(sign) = text.chars().next().filter(|sign| "*-_".contains(*sign)) else { return false };
    let mut signs = 0;
    for c in text.chars() {
        match c {
            ' ' | '\t' => {}
            c if c == sign => signs += 1,
            _ => return false,
        }
    }
    signs >= 3
}

/// Sign and length of a code fence, and whether it could close one (nothing behind it).
pub(super) fn fence(line: &str) -> Option<(char, usize, bool)> {
    let (_, text) = indented(line)?;
    let sign = text.chars().next().filter(|sign| "`~".contains(*sign))?;
    let info = text.trim_start_matches(sign);
    let length = text.len() - info.len();
    if length < 3 || (sign == '`' && info.contains('`')) {
        return None;
    }
    Some((sign, length, is_blank(info)))
}

/// What stands behind the colons of a fenced division (`::: {.verse}`); empty for its end.
pub(super) fn division(line: &str) -> Option<&str> {
    let text = line.strip_prefix(":::")?;
    Some(text.trim_start_matches(':').trim_matches([' ', '\t']))
}

/// Label and first text of a footnote's body (`[^1]: text`).
pub(super) fn note(line: &str) -> Option<(&str, &str)> {
    let (label, text) = line.strip_prefix("[^")?.split_once("]:")?;
    if label.is_empty() || label.len() > 256 || label.contains([' ', '\t', '[', ']', '\\']) {
        return None;
    }
    Some((label, text.strip_prefix(' ').unwrap_or(text)))
}

/// The label of a link's definition (`[label]: address`).
pub(super) fn definition(line: &str) -> Option<&str> {
    let (label, address) = indented(line)?.1.strip_prefix('[')?.split_once("]:")?;
    let plain = !label.is_empty() && !label.starts_with('^') && !label.contains(['[', ']', '\\']);
    (plain && label.len() <= 256 && !is_blank(address)).then_some(label)
}

/// Whether a paragraph that begins with this line holds what the model has no place for (a list, a table, code,
/// a block of HTML, a definition), so that it is kept as it is written.
pub(super) fn begins_kept(line: &str) -> bool {
    let Some((_, text)) = indented(line) else { return true };
    text.starts_with('|')
        || text.starts_with("+-")
        || fence(line).is_some()
        || item(text).is_some()
        || definition(line).is_some()
        || is_html_block(text)
}

/// Whether the paragraph is kept as written because of one of its later lines.
pub(super) fn continues_kept(line: &str, second: bool) -> bool {
    let Some((_, text)) = indented(line) else { return false };
    let list = item(text).is_some_and(|mark| mark == 1 || text.starts_with("1."));
    let term = second && [": ", ":\t", "~ ", "~\t"].iter().any(|sign| text.starts_with(sign));
    list || term || (second && is_table_rule(text))
}

fn is_table_rule(text: &str) -> bool {
    text.contains('|') && text.contains('-') && text.bytes().all(|byte| b" \t|:-".contains(&byte))
}

/// Whether the line begins a list's item.
pub(super) fn is_item(line: &str) -> bool {
    indented(line).is_some_and(|(_, text)| item(text).is_some())
}

/// Whether the line is set in by at least one space.
pub(super) fn is_set_in(line: &str) -> bool {
    line.starts_with([' ', '\t'])
}

/// The length of a list item's sign, the full stop or bracket included.
fn item(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let sign = text.get(digits..)?;
    let fits = if digits == 0 {
        sign.starts_with(['-', '+', '*'])
    } else {
        digits <= 9 && sign.starts_with(['.', ')'])
    };
    let behind = sign.get(1..).filter(|_| fits)?;
    (behind.is_empty() || behind.starts_with([' ', '\t'])).then_some(digits + 1)
}

/// Elements that begin a block of HTML wherever the line begins with them.
const HTML_BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figure",
    "figcaption",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "head",
    "header",
    "hr",
    "html",
    "iframe",
    "li",
    "link",
    "main",
    "meta",
    "nav",
    "ol",
    "p",
    "pre",
    "script",
    "section",
    "style",
    "summary",
    "table",
    "tbody",
    "td",
    "textarea",
    "tfoot",
    "th",
    "thead",
    "title",
    "tr",
    "ul",
];

fn is_html_block(text: &str) -> bool {
    let Some(inside) = text.strip_prefix('<') else { return false };
    if inside.starts_with(['!', '?']) {
        return true;
    }
    let inside = inside.strip_prefix('/').unwrap_or(inside);
    let name: String = inside
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .take(16)
        .collect::<String>()
        .to_lowercase();
    let ended = inside
        .get(name.len()..)
        .is_some_and(|behind| behind.is_empty() || behind.starts_with([' ', '\t', '>', '/']));
    ended && HTML_BLOCKS.contains(&name.as_str())
}

/// The text that ends a block of HTML which may hold blank lines.
pub(super) fn html_end(line: &str) -> Option<&'static str> {
    let text = indented(line)?.1;
    if text.starts_with("<!--") {
        return Some("-->");
    }
    [
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<pre", "</pre>"),
        ("<textarea", "</textarea>"),
    ]
    .into_iter()
    .find_map(|(begin, end)| (text.starts_with(begin) && is_html_block(text)).then_some(end))
}

/// Whether a line ends the paragraph before it although no blank line stands between.
pub(super) fn interrupts(line: &str) -> bool {
    heading(line).is_some() || is_break(line) || fence(line).is_some() || division(line).is_some()
}

/// Where a backslash keeps a line of prose from being taken for structure: a byte position, or `None` when the
/// line is harmless. Asked of lines whose inline signs are escaped already.
pub(super) fn needs_escape(line: &str) -> Option<usize> {
    if let Some(length) = item(line) {
        return Some(length - 1);
    }
    if let Some((label, _)) = note(line) {
        return Some(label.len() + 3);
    }
    if let Some(label) = definition(line) {
        return Some(label.len() + 2);
    }
    let kept = begins_kept(line) && !line.starts_with('<');
    let later = continues_kept(line, true);
    let structure = interrupts(line) || underline(line).is_some() || line.starts_with('>');
    (kept || later || structure).then_some(0)
}
