//! Real editing histories, keystroke by keystroke, through everything: page operations, the document, sealed records,
//! the database, and for the one of two writers a server each that hears of the other's records exactly as late as
//! the history says. Left out where the corpus is not.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use miniz_oxide::inflate::decompress_to_vec;
use serde::Deserialize;

use super::laptop::Laptop;
use super::rig;
use super::server::{Account, Network};
use super::template::template;
use super::{START, world};
use crate::{Attributes, EditOp};

#[derive(Deserialize)]
struct Trace {
    #[serde(rename = "endContent")]
    end: String,
    txns: Vec<Txn>,
}

#[derive(Deserialize)]
struct Txn {
    #[serde(default)]
    parents: Vec<usize>,
    #[serde(default)]
    agent: usize,
    /// Position, characters deleted there, characters put there instead.
    patches: Vec<(usize, usize, String)>,
}

impl Txn {
    /// The same for a scene's flat text, which has a newline before the trace's first character. The traces are ASCII,
    /// so that characters are UTF-16 units.
    fn ops(&self) -> Vec<EditOp> {
        let mut ops = Vec::new();
        for (at, length, text) in &self.patches {
            let at = at + 1;
            if *length > 0 {
                ops.push(EditOp::Delete { at, length: *length });
            }
            if !text.is_empty() {
                ops.push(EditOp::Insert { at, text: text.clone(), attributes: Attributes::new() });
            }
        }
        ops
    }
}

#[expect(clippy::disallowed_methods, reason = "a test is told where the corpus is")]
fn corpus() -> PathBuf {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus");
    std::env::var_os("SESHAT_CORPUS").map_or_else(beside, PathBuf::from)
}

/// A trace, if it is here.
fn trace(name: &str) -> Option<Trace> {
    let packed = std::fs::read(corpus().join("traces").join(name)).ok()?;
    // RFC 1952: ten bytes, then a name that ends with a zero where a flag says so; behind the stream, eight more.
    assert_eq!((packed[0], packed[1], packed[2]), (0x1f, 0x8b, 8), "gzip, deflate");
    let mut begin = 10;
    if packed[3] & 8 != 0 {
        begin += packed[begin..].iter().position(|byte| *byte == 0)? + 1;
    }
    let json = decompress_to_vec(&packed[begin..packed.len() - 8]).expect("a whole stream");
    let trace: Trace = serde_json::from_slice(&json).expect("a trace");
    assert!(trace.end.is_ascii());
    Some(trace)
}

fn left_out(name: &str) {
    println!("left out: {name} is not here");
}

/// The empty scene of the template's novel.
fn empty_scene(laptop: &Laptop) -> String {
    let outline = laptop.desk.outline(&template().novel).unwrap();
    let last = outline.nodes.last().unwrap().children.last().unwrap();
    assert_eq!(last.words, 0);
    last.scene.clone().unwrap()
}

fn laptop(folder: &Path, number: usize) -> (Laptop, Arc<Mutex<Account>>) {
    let account = Arc::new(Mutex::new(template().account.clone()));
    let home = folder.join(number.to_string());
    world::renew(&home, &template().homes[number]);
    let network = Network::new(Arc::clone(&account), 0);
    (Laptop::start(home, network), account)
}

/// What the disk alone has of a scene.
fn on_disk(laptop: &mut Laptop, scene: &str) -> String {
    laptop.restart();
    laptop.desk.show_scene(&template().novel, scene).unwrap().flat
}

#[test]
fn a_real_history_ends_in_exactly_its_text() {
    let name = "sequential_traces__friendsforever_flat.json.gz";
    let Some(trace) = trace(name) else { return left_out(name) };
    template();
    rig::begin(5, START);
    let folder = tempfile::tempdir().unwrap();
    let (mut laptop, _account) = laptop(folder.path(), 0);
    let scene = empty_scene(&laptop);
    // A second of typing is a batch, three are a save.
    for (number, batch) in trace.txns.chunks(8).enumerate() {
        laptop.edit_scene(&scene, batch.iter().flat_map(Txn::ops).collect()).unwrap();
        if number % 3 == 0 {
            laptop.desk.flush().unwrap();
        }
    }
    laptop.desk.flush().unwrap();
    assert!(on_disk(&mut laptop, &scene) == format!("\n{}", trace.end), "another text");
    rig::end();
}

