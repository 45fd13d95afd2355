//! WebP: RIFF chunks of a name, a length and content, to an even length (RFC 9649).

use super::{Bytes, CleanImage, ImageFault, ImageKind, array_at, bounded};

/// What is needed to draw it. Not `EXIF`, not `XMP `, nothing unknown.
const KEPT: [&[u8; 4]; 7] = [b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Flags of `VP8X` that promise Exif and XMP.
const PROMISES: u8 = 0x0c;
/// Bytes of a frame before its chunks.
const FRAME_HEAD: usize = 16;

pub(super) fn clean(bytes: &[u8]) -> Result<CleanImage, ImageFault> {
    let length = usize::try_from(u32::from_le_bytes(array_at(bytes, 4)?));
    let end = length.ok().and_then(|length| length.checked_add(8)).ok_or(ImageFault::Damaged)?;
    let body = bytes.get(12..end).ok_or(ImageFault::Damaged)?;
    let mut found = Found::default();
    let chunks = chunks(body, &KEPT, &mut found)?;
    let (width, height) =
        found.canvas.or(found.picture).filter(|_| found.drawn).ok_or(ImageFault::Damaged)?;
    let mut out = b"RIFF".to_vec();
    let length = u32::try_from(chunks.len() + 4).map_err(|_| ImageFault::TooLong)?;
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(b"WEBP");
    out.extend_from_slice(&chunks);
    Ok(CleanImage { kind: ImageKind::Webp, width, height, bytes: out })
}

/// What the chunks say.
#[derive(Default)]
struct Found {
    /// The size of all of it, where it has several parts.
    canvas: Option<(u32, u32)>,
    /// The size of the first part.
    picture: Option<(u32, u32)>,
    drawn: bool,
}

/// The chunks that are on the list, cleaned.
fn chunks(body: &[u8], kept: &[&[u8; 4]], found: &mut Found) -> Result<Vec<u8>, ImageFault> {
    let mut input = Bytes::new(body);
    let mut out = Vec::with_capacity(body.len());
    while !input.is_done() {
        let name: [u8; 4] = input.array()?;
        let length = usize::try_from(u32::from_le_bytes(input.array()?));
        let length = length.map_err(|_| ImageFault::Damaged)?;
        let content = input.take(length)?;
        if length % 2 == 1 && !input.is_done() {
            input.byte()?;
        }
        if !kept.contains(&&name) {
            continue;
        }
        match &name {
            b"VP8X" => {
                let mut head: [u8; 10] = array_at(content, 0)?;
                head[0] &= !PROMISES;
                found.canvas = Some(bounded(three(content, 4)? + 1, three(content, 7)? + 1)?);
                chunk(&mut out, &name, &head);
            }
            b"ANMF" => {
                bounded(three(content, 6)? + 1, three(content, 9)? + 1)?;
                let (head, inside) =
                    content.split_at_checked(FRAME_HEAD).ok_or(ImageFault::Damaged)?;
                let inside = chunks(inside, &[b"VP8 ", b"VP8L", b"ALPH"], found)?;
                chunk(&mut out, &name, &[head, &inside].concat());
            }
            b"VP8 " | b"VP8L" => {
                let size = if &name == b"VP8 " { lossy(content)? } else { lossless(content)? };
                found.picture.get_or_insert(bounded(size.0, size.1)?);
                found.drawn = true;
                chunk(&mut out, &name, content);
            }
            _ => chunk(&mut out, &name, content),
        }
    }
    Ok(out)
}

fn chunk(out: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    // It came out of a chunk that was no shorter.
    let length = u32::try_from(content.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(name);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(content);
    if content.len() % 2 == 1 {
        out.push(0);
    }
}

/// Three bytes, the lowest first.
fn three(content: &[u8], at: usize) -> Result<u32, ImageFault> {
    let [low, middle, high] = array_at(content, at)?;
    Ok(u32::from_le_bytes([low, middle, high, 0]))
}

/// The size of a lossy picture (RFC 6386, section 9.1): behind three bytes and the start code, 14 bits each.
fn lossy(content: &[u8]) -> Result<(u32, u32), ImageFault> {
    if content.get(3..6) != Some(b"\x9d\x01\x2a") {
        return Err(ImageFault::Damaged);
    }
    let size =
        |at| array_at(content, at).map(|found| u32::from(u16::from_le_bytes(found) & 0x3fff));
    Ok((size(6)?, size(8)?))
}

/// The size of a lossless picture (RFC 9649, section 3.4): behind one byte, 14 bits each, less one.
fn lossless(content: &[u8]) -> Result<(u32, u32), ImageFault> {
    if content.first() != Some(&0x2f) {
        return Err(ImageFault::Damaged);
    }
    let bits = u32::from_le_bytes(array_at(content, 1)?);
    Ok(((bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1))
}
