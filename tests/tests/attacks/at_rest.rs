//! Rows 20, 25 and 28: what is left on disks, and where.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use seshat_testkit::{Canary, Laptop, PASSWORD, files_below, program};

use crate::stage::Stage;

const TITLE: &str = "The Cartographer of Wend";
const SCENE: &str = "Nobody had told the ferryman about the second moon";
const NOTE: &str = "remember that the compass lies to him";
const CHARACTER: &str = "Ingeborg Halloway";

#[test]
fn attack_20_titles_in_clear() {
    let stage = Stage::set();
    let ben = stage.second("ben");
    let anna = &stage.anna.laptop;
    let desk = seshat_app::Desk::at(anna.home.clone(), "anna".to_owned());
    desk.unlock(PASSWORD.to_owned()).expect("the password opens it");
    let novel = desk.create_novel(TITLE, "en").expect("a novel").id;
    let outline = desk.outline(&novel).expect("an outline");
    let chapter = &outline.nodes[0];
    desk.rename_node(&novel, &chapter.id, CHARACTER).expect("a title");
    desk.set_synopsis(&novel, &chapter.children[0].id, NOTE).expect("a note");
    let scene = chapter.children[0].scene.clone().expect("a scene");
    desk.append_markdown(&novel, &scene, &format!("{SCENE}, said {CHARACTER}.\n")).expect("text");
    desk.close();
    let _up = anna.sync();
    let _down = ben.sync();
    assert!(ben.flat(TITLE, "1/1").contains(SCENE), "all of it was really there");
    let _found = ben.ok(&["find", "second moon", "--novel", TITLE]);
    let canaries = [TITLE, SCENE, NOTE, CHARACTER].map(Canary::new);
    let nowhere = |what: &str, bytes: &[u8]| {
        for canary in &canaries {
            assert!(canary.find(bytes).is_none(), "in {what}: {:?}", canary.find(bytes));
        }
    };
    let mut read = 0;
    for folder in [&anna.home, &ben.home, &stage.server.data] {
        for (name, content) in files_below(folder) {
            nowhere(&name.display().to_string(), name.display().to_string().as_bytes());
            nowhere(&name.display().to_string(), &content);
            read += content.len();
        }
    }
    assert!(read > 150_000, "only {read} bytes were looked at");
    nowhere("the server's log", &stage.server.log());
    let passed = stage.evil.passed();
    assert!(passed.len() > 8, "only {} requests were seen", passed.len());
    for (asked, answer) in &passed {
        nowhere("a request", &asked.body);
        nowhere("a target", asked.target.as_bytes());
        nowhere("headers", format!("{:?}{:?}", asked.headers, answer.headers).as_bytes());
        nowhere("an answer", &answer.body);
    }
}

#[test]
fn attack_25_sqlite_remnants() {
    let stage = Stage::set();
    let anna = &stage.anna.laptop;
    let old = stage.stolen_vault();
    // The old password slot: with it and the old password a thief of the laptop would go on opening the vault.
    let slot = &old[48..48 + 160];
    assert!(has(&anna.home, slot), "it is there before, else this would show nothing");
    let new = anna.file("new", "nine otters underneath the old bridge\n");
    anna.ok(&["password", "change", "--new-password-file", &new]);
    anna.set_password("nine otters underneath the old bridge");
    let left: Vec<_> = files_below(&anna.home)
        .into_iter()
        .filter(|(_, bytes)| {
            (0..=slot.len() - 24).any(|at| contains(bytes, &slot[at..at + 24]) && is_wrap(slot, at))
        })
        .map(|(name, _)| name)
        .collect();
    assert!(left.is_empty(), "parts of the old slot are in {left:?}");
    stage.anna.unharmed();
}

/// Whether a piece of a slot is of its sealed part: names and parameters stay the same from slot to slot.
fn is_wrap(slot: &[u8], at: usize) -> bool {
    at > slot.len() - 100
}

fn has(folder: &Path, needle: &[u8]) -> bool {
    files_below(folder).values().any(|bytes| contains(bytes, needle))
}

fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn attack_28_temp_files() {
    let stage = Stage::set();
    let room = stage.anna.room.path().join("guarded");
    fs::create_dir_all(&room).expect("a folder can be made");
    let laptop = Laptop::bare(&room, "laptop");
    let (url, kit, out) = (stage.evil.url(), laptop.kit(), laptop.path("out"));
    let text = laptop.file("text.md", format!("{SCENE}.\n"));
    let new = laptop.file("new", "nine otters underneath the old bridge\n");
    let known: BTreeSet<_> = files_below(&room).into_keys().collect();
    let session: [&[&str]; 12] = [
        &["init", "--kit", &kit],
        &["novel", "new", TITLE],
        &["scene", "append", TITLE, "1/1", "--file", &text],
        &["find", "ferryman", "--novel", TITLE],
        &["account", "create", "--server", &url, "--email", "guarded@example.org"],
        &["sync"],
        &["check"],
        &["vault", "info"],
        &["device", "list"],
        &["export", TITLE, "--to", "txt", "--out", &out],
        &["password", "change", "--new-password-file", &new],
        &["status"],
    ];
    for arguments in session {
        guarded(&laptop, &room, arguments);
        if arguments[0] == "password" {
            laptop.set_password("nine otters underneath the old bridge");
        }
    }
    let home = laptop.home.strip_prefix(&room).expect("it is below").to_owned();
    let made: BTreeSet<_> = files_below(&room)
        .into_keys()
        .filter(|name| !known.contains(name))
        .map(|name| name.strip_prefix(&room).map(Path::to_owned).unwrap_or(name))
        .collect();
    let may = |name: &Path| {
        name.starts_with(&home)
            && ["seshat.db", "seshat.lock"].iter().any(|file| name.ends_with(file))
            || name.ends_with("kit.txt")
            || name.ends_with("out")
    };
    let strange: Vec<_> = made.iter().filter(|name| !may(name)).collect();
    assert!(strange.is_empty(), "unexpected files: {strange:?}");
    assert!(made.len() >= 3, "the session wrote its files: {made:?}");
}

/// Runs a command that may write below one folder only: everything else is read-only to it, and its home, its folder
/// for temporary files and its settings are inside.
fn guarded(laptop: &Laptop, room: &Path, arguments: &[&str]) {
    let script = "mount --make-rprivate / && mount --bind \"$0\" \"$0\" && \
        for point in $(awk '{print $2}' /proc/self/mounts | sort -u); do \
          case \"$point\" in \"$0\"*|/proc*|/sys*|/dev*) ;; \
          *) mount -o remount,bind,ro \"$point\" 2>/dev/null || true;; esac; done; \
        if touch /guard-is-down 2>/dev/null || touch \"$0/../guard-is-down\" 2>/dev/null; then \
          echo 'the guard is down' >&2; exit 99; fi; exec \"$@\"";
    let inside = laptop.command(arguments);
    let mut command = Command::new("unshare");
    command.args(["--map-root-user", "--mount", "sh", "-c", script]).arg(room);
    command.arg(program("seshat")).args(inside.get_args()).current_dir(room);
    for variable in [
        "HOME",
        "TMPDIR",
        "XDG_CONFIG_HOME",
        "XDG_DATA_HOME",
        "XDG_CACHE_HOME",
        "XDG_STATE_HOME",
        "XDG_RUNTIME_DIR",
    ] {
        command.env(variable, room);
    }
    command.env_remove("SESHAT_HOME");
    let ran = seshat_testkit::Running::start(&mut command).wait();
    assert!(ran.status.success(), "{arguments:?} under guard: {}{}", ran.stdout, ran.stderr);
}
