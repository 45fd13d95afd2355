//! Times as a person at this computer reads them. Scripts get milliseconds since 1970.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// `2026-03-01 14:05`, in the computer's time zone.
pub(crate) fn shown(ms: u64) -> String {
    let time = i64::try_from(ms).ok().and_then(|ms| Timestamp::from_millisecond(ms).ok());
    time.map_or_else(unknown, |time| {
        time.to_zoned(TimeZone::system()).strftime("%Y-%m-%d %H:%M").to_string()
    })
}

/// The same where there may be no time.
pub(crate) fn shown_if(ms: Option<u64>) -> String {
    ms.map_or_else(unknown, shown)
}

fn unknown() -> String {
    "at some time    ".to_owned()
}

#[cfg(test)]
mod tests {
    use super::{shown, shown_if};

    #[test]
    fn a_time_has_sixteen_characters_whatever_it_is() {
        for time in [shown(0), shown(1_772_000_000_000), shown(u64::MAX), shown_if(None)] {
            assert_eq!(time.len(), 16, "{time}");
        }
    }
}
