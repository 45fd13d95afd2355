//! What crosses to the window about goals and counts.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What the author means to reach with a novel.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct GoalRow {
    /// Words a day.
    #[ts(type = "number | null")]
    pub daily: Option<u64>,
    /// Words of the whole novel.
    #[ts(type = "number | null")]
    pub words: Option<u64>,
    /// Until when, as `2027-03-31`.
    pub deadline: Option<String>,
}

/// How far a novel is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Progress {
    /// Words in the novel.
    #[ts(type = "number")]
    pub words: u64,
    /// Words typed today, on all laptops that this one has heard from.
    #[ts(type = "number")]
    pub today: u64,
    /// Words typed here since the vault was opened.
    #[ts(type = "number")]
    pub sitting: u64,
    /// What the author means to reach.
    pub goals: GoalRow,
    /// How the work goes on, where the novel has a goal that is not reached.
    pub pace: Option<Pace>,
    /// Days on which something was typed, oldest first, of the last year.
    pub days: Vec<WrittenDay>,
}

/// How the work goes on from here.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Pace {
    /// Words that are missing.
    #[ts(type = "number")]
    pub left: u64,
    /// Days until the deadline, today among them. Null: there is none, or it has passed.
    #[ts(type = "number | null")]
    pub days_left: Option<u64>,
    /// Words a day that reach the goal by then.
    #[ts(type = "number | null")]
    pub a_day: Option<u64>,
    /// Words a day in the seven days before today.
    #[ts(type = "number")]
    pub lately: u64,
    /// When the goal is reached if it goes on like that, as `2027-03-31`.
    pub done: Option<String>,
}

/// A day and its words.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct WrittenDay {
    /// As `2026-11-23`.
    pub day: String,
    /// Typed on that day.
    #[ts(type = "number")]
    pub words: u64,
}
