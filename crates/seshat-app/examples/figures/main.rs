//! Prints the figures that docs/measurements.md explains, each beside a named baseline from the same run.
//!
//! `make bench`, or: `cargo run --release -p seshat-app --example figures`
//!
//! Times vary between machines; ratios do not vary much. CPU is that of this process, all threads.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a program for a person at a terminal; whatever fails ends it"
)]

mod library;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use seshat_app::{Attributes, Desk, Edit, EditOp, Op, Query, SecondSecret};
use seshat_manuscript::{SceneText, Unit};
use seshat_protocol::{AccountId, NovelId};
use seshat_vault::{
    AccountCodeUse, Entropy, EntropyError, KdfParams, NewVault, Password, Secret, kdf, vault,
};

const PASSWORD: &str = "lantern gravel oboe tuesday";
/// Keystroke batches measured.
const BATCHES: u64 = 200;
/// Novels in the vault whose unlocking is taken apart.
const NOVELS: u8 = 30;
/// How often each part of it runs.
const UNLOCKS: usize = 15;
/// Novels that are one long novel together.
const LONG: [&str; 7] = [
    "dracula",
    "pride-and-prejudice",
    "madame-bovary",
    "treasure-island",
    "hound-of-the-baskervilles",
    "alice-in-wonderland",
    "die-verwandlung",
];
/// Searches of one kind.
const SEARCHES: usize = 20;
/// Real editing histories, keystroke by keystroke.
const TRACES: [&str; 2] = [
    "sequential_traces__friendsforever_flat.json.gz",
    "sequential_traces__automerge-paper.json.gz",
];
/// Keystrokes in a batch: what a quick typist writes in a second.
const BATCH: usize = 7;

fn main() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let novel = novel_folder(folder.path());
    let bytes = text_of(&novel);
    let words = white_space_words(&bytes);
    println!("novel: {words} words, {} KB of Markdown", bytes.len() / 1024);

    let plain = plain_write(folder.path(), &bytes);
    row("baseline: the same bytes written to a file and synced", plain, None);

    let home = folder.path().join("anna");
    let desk = Desk::at(home.clone(), "bench".into());
    desk.create_vault(PASSWORD.into(), SecondSecret::None).unwrap();
    let (imported, import) = measure(|| desk.import(&novel, None, None).unwrap());
    row("import, sealed and durable", import, Some(("file", plain)));
    let id = imported.novel.id;
    desk.close();

    unlocking(&home);
    unlocking_taken_apart();
    let desk = Desk::at(home, "bench".into());
    desk.unlock(PASSWORD.into()).unwrap();
    let (outline, time) = measure(|| desk.outline(&id).unwrap());
    row("outline of the whole novel", time, Some(("import", import)));
    let chapter = outline.nodes.iter().flat_map(|node| &node.children).max_by_key(|it| it.words);
    let scene = chapter.and_then(|it| it.scene.clone().or_else(|| it.children[0].scene.clone()));
    let scene = scene.unwrap();
    let (view, open) = measure(|| desk.open_scene(&id, &scene).unwrap());
    row(&format!("open a scene of {} words", view.words), open, Some(("import", import)));
    typing(&desk, &id, &scene, view.session, folder.path());
    syncing(&desk, folder.path(), bytes.len());
    desk.close();
    long_novel(folder.path());
    for name in TRACES {
        history(folder.path(), name);
    }
    library::through_a_server(folder.path());
}

