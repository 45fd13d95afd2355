//! The signs before the entries of lists, counted as Word counts them.

use std::collections::HashMap;

use crate::import::ordinals::{Digits, write};
use crate::import::tree::Element;

/// Word has nine levels.
const LEVELS: usize = 9;

/// The lists of a document and where each of them is.
#[derive(Debug, Default)]
pub(super) struct Numbering {
    lists: HashMap<u32, List>,
    /// Lists that share a definition go on counting together.
    counters: HashMap<u32, [u32; LEVELS]>,
    started: HashMap<u32, bool>,
}

#[derive(Clone, Debug, Default)]
struct List {
    definition: u32,
    levels: Vec<Level>,
    /// Levels that this list begins anew.
    restarts: Vec<(usize, u32)>,
}

#[derive(Clone, Debug)]
struct Level {
    start: u32,
    digits: Digits,
    text: String,
    legal: bool,
}

impl Default for Level {
    fn default() -> Self {
        Self { start: 1, digits: Digits::Decimal, text: String::new(), legal: false }
    }
}

impl Numbering {
    /// Of a `w:numbering`.
    pub(super) fn of(root: &Element) -> Self {
        let number = |element: &Element, name: &str| element.get(name).and_then(|v| v.parse().ok());
        let mut definitions: HashMap<u32, Vec<Level>> = HashMap::new();
        for element in root.all("w:abstractNum") {
            let Some(id) = number(element, "w:abstractNumId") else { continue };
            let mut levels = vec![Level::default(); LEVELS];
            for level in element.all("w:lvl") {
                set(&mut levels, level);
            }
            definitions.insert(id, levels);
        }
        let mut lists = HashMap::new();
        for element in root.all("w:num") {
            let Some(id) = number(element, "w:numId") else { continue };
            let definition = element.child("w:abstractNumId").and_then(|e| number(e, "w:val"));
            let Some(definition) = definition else { continue };
            let mut levels = definitions.get(&definition).cloned().unwrap_or_default();
            let mut restarts = Vec::new();
            for over in element.all("w:lvlOverride") {
                let at =
                    number(over, "w:ilvl").and_then(|at| usize::try_from(at).ok()).unwrap_or(0);
                let start = over.child("w:startOverride").and_then(|start| number(start, "w:val"));
                restarts.extend(start.map(|start| (at, start)));
                if let Some(level) = over.child("w:lvl") {
                    set(&mut levels, level);
                }
            }
            lists.insert(id, List { definition, levels, restarts });
        }
        Self { lists, ..Self::default() }
    }

    /// The sign of the next entry of a list at a level from 0; [`None`] where the list is not defined.
    pub(super) fn next(&mut self, list: u32, level: u8) -> Option<String> {
        let at = usize::from(level).min(LEVELS - 1);
        let held = self.lists.get(&list)?;
        let starts = |at: usize| held.levels.get(at).map_or(1, |level| level.start);
        let counters = self
            .counters
            .entry(held.definition)
            .or_insert_with(|| std::array::from_fn(|at| starts(at).saturating_sub(1)));
        if self.started.insert(list, true).is_none() {
            for &(at, start) in &held.restarts {
                if let Some(counter) = counters.get_mut(at) {
                    *counter = start.saturating_sub(1);
                }
            }
        }
        for (below, counter) in counters.iter_mut().enumerate() {
            if below == at {
                *counter = counter.saturating_add(1);
            } else if below > at {
                *counter = starts(below).saturating_sub(1);
            } else if *counter < starts(below) {
                // An entry of a lower level came first: what is above it counts as begun.
                *counter = starts(below);
            }
        }
        let counters = *counters;
        Some(held.label(at, &counters))
    }
}

impl List {
    fn label(&self, at: usize, counters: &[u32; LEVELS]) -> String {
        let Some(level) = self.levels.get(at) else { return String::new() };
        if level.digits == Digits::Bullet {
            return bullet(&level.text);
        }
        let mut label = String::new();
        let mut chars = level.text.chars();
        while let Some(c) = chars.next() {
            if c != '%' {
                label.push(c);
                continue;
            }
            let which =
                chars.next().and_then(|c| c.to_digit(10)).and_then(|d| usize::try_from(d).ok());
            let Some(which) = which.and_then(|which| which.checked_sub(1)) else { continue };
            let digits = match self.levels.get(which) {
                Some(_) if level.legal => Digits::Decimal,
                Some(level) => level.digits,
                None => continue,
            };
            label.push_str(&write(counters.get(which).copied().unwrap_or(0), digits));
        }
        label.trim().to_owned()
    }
}

/// A bullet: signs of symbol fonts are others in a text's font.
fn bullet(text: &str) -> String {
    match text.trim().chars().next() {
        None | Some('\u{e000}'..='\u{f8ff}' | 'o' | '§' | 'Ø' | 'ü') => "•".to_owned(),
        Some(_) => text.trim().to_owned(),
    }
}

fn set(levels: &mut [Level], element: &Element) {
    let at = element.get("w:ilvl").and_then(|at| at.parse::<usize>().ok());
    let Some(level) = at.and_then(|at| levels.get_mut(at)) else { return };
    let value = |name| element.child(name).and_then(|child| child.get("w:val"));
    if let Some(start) = value("w:start").and_then(|start| start.parse().ok()) {
        level.start = start;
    }
    level.digits = Digits::of_word(value("w:numFmt").unwrap_or("decimal"));
    level.text = value("w:lvlText").unwrap_or_default().to_owned();
    level.legal = element.child("w:isLgl").is_some();
}
