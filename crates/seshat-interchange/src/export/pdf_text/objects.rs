//! The objects of a PDF file, found by looking for them.
//!
//! The list of objects at a file's end is not read: programs that save a file again, damage and cut-off files make it
//! wrong, and looking for the objects costs one pass.
//!
//! **Invariant:** what is unpacked in all, and how many values are kept, is bounded.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;

use super::syntax::{Value, Values, is_space};

/// What is unpacked in all: more than the pages of any novel.
const MOST_UNPACKED: usize = 128 << 20;

/// What is unpacked of one object.
const MOST_OF_ONE: usize = 16 << 20;

/// Values that are kept: some millions are a tagged book of a thousand pages.
const MOST_VALUES: usize = 6 << 20;

/// Objects that stand for others, one behind another.
const LONGEST: usize = 8;

/// One object.
struct Object {
    value: Value,
    /// Where its bytes lie in the file, if it has some.
    bytes: Option<(usize, usize)>,
}

/// All objects of a file.
pub(super) struct Objects<'a> {
    file: &'a [u8],
    by_number: BTreeMap<u32, Object>,
    unpacked: Cell<usize>,
}

impl<'a> Objects<'a> {
    pub(super) fn new(file: &'a [u8]) -> Self {
        let mut objects = Self { file, by_number: BTreeMap::new(), unpacked: Cell::new(0) };
        let mut left = MOST_VALUES;
        objects.find(&mut left);
        let packed =
            |(number, object): (&u32, &Object)| object.value.is_a("ObjStm").then_some(*number);
        let packed: Vec<u32> = objects.by_number.iter().filter_map(packed).collect();
        for number in packed {
            objects.unpack(number, &mut left);
        }
        objects
    }

    fn find(&mut self, left: &mut usize) {
        let mut at = 0;
        let (object, end) = (memmem::Finder::new("obj"), memmem::Finder::new("endstream"));
        while let Some(found) = object.find(self.file.get(at..).unwrap_or_default()) {
            let before = self.file.get(..at + found).unwrap_or_default();
            at += found + 3;
            let Some(number) = number_before(before) else { continue };
            let mut values = Values::new(self.file, at, *left);
            let Some(value) = values.next() else { return };
            (at, *left) = (values.at, values.left);
            let mut bytes = None;
            if values.skip_word("stream") {
                let start = values.at + line_end(self.file.get(values.at..).unwrap_or_default());
                let rest = self.file.get(start..).unwrap_or_default();
                let said = value.get("Length").and_then(Value::number);
                let length = said.filter(|length| ends(rest, *length));
                let length = length.or_else(|| end.find(rest)).unwrap_or(rest.len());
                at = start + length;
                bytes = Some((start, length));
            }
            self.by_number.insert(number, Object { value, bytes });
        }
    }

    /// Adds the objects that lie packed in another.
    fn unpack(&mut self, number: u32, left: &mut usize) {
        let Some(object) = self.by_number.get(&number) else { return };
        let get = |name| object.value.get(name).and_then(Value::number);
        let (Some(count), Some(first)) = (get("N"), get("First")) else { return };
        let Some(bytes) = self.bytes(number) else { return };
        let mut heads = Values::new(&bytes, 0, *left);
        let mut behind = 0;
        for _ in 0..count {
            let (Some(Value::Number(number)), Some(offset)) =
                (heads.next(), heads.next().and_then(|offset| offset.number()))
            else {
                return;
            };
            let at = first.saturating_add(offset);
            // In order, so that nothing is read twice.
            if at < behind {
                continue;
            }
            let mut values = Values::new(&bytes, at, *left);
            let Some(value) = values.next() else { return };
            (behind, *left) = (values.at, values.left);
            self.by_number.entry(number).or_insert(Object { value, bytes: None });
        }
    }

