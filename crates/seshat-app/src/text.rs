//! Between the window's operations and the manuscript's: names become types here, and unfit ones are refused.

use serde::Deserialize;
use serde_json::Value;
use seshat_interchange::{Chapter, markdown};
use seshat_manuscript::{Align, Atom, Block, Mark, Marks, Op, Paragraph, Passage, Piece};

use crate::clock::OsEntropy;
use crate::{Attributes, EditOp, Failure};

/// The exact operations that `edit` asks for. One of the window's operations may be several.
pub(crate) fn ops(edit: &[EditOp]) -> Result<Vec<Op>, Failure> {
    let mut ops = Vec::with_capacity(edit.len());
    for op in edit {
        match op {
            EditOp::Insert { at, text, attributes } => insert(&mut ops, *at, text, attributes)?,
            EditOp::Delete { at, length } => ops.push(Op::Delete { at: *at, len: *length }),
            EditOp::Mark { from, to, key, value } => {
                ops.push(marking(*from, *to, key, value)?);
            }
            EditOp::Note { note, ops: within } => {
                ops.push(Op::Note { note: note.clone(), ops: self::ops(within)? });
            }
        }
    }
    Ok(ops)
}

fn insert(
    ops: &mut Vec<Op>,
    at: usize,
    text: &str,
    attributes: &Attributes,
) -> Result<(), Failure> {
    if let Some(atom) = attributes.get("atom") {
        ops.push(Op::Atom { at, atom: atom_of(atom)? });
        return Ok(());
    }
    ops.push(Op::Insert { at, text: text.to_owned(), marks: Some(marks_of(attributes)?) });
    let block = attributes.get("block").map_or(Ok(Block::Body), parse)?;
    let align: Option<Align> = attributes.get("align").map(parse).transpose()?;
    let mut here = at;
    for character in text.chars() {
        if character == '\n' {
            ops.push(Op::Block { at: here, block });
            ops.push(Op::Align { at: here, align });
        }
        here += character.len_utf16();
    }
    Ok(())
}

fn marking(from: usize, to: usize, key: &str, value: &Value) -> Result<Op, Failure> {
    let mark = match key {
        "block" if value.is_null() => return Ok(Op::Block { at: from, block: Block::Body }),
        "block" => return Ok(Op::Block { at: from, block: parse(value)? }),
        "align" if value.is_null() => return Ok(Op::Align { at: from, align: None }),
        "align" => return Ok(Op::Align { at: from, align: Some(parse(value)?) }),
        "emphasis" => Mark::Emphasis(flag(value)),
        "strong" => Mark::Strong(flag(value)),
        "underline" => Mark::Underline(flag(value)),
        "strike" => Mark::Strike(flag(value)),
        "smallcaps" => Mark::Smallcaps(flag(value)),
        "superscript" => Mark::Superscript(flag(value)),
        "link" => Mark::Link(parse(value)?),
        "language" => Mark::Language(parse(value)?),
        "ruby" => Mark::Ruby(parse(value)?),
        _ => return Err(unfit("a mark that this Seshat does not know")),
    };
    Ok(Op::Mark { from, to, mark })
}

fn flag(value: &Value) -> bool {
    value.as_bool().unwrap_or(false)
}

fn marks_of(attributes: &Attributes) -> Result<Marks, Failure> {
    let marks: Attributes = attributes
        .iter()
        .filter(|(key, _)| !matches!(key.as_str(), "block" | "align" | "atom"))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    parse(&Value::Object(marks))
}

fn atom_of(value: &Value) -> Result<Atom, Failure> {
    match value.get("kind").and_then(Value::as_str) {
        Some("break" | "footnote" | "image") => parse(value),
        _ => Ok(Atom::Unknown { kept: value.clone() }),
    }
}

fn parse<T: for<'de> Deserialize<'de>>(value: &Value) -> Result<T, Failure> {
    T::deserialize(value).map_err(|_| unfit("an attribute with a value that it cannot have"))
}

fn unfit(what: &str) -> Failure {
    Failure::other(format!(
        "An edit holds {what}, so it was not applied; the text before it is saved; open the scene again."
    ))
}

/// The operations of `scene edit --ops`: one JSON array a line, positions in Unicode scalar values.
///
/// # Errors
/// A sentence that names the first line that is no operation.
pub fn parse_ops(lines: &str) -> Result<Vec<Op>, Failure> {
    lines
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(index, line)| {
            parse_op(line).ok_or_else(|| {
                Failure::other(format!(
                    "Line {} of the operations is not one of [\"ins\",POS,\"TEXT\"], [\"del\",POS,LEN], [\"mark\",FROM,TO,NAME,VALUE], [\"block\",POS,KIND]; nothing was changed.",
                    index + 1
                ))
            })
        })
        .collect()
}

