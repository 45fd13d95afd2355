//! What a laptop had seen when it put something into the trash, so that writing which it had not seen comes back.
//!
//! **Invariant:** what counts is which records there were, never a clock. Whoever put a scene into the trash has seen
//! its own records, those of later, too: nobody writes against himself.

use std::collections::BTreeMap;
use std::fmt;

use seshat_protocol::DeviceId;

/// How the text begins; another beginning is that of a newer program, and is not understood.
const FORMAT: &str = "1";

/// Whose record was the last one of each laptop's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Seen {
    /// Who put it into the trash.
    by: DeviceId,
    /// The highest number of each laptop's records.
    heads: BTreeMap<DeviceId, u64>,
}

impl Seen {
    pub(crate) fn new(by: DeviceId, heads: impl IntoIterator<Item = (DeviceId, u64)>) -> Self {
        Self { by, heads: heads.into_iter().collect() }
    }

    /// `None` for what this program did not write.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut words = text.split(' ');
        if words.next() != Some(FORMAT) {
            return None;
        }
        let by = words.next()?.parse().ok()?;
        let head = |word: &str| {
            let (device, number) = word.split_once(':')?;
            Some((device.parse().ok()?, number.parse().ok()?))
        };
        Some(Self { by, heads: words.map(head).collect::<Option<_>>()? })
    }

    /// Whether the laptop that put it into the trash knew this record.
    pub(crate) fn has(&self, device: DeviceId, number: u64) -> bool {
        device == self.by || self.heads.get(&device).is_some_and(|head| number <= *head)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{FORMAT} {}", self.by)?;
        self.heads.iter().try_for_each(|(device, number)| write!(f, " {device}:{number}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HERE: DeviceId = DeviceId([1; 16]);
    const THERE: DeviceId = DeviceId([2; 16]);

    #[test]
    fn what_was_there_is_seen_and_what_came_later_is_not() {
        let seen = Seen::new(HERE, [(HERE, 7), (THERE, 4)]);
        assert!(seen.has(THERE, 4));
        assert!(!seen.has(THERE, 5));
        assert!(seen.has(HERE, 9), "a laptop does not write against itself");
        assert!(!seen.has(DeviceId([3; 16]), 1), "nothing of this laptop was there");
    }

    #[test]
    fn what_a_newer_program_wrote_is_not_understood() {
        assert_eq!(Seen::parse(""), None);
        assert_eq!(Seen::parse("2 whatever"), None);
        assert_eq!(Seen::parse(&format!("1 {HERE} {THERE}:x")), None);
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(
            by in any::<[u8; 16]>(),
            heads in prop::collection::btree_map(any::<[u8; 16]>(), any::<u64>(), 0..5),
        ) {
            let heads = heads.into_iter().map(|(device, number)| (DeviceId(device), number));
            let seen = Seen::new(DeviceId(by), heads);
            prop_assert_eq!(Seen::parse(&seen.to_string()), Some(seen));
        }
    }
}
