//! Records for tests: unsealed, unsigned, told apart by small numbers.

use seshat_protocol::{Bytes32, Bytes64, DeviceId, Record, RecordId, Sealed};

/// The id that goes with a number.
pub(crate) fn id(n: u8) -> RecordId {
    RecordId([n; 16])
}

/// Record `n` of a laptop, which names others.
pub(crate) fn record(n: u8, laptop: u8, names: &[u8]) -> Record {
    Record {
        id: id(n),
        device: DeviceId([laptop; 16]),
        sequence: u64::from(n),
        previous: Bytes32([0; 32]),
        header: Sealed(vec![n; 20]),
        body: Sealed(vec![n; 40]),
        replaces: names.iter().map(|n| id(*n)).collect(),
        blobs: Vec::new(),
        signature: Bytes64([n; 64]),
    }
}