#[test]
fn a_real_history_of_two_writers_ends_in_exactly_its_text_on_both_laptops() {
    let name = "concurrent_traces__friendsforever.json.gz";
    let Some(trace) = trace(name) else { return left_out(name) };
    template();
    rig::begin(6, START);
    let folder = tempfile::tempdir().unwrap();
    let mut writers = Writers::new(folder.path());
    let runs = runs(&trace);
    for run in &runs {
        for (other, wanted) in &run.needs {
            writers.hear(run.agent, *other, *wanted);
        }
        let ops = trace.txns[run.first..=run.last].iter();
        let ops = ops.filter(|txn| txn.agent == run.agent).flat_map(Txn::ops).collect();
        writers.write(run.agent, ops);
    }
    let (zero, one) = (writers.written[0], writers.written[1]);
    writers.hear(0, 1, one);
    writers.hear(1, 0, zero);
    let wanted = format!("\n{}", trace.end);
    for laptop in &mut writers.laptops {
        assert!(on_disk(laptop, &writers.scene) == wanted, "another text");
        assert_eq!(laptop.desk.check().unwrap().problems, Vec::<String>::new());
    }
    rig::end();
}

/// What one writer did between hearing of the other, or being heard: one save.
struct Run {
    agent: usize,
    first: usize,
    last: usize,
    /// Of another writer, how many saves are known by now.
    needs: BTreeMap<usize, usize>,
}

/// Cuts the history into saves, wherever somebody else built upon it.
fn runs(trace: &Trace) -> Vec<Run> {
    let agent = |index: usize| trace.txns[index].agent;
    let foreign = |index: usize| {
        let parents = trace.txns[index].parents.iter().copied();
        parents.filter(move |parent| agent(*parent) != agent(index))
    };
    let heard: std::collections::BTreeSet<usize> =
        (0..trace.txns.len()).flat_map(foreign).collect();
    let mut runs: Vec<Run> = Vec::new();
    let mut open: BTreeMap<usize, usize> = BTreeMap::new();
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    // Which save of its writer a keystroke is in.
    let mut save_of: Vec<usize> = Vec::with_capacity(trace.txns.len());
    for index in 0..trace.txns.len() {
        let writer = agent(index);
        let needs: BTreeMap<usize, usize> =
            foreign(index).map(|parent| (agent(parent), save_of[parent])).collect();
        if !needs.is_empty() {
            open.remove(&writer);
        }
        let run = *open.entry(writer).or_insert_with(|| {
            *counts.entry(writer).or_default() += 1;
            runs.push(Run { agent: writer, first: index, last: index, needs });
            runs.len() - 1
        });
        runs[run].last = index;
        save_of.push(counts[&writer]);
        if heard.contains(&index) {
            open.remove(&writer);
        }
    }
    runs
}

/// Two laptops, each with a server of its own, and records carried from one server to the other by hand.
struct Writers {
    laptops: [Laptop; 2],
    accounts: [Arc<Mutex<Account>>; 2],
    scene: String,
    /// Saves of each so far.
    written: [usize; 2],
    /// Saves of the other that each has heard of.
    heard: [usize; 2],
}

impl Writers {
    fn new(folder: &Path) -> Self {
        let ((zero, of_zero), (one, of_one)) = (laptop(folder, 0), laptop(folder, 1));
        let scene = empty_scene(&zero);
        let (laptops, accounts) = ([zero, one], [of_zero, of_one]);
        Self { laptops, accounts, scene, written: [0; 2], heard: [0; 2] }
    }

    fn write(&mut self, agent: usize, ops: Vec<EditOp>) {
        let laptop = &mut self.laptops[agent];
        laptop.edit_scene(&self.scene, ops).unwrap();
        laptop.desk.flush().unwrap();
        self.written[agent] += 1;
    }

