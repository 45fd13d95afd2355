//! What the elements of HTML are.

use html5ever::tokenizer::Tag;

use super::css::Props;

/// What an element is for its reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Inside a paragraph.
    Inline,
    /// Begins and ends a paragraph.
    Block,
    /// Has no content and no end.
    Void,
    /// Nothing in it is shown.
    Unseen,
}

/// The class of an element.
pub(super) fn class(name: &str) -> Class {
    match name {
        "address" | "article" | "aside" | "blockquote" | "body" | "caption" | "center" | "dd"
        | "details" | "div" | "dl" | "dt" | "fieldset" | "figcaption" | "figure" | "footer"
        | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "html"
        | "legend" | "li" | "main" | "menu" | "nav" | "ol" | "p" | "pre" | "section"
        | "summary" | "table" | "tbody" | "td" | "tfoot" | "th" | "thead" | "tr" | "ul"
        | "listing" | "xmp" | "plaintext" | "optgroup" | "option" | "dialog" | "search" => {
            Class::Block
        }
        "area" | "base" | "br" | "col" | "embed" | "hr" | "img" | "image" | "input" | "link"
        | "meta" | "param" | "source" | "track" | "wbr" => Class::Void,
        "audio" | "canvas" | "datalist" | "head" | "iframe" | "noembed" | "noframes" | "object"
        | "rp" | "script" | "style" | "template" | "title" | "video" => Class::Unseen,
        _ => Class::Inline,
    }
}

/// What an element means without a style sheet.
pub(super) fn props(name: &str) -> Props {
    let on = Some(true);
    match name {
        "em" | "i" | "cite" | "dfn" | "var" | "address" => Props { italic: on, ..Props::default() },
        "strong" | "b" => Props { bold: on, ..Props::default() },
        "u" | "ins" => Props { underline: on, ..Props::default() },
        "s" | "strike" | "del" => Props { strike: on, ..Props::default() },
        "sup" => Props { superscript: on, ..Props::default() },
        "sub" => Props { subscript: on, ..Props::default() },
        "pre" | "listing" | "xmp" | "plaintext" | "textarea" => {
            Props { pre: on, ..Props::default() }
        }
        "center" => Props { align: Some(seshat_manuscript::Align::Center), ..Props::default() },
        _ => Props::default(),
    }
}

/// Elements that end without ending what was begun in them.
pub(super) fn is_format(name: &str) -> bool {
    matches!(
        name,
        "a" | "b"
            | "big"
            | "code"
            | "em"
            | "font"
            | "i"
            | "nobr"
            | "s"
            | "small"
            | "strike"
            | "strong"
            | "tt"
            | "u"
    )
}

/// The level of a heading.
pub(super) fn heading(name: &str) -> Option<u8> {
    match name {
        "h1" => Some(1),
        "h2" => Some(2),
        "h3" => Some(3),
        "h4" => Some(4),
        "h5" => Some(5),
        "h6" => Some(6),
        _ => None,
    }
}

/// The open elements that the beginning of `name` ends, and those that it cannot reach through.
pub(super) fn ends(name: &str) -> (&'static [&'static str], &'static [&'static str]) {
    match name {
        "li" => (&["li"], &["ul", "ol", "menu", "table"]),
        "dt" | "dd" => (&["dt", "dd"], &["dl", "table"]),
        "td" | "th" => (&["td", "th"], &["tr", "table"]),
        "tr" => (&["tr"], &["table"]),
        "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot", "caption"], &["table"]),
        "option" | "optgroup" => (&["option"], &["select"]),
        "rt" | "rp" | "rb" | "rtc" => (&["rt", "rp", "rb"], &["ruby"]),
        _ => (&[], &[]),
    }
}

/// The value of an attribute; empty without one.
pub(super) fn attribute<'t>(tag: &'t Tag, name: &str) -> &'t str {
    tag.attrs
        .iter()
        .find(|attribute| &*attribute.name.local == name)
        .map_or("", |attribute| &*attribute.value)
}

/// The words of what an element says that it is: `epub:type`, `role` and `class`.
pub(super) fn words(tag: &Tag) -> impl Iterator<Item = &str> {
    ["epub:type", "role", "class"]
        .into_iter()
        .flat_map(move |name| attribute(tag, name).split_whitespace())
        .map(|word| word.rsplit_once(':').map_or(word, |(_, word)| word))
}