/// Several novels in one, of which an outline, a scene and words are wanted.
fn long_novel(folder: &Path) {
    let corpus = corpus().join("novels");
    if !corpus.is_dir() {
        return println!("the long novel is left out: {} is not here", corpus.display());
    }
    let long = folder.join("long");
    fs::create_dir(&long).unwrap();
    for (book, name) in LONG.iter().enumerate() {
        for entry in fs::read_dir(corpus.join(name)).unwrap().flatten() {
            let file = entry.file_name().into_string().unwrap();
            if file.ends_with(".md") {
                fs::copy(entry.path(), long.join(format!("{book}{file}"))).unwrap();
            }
        }
    }
    let home = folder.join("long-home");
    let desk = Desk::at(home.clone(), "bench".into());
    desk.create_vault(PASSWORD.into(), SecondSecret::None).unwrap();
    let (imported, import) = measure(|| desk.import(&long, Some("Long".to_owned()), None).unwrap());
    let id = imported.novel.id;
    row(&format!("import {} words", imported.novel.words), import, None);
    desk.close();
    let desk = Desk::at(home, "bench".into());
    desk.vault_state().unwrap();
    desk.unlock(PASSWORD.into()).unwrap();
    let resident = || memory("self", "VmRSS:");
    let before = resident();
    let (outline, cost) = measure(|| desk.outline(&id).unwrap());
    row("  its outline; aim: 50 ms of CPU", cost, Some(("import", import)));
    let scenes = outline.nodes.iter().flat_map(|node| {
        let below = node.children.iter().flat_map(|it| std::iter::once(it).chain(&it.children));
        std::iter::once(node).chain(below)
    });
    let scene = scenes.filter(|it| it.scene.is_some()).max_by_key(|it| it.words).unwrap();
    let (view, cost) = measure(|| desk.open_scene(&id, scene.scene.as_ref().unwrap()).unwrap());
    row(&format!("  its longest scene of {} words opened; aim: 10 ms", view.words), cost, None);
    let query = |text: &str| Query {
        text: text.into(),
        novel: Some(id.clone()),
        case: false,
        accents: false,
        whole_word: false,
        regex: false,
    };
    let (found, cold) = measure(|| desk.find(&query("the first time"), None).unwrap());
    row(&format!("  first search, {} places; aim: 50 ms", found.total), cold, None);
    let warm: Vec<_> = (0..SEARCHES)
        .map(|_| measure(|| desk.find(&query("lantern light"), None).unwrap()).1)
        .collect();
    row("  a search after it; aim: 5 ms", mean(&warm), Some(("first", cold)));
    println!("  memory: {before} MB unlocked, {} MB with outline and search", resident());
    desk.close();
}

/// Megabytes of a process: what it holds now (`VmRSS:`) or the most that it has held (`VmHWM:`).
fn memory(process: &str, what: &str) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap();
    line.split_whitespace().next().unwrap().parse::<u64>().unwrap() / 1024
}

#[derive(serde::Deserialize)]
struct Trace {
    #[serde(rename = "endContent")]
    end: String,
    txns: Vec<Txn>,
}

#[derive(serde::Deserialize)]
struct Txn {
    patches: Vec<(usize, usize, String)>,
}

/// A trace, if it is here.
fn trace(name: &str) -> Option<Trace> {
    let packed = fs::read(corpus().join("traces").join(name)).ok()?;
    // RFC 1952 without a name or with one.
    let named = packed[3] & 8 != 0;
    let begin = 10 + if named { packed[10..].iter().position(|it| *it == 0)? + 1 } else { 0 };
    let json = miniz_oxide::inflate::decompress_to_vec(&packed[begin..packed.len() - 8]).ok()?;
    Some(serde_json::from_slice(&json).unwrap())
}

/// The document alone: a batch written, and all of it loaded.
fn alone(trace: &Trace, wanted: &str, batches: u64) -> (Cost, Cost) {
    let mut text = SceneText::new(1);
    let mut updates = Vec::new();
    let ((), written) = measure(|| {
        for batch in trace.txns.chunks(BATCH) {
            text.apply(&ops(batch), Unit::Scalar).unwrap();
            updates.push(text.take_update().unwrap());
        }
    });
    assert!(text.flat() == wanted, "another text");
    let written = divided(written, batches);
    row("  baseline: a batch in the document alone", written, None);
    let (again, loaded) =
        measure(|| SceneText::load(2, updates.iter().map(Vec::as_slice)).unwrap());
    assert!(again.flat() == wanted, "another text");
    row("  baseline: the document alone loaded from its updates", loaded, None);
    (written, loaded)
}

