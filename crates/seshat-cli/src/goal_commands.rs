//! What was typed on which day, and what the author means to reach.

use seshat_app::{GoalRow, Pace, Progress};

use crate::commands::Run;
use crate::report::Report;

impl Run {
    pub(crate) fn progress(&self, novel: &str) -> anyhow::Result<Report> {
        self.unlock()?;
        let novel = self.desk.find_novel(novel)?;
        let progress = self.desk.progress(&novel)?;
        Ok(Report::new(said(&progress), &progress))
    }

    pub(crate) fn goals(
        &self,
        novel: &str,
        daily: Option<u64>,
        words: Option<u64>,
        by: Option<String>,
    ) -> anyhow::Result<Report> {
        self.unlock()?;
        let novel = self.desk.find_novel(novel)?;
        let GoalRow { daily: old_daily, words: old_words, deadline } =
            self.desk.progress(&novel)?.goals;
        let goals = GoalRow {
            daily: daily.or(old_daily).filter(|&words| words > 0),
            words: words.or(old_words).filter(|&words| words > 0),
            deadline: by.or(deadline).filter(|day| day != "none"),
        };
        self.desk.set_goals(&novel, &goals)?;
        let progress = self.desk.progress(&novel)?;
        Ok(Report::new(said(&progress), &progress))
    }
}

fn said(progress: &Progress) -> String {
    let Progress { words, today, goals, pace, days, .. } = progress;
    let of = goals.daily.map(|daily| format!(" of {daily}")).unwrap_or_default();
    let mut lines = vec![format!("{words} words in the novel, {today}{of} typed today")];
    match (goals.words, pace) {
        (Some(words), None) => lines.push(format!("The {words} words are reached.")),
        (_, Some(pace)) => lines.push(to_go(pace, goals.deadline.as_deref())),
        (None, None) => {}
    }
    lines.extend(days.iter().map(|day| format!("{}  {:>6}", day.day, day.words)));
    lines.join("\n")
}

fn to_go(pace: &Pace, deadline: Option<&str>) -> String {
    let mut said = format!("{} words are missing", pace.left);
    if let (Some(a_day), Some(day)) = (pace.a_day, deadline) {
        said += &format!(": {a_day} a day until {day}");
    }
    match &pace.done {
        Some(day) => said += &format!("; at {} a day, as lately, that is {day}", pace.lately),
        None => said += "; nothing was typed in the week before today",
    }
    said
}
