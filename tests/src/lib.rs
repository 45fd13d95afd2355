//! What the journeys share: a laptop with something on it that must not be lost.

use std::cell::Cell;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant, UNIX_EPOCH};

use seshat_testkit::{Laptop, SmallNovel, copy_folder, program, same_files, shelf, small_novel};
use tempfile::TempDir;

mod account;
mod sitter;

pub use account::{Account, number, settle, sync_somehow, until_logged};
pub use sitter::Sitter;

/// The email address of every account.
pub const EMAIL: &str = "author@example.org";

/// What comes to be by itself has come by then, on any machine.
const PATIENCE: Duration = Duration::from_secs(90);

/// A folder for one test, gone with it.
///
/// # Panics
/// When none can be made.
#[must_use]
pub fn room() -> TempDir {
    tempfile::Builder::new()
        .prefix("seshat-test-")
        .tempdir()
        .expect("a temporary folder can be made")
}

/// Waits for something that nobody tells of.
///
/// # Panics
/// When it does not come.
pub fn eventually(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < PATIENCE, "it does not come: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Says that a test was left out, and why.
#[allow(clippy::print_stdout, reason = "a test that is left out has to say so")]
pub fn left_out(why: &str) {
    println!("left out: {why}");
}

/// A laptop with a small novel on it, and what that novel is when nothing has been lost.
#[derive(Debug)]
pub struct Written {
    /// Everything of this test.
    pub room: TempDir,
    /// The laptop.
    pub laptop: Laptop,
    /// The novel as it was imported.
    pub novel: SmallNovel,
    before: PathBuf,
    exports: Cell<u32>,
}

impl Written {
    /// A laptop on which the vault was made and the novel imported.
    #[must_use]
    pub fn new() -> Self {
        let room = room();
        copy_folder(template(), room.path());
        let laptop = Laptop::there(room.path(), "anna");
        let novel = small_novel(&room.path().join("novel"));
        let before = PathBuf::from(laptop.path("before"));
        Self { room, laptop, novel, before, exports: Cell::new(0) }
    }

    /// That every record opens and the novel is, byte for byte, what it was.
    pub fn unharmed(&self) {
        let _records = self.laptop.sound();
        self.same_on(&self.laptop);
    }

    /// That the novel on that laptop is, byte for byte, what it was here.
    pub fn same_on(&self, laptop: &Laptop) {
        self.exports.set(self.exports.get() + 1);
        let after = laptop.exported(self.novel.title, &format!("after-{}", self.exports.get()));
        same_files(&self.before, &after);
    }
}

impl Default for Written {
    fn default() -> Self {
        Self::new()
    }
}

/// A path as an argument.
#[must_use]
pub fn text(path: &Path) -> String {
    path.display().to_string()
}

/// A folder with a laptop as [`Written`] needs it. Made once for each build of the program and kept in the target
/// folder: two derivations of a key for each of fifty tests would be a minute.
fn template() -> &'static Path {
    static TEMPLATE: OnceLock<PathBuf> = OnceLock::new();
    TEMPLATE.get_or_init(make_template)
}

fn make_template() -> PathBuf {
    let program = fs::metadata(program("seshat")).expect("the program is there");
    let built = program.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
    let name = format!("written-{:x}-{:x}", built.unwrap_or_default().as_nanos(), program.len());
    let folder = shelf().join(name);
    if !folder.exists() {
        let made = room();
        let laptop = Laptop::new(made.path(), "anna");
        let novel = small_novel(&made.path().join("novel"));
        let _imported = laptop.json(&["import", &text(&novel.folder)]);
        let _before = laptop.exported(novel.title, "before");
        keep(made.path(), &folder);
    }
    folder
}

/// Copies a folder so that it is there whole or not at all; tests run side by side, and one of them wins.
fn keep(made: &Path, folder: &Path) {
    let unfinished = folder.with_extension(std::process::id().to_string());
    copy_folder(made, &unfinished);
    if fs::rename(&unfinished, folder).is_err() {
        fs::remove_dir_all(&unfinished).expect("what was copied can be removed");
    }
}