/// A real history of writing, through everything, beside the document alone.
fn history(folder: &Path, name: &str) {
    let Some(trace) = trace(name) else {
        return println!("{name} is left out: it is not here");
    };
    let batches = u64::try_from(trace.txns.len().div_ceil(BATCH)).unwrap();
    let (keystrokes, length) = (trace.txns.len(), trace.end.len());
    println!("{name}: {keystrokes} keystrokes in {batches} batches, {length} bytes");
    let wanted = format!("\n{}", trace.end);
    let (written, loaded) = alone(&trace, &wanted, batches);

    let home = folder.join(name);
    let desk = Desk::at(home.clone(), "bench".into());
    desk.create_vault(PASSWORD.into(), SecondSecret::None).unwrap();
    let novel = desk.create_novel("A history", "en").unwrap().id;
    let scene = desk.find_scene(&novel, "1/1").unwrap();
    let session = desk.open_scene(&novel, &scene).unwrap().session;
    let empty = size(&home);
    let ((), whole) = measure(|| {
        for (sequence, batch) in (1..).zip(trace.txns.chunks(BATCH)) {
            let (novel, scene, ops) = (novel.clone(), scene.clone(), edit_ops(batch));
            desk.edit_scene(&Edit { novel, scene, session, sequence, ops, typed: false }).unwrap();
            desk.flush().unwrap();
        }
    });
    assert!(desk.show_scene(&novel, &scene).unwrap().flat == wanted, "another text");
    let beside = Some(("document", written));
    row("  a batch applied, counted, sealed and on the disk", divided(whole, batches), beside);
    desk.lock().unwrap();
    desk.unlock(PASSWORD.into()).unwrap();
    let (_, cost) = measure(|| desk.open_scene(&novel, &scene).unwrap());
    row("  the scene opened from its records", cost, Some(("document", loaded)));
    let grown = size(&home) - empty;
    let (report, cost) = measure(|| desk.compact(true).unwrap());
    row("  compacted", cost, None);
    desk.lock().unwrap();
    desk.unlock(PASSWORD.into()).unwrap();
    let (_, cost) = measure(|| desk.open_scene(&novel, &scene).unwrap());
    row("  the scene opened after that", cost, Some(("document", loaded)));
    assert!(desk.show_scene(&novel, &scene).unwrap().flat == wanted, "another text");
    let times = |bytes: u64| bytes as f64 / length as f64;
    println!(
        "  bytes for a byte of text: database {:.1} before; records {:.1} before, {:.2} after compaction",
        times(grown),
        times(report.before),
        times(report.after)
    );
    desk.close();
}

/// Bytes of a vault's database and its log.
fn size(home: &Path) -> u64 {
    ["seshat.db", "seshat.db-wal"]
        .iter()
        .filter_map(|name| fs::metadata(home.join(name)).ok())
        .map(|data| data.len())
        .sum()
}

/// Positions one further than in the trace: a scene's flat text begins with a newline.
fn ops(batch: &[Txn]) -> Vec<Op> {
    let patches = batch.iter().flat_map(|txn| &txn.patches);
    patches
        .flat_map(|(at, len, text)| {
            let delete = (*len > 0).then_some(Op::Delete { at: at + 1, len: *len });
            let insert = Op::Insert { at: at + 1, text: text.clone(), marks: None };
            delete.into_iter().chain((!text.is_empty()).then_some(insert))
        })
        .collect()
}

fn edit_ops(batch: &[Txn]) -> Vec<EditOp> {
    let patches = batch.iter().flat_map(|txn| &txn.patches);
    patches
        .flat_map(|(at, length, text)| {
            let delete = (*length > 0).then_some(EditOp::Delete { at: at + 1, length: *length });
            let attributes = Attributes::new();
            let insert = EditOp::Insert { at: at + 1, text: text.clone(), attributes };
            delete.into_iter().chain((!text.is_empty()).then_some(insert))
        })
        .collect()
}

/// Wall clock and CPU.
#[derive(Clone, Copy)]
struct Cost {
    wall: Duration,
    cpu: Duration,
}

fn measure<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    let done = work();
    (done, Cost { wall: wall.elapsed(), cpu: cpu.elapsed() })
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn row(what: &str, cost: Cost, baseline: Option<(&str, Cost)>) {
    row_of(what, (ms(cost.wall), ms(cost.cpu)), baseline);
}

