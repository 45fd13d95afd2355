//! GIF: a head, and blocks behind each other (CompuServe, Graphics Interchange Format, version 89a).

use super::{Bytes, CleanImage, ImageFault, ImageKind, array_at, bounded};

const EXTENSION: u8 = 0x21;
const PICTURE: u8 = 0x2c;
const END: u8 = 0x3b;
const CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

pub(super) fn clean(bytes: &[u8]) -> Result<CleanImage, ImageFault> {
    let mut input = Bytes::new(bytes);
    let head: [u8; 13] = input.array()?;
    let width = u32::from(u16::from_le_bytes(array_at(&head, 6)?));
    let height = u32::from(u16::from_le_bytes(array_at(&head, 8)?));
    let (width, height) = bounded(width, height)?;
    input.take(colours(head[10]))?;
    let mut out = input.since(0).to_vec();
    let mut drawn = false;
    loop {
        let start = input.at;
        match input.byte()? {
            END => break,
            EXTENSION => {
                let label = input.byte()?;
                let name = input.at;
                sub_blocks(&mut input)?;
                // How long a frame stands and what lies behind it; how often all of them are shown.
                let kept = match label {
                    CONTROL => true,
                    APPLICATION => {
                        let said = input.since(name);
                        said.starts_with(b"\x0bNETSCAPE2.0") || said.starts_with(b"\x0bANIMEXTS1.0")
                    }
                    _ => false,
                };
                if kept {
                    out.extend_from_slice(input.since(start));
                }
            }
            PICTURE => {
                let frame: [u8; 9] = input.array()?;
                let size = |at| array_at(&frame, at).map(u16::from_le_bytes).map(u32::from);
                bounded(size(4)?, size(6)?)?;
                input.take(colours(frame[8]))?;
                input.byte()?;
                sub_blocks(&mut input)?;
                out.extend_from_slice(input.since(start));
                drawn = true;
            }
            _ => return Err(ImageFault::Damaged),
        }
    }
    out.push(END);
    if !drawn {
        return Err(ImageFault::Damaged);
    }
    Ok(CleanImage { kind: ImageKind::Gif, width, height, bytes: out })
}

/// Bytes of the table of colours that these flags announce.
fn colours(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// Blocks of a length and so many bytes, up to one of length 0.
fn sub_blocks(input: &mut Bytes<'_>) -> Result<(), ImageFault> {
    loop {
        match input.byte()? {
            0 => return Ok(()),
            length => input.take(usize::from(length))?,
        };
    }
}
