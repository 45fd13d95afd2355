//! How wide a picture stands on its page.
//!
//! **Invariant:** a picture that is as wide as it would be by itself has no width of its own, so that it stays so on
//! every page.

use crate::export::picture;
use crate::flow::Picture;

/// Points of a picture in a millimetre: 96 in an inch.
const POINTS: f64 = 96.0 / 25.4;

/// A picture by itself is at most so high, in millimetres.
const HIGHEST: f64 = 200.0;

/// Sizes that differ by less are the same, written by programs that round differently.
const SAME: f64 = 0.5;

/// The width of `picture`, which stands `wide` millimetres wide in a text of `column` millimetres, in hundredths of the
/// column; [`None`] where that is the width that it has by itself.
pub(super) fn share(wide: f64, column: f64, picture: &Picture) -> Option<u8> {
    let is_usual = usual(picture, column).is_some_and(|usual| (usual - wide).abs() < SAME);
    if is_usual { None } else { hundredths(wide / column) }
}

/// A share as hundredths: 1 to 100.
pub(crate) fn hundredths(share: f64) -> Option<u8> {
    let hundredths = (share * 100.0).round();
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a number from 1 to 100"
    )]
    (hundredths >= 1.0).then(|| hundredths.min(100.0) as u8)
}

/// How wide a picture is by itself.
fn usual(picture: &Picture, column: f64) -> Option<f64> {
    let (width, height) = picture::Picture::of(&picture.bytes)?.size()?;
    let (natural, high) = (f64::from(width) / POINTS, f64::from(height) / POINTS);
    let wide = natural.min(column);
    let high = high * wide / natural;
    Some(if high > HIGHEST { wide * HIGHEST / high } else { wide })
}

#[cfg(test)]
mod tests {
    use super::{hundredths, share};
    use crate::flow::Picture;

    /// The beginning of a PNG of that size.
    fn png(width: u32, height: u32) -> Picture {
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR".to_vec();
        bytes.extend(width.to_be_bytes());
        bytes.extend(height.to_be_bytes());
        Picture { bytes, ..Picture::default() }
    }

    #[test]
    fn only_a_width_that_somebody_chose_is_one() {
        let (small, wide) = (png(96, 96), png(9600, 960));
        assert_eq!(share(25.4, 160.0, &small), None, "an inch is its own size");
        assert_eq!(share(80.0, 160.0, &small), Some(50));
        assert_eq!(share(160.0, 160.0, &wide), None, "it is as wide as it can be");
        assert_eq!(share(40.0, 160.0, &wide), Some(25));
        assert_eq!(share(20.0, 160.0, &png(96, 960)), None, "it is as high as it can be");
        assert_eq!(share(400.0, 160.0, &small), Some(100));
        assert_eq!(hundredths(0.001), None);
        assert_eq!(hundredths(f64::NAN), None);
    }
}
