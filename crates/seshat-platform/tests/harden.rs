//! A hardened program is closed to the programs of the same user, leaves no core, and works.
#![cfg(target_os = "linux")]

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

/// Somebody without privileges: an administrator may look into everything.
const NOBODY: u32 = 65_534;

struct Program {
    child: Child,
    said: String,
    _folder: Arc<TempDir>,
}

/// The folder with the copy, while any test uses it.
static COPY: Mutex<Weak<TempDir>> = Mutex::new(Weak::new());

/// The example, where everybody may run it. One copy for all, and nothing is started by whoever has not waited for it: a
/// child that is forked while the copy is written holds it open for writing, and then it cannot be run.
fn copy() -> Arc<TempDir> {
    let mut copy = COPY.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(folder) = copy.upgrade() {
        return folder;
    }
    let folder = Arc::new(tempfile::tempdir().expect("a folder"));
    let program = folder.path().join("hardened");
    fs::copy(support::example("hardened"), &program).expect("copied");
    for path in [folder.path(), &program] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("our own");
    }
    *copy = Arc::downgrade(&folder);
    folder
}

/// The example, as somebody whom the test can stand beside.
fn start(hardened: &str) -> Program {
    let folder = copy();
    let mut command = Command::new(folder.path().join("hardened"));
    command.arg(hardened).current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = unprivileged(&mut command).spawn().expect("it starts");
    let mut said = String::new();
    BufReader::new(child.stdout.take().expect("piped")).read_line(&mut said).expect("it speaks");
    Program { child, said: said.trim().to_owned(), _folder: folder }
}

fn unprivileged(command: &mut Command) -> &mut Command {
    if rustix::process::geteuid().is_root() { command.uid(NOBODY).gid(NOBODY) } else { command }
}

impl Program {
    /// Whether another program of the same user may open one of its files in /proc.
    fn shows(&self, file: &str) -> bool {
        let path = format!("/proc/{}/{file}", self.child.id());
        let mut look = Command::new("sh");
        look.args(["-c", &format!("exec 3<{path}")]).stderr(Stdio::null());
        unprivileged(&mut look).status().expect("a shell").success()
    }

    fn core_limits(&self) -> String {
        let limits = format!("/proc/{}/limits", self.child.id());
        let limits = fs::read_to_string(limits).expect("limits can always be read");
        let line = limits.lines().find(|line| line.starts_with("Max core file size"));
        line.expect("there is one").split_whitespace().skip(4).take(2).collect::<Vec<_>>().join(" ")
    }

    fn crash(mut self) -> ExitStatus {
        self.child.stdin.take().expect("piped").write_all(b"\n").expect("it reads");
        self.child.wait().expect("it ends")
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It has ended already where it crashed.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn other_programs_of_the_same_user_cannot_look_into_a_hardened_one() {
    let (open, closed) = (start("no"), start("yes"));
    for file in ["mem", "environ", "maps"] {
        assert!(open.shows(file), "the test could look into {file} of a program that is open");
        assert!(!closed.shows(file), "{file} of a hardened program was opened");
    }
}

#[test]
fn a_hardened_program_still_finds_itself_and_starts_others() {
    let program = start("yes");
    assert_eq!(program.said, "Ok(Done) itself=true child=true");
}

#[test]
fn a_crash_of_a_hardened_program_leaves_no_core() {
    let program = start("yes");
    assert_eq!(program.core_limits(), "0 0", "neither may be raised again");
    let ended = program.crash();
    assert_eq!(ended.signal(), Some(6), "it aborted");
    assert!(!ended.core_dumped());
}
