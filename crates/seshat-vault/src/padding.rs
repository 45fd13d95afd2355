//! Compression and padding inside the envelope, so that sizes say little.
//!
//! ```text
//! padded = codec u8 | raw length u32 | stored length u32 | stored bytes | zeros
//! ```
//!
//! up to the Padmé length (Nikitin et al., "Reducing Metadata Leakage from Encrypted Files and Communication
//! with PURBs", 2019), 256 bytes at least. Compression never crosses from one sealed thing to another.

use zeroize::Zeroizing;

use crate::OpenError;

/// Bytes before the stored ones.
const PREFIX: usize = 9;
/// No padded plaintext is shorter.
const MINIMUM: usize = 256;
/// No raw content is longer: 64 MiB.
pub(crate) const RAW_LIMIT: usize = 64 * 1024 * 1024;
/// zstd's own default: higher levels gain little on a page of prose.
const ZSTD_LEVEL: i32 = 3;

const CODEC_RAW: u8 = 0;
const CODEC_ZSTD: u8 = 1;

/// Whether the content may be compressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Compress {
    /// Where it helps.
    WhereItHelps,
    /// For keys: they do not shrink, and the compressor's buffers are not wiped.
    Never,
}

/// The content is longer than [`RAW_LIMIT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TooLong;

/// The Padmé length: at most 12 % above `length`, and only O(log log) different lengths for each power of two.
fn padme(length: usize) -> usize {
    let Some(exponent) = length.checked_ilog2().filter(|exponent| *exponent > 0) else {
        return length;
    };
    let kept = exponent.ilog2() + 1;
    let mask = (1_usize << (exponent - kept)) - 1;
    (length + mask) & !mask
}

/// The length of everything for this many stored bytes.
fn padded_len(stored: usize) -> usize {
    padme(PREFIX + stored).max(MINIMUM)
}

/// Compresses (where that helps) and pads.
pub(crate) fn pad(raw: &[u8], compress: Compress) -> Result<Zeroizing<Vec<u8>>, TooLong> {
    let raw_length = u32::try_from(raw.len()).map_err(|_| TooLong)?;
    if raw.len() > RAW_LIMIT {
        return Err(TooLong);
    }
    let smaller = match compress {
        Compress::Never => None,
        Compress::WhereItHelps => zstd::bulk::compress(raw, ZSTD_LEVEL).map(Zeroizing::new).ok(),
    }
    .filter(|compressed| compressed.len() < raw.len());
    let (codec, stored) =
        smaller.as_ref().map_or((CODEC_RAW, raw), |compressed| (CODEC_ZSTD, &compressed[..]));
    let stored_length = u32::try_from(stored.len()).map_err(|_| TooLong)?;
    let length = padded_len(stored.len());
    let mut padded = Zeroizing::new(Vec::with_capacity(length));
    padded.push(codec);
    padded.extend_from_slice(&raw_length.to_be_bytes());
    padded.extend_from_slice(&stored_length.to_be_bytes());
    padded.extend_from_slice(stored);
    padded.resize(length, 0);
    Ok(padded)
}

/// Undoes [`pad`].
///
/// # Errors
/// [`OpenError::Tampered`] for anything that [`pad`] does not make: other lengths, bytes other than zero.
pub(crate) fn unpad(padded: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
    let (codec, rest) = padded.split_first().ok_or(OpenError::Tampered)?;
    let (raw_length, rest) = split_length(rest)?;
    let (stored_length, rest) = split_length(rest)?;
    let (stored, zeros) = rest.split_at_checked(stored_length).ok_or(OpenError::Tampered)?;
    let honest = raw_length <= RAW_LIMIT
        && padded.len() == padded_len(stored_length)
        && zeros.iter().all(|byte| *byte == 0);
    if !honest {
        return Err(OpenError::Tampered);
    }
    match *codec {
        CODEC_RAW if raw_length == stored_length => Ok(Zeroizing::new(stored.to_vec())),
        CODEC_ZSTD => {
            let mut raw = Zeroizing::new(vec![0; raw_length]);
            let written = zstd::bulk::decompress_to_buffer(stored, &mut raw[..])
                .map_err(|_| OpenError::Tampered)?;
            if written == raw_length { Ok(raw) } else { Err(OpenError::Tampered) }
        }
        _ => Err(OpenError::Tampered),
    }
}

fn split_length(bytes: &[u8]) -> Result<(usize, &[u8]), OpenError> {
    let (length, rest) = bytes.split_first_chunk::<4>().ok_or(OpenError::Tampered)?;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| OpenError::Tampered)?;
    Ok((length, rest))
}
