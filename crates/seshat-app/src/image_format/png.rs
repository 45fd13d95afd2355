//! PNG: chunks of a length, a name, content and a checksum (W3C, Portable Network Graphics, third edition).

use super::{Bytes, CleanImage, ImageFault, ImageKind, array_at, bounded};

pub(super) const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What is needed to draw it: the picture, its colours and its frames. Not `eXIf`, `tEXt`, `zTXt`, `iTXt`, `tIME`.
const KEPT: [&[u8; 4]; 16] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT",
    b"bKGD", b"pHYs", b"cICP", b"acTL", b"fcTL", b"fdAT",
];

pub(super) fn clean(bytes: &[u8]) -> Result<CleanImage, ImageFault> {
    let mut input = Bytes::new(bytes);
    let mut out = input.take(SIGNATURE.len())?.to_vec();
    let mut size = None;
    let mut drawn = false;
    loop {
        let start = input.at;
        let length = usize::try_from(u32::from_be_bytes(input.array()?));
        let name: [u8; 4] = input.array()?;
        let content = input.take(length.map_err(|_| ImageFault::Damaged)?)?;
        input.take(4)?;
        match (&name, size) {
            (b"IHDR", None) if content.len() == 13 => {
                let width = u32::from_be_bytes(array_at(content, 0)?);
                let height = u32::from_be_bytes(array_at(content, 4)?);
                size = Some(bounded(width, height)?);
            }
            // The head comes first, and once.
            (b"IHDR", _) | (_, None) => return Err(ImageFault::Damaged),
            (b"IDAT", _) => drawn = true,
            // A frame has a size of its own.
            (b"fcTL", _) => {
                let width = u32::from_be_bytes(array_at(content, 4)?);
                bounded(width, u32::from_be_bytes(array_at(content, 8)?))?;
            }
            _ => {}
        }
        if KEPT.contains(&&name) {
            out.extend_from_slice(input.since(start));
        }
        if &name == b"IEND" {
            break;
        }
    }
    let (width, height) = size.filter(|_| drawn).ok_or(ImageFault::Damaged)?;
    Ok(CleanImage { kind: ImageKind::Png, width, height, bytes: out })
}
