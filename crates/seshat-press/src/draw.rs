//! Pages as pictures, for a window that shows them.

use png::{BitDepth, ColorType, Encoder};
use serde::Deserialize;
use typst::utils::Scalar;
use typst_layout::Page;
use typst_render::{RenderOptions, render};

use crate::PressError;

/// Which pages are wanted as pictures.
#[derive(Clone, Copy, Debug, Deserialize)]
pub(crate) struct Render {
    from: usize,
    count: usize,
    width: u32,
}

/// Pictures in one answer.
const MOST: usize = 64;

/// Pixels across.
const WIDEST: u32 = 4096;

impl Render {
    /// Whether page `at`, counted from 0, is wanted.
    pub(crate) fn wants(self, at: usize) -> bool {
        at.checked_sub(self.from).is_some_and(|behind| behind < self.count.min(MOST))
    }

    /// The wanted ones of `pages` as PNG files.
    pub(crate) fn drawn(self, pages: &[Page]) -> Result<Vec<Vec<u8>>, PressError> {
        let wanted = pages.iter().skip(self.from).take(self.count.min(MOST));
        wanted.map(|page| self.one(page)).collect()
    }

    fn one(self, page: &Page) -> Result<Vec<u8>, PressError> {
        let width = f64::from(self.width.clamp(1, WIDEST));
        let pixel_per_pt = Scalar::new(width / page.frame.width().to_pt());
        let options = RenderOptions { pixel_per_pt, ..RenderOptions::default() };
        let drawn = render(page, &options);
        png(drawn.width(), drawn.height(), drawn.data()).map_err(|_| PressError::Fault)
    }
}

/// A PNG file of pixels that hide everything behind them: grey where none has a colour, as in most novels.
fn png(width: u32, height: u32, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let (pixels, _) = pixels.as_chunks::<4>();
    let is_grey = pixels.iter().all(|[red, green, blue, _]| red == green && green == blue);
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, width, height);
    encoder.set_depth(BitDepth::Eight);
    let samples: Vec<u8> = if is_grey {
        encoder.set_color(ColorType::Grayscale);
        pixels.iter().map(|[red, ..]| *red).collect()
    } else {
        encoder.set_color(ColorType::Rgb);
        pixels.iter().flat_map(|[red, green, blue, _]| [*red, *green, *blue]).collect()
    };
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&samples)?;
    writer.finish()?;
    Ok(file)
}
