//! The signs before the entries of lists.

use crate::import::ordinals::{Digits, write};
use crate::import::tree::Element;

/// OpenDocument has ten levels.
const LEVELS: usize = 10;

/// How a list is numbered.
#[derive(Clone, Debug, Default)]
pub(super) struct ListStyle {
    levels: Vec<Level>,
}

#[derive(Clone, Debug)]
struct Level {
    digits: Digits,
    prefix: String,
    suffix: String,
    bullet: String,
    start: u32,
    /// How many levels the number shows.
    shown: usize,
}

impl Default for Level {
    fn default() -> Self {
        Self {
            digits: Digits::Bullet,
            prefix: String::new(),
            suffix: String::new(),
            bullet: "•".to_owned(),
            start: 1,
            shown: 1,
        }
    }
}

impl ListStyle {
    /// Of a `text:list-style` or `text:outline-style`.
    pub(super) fn of(element: &Element) -> Self {
        let mut levels = vec![Level::default(); LEVELS];
        for child in element.elements() {
            let at = child.get("text:level").and_then(|at| at.parse::<usize>().ok()).unwrap_or(1);
            let Some(level) = at.checked_sub(1).and_then(|at| levels.get_mut(at)) else { continue };
            let value = |name| child.get(name).unwrap_or_default().to_owned();
            level.prefix = value("style:num-prefix");
            level.suffix = value("style:num-suffix");
            if child.name == "text:list-level-style-bullet" {
                level.bullet = bullet(&value("text:bullet-char"));
            } else if child.name != "text:list-level-style-image" {
                level.digits = Digits::of_pattern(&value("style:num-format"));
                level.start = value("text:start-value").parse().unwrap_or(1);
                level.shown = value("text:display-levels").parse().unwrap_or(1);
            }
        }
        Self { levels }
    }

    /// The number that the first entry of a level from 0 has.
    pub(super) fn start(&self, level: usize) -> u32 {
        self.levels.get(level).map_or(1, |level| level.start)
    }

    /// The sign of an entry; `counters` holds the numbers of all levels down to its own.
    pub(super) fn sign(&self, counters: &[u32]) -> String {
        let Some(at) = counters.len().checked_sub(1) else { return String::new() };
        let Some(level) = self.levels.get(at) else { return "•".to_owned() };
        match level.digits {
            Digits::Bullet => return level.bullet.clone(),
            Digits::None => return String::new(),
            _ => {}
        }
        let first = (at + 1).saturating_sub(level.shown.max(1));
        let numbers: Vec<String> = (first..=at)
            .filter_map(|at| Some(write(*counters.get(at)?, self.levels.get(at)?.digits)))
            .filter(|number| !number.is_empty())
            .collect();
        format!("{}{}{}", level.prefix, numbers.join("."), level.suffix).trim().to_owned()
    }

    /// Whether a level has numbers.
    pub(super) fn is_numbered(&self, level: usize) -> bool {
        self.levels.get(level).is_some_and(|l| !matches!(l.digits, Digits::Bullet | Digits::None))
    }
}

/// Signs of symbol fonts are others in a text's font.
fn bullet(sign: &str) -> String {
    match sign.chars().next() {
        None | Some('\u{e000}'..='\u{f8ff}') => "•".to_owned(),
        Some(_) => sign.to_owned(),
    }
}

/// Where the lists around the text at hand are.
#[derive(Clone, Debug, Default)]
pub(super) struct Place {
    /// The style's name.
    pub(super) style: Option<String>,
    /// The number of the last entry of each level.
    pub(super) counters: Vec<u32>,
    /// Whether the next paragraph is the first of its entry.
    pub(super) fresh: bool,
}