fn parse_op(line: &str) -> Option<Op> {
    let fields: Vec<Value> = serde_json::from_str(line).ok()?;
    let position = |index: usize| usize::try_from(fields.get(index)?.as_u64()?).ok();
    match (fields.first()?.as_str()?, fields.len()) {
        ("ins", 3) => {
            Some(Op::Insert { at: position(1)?, text: fields[2].as_str()?.to_owned(), marks: None })
        }
        ("del", 3) => Some(Op::Delete { at: position(1)?, len: position(2)? }),
        ("mark", 5) => marking(position(1)?, position(2)?, fields[3].as_str()?, &fields[4]).ok(),
        ("block", 3) => Some(Op::Block { at: position(1)?, block: parse(&fields[2]).ok()? }),
        _ => None,
    }
}

/// A Markdown text as one scene: what would be a chapter's title is a heading, and what would part scenes is a
/// break.
pub(crate) fn from_markdown(text: &str) -> Passage {
    let chapter = markdown::parse_chapter(text);
    let mut paragraphs = Vec::new();
    if !chapter.title.is_empty() {
        paragraphs.push(Paragraph::new(Block::Heading, &chapter.title));
    }
    for (index, scene) in chapter.scenes.into_iter().enumerate() {
        if index > 0 {
            paragraphs.push(Paragraph::new(Block::Break, ""));
        }
        paragraphs.extend(scene.paragraphs);
    }
    Passage { paragraphs }.normalized()
}

/// A scene as Markdown, without a title.
pub(crate) fn markdown(scene: Passage) -> String {
    markdown::write_chapter(&Chapter { title: String::new(), scenes: vec![scene] })
}

/// Operations that put `added` behind the last paragraph of `text`, or in the place of a text without words.
pub(crate) fn appending(text: &Passage, added: &Passage) -> Result<Vec<Op>, Failure> {
    if text.is_empty() {
        return replacing(text, added);
    }
    let mut ops = Vec::new();
    let mut at = text.flat().chars().count();
    paragraphs(&mut ops, &mut at, &added.paragraphs)?;
    Ok(ops)
}

/// Operations that make `text` into `wanted` and leave alone the paragraphs that both begin and end with.
pub(crate) fn replacing(text: &Passage, wanted: &Passage) -> Result<Vec<Op>, Failure> {
    let (old, new) = (&text.paragraphs[..], &wanted.paragraphs[..]);
    let before = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[before..], &new[before..]);
    let after = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[..old.len() - after], &new[..new.len() - after]);
    let start: usize = text.paragraphs[..before].iter().map(length).sum();
    let end = start + old.iter().map(length).sum::<usize>();
    let mut ops = Vec::new();
    if start > 0 {
        ops.push(Op::Delete { at: start, len: end - start });
        let mut at = start;
        paragraphs(&mut ops, &mut at, new)?;
        return Ok(ops);
    }
    // The first paragraph's newline stays: the new text goes behind it, and the first paragraph takes on what
    // the new first one is. With no new paragraph here, the old text's last newline goes instead.
    let Some((first, rest)) = new.split_first() else {
        return Ok(joining(text, wanted, end));
    };
    if end > 1 {
        ops.push(Op::Delete { at: 1, len: end.max(1) - 1 });
    }
    let mut at = 1;
    dress(&mut ops, 0, first);
    pieces(&mut ops, &mut at, first)?;
    paragraphs(&mut ops, &mut at, rest)?;
    if let (true, Some(follower)) = (old.is_empty(), text.paragraphs.first()) {
        // The newline that stayed was this paragraph's, so it gets one of its own.
        let bare = Paragraph { pieces: Vec::new(), ..follower.clone() };
        paragraphs(&mut ops, &mut at, &[bare])?;
    }
    Ok(ops)
}

/// Removes the first paragraphs up to `end`: the newline that stays is dressed as the paragraph that is first now.
fn joining(text: &Passage, wanted: &Passage, end: usize) -> Vec<Op> {
    let total: usize = text.paragraphs.iter().map(length).sum();
    let len = end.min(total.saturating_sub(1));
    let mut ops = vec![Op::Delete { at: 1, len }];
    dress(&mut ops, 0, wanted.paragraphs.first().unwrap_or(&Paragraph::default()));
    ops
}

fn paragraphs(ops: &mut Vec<Op>, at: &mut usize, added: &[Paragraph]) -> Result<(), Failure> {
    for paragraph in added {
        ops.push(Op::Insert { at: *at, text: "\n".to_owned(), marks: Some(Marks::default()) });
        dress(ops, *at, paragraph);
        *at += 1;
        pieces(ops, at, paragraph)?;
    }
    Ok(())
}

