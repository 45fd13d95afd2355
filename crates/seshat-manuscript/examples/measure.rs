//! What a keystroke, a load, a merge and a count cost. Run with `--release`; the figures go into a report, not
//! into a test, because they are the machine's as much as ours.
//!
//! `cargo run --release -p seshat-manuscript --example measure`

#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::time::{Duration, Instant};

use seshat_manuscript::{Block, Marks, Op, Paragraph, Passage, SceneText, Unit, words};

/// Small deterministic noise: a measurement needs no better.
struct Noise(u64);

impl Noise {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end
    }
}

fn passage(count: usize) -> Passage {
    let line =
        "The lamp went out and nobody in the long room said what each of them had seen there ";
    let paragraphs =
        (0..count / 85).map(|_| Paragraph::new(Block::Body, line.repeat(5).trim())).collect();
    Passage { paragraphs }
}

fn time<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{name}: {:?}", start.elapsed());
    result
}

fn insert(at: usize, text: &str) -> Op {
    Op::Insert { at, text: text.to_owned(), marks: Some(Marks::default()) }
}

/// Types `keys` letters in bursts at random places, a tenth of them taken back; exports every `every` keys.
fn typed(scene: &mut SceneText, keys: usize, every: usize, noise: &mut Noise) -> Vec<Vec<u8>> {
    let mut updates = Vec::new();
    let mut length = scene.flat().chars().count();
    let mut at = 1;
    for key in 0..keys {
        if key % 40 == 0 {
            at = 1 + noise.below(length);
        }
        let op = if key % 10 == 9 && at > 1 {
            (at, length) = (at - 1, length - 1);
            Op::Delete { at, len: 1 }
        } else {
            (at, length) = (at + 1, length + 1);
            insert(at - 1, "e")
        };
        scene.apply(&[op], Unit::Utf16).expect("the places are in the text");
        if key % every == every - 1 {
            updates.extend(scene.take_update());
        }
    }
    updates
}

fn per(name: &str, total: Duration, count: usize) {
    println!(
        "{name}: {:.1} µs each",
        total.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).unwrap_or(1))
    );
}

fn main() {
    let passage = passage(10_000);
    println!("{} words, {} characters", passage.words(), passage.characters());
    let mut scene = time("scene from passage", || SceneText::from_passage(&passage, 1));
    let first = time("export of it", || scene.take_update()).expect("it has content");
    println!("  {} bytes", first.len());
    let mut noise = Noise(7);
    let start = Instant::now();
    let each = typed(&mut scene, 20_000, 1, &mut noise);
    per("keystroke with export", start.elapsed(), 20_000);
    println!("  {} bytes each", each.iter().map(Vec::len).sum::<usize>() / each.len());
    let start = Instant::now();
    typed(&mut scene, 100_000, 1000, &mut noise);
    per("keystroke, exported every 1,000", start.elapsed(), 100_000);

    let snapshot = time("snapshot, loaded again and compared", || scene.snapshot()).expect("whole");
    println!("  {} bytes with 120,000 keystrokes of history", snapshot.len());
    let mut loaded =
        time("load of it", || SceneText::load(2, [&snapshot[..]])).expect("a snapshot loads");
    time("runs after load", || loaded.runs());
    time("first edit after load", || loaded.apply(&[insert(100, "x")], Unit::Utf16)).expect("fits");
    time("second edit", || loaded.apply(&[insert(101, "y")], Unit::Utf16)).expect("fits");
    println!("  update: {} bytes", loaded.take_update().map_or(0, |update| update.len()));

    let mut other = SceneText::load(3, [&snapshot[..]]).expect("a snapshot loads");
    typed(&mut loaded, 20_000, 20_000, &mut noise);
    let updates = typed(&mut other, 20_000, 20_000, &mut noise);
    let parts: Vec<&[u8]> = updates.iter().map(Vec::as_slice).collect();
    time("merge of 20,000 keystrokes into 20,000", || loaded.merge_all(parts)).expect("fits");
    time("edit after it", || loaded.apply(&[insert(100, "x")], Unit::Utf16)).expect("fits");
    let small = typed(&mut other, 30, 30, &mut noise);
    time("merge of 30 keystrokes", || loaded.merge(&small[0])).expect("fits");
    time("edit after it", || loaded.apply(&[insert(100, "x")], Unit::Utf16)).expect("fits");

    let rows: Vec<&[u8]> =
        std::iter::once(&first[..]).chain(each[..2000].iter().map(Vec::as_slice)).collect();
    time("load from 2,001 rows", || SceneText::load(4, rows)).expect("rows load");

    let novel = self::passage(120_000).flat();
    assert_eq!(words("warm"), 1);
    let count = time("words of a novel", || words(&novel));
    println!("  {count} words");
}
