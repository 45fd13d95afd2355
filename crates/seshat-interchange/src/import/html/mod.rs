//! HTML, and the XHTML of EPUB: from tags to a flow, without a tree.
//!
//! **Invariants:** the reader keeps a stack of open elements of limited depth and nothing else, so no nesting costs
//! more than its own bytes. Nothing is fetched: no image, no style sheet, no script. Text is kept wherever a
//! browser would show it.

mod css;
mod element;
mod line;
mod notes;
mod reader;
mod start;

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use super::charset;
use super::guard;
use super::refusal::Refusal;
use crate::flow::{Flow, Picture};
pub(super) use notes::Notes;
use reader::Reader;

/// Which of the two languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// HTML: what browsers make of it.
    Html,
    /// XHTML: `<p/>` is a whole paragraph, and `CDATA` is text.
    Xhtml,
}

/// What became of an image.
pub(super) enum Image {
    /// It is in the file.
    Found(Picture),
    /// It is not.
    Elsewhere,
    /// It is and is not kept.
    Refused,
}

/// Where a document stands and what is around it.
pub(super) struct Around<'a> {
    /// Its name in an EPUB; empty for a file of its own. Notes are named by it.
    pub(super) file: &'a str,
    pub(super) dialect: Dialect,
    /// Style sheets that stand in other files.
    pub(super) sheets: &'a [String],
    /// Finds an image by its address.
    pub(super) image: &'a mut dyn FnMut(&str) -> Image,
}

/// Reads one document of its own.
pub(super) fn read(bytes: &[u8], label: Option<&str>) -> Result<Flow, Refusal> {
    let decoded = decode(bytes, label)?;
    let xml = decoded.text.trim_start().starts_with("<?xml");
    let mut flow = Flow::default();
    flow.notes.extend(decoded.guessed.map(charset::note));
    let mut image = |address: &str| data_image(address);
    let mut notes = Notes::default();
    let dialect = if xml { Dialect::Xhtml } else { Dialect::Html };
    let around = Around { file: "", dialect, sheets: &[], image: &mut image };
    add(&mut flow, &mut notes, &decoded.text, around)?;
    notes.resolve(&mut flow);
    if flow.blocks.is_empty() {
        return Err(Refusal::NoText);
    }
    Ok(flow)
}

/// Reads `text` to the end of `flow`. Notes are put at their places by [`Notes::resolve`] when all is read.
pub(super) fn add<'a>(
    flow: &'a mut Flow,
    notes: &'a mut Notes,
    text: &str,
    around: Around<'a>,
) -> Result<(), Refusal> {
    let head = text.find("<html").or_else(|| text.find("<body")).unwrap_or(text.len().min(65_536));
    if text.as_bytes().get(..head).is_some_and(|head| has(head, b"<!ENTITY")) {
        return Err(Refusal::Entities);
    }
    let xml = around.dialect == Dialect::Xhtml;
    let sink = Sink { reader: RefCell::new(Reader::new(flow, notes, around)), xml };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts::default());
    let input = BufferQueue::default();
    let mut rest = text;
    // In pieces: the tokenizer's strings count their bytes in 32 bits and share what they come from.
    while !rest.is_empty() {
        let end = (0..=rest.len().min(1 << 16)).rev().find(|&end| rest.is_char_boundary(end));
        let (piece, behind) = rest.split_at(end.filter(|&end| end > 0).unwrap_or(rest.len()));
        input.push_back(StrTendril::from_slice(piece));
        // The sink never asks for a pause.
        drop(tokenizer.feed(&input));
        rest = behind;
    }
    tokenizer.end();
    tokenizer.sink.reader.into_inner().end();
    Ok(())
}

fn has(bytes: &[u8], word: &[u8]) -> bool {
    bytes.windows(word.len()).any(|window| window.eq_ignore_ascii_case(word))
}

/// By the byte order mark, by what the first lines say, else as plain text is.
fn decode(bytes: &[u8], label: Option<&str>) -> Result<charset::Decoded, Refusal> {
    let said = || {
        let head = bytes.get(..bytes.len().min(4096)).unwrap_or_default();
        let head = String::from_utf8_lossy(head).to_lowercase();
        let start = head.find("charset=").map(|at| at + 8).or_else(|| {
            head.starts_with("<?xml").then(|| head.find("encoding=").map(|at| at + 9)).flatten()
        })?;
        let value = head.get(start..)?.trim_start_matches(['"', '\'', ' ']);
        let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c))?;
        let encoding = encoding_rs::Encoding::for_label(value.get(..end)?.as_bytes())?;
        // A page that could be read as far as this is not UTF-16.
        Some(encoding.output_encoding().name())
    };
    if label.is_some() || encoding_rs::Encoding::for_bom(bytes).is_some() {
        return charset::decode(bytes.to_vec(), label);
    }
    // Text that is UTF-8 is UTF-8, whatever an editor has left in the first lines.
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => charset::decode(bytes.to_vec(), None),
        _ => charset::decode(bytes.to_vec(), said()),
    }
}

/// An image that stands in its own address.
fn data_image(address: &str) -> Image {
    use base64::Engine as _;

    let Some(rest) = address.strip_prefix("data:") else { return Image::Elsewhere };
    let Some((_, data)) = rest.split_once(";base64,") else { return Image::Refused };
    let data: String = data.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).ok();
    bytes.and_then(|bytes| guard::picture(bytes, "")).map_or(Image::Refused, Image::Found)
}

/// Hands tokens to the reader.
struct Sink<'a> {
    reader: RefCell<Reader<'a>>,
    xml: bool,
}

impl TokenSink for Sink<'_> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reader = self.reader.borrow_mut();
        match token {
            Token::CharacterTokens(text) => reader.text(&text),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let whole = tag.self_closing && self.xml;
                let name = tag.name.to_string();
                reader.start(&name, &tag, whole);
                if !whole {
                    return raw(&name, self.xml);
                }
            }
            Token::TagToken(tag) => reader.end_tag(&tag.name),
            Token::DoctypeToken(_)
            | Token::CommentToken(_)
            | Token::NullCharacterToken
            | Token::EOFToken
            | Token::ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.xml
    }
}

/// Elements whose content is no markup.
fn raw(name: &str, xml: bool) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" => TokenSinkResult::RawData(RawKind::Rawtext),
        _ if xml => TokenSinkResult::Continue,
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "iframe" | "noembed" | "noframes" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}
