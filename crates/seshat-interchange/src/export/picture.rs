//! Pictures of an edition: which of them are there, of which kind, how large.

use std::collections::BTreeMap;

/// A picture that a format can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Picture<'a> {
    /// Its file.
    pub(super) bytes: &'a [u8],
    /// `image/png` and the like.
    pub(super) media: &'static str,
    /// The usual ending of its name.
    pub(super) ending: &'static str,
}

impl<'a> Picture<'a> {
    /// The picture in `bytes`, by its first bytes; `None` for what is no picture of a known kind.
    pub(crate) fn of(bytes: &'a [u8]) -> Option<Self> {
        let (media, ending) = match bytes {
            [0x89, b'P', b'N', b'G', ..] => ("image/png", "png"),
            [0xff, 0xd8, 0xff, ..] => ("image/jpeg", "jpg"),
            [b'G', b'I', b'F', b'8', ..] => ("image/gif", "gif"),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => {
                ("image/webp", "webp")
            }
            _ if is_svg(bytes) => ("image/svg+xml", "svg"),
            _ => return None,
        };
        Some(Self { bytes, media, ending })
    }

    /// Width and height in its own points; `None` where the file does not say.
    pub(crate) fn size(&self) -> Option<(u32, u32)> {
        let number = |at: usize| {
            let bytes = self.bytes.get(at..at + 4)?;
            Some(u32::from_be_bytes(bytes.try_into().ok()?))
        };
        let small = |at: usize| {
            let bytes = self.bytes.get(at..at + 2)?;
            Some(u32::from(u16::from_le_bytes(bytes.try_into().ok()?)))
        };
        let size = match self.ending {
            "png" => (number(16)?, number(20)?),
            "gif" => (small(6)?, small(8)?),
            "jpg" => jpeg_size(self.bytes)?,
            _ => return None,
        };
        Some(size)
            .filter(|(width, height)| (1..65536).contains(width) && (1..65536).contains(height))
    }
}

fn is_svg(bytes: &[u8]) -> bool {
    let head = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    let head = String::from_utf8_lossy(head);
    head.trim_start_matches('\u{feff}').trim_start().starts_with('<') && head.contains("<svg")
}

/// The size in the first frame header (ITU T.81, B.2.2).
fn jpeg_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let word = |at: usize| {
        let pair = bytes.get(at..at + 2)?;
        Some(u16::from_be_bytes(pair.try_into().ok()?))
    };
    let mut at = 2;
    loop {
        let marker = word(at)?;
        let is_frame =
            (0xffc0..=0xffcf).contains(&marker) && !matches!(marker, 0xffc4 | 0xffc8 | 0xffcc);
        if is_frame {
            return Some((u32::from(word(at + 7)?), u32::from(word(at + 5)?)));
        }
        if marker < 0xff00 {
            return None;
        }
        at += 2 + usize::from(word(at + 2)?.max(2));
    }
}

/// The pictures that an edition shows, each with a name for its file.
pub(super) struct Pictures<'a> {
    all: &'a BTreeMap<String, Vec<u8>>,
    used: BTreeMap<&'a str, (String, Picture<'a>)>,
}

impl<'a> Pictures<'a> {
    pub(super) fn new(all: &'a BTreeMap<String, Vec<u8>>) -> Self {
        Self { all, used: BTreeMap::new() }
    }

    /// The picture with its file's name, `image-1.png`; `None` when it is not there or of no known kind.
    pub(super) fn find(&mut self, name: &str) -> Option<(String, Picture<'a>)> {
        let (name, bytes) = self.all.get_key_value(name)?;
        let picture = Picture::of(bytes)?;
        let next = self.used.len() + 1;
        let used = self.used.entry(name);
        Some(used.or_insert_with(|| (format!("image-{next}.{}", picture.ending), picture)).clone())
    }

    /// Those that were asked for.
    pub(super) fn used(&self) -> impl Iterator<Item = &(String, Picture<'a>)> {
        self.used.values()
    }
}
