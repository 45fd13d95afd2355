//! Prints what finding costs, beside finding with the standard library in the same text and the same run.
//!
//! `cargo run --release -p seshat-search --example novels -- ../shared/corpus/novels`
//!
//! Cold is making every scene ready; warm is asking all of them. Each row is the middle of many runs.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a program for a person at a terminal; whatever fails ends it"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use seshat_interchange::import;
use seshat_manuscript::Passage;
use seshat_search::{Case, Diacritics, Needle, Options, Pattern, Prepared, Words};

/// How often each row is measured.
const RUNS: usize = 21;
/// Hits whose surroundings are shown at most, as in the app.
const SHOWN: usize = 1000;

fn main() {
    let folder = PathBuf::from(std::env::args().nth(1).expect("name the folder of novels"));
    let passages = passages(folder);
    let words: usize = passages.iter().map(Passage::words).sum();
    let flat: Vec<String> = passages.iter().map(Passage::flat).collect();
    let bytes: usize = flat.iter().map(String::len).sum();
    println!("{} scenes, {words} words, {} KB of text\n", passages.len(), bytes / 1024);

    let read = measure(|| flat.iter().map(|text| text.chars().count()).sum());
    row("baseline: counting the characters of all scenes", read, None);
    let lower = measure(|| flat.iter().map(|text| text.to_lowercase().len()).sum());
    row("baseline: str::to_lowercase of all scenes", lower, None);
    let cold = measure(|| passages.iter().map(|it| black_box(Prepared::new(it)).size()).sum());
    row("cold: all scenes made ready", cold, Some(("to_lowercase", lower)));
    let prepared: Vec<Prepared> = passages.iter().map(Prepared::new).collect();
    let size: usize = prepared.iter().map(Prepared::size).sum();
    println!("ready scenes take {} KB, {:.2} x the text\n", size / 1024, ratio(size, bytes));

    for needle in ["lamplighter's", "Mr. Darcy", "natasha", "said", "the", "e"] {
        plain(&flat, &prepared, needle);
    }
    println!();
    let whole = Options { words: Words::Whole, ..Options::default() };
    let exact = Options { case: Case::Exact, diacritics: Diacritics::Exact, ..Options::default() };
    let regex = Options { pattern: Pattern::Regex, ..Options::default() };
    warm(&prepared, "whole word “the”", "the", whole);
    warm(&prepared, "whole word “猫”", "猫", whole);
    warm(&prepared, "whole word “homme”", "homme", whole);
    warm(&prepared, "case and accents count “Emma”", "Emma", exact);
    warm(&prepared, "expression “\\b[A-Z]\\w+ said\\b”", r"\b[A-Z]\w+ said\b", regex);
    warm(&prepared, "expression “(he|she) (\\w+ed)”", r"(he|she) (\w+ed)", regex);
}

fn passages(folder: PathBuf) -> Vec<Passage> {
    let mut novels: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    novels.sort();
    let novels = novels.iter().map(|novel| import::folder(novel).unwrap());
    novels
        .flat_map(|novel| novel.parts)
        .flat_map(|part| part.chapters)
        .flat_map(|chapter| chapter.scenes)
        .map(Passage::normalized)
        .collect()
}

fn plain(flat: &[String], prepared: &[Prepared], text: &str) {
    let baseline = measure(|| flat.iter().map(|it| it.match_indices(text).count()).sum());
    row(&format!("baseline: str::find of “{text}”"), baseline, None);
    let needle = Needle::new(text, Options::default()).unwrap();
    let found = measure(|| prepared.iter().map(|it| it.find(&needle).len()).sum());
    row(&format!("warm: “{text}”"), found, Some(("str::find", baseline)));
    shown(prepared, &needle);
}

fn warm(prepared: &[Prepared], what: &str, text: &str, options: Options) {
    let needle = Needle::new(text, options).unwrap();
    let found = measure(|| prepared.iter().map(|it| it.find(&needle).len()).sum());
    row(&format!("warm: {what}"), found, None);
}

fn shown(prepared: &[Prepared], needle: &Needle) {
    let shown = measure(|| {
        let mut shown = 0;
        for scene in prepared {
            let mut spots = scene.find(needle);
            spots.truncate(SHOWN.saturating_sub(shown));
            shown += scene.hits(&spots).len();
        }
        shown
    });
    row("   with their surroundings, at most 1,000", shown, None);
}

/// The middle of many runs, in µs, and what came out.
fn measure(mut work: impl FnMut() -> usize) -> (f64, usize) {
    let mut times = Vec::with_capacity(RUNS);
    let mut count = 0;
    for _ in 0..RUNS {
        let begun = Instant::now();
        count = black_box(work());
        times.push(begun.elapsed().as_secs_f64() * 1e6);
    }
    times.sort_by(f64::total_cmp);
    (times[RUNS / 2], count)
}

fn row(what: &str, (time, count): (f64, usize), baseline: Option<(&str, (f64, usize))>) {
    print!("{what:<56} {time:>10.0} µs {count:>9}");
    if let Some((name, (base, _))) = baseline {
        print!("   = {:.2} x {name}", time / base.max(0.001));
    }
    println!();
}

#[expect(clippy::cast_precision_loss, reason = "a ratio for a person")]
fn ratio(one: usize, other: usize) -> f64 {
    one as f64 / other as f64
}
