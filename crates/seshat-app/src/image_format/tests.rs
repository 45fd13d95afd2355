//! What is kept of pictures, and what hostile ones come to.

use proptest::prelude::*;

use super::{ImageFault, ImageKind, MOST_BYTES, clean};

const JPEG: &[u8] = include_bytes!("samples/turned.jpg");
const PNG: &[u8] = include_bytes!("samples/plain.png");
const WEBP: &[u8] = include_bytes!("samples/plain.webp");
const GIF: &[u8] = include_bytes!("samples/frames.gif");

/// What must never be found in what is kept.
const SECRETS: [&[u8]; 4] = [b"written at home", b"51.5007 N", b"Lady's phone", b"<x:xmpmeta"];

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

fn holds_no_secret(bytes: &[u8]) {
    for secret in SECRETS {
        assert!(!has(bytes, secret), "{}", String::from_utf8_lossy(secret));
    }
}

/// A JPEG segment.
fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker], &length[..], content].concat()
}

/// An Exif segment as a telephone writes it: the maker, which way up, and where (as text, to find it by).
fn exif(orientation: u8) -> Vec<u8> {
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend_from_slice(&[0x0f, 0x01, 2, 0, 13, 0, 0, 0, 38, 0, 0, 0]);
    tiff.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]);
    tiff.extend_from_slice(b"\0\0\0\0Lady's phone\x0051.5007 N");
    segment(0xe1, &[b"Exif\0\0", &tiff[..]].concat())
}

/// A photograph with everything that tells on its author.
fn photograph(orientation: u8) -> Vec<u8> {
    let xmp = segment(0xe1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>51.5007 N</x:xmpmeta>");
    let iptc = segment(0xed, b"Photoshop 3.0\0Lady's phone");
    let more = segment(0xe2, b"MPF\0Lady's phone");
    let behind = b"\xff\xd8\xff51.5007 N, a film of the second before";
    [&JPEG[..2], &exif(orientation), &xmp, &iptc, &more, &JPEG[2..], behind].concat()
}

/// A PNG chunk; its checksum is for whoever draws it.
fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    [&length[..], name, content, &[0; 4]].concat()
}

/// A PNG whose head says so many pixels and whose picture is a few bytes.
fn bomb(width: u32, height: u32) -> Vec<u8> {
    let head = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let chunks = [chunk(b"IHDR", &head), chunk(b"IDAT", &[0; 9]), chunk(b"IEND", b"")].concat();
    [&b"\x89PNG\r\n\x1a\n"[..], &chunks].concat()
}

#[test]
fn of_a_photograph_the_picture_stays_and_which_way_up_it_is() {
    for (orientation, size) in [(1, (12, 8)), (3, (12, 8)), (6, (8, 12)), (8, (8, 12))] {
        let cleaned = clean(&photograph(orientation)).unwrap();
        assert_eq!(cleaned.kind, ImageKind::Jpeg);
        assert_eq!((cleaned.width, cleaned.height), size, "{orientation}");
        holds_no_secret(&cleaned.bytes);
        assert_eq!(has(&cleaned.bytes, b"Exif"), orientation > 1, "{orientation}");
        assert!(cleaned.bytes.ends_with(&[0xff, 0xd9]));
        assert!(clean(&cleaned.bytes).unwrap() == cleaned, "what is clean stays as it is");
    }
}

#[test]
fn of_every_format_the_picture_stays_and_what_was_written_beside_it_goes() {
    let text = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta>51.5007 N");
    let exif = chunk(b"eXIf", b"Lady's phone");
    let (head, rest) = PNG.split_at(33);
    let png = [head, &text, &exif, rest, b"51.5007 N"].concat();
    let webp = {
        let canvas = b"VP8X\x0a\0\0\0\x0c\0\0\0\x0b\0\0\x07\0\0";
        let exif = b"EXIF\x0c\0\0\0Lady's phone";
        let body = [b"WEBP", &canvas[..], &WEBP[12..], exif].concat();
        let length = u32::try_from(body.len()).unwrap().to_le_bytes();
        [b"RIFF", &length[..], &body, b"51.5007 N"].concat()
    };
    let gif = {
        let xmp = b"\x21\xff\x0bXMP DataXMP\x0a<x:xmpmeta\x00";
        let (head, rest) = GIF.split_at(13 + 3 * 2);
        assert_eq!(GIF[10] & 0x87, 0x80, "the table of colours is of two");
        [head, xmp, rest, b"51.5007 N"].concat()
    };
    for (kind, bytes) in [(ImageKind::Png, png), (ImageKind::Webp, webp), (ImageKind::Gif, gif)] {
        let cleaned = clean(&bytes).unwrap();
        assert_eq!((cleaned.kind, cleaned.width, cleaned.height), (kind, 12, 8));
        holds_no_secret(&cleaned.bytes);
        assert!(
            clean(&cleaned.bytes).unwrap() == cleaned,
            "{kind:?}: what is clean stays as it is"
        );
    }
    assert!(has(&clean(GIF).unwrap().bytes, b"NETSCAPE2.0"), "it goes on moving");
}

#[test]
fn a_few_bytes_that_would_become_gigabytes_are_refused() {
    for (width, height) in [(12_001, 1), (1, 12_001), (12_000, 12_000), (u32::MAX, u32::MAX)] {
        assert_eq!(clean(&bomb(width, height)).err(), Some(ImageFault::TooManyPixels));
    }
    assert!(clean(&bomb(12_000, 8_333)).is_ok());
    assert_eq!(clean(&bomb(0, 5)).err(), Some(ImageFault::Damaged));
    // A frame that is larger than what its head says.
    let mut gif = GIF.to_vec();
    let frame = gif.iter().rposition(|byte| *byte == 0x2c).unwrap();
    gif[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    assert!(clean(&gif).is_err());
    let mut long = PNG.to_vec();
    long.resize(MOST_BYTES + 1, 0);
    assert_eq!(clean(&long).err(), Some(ImageFault::TooLong));
}

#[test]
fn what_is_no_picture_is_refused_whatever_it_is_called() {
    let svg = br#"<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>"#;
    let html = b"<!doctype html><img src=x onerror=alert(1)>";
    for bytes in
        [&b""[..], svg, html, b"BM\0\0", b"II*\0", b"%PDF-1.7", b"GIF90a", b"RIFF\0\0\0\0WAVE"]
    {
        assert_eq!(clean(bytes).err(), Some(ImageFault::OtherFormat));
    }
}

#[test]
fn a_picture_that_is_cut_anywhere_is_refused() {
    for whole in [JPEG, PNG, WEBP, GIF] {
        let whole = clean(whole).unwrap().bytes;
        for end in 0..whole.len() {
            assert!(clean(&whole[..end]).is_err(), "cut at {end} of {}", whole.len());
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic_and_what_is_kept_never_grows(
        which in 0..4_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = [&photograph(6)[..], PNG, WEBP, GIF][which].to_vec();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Ok(cleaned) = clean(&bytes) {
            prop_assert!(cleaned.bytes.len() <= bytes.len() + 1);
            let again = clean(&cleaned.bytes);
            prop_assert!(again.is_ok_and(|again| again == cleaned));
        }
    }
}
