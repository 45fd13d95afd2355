//! What the history of a scene costs: `cargo run -p seshat-manuscript --example history -- TRACE.json.gz`, with a
//! sequential editing trace of the corpus. Prints bytes and milliseconds; compares nothing.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement for a person")]

use std::time::Instant;

use seshat_manuscript::{NewComment, Op, SceneText, Unit, thin, word_diff};
use seshat_protocol::DocumentId;

fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    println!("{what}: {:.1} ms", start.elapsed().as_secs_f64() * 1000.0);
    done
}

fn main() {
    let path = std::env::args().nth(1).expect("the path of a trace");
    let packed = std::fs::read(path).unwrap();
    // gzip: a header of 10 bytes and an optional name, then deflate.
    let named = packed[3] & 8 != 0;
    let name = if named { packed[10..].iter().position(|&b| b == 0).unwrap() + 1 } else { 0 };
    let json = miniz_oxide::inflate::decompress_to_vec(&packed[10 + name..]).unwrap();
    let trace: serde_json::Value = serde_json::from_slice(&json).unwrap();

    let mut scene = SceneText::new(1);
    let mut seconds = 1_600_000_000_i64;
    let mut patches = 0;
    timed("typing", || {
        for txn in trace["txns"].as_array().unwrap() {
            for patch in txn["patches"].as_array().unwrap() {
                let number = |at: usize| usize::try_from(patch[at].as_u64().unwrap()).unwrap();
                let (at, len, text) = (number(0) + 1, number(1), patch[2].as_str().unwrap());
                let mut ops = Vec::new();
                if len > 0 {
                    ops.push(Op::Delete { at, len });
                }
                if !text.is_empty() {
                    ops.push(Op::Insert { at, text: text.to_owned(), marks: None });
                }
                // A keystroke every 0.6 s, two hours a day.
                patches += 1;
                if patches % 5 == 0 {
                    seconds += 3;
                }
                if patches % 12_000 == 0 {
                    seconds += 22 * 3600;
                }
                scene.set_time(seconds);
                scene.apply(&ops, Unit::Scalar).unwrap();
            }
        }
    });
    let text = scene.flat();
    println!("{patches} patches, {} bytes of text, {} words", text.len(), scene.words());
    let update = timed("update", || scene.take_update().unwrap());
    let history = timed("history (verified)", || scene.history(b"").unwrap());
    let snapshot = timed("snapshot (verified)", || scene.snapshot().unwrap());
    let json = serde_json::to_string(&scene.passage()).unwrap().len();
    println!(
        "update {} B, history {} B (of it JSON {json} B), snapshot {} B",
        update.len(),
        history.len(),
        snapshot.len()
    );
    let mut loaded = timed("load of the history", || SceneText::load(2, [&history[..]]).unwrap());
    timed("load of the snapshot", || SceneText::load(3, [&snapshot[..]]).unwrap());
    let moments = timed("timeline", || loaded.timeline(1800));
    let middle = moments[moments.len() / 2].version.clone();
    println!("{} moments, {} thinned", moments.len(), thin(moments.clone(), seconds, 0).len());
    let past = timed("an old version", || loaded.at(&middle).unwrap());
    let (old, new) = (past.passage(), loaded.passage());
    let diff = timed("word diff", || word_diff(&old, &new));
    println!("{} words added, {} removed", diff.added, diff.removed);
    let length = text.chars().count();
    timed("comment", || {
        let new = NewComment { id: "c", text: "?", author: "", at: 0 };
        loaded.add_comment(&new, length / 2..length / 2 + 9, Unit::Scalar).unwrap();
    });
    timed("comments", || loaded.comments());
    loaded.apply(&[Op::Delete { at: length / 2 - 5, len: 30 }], Unit::Scalar).unwrap();
    timed("comments, text deleted", || loaded.comments());
    timed("bringing back", || loaded.restore(&middle).unwrap());
    println!("that update: {} B", loaded.take_update().unwrap().len());
    let tail =
        timed("split", || loaded.split_off(1000, Unit::Scalar, 9, DocumentId([1; 16])).unwrap());
    println!(
        "that update: {} B for {} characters",
        loaded.take_update().unwrap().len(),
        tail.flat().chars().count()
    );
}