    /// Objects of a type, in the order of their numbers.
    pub(super) fn of_type(&self, name: &str) -> Vec<u32> {
        let is_one = |(number, object): (&u32, &Object)| object.value.is_a(name).then_some(*number);
        self.by_number.iter().filter_map(is_one).collect()
    }

    /// What an object is.
    pub(super) fn value(&self, number: u32) -> Option<&Value> {
        self.by_number.get(&number).map(|object| &object.value)
    }

    /// A value, or what the object is that it names.
    pub(super) fn resolved<'b>(&'b self, mut value: &'b Value) -> Option<&'b Value> {
        for _ in 0..LONGEST {
            let Value::Object(number) = value else { return Some(value) };
            value = self.value(*number)?;
        }
        None
    }

    /// What a dictionary has under a name, looked up.
    pub(super) fn get<'b>(&'b self, dict: &'b Value, name: &str) -> Option<&'b Value> {
        dict.get(name).and_then(|value| self.resolved(value))
    }

    /// The bytes of an object, unpacked; none when it has none, when they are packed in another way than deflated, or
    /// when enough was unpacked.
    pub(super) fn bytes(&self, number: u32) -> Option<Vec<u8>> {
        let object = self.by_number.get(&number)?;
        let (start, length) = object.bytes?;
        let packed = self.file.get(start..start.checked_add(length)?)?;
        let filter = match self.get(&object.value, "Filter") {
            Some(Value::List(filters)) if filters.len() < 2 => filters.first(),
            other => other,
        };
        let most = MOST_OF_ONE.min(MOST_UNPACKED.checked_sub(self.unpacked.get())?);
        let mut bytes = Vec::new();
        match filter {
            None => bytes.extend(packed.iter().take(most)),
            Some(filter) if filter.is_name("FlateDecode") && is_plain(&object.value) => {
                let most = u64::try_from(most).ok()?;
                // What was read before an error still counts: a damaged file may name its recipient.
                let _read = ZlibDecoder::new(packed).take(most).read_to_end(&mut bytes);
            }
            Some(_) => return None,
        }
        // An empty one costs something too.
        self.unpacked.set(self.unpacked.get().saturating_add(bytes.len().max(64)));
        Some(bytes)
    }
}

/// Whether the packed bytes are the bytes themselves and not differences between them.
fn is_plain(object: &Value) -> bool {
    object.get("DecodeParms").is_none_or(|how| how.get("Predictor").is_none())
}

/// The number of the object that begins behind `before`: two whole numbers, of which it is the first.
fn number_before(before: &[u8]) -> Option<u32> {
    let trimmed = |bytes: &'_ [u8]| {
        let end = bytes.iter().rposition(|byte| !is_space(*byte));
        end.map_or(0, |end| end + 1)
    };
    let digits = |bytes: &[u8]| {
        let most = bytes.iter().rev().take(10);
        most.take_while(|byte| byte.is_ascii_digit()).count()
    };
    // As much as is needed, so that a file full of spaces costs nothing.
    let before = before.get(before.len().saturating_sub(32)..)?;
    let before = before.get(..trimmed(before))?;
    let generation = digits(before);
    let rest = before.get(..before.len() - generation)?;
    let end = trimmed(rest);
    if generation == 0 || end == rest.len() {
        return None;
    }
    let rest = rest.get(..end)?;
    let number = rest.get(end - digits(rest)..)?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// How long the end of the line is that `rest` begins with.
fn line_end(rest: &[u8]) -> usize {
    match rest {
        [b'\r', b'\n', ..] => 2,
        [b'\n' | b'\r', ..] => 1,
        _ => 0,
    }
}

/// Whether the bytes of an object end after `length`.
fn ends(rest: &[u8], length: usize) -> bool {
    let Some(behind) = rest.get(length..) else { return false };
    let word = behind.iter().position(|byte| !is_space(*byte)).unwrap_or(0);
    word < 4 && behind.get(word..).is_some_and(|word| word.starts_with(b"endstream"))
}
