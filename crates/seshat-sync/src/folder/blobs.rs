//! Sealed images in a folder: `images/HASH-NUMBER-OF` for each part, in hexadecimal digits and numbers from 1.
//!
//! **Invariants:** an image counts as there only if all its parts are and together have its hash. None is ever deleted: no
//! laptop knows what the others still show.

use seshat_protocol::{Bytes32, limits};
use sha2::{Digest, Sha256};

use super::disk::Disk;
use crate::{Carried, TransportError};

/// Makes sure that an image is there.
pub(crate) fn carry(
    disk: &Disk,
    hash: Bytes32,
    sealed: Option<&[u8]>,
) -> Result<Carried, TransportError> {
    if fetch(disk, hash).is_some() {
        return Ok(Carried::There);
    }
    let Some(sealed) = sealed else { return Ok(Carried::Absent) };
    let parts = parts_of(sealed.len());
    for (number, part) in (1..).zip(sealed.chunks(limits::BLOB_PART_BYTES)) {
        let name = name_of(hash, number, parts);
        if disk.read_image(&name).is_none_or(|there| there != part) {
            disk.write_image(&name, part)?;
        }
    }
    Ok(Carried::There)
}

/// An image, if all of it is there.
pub(crate) fn fetch(disk: &Disk, hash: Bytes32) -> Option<Vec<u8>> {
    let most = parts_of(usize::try_from(limits::BLOB_BYTES).unwrap_or(usize::MAX));
    (1..=most).find_map(|parts| {
        let mut sealed = Vec::new();
        for number in 1..=parts {
            sealed.extend_from_slice(&disk.read_image(&name_of(hash, number, parts))?);
        }
        (Sha256::digest(&sealed)[..] == hash.0).then_some(sealed)
    })
}

fn parts_of(length: usize) -> usize {
    length.div_ceil(limits::BLOB_PART_BYTES).max(1)
}

fn name_of(hash: Bytes32, number: usize, parts: usize) -> String {
    let digits: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{digits}-{number}-{parts}")
}
