//! What spelling costs: how long a dictionary takes to load, what it holds, and words a second over a novel, beside
//! `hunspell -l` over the same words where that program is installed, and beside a bare look into a set.
//!
//! `cargo run --release -p seshat-spelling --example measure -- fr FILE.md…`

#![allow(clippy::print_stdout, reason = "it prints its figures")]

use std::collections::HashSet;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use cpu_time::ProcessTime;
use seshat_spelling::{Dictionary, Known, Speller};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let tag = arguments.next().expect("the first argument is a language such as fr");
    let text: String = arguments
        .map(|file| std::fs::read_to_string(file).expect("the others are files of text"))
        .collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../dictionaries");
    let file = |ending: &str| std::fs::read(folder.join(format!("{tag}.{ending}")));
    let (aff, dic) = (file("aff").expect("it has rules"), file("dic").expect("it has words"));

    let before = resident();
    let begun = ProcessTime::now();
    let dictionary = Arc::new(Dictionary::parse(&aff, &dic).expect("it is a dictionary"));
    println!("{tag}: loaded in {:.0} ms", begun.elapsed().as_secs_f64() * 1e3);
    println!(
        "{tag}: {} KiB of files, {} KiB held",
        (aff.len() + dic.len()) >> 10,
        resident().saturating_sub(before)
    );
    drop((aff, dic));

    let speller = Speller::new(&tag, vec![dictionary]);
    let known = Known::default();
    let words: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|it| !it.is_empty()).collect();
    let begun = ProcessTime::now();
    let mut wrong: Vec<String> = Vec::new();
    for line in text.lines() {
        let units: Vec<u16> = line.encode_utf16().collect();
        let found = speller.misspelt(line, &known);
        wrong.extend(found.iter().map(|it| String::from_utf16_lossy(&units[it.from..it.to])));
    }
    said("Seshat, with finding the words", words.len(), begun);

    let set: HashSet<&str> = words.iter().copied().collect();
    let begun = ProcessTime::now();
    let there = words.iter().filter(|word| set.contains(*word)).count();
    said("a bare set, words already found", there, begun);
    hunspell(&folder.join(&tag), &words);

    let different: HashSet<&str> = wrong.iter().map(String::as_str).collect();
    println!("called wrong: {} of {}, {} different", wrong.len(), words.len(), different.len());
    suggestions(&speller, different.into_iter().collect());
}

/// For some thirty of the words, spread over all.
fn suggestions(speller: &Speller, mut sample: Vec<&str>) {
    let known = Known::default();
    sample.sort_unstable();
    let step = (sample.len() / 30).max(1);
    let sample: Vec<&str> = sample.into_iter().step_by(step).collect();
    let mut slowest = (0.0, "");
    let mut all = 0.0;
    for word in &sample {
        let begun = ProcessTime::now();
        let _suggested = speller.suggest(word, &known, 8);
        let took = begun.elapsed().as_secs_f64() * 1e3;
        all += took;
        if took > slowest.0 {
            slowest = (took, *word);
        }
    }
    let mean = all / f64::from(u32::try_from(sample.len()).unwrap_or(1).max(1));
    let (most, word) = slowest;
    println!(
        "suggestions for {}: {mean:.1} ms of CPU in the mean, {most:.1} ms for {word}",
        sample.len()
    );
}

fn said(what: &str, words: usize, begun: ProcessTime) {
    let took = begun.elapsed().as_secs_f64();
    let words = f64::from(u32::try_from(words).unwrap_or(u32::MAX));
    println!("{what}: {words} words in {:.0} ms of CPU, {:.0} a second", took * 1e3, words / took);
}

/// Its time to load is taken off: it is asked about nothing first.
fn hunspell(dictionary: &Path, words: &[&str]) {
    let ask = |input: String| {
        let before = children();
        let mut child = Command::new("hunspell")
            .args(["-l", "-i", "utf-8", "-d"])
            .arg(dictionary)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        let mut stdin = child.stdin.take()?;
        stdin.write_all(input.as_bytes()).ok()?;
        drop(stdin);
        child.wait().ok()?;
        Some(children() - before)
    };
    let (Some(bare), Some(took)) = (ask(String::new()), ask(words.join("\n"))) else {
        println!("hunspell: not installed");
        return;
    };
    let count = f64::from(u32::try_from(words.len()).unwrap_or(u32::MAX));
    let second = count / (took - bare).max(0.005);
    println!("hunspell -l: loaded in {:.0} ms of CPU, {second:.0} a second", bare * 1e3);
}

/// Seconds of CPU that ended children have used, in steps of 10 ms.
fn children() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after.split_whitespace().skip(13).take(2);
    ticks.filter_map(|it| it.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// KiB of memory of this process.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}
