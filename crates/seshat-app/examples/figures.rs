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

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cpu_time::ProcessTime;
use seshat_app::{Attributes, Desk, Edit, EditOp, SecondSecret};
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
        let edit =
            Edit { novel: novel.into(), scene: scene.into(), session, sequence, ops: vec![op] };
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
    let (up, cost) = measure(|| desk.sync().unwrap());
    row(&format!("first sync up, {} records", up.up), cost, Some(("file", base)));
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let corpus = std::env::var_os("SESHAT_CORPUS")
        .map_or_else(|| root.join("../shared/corpus"), PathBuf::from)
        .join("novels/pride-and-prejudice");
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