    /// Brings an agent so many saves of the other.
    fn hear(&mut self, agent: usize, other: usize, wanted: usize) {
        if wanted <= self.heard[agent] {
            return;
        }
        let came = self.laptops[other].carry().unwrap();
        assert!(came.complete, "{came:?}");
        let device = self.laptops[other].device();
        let records = self.accounts[other].lock().unwrap().written_by(device);
        let begin = records.len() - self.written[other];
        let mut account = self.accounts[agent].lock().unwrap();
        for record in &records[begin + self.heard[agent]..begin + wanted] {
            account.take(record);
        }
        drop(account);
        self.heard[agent] = wanted;
        let came = self.laptops[agent].carry().unwrap();
        assert!(came.complete, "{came:?}");
        self.laptops[agent].forget_page(&self.scene);
    }
}

/// A year of writing: a scene that grows on 250 days, saved and sent as the program does, put together once a week when
/// nobody writes. Gives bytes of the text, of the records that stay, and by how much the database grew.
fn year(trace: &Trace, saved: usize) -> (usize, u64, u64) {
    const DAYS: usize = 250;
    template();
    rig::begin(8, START);
    let folder = tempfile::tempdir().unwrap();
    let (mut laptop, _account) = laptop(folder.path(), 0);
    let scene = empty_scene(&laptop);
    let size = |laptop: &mut Laptop| {
        laptop.restart();
        std::fs::metadata(laptop.home.join("seshat.db")).unwrap().len()
    };
    let before = size(&mut laptop);
    let held_before = held_bytes(&laptop);
    let a_day = trace.txns.len().div_ceil(DAYS);
    for (day, written) in trace.txns.chunks(a_day).enumerate() {
        // Seven in the evening, or with every fifth session the next morning.
        laptop.clock += if day % 5 == 4 { 14 } else { 32 } * 60 * 60 * 1000;
        for batch in written.chunks(saved) {
            laptop.clock += 200 * u64::try_from(batch.len()).unwrap() + 20_000;
            laptop.wake();
            laptop.edit_scene(&scene, batch.iter().flat_map(Txn::ops).collect()).unwrap();
            laptop.desk.flush().unwrap();
        }
        if day % 5 == 4 {
            together(&mut laptop);
        }
    }
    together(&mut laptop);
    let text = on_disk(&mut laptop, &scene);
    assert!(text == format!("\n{}", trace.end), "another text");
    let (held, after) = (held_bytes(&laptop) - held_before, size(&mut laptop));
    assert_eq!(laptop.desk.check().unwrap().problems, Vec::<String>::new());
    rig::end();
    (text.len(), held, after - before)
}

/// What the background does when nobody writes: send, put together, send that, remove what is contained.
fn together(laptop: &mut Laptop) {
    laptop.clock += 60 * 60 * 1000;
    laptop.wake();
    for turn in 0..2 {
        assert!(laptop.round(None).unwrap().unwrap().complete);
        if turn == 0 {
            laptop.desk.compact_documents(crate::compacting::Which::All, &mut || true).unwrap();
        }
    }
    laptop.desk.purge(&mut || true).unwrap();
}

/// Header and body of all records.
fn held_bytes(laptop: &Laptop) -> u64 {
    let bytes = laptop.desk.with_session(|_, store| {
        let records = store.all_records().collect::<Result<Vec<_>, _>>()?;
        Ok(records.iter().map(|held| held.record.stored_len()).sum::<usize>())
    });
    u64::try_from(bytes.unwrap()).unwrap()
}

#[test]
fn a_year_of_writing_costs_at_most_three_times_the_text() {
    let (name, saved) = match super::number("SESHAT_YEAR") {
        Some(saved) => ("sequential_traces__automerge-paper.json.gz", saved),
        None => ("sequential_traces__friendsforever_flat.json.gz", 12),
    };
    let Some(trace) = trace(name) else { return left_out(name) };
    let (text, held, grown) = year(&trace, usize::try_from(saved).unwrap());
    let times = |bytes: u64| bytes as f64 / text as f64;
    println!(
        "{} keystrokes, {text} bytes of text: records {held} bytes ({:.2} x), database +{grown} ({:.2} x)",
        trace.txns.len(),
        times(held),
        times(grown)
    );
    assert!(times(grown) <= 3.0, "{grown} bytes of the file for {text} of text");
}
