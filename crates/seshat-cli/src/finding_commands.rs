//! Finding and replacing.

use serde_json::json;
use seshat_app::{Found, FoundHit, Query, Replace};

use crate::args;
use crate::commands::{Run, counted};
use crate::progress::Progress;
use crate::report::Report;

impl Run {
    /// Finds, and shows what would come where a replacement is asked for.
    pub(crate) fn find(&self, query: args::Query, with: Option<&str>) -> anyhow::Result<Report> {
        self.unlock()?;
        let shown = Progress::begin("Searching");
        let found = self.desk.find(&self.query(query)?, with)?;
        drop(shown);
        Ok(Report::new(listed(&found), &found))
    }

    /// Replaces.
    pub(crate) fn replace(
        &self,
        query: args::Query,
        with: String,
        hits: Vec<String>,
    ) -> anyhow::Result<Report> {
        self.unlock()?;
        let hits = (!hits.is_empty()).then_some(hits);
        let replace = Replace { query: self.query(query)?, with, hits };
        let shown = Progress::begin("Replacing");
        let replaced = self.desk.replace(&replace)?;
        drop(shown);
        let mut text = format!(
            "{} in {} replaced.",
            counted(replaced.places, "place"),
            counted(replaced.scenes, "scene")
        );
        if replaced.places > 0 {
            text.push_str(" Each scene has the version before in its history.");
        }
        if replaced.left > 0 {
            let left = counted(replaced.left, "place");
            text.push_str(&format!("\n{left} had changed meanwhile and were left alone."));
        }
        // The number for taking it back is good as long as the vault is open, which ends here.
        let facts = json!({
            "places": replaced.places,
            "scenes": replaced.scenes,
            "left": replaced.left,
        });
        Ok(Report::new(text, facts))
    }

    fn query(&self, query: args::Query) -> anyhow::Result<Query> {
        let novel = query.novel.map(|novel| self.desk.find_novel(&novel)).transpose()?;
        Ok(Query {
            text: query.text,
            novel,
            case: query.case,
            accents: query.accents,
            whole_word: query.word,
            regex: query.regex,
        })
    }
}

fn listed(found: &Found) -> String {
    if found.total == 0 {
        return "Not found.".to_owned();
    }
    let mut lines = Vec::new();
    for scene in &found.scenes {
        let place = match (scene.path.as_str(), scene.chapter.as_str()) {
            ("", note) => format!("note {note}"),
            (path, "") => path.to_owned(),
            (path, chapter) => format!("{path}  {chapter}"),
        };
        lines.push(format!("{}  {place}", scene.novel_title));
        lines.extend(scene.hits.iter().map(line));
    }
    if found.cut {
        lines.push(format!("… and more: {} in all", found.total));
    }
    lines.join("\n")
}

fn line(hit: &FoundHit) -> String {
    let becomes = hit.becomes.as_ref().map(|becomes| format!(" → {becomes}"));
    format!("    {}[{}{}]{}", hit.before, hit.found, becomes.unwrap_or_default(), hit.after)
}
