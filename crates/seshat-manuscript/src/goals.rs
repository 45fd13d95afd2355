//! What the author means to reach with a novel, and how much was written on which day.
//!
//! **Invariant:** each laptop counts under its own name, so that two that write on one day never overwrite each other's
//! number; a day's words are the sum.

use std::collections::BTreeMap;

use loro::{LoroMap, LoroValue, ValueOrContainer};
use seshat_protocol::DeviceId;

use crate::binder::Binder;
use crate::tree::{number, text, write};

/// Keys of the novel's metadata, part of the saved format.
const DAILY: &str = "daily_words";
const WORDS: &str = "goal_words";
const DEADLINE: &str = "deadline";
/// The container of the days: `2026-11-23/` and a device's id as 32 hex digits, with the words written.
const WRITTEN: &str = "written";

/// What the author means to reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Goals {
    /// Words a day.
    pub daily: Option<u64>,
    /// Words of the whole novel.
    pub words: Option<u64>,
    /// Until when, as `2026-11-23`.
    pub deadline: Option<String>,
}

impl Binder {
    /// What the author means to reach.
    #[must_use]
    pub fn goals(&self) -> Goals {
        let meta = self.novel_meta();
        Goals {
            daily: number(&meta, DAILY).filter(|&words| words > 0),
            words: number(&meta, WORDS).filter(|&words| words > 0),
            deadline: text(&meta, DEADLINE).filter(|day| is_day(day)),
        }
    }

    /// Changes what the author means to reach. A deadline that is no day is none.
    pub fn set_goals(&mut self, goals: &Goals) {
        let words = |words: Option<u64>| {
            let words = words.filter(|&words| words > 0).and_then(|it| i64::try_from(it).ok());
            words.map_or(LoroValue::Null, LoroValue::I64)
        };
        let deadline = goals.deadline.as_deref().filter(|day| is_day(day));
        let entries = [
            (DAILY, words(goals.daily)),
            (WORDS, words(goals.words)),
            (DEADLINE, deadline.map_or(LoroValue::Null, LoroValue::from)),
        ];
        let meta = self.novel_meta();
        for (key, value) in entries {
            write(&meta, key, value).expect("a map takes any value");
        }
        self.replica.commit();
    }

    /// Words written on each day, on all laptops together. What no version of Seshat writes is left out.
    #[must_use]
    pub fn written(&self) -> BTreeMap<String, u64> {
        let mut days = BTreeMap::new();
        self.days().for_each(|key, value| {
            let (Some((day, _)), ValueOrContainer::Value(LoroValue::I64(words))) =
                (key.split_once('/'), value)
            else {
                return;
            };
            if is_day(day) {
                let sum: &mut u64 = days.entry(day.to_owned()).or_default();
                *sum = sum.saturating_add(u64::try_from(words).unwrap_or(0));
            }
        });
        days
    }

    /// Words that one laptop wrote on a day.
    #[must_use]
    pub fn written_by(&self, device: DeviceId, day: &str) -> u64 {
        number(&self.days(), &entry(device, day)).unwrap_or(0)
    }

    /// Says how many words a laptop wrote on a day.
    pub fn set_written(&mut self, device: DeviceId, day: &str, words: u64) {
        let words = LoroValue::I64(i64::try_from(words).unwrap_or(i64::MAX));
        write(&self.days(), &entry(device, day), words).expect("a map takes any value");
        self.replica.commit();
    }

    fn days(&self) -> LoroMap {
        self.replica.doc().get_map(WRITTEN)
    }
}

fn entry(device: DeviceId, day: &str) -> String {
    format!("{day}/{device}")
}

/// Whether it has the form of a day.
fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANNA: DeviceId = DeviceId([1; 16]);
    const BERT: DeviceId = DeviceId([2; 16]);

    fn copy_of(binder: &Binder, peer: u64) -> Binder {
        Binder::load(peer, [binder.snapshot().unwrap().as_slice()]).unwrap()
    }

    #[test]
    fn goals_are_kept_and_taken_away() {
        let mut binder = Binder::new(7, "A novel", "en");
        assert_eq!(binder.goals(), Goals::default());
        let goals = Goals {
            daily: Some(500),
            words: Some(90_000),
            deadline: Some("2027-03-31".to_owned()),
        };
        binder.set_goals(&goals);
        assert_eq!(copy_of(&binder, 8).goals(), goals);
        binder.set_goals(&Goals { deadline: Some("soon".to_owned()), ..Goals::default() });
        assert_eq!(copy_of(&binder, 9).goals(), Goals::default());
    }

    #[test]
    fn goals_that_stay_the_same_write_nothing() {
        let mut binder = Binder::new(7, "A novel", "en");
        let goals = Goals { daily: Some(500), ..Goals::default() };
        binder.set_goals(&goals);
        binder.take_update();
        binder.set_goals(&goals);
        assert_eq!(binder.take_update(), None);
    }

    #[test]
    fn two_laptops_that_write_on_one_day_are_added_up() {
        let mut anna = Binder::new(7, "A novel", "en");
        let mut bert = copy_of(&anna, 8);
        anna.take_update();
        anna.set_written(ANNA, "2026-11-23", 300);
        bert.set_written(BERT, "2026-11-23", 120);
        bert.set_written(BERT, "2026-11-22", 40);
        let (from_anna, from_bert) = (anna.take_update().unwrap(), bert.take_update().unwrap());
        anna.merge(&from_bert).unwrap();
        bert.merge(&from_anna).unwrap();
        anna.set_written(ANNA, "2026-11-23", 310);
        bert.merge(&anna.take_update().unwrap()).unwrap();
        for binder in [&anna, &bert] {
            let days: Vec<_> = binder.written().into_iter().collect();
            assert_eq!(days, [("2026-11-22".to_owned(), 40), ("2026-11-23".to_owned(), 430)]);
            assert_eq!(binder.written_by(ANNA, "2026-11-23"), 310);
        }
    }
}