/// A row of milliseconds, which may be less than none where they are a difference.
fn row_of(what: &str, (wall, cpu): (f64, f64), baseline: Option<(&str, Cost)>) {
    print!("{what:<52} wall {wall:>9.2} ms   CPU {cpu:>9.2} ms");
    if let Some((name, base)) = baseline {
        print!("   = {:.2} x {name} (wall)", wall / ms(base.wall).max(0.001));
    }
    println!();
}

fn divided(cost: Cost, by: u64) -> Cost {
    let by = u32::try_from(by).unwrap();
    Cost { wall: cost.wall / by, cpu: cost.cpu / by }
}

/// Unlocking is the key derivation and what comes on top of it; both run alone here.
fn unlocking(home: &Path) {
    let desk = Desk::at(home.to_owned(), "bench".into());
    desk.vault_state().unwrap();
    let ((), wrong) = measure(|| drop(desk.unlock("not the password at all".into()).unwrap_err()));
    let ((), right) = measure(|| desk.unlock(PASSWORD.into()).unwrap());
    let (_, library) = measure(|| desk.library().unwrap());
    row("baseline: Argon2id alone (a wrong password)", wrong, None);
    row("unlock", right, Some(("Argon2id", wrong)));
    row("library after unlocking", library, Some(("Argon2id", wrong)));
    desk.close();
}

/// The system's random bytes.
struct System;

impl Entropy for System {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(out).map_err(|_| EntropyError)
    }
}

/// What the vault's own unlocking costs on top of the derivation: the same derivation runs alone between the
/// unlockings, and the rest is the middle of the differences. The recovery phrase is not stretched, so its row
/// is that rest without the noise of two long runs.
fn unlocking_taken_apart() {
    let password = Password::new(PASSWORD.into());
    let (account, kdf) = (AccountId([7; 16]), KdfParams::FLOOR);
    let new = NewVault { account, password: &password, kdf, account_code: AccountCodeUse::None };
    let mut made = vault::create(&new, &mut System).unwrap();
    for novel in 1..=NOVELS {
        made.vault.make_novel_key(NovelId([novel; 16]), &mut System).unwrap();
    }
    let blob = made.vault.to_blob(&mut System).unwrap();
    let by_password = Secret::Password { password: &password, code: None };
    let by_phrase = Secret::Recovery(&made.phrase);
    let (mut alone, mut whole, mut unstretched) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..UNLOCKS {
        alone.push(measure(|| kdf::probe(kdf).unwrap()).1);
        whole.push(measure(|| drop(vault::unlock(&blob, by_password, None).unwrap())).1);
        unstretched.push(measure(|| drop(vault::unlock(&blob, by_phrase, None).unwrap())).1);
    }
    let rest = |time: fn(&Cost) -> Duration| {
        let pairs = whole.iter().zip(&alone);
        middle(pairs.map(|(whole, alone)| ms(time(whole)) - ms(time(alone))).collect())
    };
    let base = mean(&alone);
    let beside = Some(("Argon2id", base));
    row("baseline: Argon2id alone at the floor", base, None);
    row(&format!("open a vault of {NOVELS} novels by password"), mean(&whole), beside);
    row_of("  of it on top of Argon2id", (rest(|it| it.wall), rest(|it| it.cpu)), beside);
    row("  the same vault by its phrase, without Argon2id", mean(&unstretched), beside);
}

