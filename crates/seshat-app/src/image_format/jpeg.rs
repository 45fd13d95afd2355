//! JPEG: segments behind markers, and the picture's own bits behind each `SOS` (ITU-T T.81, annex B).
//!
//! Of Exif one number is kept, which way up the picture is, because without it photographs lie on their side.

use super::{Bytes, CleanImage, ImageFault, ImageKind, array_at, bounded};

pub(super) const SIGNATURE: &[u8] = b"\xff\xd8\xff";

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;

const EXIF: &[u8] = b"Exif\0\0";
/// The tag of a picture's orientation (Exif 2.32, 4.6.4).
const ORIENTATION: u16 = 0x0112;

pub(super) fn clean(bytes: &[u8]) -> Result<CleanImage, ImageFault> {
    let mut input = Bytes::new(bytes);
    input.take(2)?;
    let mut parts = Vec::with_capacity(bytes.len());
    let mut size = None;
    let mut turned = 1;
    let mut drawn = false;
    loop {
        let marker = marker(&mut input)?;
        if marker == EOI {
            break;
        }
        let length = usize::from(u16::from_be_bytes(input.array()?));
        let content = input.take(length.checked_sub(2).ok_or(ImageFault::Damaged)?)?;
        match marker {
            // The frame; 0xc4, 0xc8 and 0xcc are no frames.
            0xc0..=0xc3 | 0xc5..=0xc7 | 0xc9..=0xcb | 0xcd..=0xcf if size.is_none() => {
                let height = u16::from_be_bytes(array_at(content, 1)?);
                let width = u16::from_be_bytes(array_at(content, 3)?);
                size = Some(bounded(u32::from(width), u32::from(height))?);
                segment(&mut parts, marker, content);
            }
            // Tables.
            0xc4 | 0xcc | 0xdb | 0xdd => segment(&mut parts, marker, content),
            SOS if size.is_some() => {
                segment(&mut parts, marker, content);
                parts.extend_from_slice(scan(&mut input));
                drawn = true;
            }
            APP0 => {
                // Without the small picture that may lie in it.
                let head = content.get(..12).filter(|head| head.starts_with(b"JFIF\0"));
                if let Some(head) = head {
                    segment(&mut parts, marker, &[head, &[0, 0]].concat());
                }
            }
            APP1 => turned = content.strip_prefix(EXIF).and_then(orientation).unwrap_or(turned),
            APP2 if content.starts_with(b"ICC_PROFILE\0") => {
                segment(&mut parts, marker, content);
            }
            APP14 if content.starts_with(b"Adobe") => {
                segment(&mut parts, marker, content.get(..12).unwrap_or(content));
            }
            // Everything else that applications leave, and comments.
            0xe3..=0xef | APP2 | 0xf0..=0xfe => {}
            _ => return Err(ImageFault::Damaged),
        }
    }
    let (width, height) = size.filter(|_| drawn).ok_or(ImageFault::Damaged)?;
    let mut out = vec![0xff, SOI];
    if (2..=8).contains(&turned) {
        segment(&mut out, APP1, &turned_by(turned));
    }
    out.extend_from_slice(&parts);
    out.extend_from_slice(&[0xff, EOI]);
    let (width, height) = if turned >= 5 { (height, width) } else { (width, height) };
    Ok(CleanImage { kind: ImageKind::Jpeg, width, height, bytes: out })
}

/// The next marker; it may have any number of bytes 0xff before it.
fn marker(input: &mut Bytes<'_>) -> Result<u8, ImageFault> {
    if input.byte()? != 0xff {
        return Err(ImageFault::Damaged);
    }
    loop {
        match input.byte()? {
            0xff => {}
            marker => return Ok(marker),
        }
    }
}

fn segment(out: &mut Vec<u8>, marker: u8, content: &[u8]) {
    // It came out of a segment of the same length, or is shorter.
    let length = u16::try_from(content.len() + 2).unwrap_or(u16::MAX);
    out.extend_from_slice(&[0xff, marker]);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(content);
}

/// The bits of a scan, up to the next marker that is not one of those inside a scan.
fn scan<'a>(input: &mut Bytes<'a>) -> &'a [u8] {
    let start = input.at;
    let rest = input.all.get(start..).unwrap_or_default();
    let inside = |next: u8| next == 0 || (0xd0..=0xd7).contains(&next);
    let mut at = 0;
    loop {
        let Some(found) = rest.get(at..).and_then(|rest| rest.iter().position(|it| *it == 0xff))
        else {
            // There is no end: what reads the next marker says so.
            input.at = input.all.len();
            return input.since(start);
        };
        at += found;
        match rest.get(at + 1) {
            Some(next) if inside(*next) => at += 2,
            Some(0xff) => at += 1,
            _ => {
                input.at = start + at;
                return input.since(start);
            }
        }
    }
}

/// Which way up a picture is, from 1 to 8, out of a TIFF.
fn orientation(tiff: &[u8]) -> Option<u8> {
    let big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes = array_at(tiff, at).ok()?;
        Some(if big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let long = |at: usize| {
        let bytes = array_at(tiff, at).ok()?;
        Some(if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    };
    let list = usize::try_from(long(4)?).ok()?;
    let count = usize::from(short(list)?);
    let entry = (0..count)
        .map(|number| list.saturating_add(2 + 12 * number))
        .find(|at| short(*at) == Some(ORIENTATION))?;
    u8::try_from(short(entry.saturating_add(8))?).ok().filter(|it| (1..=8).contains(it))
}

/// The smallest Exif that says which way up a picture is.
fn turned_by(orientation: u8) -> Vec<u8> {
    let mut exif = EXIF.to_vec();
    exif.extend_from_slice(b"MM\0*");
    exif.extend_from_slice(&8_u32.to_be_bytes());
    exif.extend_from_slice(&1_u16.to_be_bytes());
    exif.extend_from_slice(&ORIENTATION.to_be_bytes());
    exif.extend_from_slice(&3_u16.to_be_bytes());
    exif.extend_from_slice(&1_u32.to_be_bytes());
    exif.extend_from_slice(&[0, orientation, 0, 0]);
    exif.extend_from_slice(&0_u32.to_be_bytes());
    exif
}
