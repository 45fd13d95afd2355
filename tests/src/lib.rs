//! What the journeys share: a laptop with something on it that must not be lost.

use std::cell::Cell;
use std::path::{Path, PathBuf};

use seshat_testkit::{Laptop, SmallNovel, same_files, small_novel};
use tempfile::TempDir;

/// The email address of every account.
pub const EMAIL: &str = "author@example.org";

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
    /// Makes the vault and imports the novel.
    #[must_use]
    pub fn new() -> Self {
        let room = room();
        let laptop = Laptop::new(room.path(), "anna");
        let novel = small_novel(&room.path().join("novel"));
        let _imported = laptop.json(&["import", &text(&novel.folder)]);
        let before = laptop.exported(novel.title, "before");
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