fn middle(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

fn typing(desk: &Desk, novel: &str, scene: &str, session: u64, folder: &Path) {
    let (mut in_memory, mut on_disk) = (Vec::new(), Vec::new());
    for sequence in 1..=BATCHES {
        let op = EditOp::Insert { at: 1, text: "word ".into(), attributes: Attributes::new() };
        let edit = Edit {
            novel: novel.into(),
            scene: scene.into(),
            session,
            sequence,
            ops: vec![op],
            typed: false,
        };
        in_memory.push(measure(|| desk.edit_scene(&edit).unwrap()).1);
        on_disk.push(measure(|| desk.flush().unwrap()).1);
    }
    let base = synced_appends(folder);
    row("baseline: 100 bytes appended to a file and synced", base, None);
    row("a keystroke batch applied", mean(&in_memory), Some(("synced append", base)));
    row("a keystroke batch sealed and durable", mean(&on_disk), Some(("synced append", base)));
}

fn mean(costs: &[Cost]) -> Cost {
    let wall = costs.iter().map(|cost| cost.wall).sum();
    let cpu = costs.iter().map(|cost| cost.cpu).sum();
    divided(Cost { wall, cpu }, u64::try_from(costs.len()).unwrap())
}

fn synced_appends(folder: &Path) -> Cost {
    let mut file = fs::File::create(folder.join("appended")).unwrap();
    let ((), cost) = measure(|| {
        for _ in 0..BATCHES {
            file.write_all(&[7; 100]).unwrap();
            file.sync_data().unwrap();
        }
    });
    divided(cost, BATCHES)
}

fn syncing(desk: &Desk, folder: &Path, bytes: usize) {
    let (mut server, url) = start_server(folder);
    desk.connect(&url, "bench@example.org").unwrap();
    let base = plain_write(folder, &vec![7; bytes]);
    let before = library::server_cpu(server.id());
    let (up, cost) = measure(|| desk.sync().unwrap());
    let there = library::server_cpu(server.id()) - before;
    row(&format!("first sync up, {} records", up.up), cost, Some(("file", base)));
    println!("  with the server's {} ms of CPU; aim: 150 ms in all", there.as_millis());
    println!("  the server keeps {:.2} bytes for a byte of text; aim: 0.6", {
        library::ratio(library::kept(&folder.join("server")), bytes)
    });
    let other = Desk::at(folder.join("other"), "other".into());
    other.join(&url, "bench@example.org", PASSWORD.into(), None).unwrap();
    let (down, cost) = measure(|| other.sync().unwrap());
    row(&format!("first sync down, {} records", down.down), cost, Some(("file", base)));
    let (_, cost) = measure(|| other.sync().unwrap());
    row("a sync with nothing to do", cost, Some(("file", base)));
    server.kill().unwrap();
    server.wait().unwrap();
}

/// The server beside this program's profile folder.
fn start_server(folder: &Path) -> (Child, String) {
    let examples = std::env::current_exe().unwrap();
    let program = examples.parent().unwrap().parent().unwrap().join("seshat-server");
    let mut server = Command::new(&program)
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(folder.join("server"))
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|_| panic!("build {} first", program.display()));
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let url = line.trim().strip_prefix("listening on ").unwrap().to_owned();
    (server, url)
}

fn plain_write(folder: &Path, bytes: &[u8]) -> Cost {
    measure(|| {
        let mut file = fs::File::create(folder.join("plain")).unwrap();
        file.write_all(bytes).unwrap();
        file.sync_all().unwrap();
    })
    .1
}

/// The long novel of the corpus where there is one, else one made of the sample.
fn novel_folder(folder: &Path) -> PathBuf {
    let corpus = corpus().join("novels/pride-and-prejudice");
    if corpus.is_dir() {
        return corpus;
    }
    let made = folder.join("novel");
    fs::create_dir(&made).unwrap();
    let paragraph =
        "The river kept its light a while longer, and nobody on the quay spoke. ".repeat(14);
    for chapter in 1..=60 {
        let text = format!("# {chapter}\n\n{}", format!("{paragraph}\n\n").repeat(10));
        fs::write(made.join(format!("{chapter:04}.md")), text).unwrap();
    }
    made
}

/// Real input, which stays outside the repository.
fn corpus() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    std::env::var_os("SESHAT_CORPUS").map_or_else(|| root.join("../shared/corpus"), PathBuf::from)
}

fn text_of(novel: &Path) -> Vec<u8> {
    let mut files: Vec<_> = fs::read_dir(novel).unwrap().flatten().map(|it| it.path()).collect();
    files.sort();
    files
        .iter()
        .filter(|it| it.extension().is_some_and(|it| it == "md"))
        .flat_map(|it| fs::read(it).unwrap())
        .collect()
}

fn white_space_words(bytes: &[u8]) -> usize {
    String::from_utf8_lossy(bytes).split_whitespace().count()
}
