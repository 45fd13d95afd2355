//! How much was typed today, in this sitting and on the days before, and how that stands beside what the author means
//! to reach.
//!
//! Only typing counts: what was pasted, imported, replaced or put back does not. Deleting takes away what was typed in
//! the same scene on the same day and no more, so that a cut of old text costs nothing.
//!
//! **Invariant:** nothing waits for these numbers and no text depends on them. A power cut costs the count of a few
//! minutes, never a word.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use seshat_manuscript::Goals;
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;

use crate::clock::now_ms;
use crate::scenes::novel_id;
use crate::session::Session;
use crate::{Desk, Failure, GoalRow, Pace, Progress, WrittenDay};

/// Between two notes of what was typed, while the author types.
const EVERY_MS: u64 = 5 * 60 * 1000;
/// Days whose words make the pace.
const WEEK: i32 = 7;
/// How many days are shown.
const SHOWN: i32 = 366;

/// What was typed since the vault was opened.
#[derive(Default)]
pub(crate) struct Typed {
    days: BTreeMap<(NovelId, Date), Count>,
    sitting: BTreeMap<NovelId, u64>,
}

/// A day of one novel on this laptop.
struct Count {
    words: u64,
    /// What the day's typing left in each scene.
    scenes: BTreeMap<DocumentId, u64>,
    /// What the binder says of the day, and since when.
    kept: u64,
    kept_at: u64,
}

impl Count {
    /// Takes an edit into account and says by how much the count grew and shrank; `typed` is whether the author's
    /// fingers made it.
    fn edit(
        &mut self,
        document: DocumentId,
        (before, after): (u64, u64),
        typed: bool,
    ) -> (u64, u64) {
        let here = self.scenes.entry(document).or_default();
        let more = if typed { after.saturating_sub(before) } else { 0 };
        let less = before.saturating_sub(after).min(*here);
        *here = *here + more - less;
        self.words = self.words.saturating_add(more).saturating_sub(less);
        (more, less)
    }
}

/// Words typed today and since the vault was opened.
pub(crate) struct Tally {
    pub(crate) today: u64,
    pub(crate) sitting: u64,
}

impl Session {
    /// Counts an edit of a scene.
    /// Counts nothing where the novel's binder cannot be read: an edit never waits for this.
    pub(crate) fn count_typing(
        &mut self,
        store: &Store,
        (novel, document): (NovelId, DocumentId),
        words: (u64, u64),
        typed: bool,
    ) {
        let key = (novel, today());
        if !self.typed.days.contains_key(&key) {
            let device = self.device_id();
            let Ok(open) = self.binder(store, novel) else { return };
            let kept = open.binder.written_by(device, &key.1.to_string());
            let count = Count { words: kept, scenes: BTreeMap::new(), kept, kept_at: now_ms() };
            self.typed.days.insert(key, count);
        }
        let Some(count) = self.typed.days.get_mut(&key) else { return };
        let (more, less) = count.edit(document, words, typed);
        let sitting = self.typed.sitting.entry(novel).or_default();
        *sitting = sitting.saturating_add(more).saturating_sub(less);
    }

    /// What was typed in a novel: today on all laptops, and since the vault was opened on this one.
    pub(crate) fn tally(&mut self, store: &Store, novel: NovelId) -> Tally {
        let days = self.written_days(store, novel).unwrap_or_default();
        Tally {
            today: days.get(&today().to_string()).copied().unwrap_or(0),
            sitting: self.typed.sitting.get(&novel).copied().unwrap_or(0),
        }
    }

    /// Words of each day on all laptops, with what the binder has not been told yet.
    fn written_days(
        &mut self,
        store: &Store,
        novel: NovelId,
    ) -> Result<BTreeMap<String, u64>, Failure> {
        let mut days = self.binder(store, novel)?.binder.written();
        for ((_, day), count) in self.typed.days.iter().filter(|((of, _), _)| *of == novel) {
            let words = days.entry(day.to_string()).or_default();
            *words = (*words + count.words).saturating_sub(count.kept);
        }
        Ok(days)
    }

    /// Tells the binders what was typed; while the author types, not more often than every five minutes. What a binder
    /// does not take, because its novel is closed or the disk refuses, stays in memory and is offered again: no text and
    /// no lock waits for a number.
    pub(crate) fn keep_typed(&mut self, store: &mut Store, at_once: bool) {
        let now = now_ms();
        let is_due = |count: &Count| {
            count.words != count.kept && (at_once || now.saturating_sub(count.kept_at) >= EVERY_MS)
        };
        let due: Vec<_> = self.typed.days.iter().filter(|(_, count)| is_due(count)).collect();
        let due: Vec<_> = due.into_iter().map(|(key, count)| (*key, count.words)).collect();
        let device = self.device_id();
        for (key, words) in due {
            let taken = self.edit_binder(store, key.0, |binder| {
                binder.set_written(device, &key.1.to_string(), words);
                Ok(())
            });
            if let Some(count) = self.typed.days.get_mut(&key) {
                count.kept_at = now;
                if taken.is_ok() {
                    count.kept = words;
                }
            }
        }
    }
}

