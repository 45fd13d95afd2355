//! Which pictures may be put into a novel, and what is taken out of them first.
//!
//! **Invariants:** what leaves [`clean`] is a whole PNG, JPEG, WebP or GIF of bounded size that holds what is needed to draw
//! it and nothing else: no place, no camera, no date, no comment, no thumbnail, nothing behind its end. Every part is
//! kept because it is on a list, never because it was not recognised. Nothing is decoded, so no small file can take much
//! memory here; how large it becomes where it is drawn is bounded by its pixels.

mod gif;
mod jpeg;
mod png;
#[cfg(test)]
mod tests;
mod webp;

/// Bytes of a file at most.
pub(crate) const MOST_BYTES: usize = 20 * 1024 * 1024;
/// Pixels along a side at most.
const MOST_SIDE: u32 = 12_000;
/// Pixels at most: 400 megabytes where it is drawn.
const MOST_PIXELS: u64 = 100_000_000;

/// What a picture is written in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ImageKind {
    Png,
    Jpeg,
    Webp,
    Gif,
}

impl ImageKind {
    /// How its files are called.
    pub(crate) fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
            Self::Gif => "gif",
        }
    }
}

/// A picture that may be kept.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct CleanImage {
    pub(crate) kind: ImageKind,
    /// In pixels, as it is to be seen.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bytes: Vec<u8>,
}

/// Why a picture may not be kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum ImageFault {
    #[error(
        "This picture is larger than 20 MB, so it was not put in; nothing was changed; save it smaller and try again."
    )]
    TooLong,
    #[error(
        "This picture has more pixels than Seshat shows (12,000 along a side, 100 million in all), so it was not put in; nothing was changed; save it smaller and try again."
    )]
    TooManyPixels,
    #[error(
        "This is no PNG, JPEG, WebP or GIF, so it was not put in; nothing was changed; save it as one of these and try again."
    )]
    OtherFormat,
    #[error(
        "This picture is cut short or damaged, so it was not put in; nothing was changed; open it in another program and save it again."
    )]
    Damaged,
}

/// Takes everything out of a picture that is not needed to draw it.
///
/// # Errors
/// [`ImageFault`] says why it may not be kept.
pub(crate) fn clean(bytes: &[u8]) -> Result<CleanImage, ImageFault> {
    if bytes.len() > MOST_BYTES {
        return Err(ImageFault::TooLong);
    }
    if bytes.starts_with(png::SIGNATURE) {
        png::clean(bytes)
    } else if bytes.starts_with(jpeg::SIGNATURE) {
        jpeg::clean(bytes)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        gif::clean(bytes)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        webp::clean(bytes)
    } else {
        Err(ImageFault::OtherFormat)
    }
}

/// That a picture, or a part of one, may be so large.
fn bounded(width: u32, height: u32) -> Result<(u32, u32), ImageFault> {
    if width == 0 || height == 0 {
        return Err(ImageFault::Damaged);
    }
    let pixels = u64::from(width) * u64::from(height);
    if width > MOST_SIDE || height > MOST_SIDE || pixels > MOST_PIXELS {
        return Err(ImageFault::TooManyPixels);
    }
    Ok((width, height))
}

/// Reads from front to back and never beyond the end.
struct Bytes<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Bytes<'a> {
    fn new(all: &'a [u8]) -> Self {
        Self { all, at: 0 }
    }

    fn is_done(&self) -> bool {
        self.at >= self.all.len()
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], ImageFault> {
        let end = self.at.checked_add(length).ok_or(ImageFault::Damaged)?;
        let taken = self.all.get(self.at..end).ok_or(ImageFault::Damaged)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], ImageFault> {
        self.take(N)?.try_into().map_err(|_| ImageFault::Damaged)
    }

    fn byte(&mut self) -> Result<u8, ImageFault> {
        Ok(u8::from_be_bytes(self.array()?))
    }

    /// What was read since a place.
    fn since(&self, start: usize) -> &'a [u8] {
        self.all.get(start..self.at).unwrap_or_default()
    }
}

/// The array at a place.
fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], ImageFault> {
    let end = at.checked_add(N).ok_or(ImageFault::Damaged)?;
    bytes.get(at..end).and_then(|found| found.try_into().ok()).ok_or(ImageFault::Damaged)
}