fn dress(ops: &mut Vec<Op>, at: usize, paragraph: &Paragraph) {
    ops.push(Op::Block { at, block: paragraph.block });
    ops.push(Op::Align { at, align: paragraph.align });
}

fn pieces(ops: &mut Vec<Op>, at: &mut usize, paragraph: &Paragraph) -> Result<(), Failure> {
    for piece in &paragraph.pieces {
        let atom = match piece {
            Piece::Text { text, marks } => {
                let marks = Some(marks.clone());
                ops.push(Op::Insert { at: *at, text: text.clone(), marks });
                *at += text.chars().count();
                continue;
            }
            Piece::Break => Atom::Break,
            Piece::Footnote { body } => Atom::Footnote { id: note_id()?, body: body.clone() },
            Piece::Image { hash, alt, width } => {
                Atom::Image { hash: hash.clone(), alt: alt.clone(), width: *width }
            }
            Piece::Unknown { kept } => Atom::Unknown { kept: kept.clone() },
        };
        ops.push(Op::Atom { at: *at, atom });
        *at += 1;
    }
    Ok(())
}

/// Names a footnote as no other laptop will.
fn note_id() -> Result<String, Failure> {
    Ok(seshat_protocol::RecordId(OsEntropy.id()?).to_string())
}

/// Characters of a paragraph in flat text, its newline included.
fn length(paragraph: &Paragraph) -> usize {
    1 + paragraph.flat().chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;
    use seshat_manuscript::{SceneText, Unit};

    fn passages() -> impl Strategy<Value = Passage> {
        let piece = prop_oneof![
            4 => "[a-cא😀]{1,4}".prop_map(Piece::plain),
            1 => Just(Piece::Break),
            1 => "[x-z]{1,3}".prop_map(|text| {
                Piece::Text { text, marks: Marks { emphasis: true, ..Marks::default() } }
            }),
        ];
        let block = prop_oneof![Just(Block::Body), Just(Block::Quote), Just(Block::Heading)];
        let paragraph = (block, prop::collection::vec(piece, 0..3))
            .prop_map(|(block, pieces)| Paragraph { block, align: None, pieces });
        prop::collection::vec(paragraph, 0..5)
            .prop_map(|paragraphs| Passage { paragraphs }.normalized())
    }

    proptest! {
        #[test]
        fn replacing_makes_any_text_into_any_other(old in passages(), new in passages()) {
            let mut scene = SceneText::from_passage(&old, 7);
            scene.apply(&replacing(&scene.passage(), &new).unwrap(), Unit::Scalar).unwrap();
            prop_assert_eq!(scene.passage(), new);
        }

        #[test]
        fn appending_keeps_all_of_both(old in passages(), new in passages()) {
            let mut scene = SceneText::from_passage(&old, 7);
            scene.apply(&appending(&scene.passage(), &new).unwrap(), Unit::Scalar).unwrap();
            let mut both = if old.is_empty() { Vec::new() } else { old.paragraphs };
            both.extend(new.paragraphs);
            prop_assert_eq!(scene.passage(), Passage { paragraphs: both }.normalized());
        }
    }

    fn attributes(value: &Value) -> Attributes {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn an_inserted_paragraph_gets_exactly_the_block_it_was_given() {
        let edit = EditOp::Insert {
            at: 5,
            text: "\n".to_owned(),
            attributes: attributes(&json!({"block": "quote"})),
        };
        let ops = ops(&[edit]).unwrap();
        assert!(ops.contains(&Op::Block { at: 5, block: Block::Quote }), "{ops:?}");
    }

    #[test]
    fn the_newlines_behind_an_emoji_are_found_in_utf_16() {
        let edit =
            EditOp::Insert { at: 1, text: "😀\n".to_owned(), attributes: Attributes::default() };
        let ops = ops(&[edit]).unwrap();
        assert!(ops.contains(&Op::Block { at: 3, block: Block::Body }), "{ops:?}");
    }

    #[test]
    fn unknown_marks_and_blocks_are_refused_in_one_sentence() {
        let mark = EditOp::Mark { from: 1, to: 2, key: "blink".into(), value: json!(true) };
        assert!(ops(&[mark]).is_err());
        let block = EditOp::Mark { from: 0, to: 1, key: "block".into(), value: json!("sidebar") };
        assert!(ops(&[block]).is_err());
    }

    #[test]
    fn script_operations_are_read_line_by_line() {
        let lines = "[\"ins\",1,\"a\\nb\"]\n\n[\"del\",2,3]\n[\"mark\",1,2,\"emphasis\",true]\n[\"block\",0,\"heading\"]\n";
        assert_eq!(parse_ops(lines).unwrap().len(), 4);
        let failure = parse_ops("[\"ins\",1,\"a\"]\n[\"cut\",1]").unwrap_err();
        assert!(failure.message.contains("Line 2"), "{}", failure.message);
    }
}