impl Desk {
    /// What was typed in a novel, what the author means to reach, and whether that will be.
    ///
    /// # Errors
    /// When there is no such novel, or it is closed.
    pub fn progress(&self, novel: &str) -> Result<Progress, Failure> {
        let words = self.outline(novel)?.novel.words;
        let novel = novel_id(novel)?;
        self.with_session(|session, store| {
            let goals = session.binder(store, novel)?.binder.goals();
            let days = session.written_days(store, novel)?;
            let tally = session.tally(store, novel);
            let today = today();
            let first = today.saturating_sub(SHOWN.days()).to_string();
            let pace = pace(&goals, words, &days, today);
            let days = days.into_iter().filter(|(day, words)| *words > 0 && *day > first);
            Ok(Progress {
                words,
                today: tally.today,
                sitting: tally.sitting,
                goals: GoalRow { daily: goals.daily, words: goals.words, deadline: goals.deadline },
                pace,
                days: days.map(|(day, words)| WrittenDay { day, words }).collect(),
            })
        })
    }

    /// Tells the binders what was typed.
    pub(crate) fn keep_typed(&self) -> Result<(), Failure> {
        self.with_session(|session, store| {
            session.keep_typed(store, true);
            Ok(())
        })
    }

    /// Says what the author means to reach with a novel.
    ///
    /// # Errors
    /// When the deadline is no day, there is no such novel, or it cannot be written.
    pub fn set_goals(&self, novel: &str, goals: &GoalRow) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        let deadline = goals.deadline.as_deref().map(str::parse::<Date>).transpose();
        let deadline = deadline.map_err(|_| {
            Failure::other(
                "A deadline is a day such as 2027-03-31, so the goals are as they were; write it like that.",
            )
        })?;
        let goals = Goals {
            daily: goals.daily,
            words: goals.words,
            deadline: deadline.map(|day| day.to_string()),
        };
        self.with_session(|session, store| {
            session.edit_binder(store, novel, |binder| {
                binder.set_goals(&goals);
                Ok(())
            })
        })?;
        self.wrote(&Ok(true));
        Ok(())
    }
}

/// What the author's clock on the wall calls today.
fn today() -> Date {
    let now = Timestamp::from_millisecond(i64::try_from(now_ms()).unwrap_or(0));
    now.unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(jiff::tz::TimeZone::system()).date()
}

/// How the work goes on from here, where a number of words is meant to be reached and is not yet.
fn pace(goals: &Goals, words: u64, days: &BTreeMap<String, u64>, today: Date) -> Option<Pace> {
    let left = goals.words?.checked_sub(words).filter(|&left| left > 0)?;
    let deadline = goals.deadline.as_deref().and_then(|day| day.parse::<Date>().ok());
    // Today is one of the days that are left.
    let days_left = deadline.and_then(|day| u64::try_from((day - today).get_days() + 1).ok());
    let a_day = days_left.filter(|&days| days > 0).map(|days| left.div_ceil(days));
    // Of the seven days before today: the day that has begun would pull it down.
    let written = (1..=WEEK).map(|ago| {
        let day = today.saturating_sub(ago.days()).to_string();
        days.get(&day).copied().unwrap_or(0)
    });
    let lately = written.sum::<u64>() / u64::from(WEEK.unsigned_abs());
    let done = (lately > 0).then(|| i64::try_from(left.div_ceil(lately)).ok()).flatten();
    let done = done.and_then(|days| today.checked_add(days.checked_sub(1)?.days()).ok());
    Some(Pace { left, days_left, a_day, lately, done: done.map(|day| day.to_string()) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TODAY: Date = jiff::civil::date(2026, 11, 23);

    fn count() -> Count {
        Count { words: 0, scenes: BTreeMap::new(), kept: 0, kept_at: 0 }
    }

    #[test]
    fn only_what_fingers_typed_counts() {
        let mut count = count();
        let scene = DocumentId([1; 16]);
        count.edit(scene, (100, 110), true);
        count.edit(scene, (110, 5110), false);
        assert_eq!(count.words, 10);
    }

    #[test]
    fn deleting_takes_back_what_was_typed_there_and_no_more() {
        let mut count = count();
        let (one, two) = (DocumentId([1; 16]), DocumentId([2; 16]));
        count.edit(one, (0, 30), true);
        count.edit(two, (1000, 1005), true);
        count.edit(two, (1005, 200), true);
        assert_eq!(count.words, 30, "a cut of old text costs only the five words typed there");
        count.edit(two, (200, 240), true);
        assert_eq!(count.words, 70);
    }

    #[test]
    fn a_deadline_says_how_much_a_day_and_the_last_week_says_when() {
        let goals = Goals {
            words: Some(10_000),
            deadline: Some("2026-12-02".to_owned()),
            ..Goals::default()
        };
        let days = BTreeMap::from([
            ("2026-11-16".to_owned(), 700),
            ("2026-11-22".to_owned(), 700),
            ("2026-11-23".to_owned(), 5000),
            ("2026-11-15".to_owned(), 9000),
        ]);
        let pace = pace(&goals, 8_000, &days, TODAY).unwrap();
        assert_eq!((pace.left, pace.days_left, pace.a_day), (2_000, Some(10), Some(200)));
        assert_eq!(pace.lately, 200, "today and what is older than a week do not count");
        assert_eq!(pace.done.as_deref(), Some("2026-12-02"));
    }

    #[test]
    fn without_a_goal_or_behind_it_there_is_no_pace_and_a_missed_deadline_asks_for_nothing() {
        let none = BTreeMap::new();
        assert_eq!(pace(&Goals::default(), 10, &none, TODAY), None);
        let reached = Goals { words: Some(10), ..Goals::default() };
        assert_eq!(pace(&reached, 10, &none, TODAY), None);
        let missed =
            Goals { words: Some(100), deadline: Some("2026-11-20".to_owned()), ..Goals::default() };
        let pace = pace(&missed, 10, &none, TODAY).unwrap();
        assert_eq!((pace.days_left, pace.a_day, pace.lately, pace.done), (None, None, 0, None));
    }
}
