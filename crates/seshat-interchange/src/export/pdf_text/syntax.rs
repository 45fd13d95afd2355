//! The values that PDF files, their pages and their lists of characters are written in.
//!
//! **Invariants:** reading never fails and never goes back: every call takes at least one byte or ends, so that a hostile
//! file costs no more than its length. Values that lie too deep, and more values than a budget allows, are left out.

/// Lists in lists at most.
const DEEPEST: usize = 32;

/// Entries of a dictionary at most: it is looked through from its beginning.
const MOST_ENTRIES: usize = 1024;

/// One value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// A whole number, not below zero.
    Number(u32),
    /// Any other number.
    Fraction(f32),
    /// A name, as it is written.
    Name(Vec<u8>),
    /// Bytes that are a text, or codes of a font.
    Text(Vec<u8>),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name.
    Dict(Vec<(Vec<u8>, Value)>),
    /// Another object of the file, by its number.
    Object(u32),
    /// What is no value: an operator, a keyword, a stray bracket.
    Word(Vec<u8>),
}

impl Value {
    /// What a dictionary has under a name.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        let Self::Dict(entries) = self else { return None };
        entries.iter().find(|(key, _)| key == name.as_bytes()).map(|(_, value)| value)
    }

    pub(super) fn number(&self) -> Option<usize> {
        let Self::Number(number) = self else { return None };
        usize::try_from(*number).ok()
    }

    pub(super) fn is_name(&self, name: &str) -> bool {
        matches!(self, Self::Name(it) if it == name.as_bytes())
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        matches!(self, Self::Word(it) if it == word.as_bytes())
    }

    /// Whether a dictionary says that it is one of a type.
    pub(super) fn is_a(&self, name: &str) -> bool {
        self.get("Type").is_some_and(|it| it.is_name(name))
    }
}

/// Reads values one after the other.
pub(super) struct Values<'a> {
    bytes: &'a [u8],
    /// Where the next value is looked for.
    pub(super) at: usize,
    /// How many values are still read.
    pub(super) left: usize,
}

impl<'a> Values<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize, left: usize) -> Self {
        Self { bytes, at, left }
    }

    /// The next value; none at the end, or when the budget is used up.
    pub(super) fn next(&mut self) -> Option<Value> {
        self.value(0)
    }

    /// Goes behind a keyword, if that is next.
    pub(super) fn skip_word(&mut self, word: &str) -> bool {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        // A few spaces only: whoever looks for this in vain comes back here.
        let space = rest.iter().take(8).take_while(|byte| is_space(**byte)).count();
        let found = rest.get(space..).is_some_and(|rest| rest.starts_with(word.as_bytes()));
        self.at += if found { space + word.len() } else { 0 };
        found
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.at + ahead).copied()
    }

    fn skip_space(&mut self) {
        while let Some(byte) = self.peek(0) {
            if byte == b'%' {
                while self.peek(0).is_some_and(|byte| !matches!(byte, b'\n' | b'\r')) {
                    self.at += 1;
                }
            } else if is_space(byte) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    fn value(&mut self, depth: usize) -> Option<Value> {
        self.skip_space();
        let first = self.peek(0)?;
        self.left = self.left.checked_sub(1)?;
        self.at += 1;
        Some(match (first, self.peek(0)) {
            (b'/', _) => Value::Name(self.run().to_vec()),
            (b'(', _) => Value::Text(self.literal()),
            (b'<', Some(b'<')) => {
                self.at += 1;
                Value::Dict(pairs(self.group(">>", depth)))
            }
            (b'<', _) => Value::Text(self.hexadecimal()),
            (b'[', _) => Value::List(self.group("]", depth)),
            (b'>', Some(b'>')) => {
                self.at += 1;
                Value::Word(b">>".to_vec())
            }
            (byte, _) if is_sign(byte) => Value::Word(vec![byte]),
            _ => {
                self.at -= 1;
                number_or_word(self.run())
            }
        })
    }

    /// What is neither space nor a sign.
    fn run(&mut self) -> &'a [u8] {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        let end = rest.iter().position(|byte| is_space(*byte) || is_sign(*byte));
        let run = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at += run.len();
        run
    }

    /// Values up to a closing bracket.
    fn group(&mut self, end: &str, depth: usize) -> Vec<Value> {
        let mut values = Vec::new();
        if depth >= DEEPEST {
            return values;
        }
        while let Some(value) = self.value(depth + 1) {
            if value.is_word(end) {
                break;
            }
            if let (true, [.., Value::Number(object), Value::Number(_)]) =
                (value.is_word("R"), values.as_slice())
            {
                let object = *object;
                values.truncate(values.len() - 2);
                values.push(Value::Object(object));
            } else {
                values.push(value);
            }
        }
        values
    }

    /// A text in round brackets, behind the first.
    fn literal(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut open = 1_usize;
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            match byte {
                b'\\' => self.escaped(&mut text),
                b')' if open == 1 => return text,
                b')' => open -= 1,
                b'(' => open += 1,
                _ => {}
            }
            if byte != b'\\' {
                text.push(byte);
            }
        }
        text
    }

    fn escaped(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.peek(0) else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'\n' => {}
            b'\r' => self.at += usize::from(self.peek(0) == Some(b'\n')),
            b'0'..=b'7' => {
                let mut code = byte - b'0';
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek(0) else { break };
                    self.at += 1;
                    code = code.wrapping_mul(8).wrapping_add(digit - b'0');
                }
                text.push(code);
            }
            other => text.push(other),
        }
    }

    /// A text in hexadecimal digits, behind its bracket.
    fn hexadecimal(&mut self) -> Vec<u8> {
        let mut digits = Vec::new();
        while let Some(byte) = self.peek(0) {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let digit = char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
            digits.extend(digit);
        }
        let byte = |pair: &[u8]| match pair {
            [high, low] => high << 4 | low,
            [high] => high << 4,
            _ => 0,
        };
        digits.chunks(2).map(byte).collect()
    }
}

fn pairs(values: Vec<Value>) -> Vec<(Vec<u8>, Value)> {
    let mut values = values.into_iter();
    let mut entries = Vec::new();
    while let Some(key) = values.next() {
        let Value::Name(key) = key else { continue };
        let Some(value) = values.next() else { break };
        if entries.len() < MOST_ENTRIES {
            entries.push((key, value));
        }
    }
    entries
}

fn number_or_word(run: &[u8]) -> Value {
    let text = std::str::from_utf8(run).unwrap_or_default();
    if let Ok(number) = text.parse() {
        Value::Number(number)
    } else if run.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'+' | b'-' | b'.')) {
        Value::Fraction(text.parse().unwrap_or_default())
    } else {
        Value::Word(run.to_vec())
    }
}

pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_sign(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}
