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

/// Types the trace at `path`, a keystroke every 0.6 s and two hours a day; the scene and the time at the end.
fn typed(path: &str) -> (SceneText, i64) {
    let packed = std::fs::read(path).unwrap();
    // gzip: a header of 10 bytes and an optional name, then deflate.
    let named = packed[3] & 8 != 0;
    let name = if named { packed[10..].iter().position(|&b| b == 0).unwrap() + 1 } else { 0 };
    let json = miniz_oxide::inflate::decompress_to_vec(&packed[10 + name..]).unwrap();
    let trace: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let mut scene = SceneText::new(1);
    let (mut seconds, mut patches) = (1_600_000_000_i64, 0_u32);
    for patch in
        trace["txns"].as_array().unwrap().iter().flat_map(|txn| txn["patches"].as_array().unwrap())
    {
        let number = |at: usize| usize::try_from(patch[at].as_u64().unwrap()).unwrap();
        let (at, len, text) = (number(0) + 1, number(1), patch[2].as_str().unwrap());
        let deletes = (len > 0).then_some(Op::Delete { at, len });
        let insert = Op::Insert { at, text: text.to_owned(), marks: None };
        let ops: Vec<Op> =
            deletes.into_iter().chain((!text.is_empty()).then_some(insert)).collect();
        patches += 1;
        seconds += if patches.is_multiple_of(5) { 3 } else { 0 };
        seconds += if patches.is_multiple_of(12_000) { 22 * 3600 } else { 0 };
        scene.set_time(seconds);
        scene.apply(&ops, Unit::Scalar).unwrap();
    }
    println!("{patches} keystrokes, {} B of text, {} words", scene.flat().len(), scene.words());
    (scene, seconds)
}

fn main() {
    let path = std::env::args().nth(1).expect("the path of a trace");
    let (mut scene, seconds) = timed("typing", || typed(&path));
    let update = timed("update", || scene.take_update().unwrap().len());
    let history = timed("history (verified)", || scene.history(b"").unwrap());
    let snapshot = timed("snapshot (verified)", || scene.snapshot().unwrap());
    let json = serde_json::to_string(&scene.passage()).unwrap().len();
    let (all, state) = (history.len(), snapshot.len());
    println!("update {update} B, history {all} B (of it JSON {json} B), snapshot {state} B");
    let loaded = timed("load of the history", || SceneText::load(2, [&history[..]]).unwrap());
    timed("load of the snapshot", || drop(SceneText::load(3, [&snapshot[..]]).unwrap()));
    look_back(loaded, seconds);
}

fn look_back(mut scene: SceneText, now: i64) {
    let moments = timed("timeline", || scene.timeline(1800));
    let middle = moments[moments.len() / 2].version.clone();
    println!("{} moments, {} thinned", moments.len(), thin(moments, now, 0).len());
    let past = timed("an old version", || scene.at(&middle).unwrap());
    let (old, new) = (past.passage(), scene.passage());
    let diff = timed("word diff", || word_diff(&old, &new));
    println!("{} words added, {} removed", diff.added, diff.removed);
    let half = scene.flat().chars().count() / 2;
    let comment = NewComment { id: "c", text: "?", author: "", at: 0 };
    scene.add_comment(&comment, half..half + 9, Unit::Scalar).unwrap();
    timed("comments", || drop(scene.comments()));
    scene.apply(&[Op::Delete { at: half - 5, len: 30 }], Unit::Scalar).unwrap();
    timed("comments, text deleted", || drop(scene.comments()));
    timed("bringing back", || scene.restore(&middle).unwrap());
    println!("that update: {} B", scene.take_update().unwrap().len());
    let target = DocumentId([1; 16]);
    let tail = timed("split", || scene.split_off(1000, Unit::Scalar, 9, target).unwrap());
    let (bytes, moved) = (scene.take_update().unwrap().len(), tail.flat().chars().count());
    println!("that update: {bytes} B for {moved} characters");
}
