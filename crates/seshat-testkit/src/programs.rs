//! Where the built programs are.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The built program of this name: in `$SESHAT_BIN`, else beside the test that runs.
///
/// # Panics
/// When it is not there: the test cannot begin.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    let folder = variable("SESHAT_BIN").map_or_else(beside_the_test, PathBuf::from);
    let path = folder.join(name).with_extension(std::env::consts::EXE_EXTENSION);
    assert!(path.is_file(), "{} is missing: run make programs first", path.display());
    path
}

/// A folder in cargo's target folder for what is dear to make and the same in every test.
#[must_use]
pub fn shelf() -> PathBuf {
    beside_the_test().join("test-shelf")
}

/// A command that runs this program behind a wrapper, which may be empty.
pub(crate) fn wrapped(wrapper: &[OsString], name: &str) -> Command {
    let mut words = wrapper.to_vec();
    words.push(program(name).into_os_string());
    let mut command = Command::new(&words[0]);
    command.args(&words[1..]);
    command
}

/// `target/debug/deps/journeys-…` stands two floors below `target/debug`.
fn beside_the_test() -> PathBuf {
    let test = std::env::current_exe().expect("a running test has a path");
    let folder = test.parent().and_then(Path::parent).expect("cargo builds tests into target");
    folder.to_owned()
}

/// A variable of the environment, if it says anything.
#[allow(
    clippy::disallowed_methods,
    reason = "tests have no main through which a setting could enter"
)]
#[must_use]
pub fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
