//! A library of twenty long novels on its way through a server.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::{PASSWORD, corpus, measure, memory, row, start_server};
use seshat_app::{Desk, SecondSecret};

/// Novels in the library.
const NOVELS: usize = 20;
/// Words by white space in each, at least.
const WORDS: usize = 200_000;
/// What a tick of the system's clock for processes is, nearly everywhere.
const TICK: Duration = Duration::from_millis(10);

/// Sends the library up and fetches it down; prints what it costs client and server.
pub(crate) fn through_a_server(folder: &Path) {
    let Some(novels) = novels(&folder.join("shelf")) else {
        return println!("the library is left out: the corpus is not here");
    };
    let room = folder.join("library");
    fs::create_dir(&room).unwrap();
    let desk = Desk::at(room.join("anna"), "anna".into());
    desk.create_vault(PASSWORD.into(), SecondSecret::None).unwrap();
    let (mut words, mut bytes) = (0, 0);
    for novel in &novels {
        let text = super::text_of(novel);
        bytes += text.len();
        words += desk.import(novel, None, None).unwrap().novel.words;
    }
    println!("a library of {NOVELS} novels, {words} words, {} MB of Markdown", bytes / 1_000_000);
    let (mut server, url) = start_server(&room);
    desk.connect(&url, "bench@example.org").unwrap();
    let before = server_cpu(server.id());
    let (up, cost) = measure(|| desk.sync().unwrap());
    row(&format!("  first sync up, {} records", up.up), cost, None);
    let there = server_cpu(server.id());
    println!("    the server's CPU: {} ms", (there - before).as_millis());
    println!(
        "    the server keeps {:.2} bytes for a byte of text",
        ratio(kept(&room.join("server")), bytes)
    );
    desk.close();

    let other = Desk::at(room.join("ben"), "ben".into());
    let (_, joining) =
        measure(|| other.join(&url, "bench@example.org", PASSWORD.into(), None).unwrap());
    row("  baseline: joining, which is Argon2id and the vault", joining, None);
    let (down, cost) = measure(|| other.sync().unwrap());
    row(
        &format!("  first sync down, {} records; aim: 1 s of CPU", down.down),
        cost,
        Some(("joining", joining)),
    );
    println!("    the server's CPU: {} ms", (server_cpu(server.id()) - there).as_millis());
    println!(
        "    most memory: server {} MB, both clients in this process {} MB",
        memory(&server.id().to_string(), "VmHWM:"),
        memory("self", "VmHWM:")
    );
    other.close();
    server.kill().unwrap();
    server.wait().unwrap();
}

/// Folders of chapters, long novels made of the corpus' chapters in turn.
fn novels(shelf: &Path) -> Option<Vec<PathBuf>> {
    let mut books: Vec<_> =
        fs::read_dir(corpus().join("novels")).ok()?.flatten().map(|it| it.path()).collect();
    books.sort();
    let mut chapters = Vec::new();
    for book in &books {
        let mut files: Vec<_> = fs::read_dir(book).unwrap().flatten().map(|it| it.path()).collect();
        files.retain(|it| it.extension().is_some_and(|it| it == "md"));
        files.sort();
        chapters.extend(files);
    }
    let mut source = chapters.iter().cycle();
    let made = (1..=NOVELS).map(|number| {
        let novel = shelf.join(format!("Novel {number}"));
        fs::create_dir_all(&novel).unwrap();
        let (mut words, mut chapter) = (0, 0);
        while words < WORDS {
            let text = fs::read_to_string(source.next().unwrap()).unwrap();
            words += text.split_whitespace().count();
            chapter += 1;
            fs::write(novel.join(format!("{chapter:04}.md")), text).unwrap();
        }
        novel
    });
    Some(made.collect())
}

/// The CPU that a process has used: its 14th and 15th field in proc(5), of which the second may hold blanks.
pub(crate) fn server_cpu(process: u32) -> Duration {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let (_, behind) = stat.rsplit_once(')').unwrap();
    let fields: Vec<_> = behind.split_whitespace().collect();
    TICK * (fields[11].parse::<u32>().unwrap() + fields[12].parse::<u32>().unwrap())
}

/// Bytes of all files in a folder.
pub(crate) fn kept(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let size = |path: PathBuf| {
        if path.is_dir() { kept(&path) } else { path.metadata().map_or(0, |data| data.len()) }
    };
    entries.flatten().map(|entry| size(entry.path())).sum()
}

#[allow(clippy::cast_precision_loss, reason = "a ratio to look at")]
pub(crate) fn ratio(kept: u64, bytes: usize) -> f64 {
    kept as f64 / bytes as f64
}
