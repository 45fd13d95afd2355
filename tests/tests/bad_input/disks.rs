//! Disks that are full: under the vault, under an export, under the kit, under the server.

use std::ffi::OsString;
use std::path::Path;

use seshat_testkit::{Laptop, Random, Server, Setup, SmallDisk, copy_folder, seed};
use seshat_tests::{EMAIL, Written, left_out, text};

fn disk(written: &Written, kib: usize) -> Option<SmallDisk> {
    let disk = SmallDisk::mount(&written.room.path().join("disk"), kib);
    if disk.is_none() {
        left_out("this system gives no small disk to an ordinary user");
    }
    disk
}

/// The same laptop with its vault on the small disk.
fn moved(written: &Written, disk: &SmallDisk) -> Laptop {
    let mut laptop = written.laptop.copy(written.room.path(), "moved");
    let there = written.room.path().join("disk/home");
    disk.shell(&format!("cp -r '{}' '{}'", laptop.home.display(), there.display()));
    laptop.home = there;
    laptop.wrapper = disk.wrapper();
    laptop
}

#[test]
fn on_a_full_disk_nothing_is_half_saved_and_with_room_it_is_saved() {
    let written = Written::new();
    let Some(disk) = disk(&written, 8_192) else { return };
    let laptop = moved(&written, &disk);
    let title = written.novel.title;
    let text = Random::new(seed()).paragraphs(400);
    let mut refused = 0;
    for free in [0, 8, 24, 48] {
        let mark = format!("written-with-{free}-free");
        let file = laptop.file("long.md", format!("{mark}\n\n{text}"));
        let append = ["scene", "append", title, "1/1", "--file", &file];
        disk.fill_up_to(free);
        let ran = laptop.run(&append);
        if !ran.status.success() {
            let sentence = seshat_testkit::assert_failed(&append, &ran);
            assert!(sentence.contains("disk"), "{free} KiB free: {sentence}");
            let _import = laptop.fails(&["import", &seshat_tests::text(&written.novel.folder)]);
            refused += 1;
        }
        disk.empty();
        let count = laptop.flat(title, "1/1").matches(&mark).count();
        assert_eq!(count, usize::from(ran.status.success()), "{mark}: {}", ran.stderr);
        let _records = laptop.sound();
    }
    assert!(refused >= 2, "the disk was hardly ever full");
    let more = laptop.file("more.md", "There is room again.\n");
    let _words = laptop.ok(&["scene", "append", title, "1/1", "--file", &more]);
    let _imported =
        laptop.ok(&["import", &seshat_tests::text(&written.novel.folder), "--title", "Room"]);
    let _records = laptop.sound();
}

#[test]
fn on_a_full_disk_no_vault_and_no_kit_is_half_made() {
    let written = Written::new();
    let Some(disk) = disk(&written, 512) else { return };
    let mut laptop = Laptop::bare(written.room.path(), "new");
    laptop.wrapper = disk.wrapper();
    laptop.home = written.room.path().join("disk/home");
    disk.fill_up_to(8);
    let _sentence = laptop.fails(&["init", "--kit", &laptop.kit()]);
    assert!(!Path::new(&laptop.kit()).exists(), "a vault that was not made has a kit");
    disk.empty();
    let _made = laptop.ok(&["init", "--kit", &laptop.kit()]);
    let _listed = laptop.ok(&["novel", "list"]);
}

#[test]
fn an_export_to_a_full_disk_leaves_nothing_behind() {
    let written = Written::new();
    let Some(disk) = disk(&written, 512) else { return };
    let mut laptop = written.laptop.copy(written.room.path(), "copy");
    let title = written.novel.title;
    let long = laptop.file("long.md", Random::new(seed()).paragraphs(60));
    let _words = laptop.ok(&["scene", "append", title, "3/1", "--file", &long]);
    laptop.wrapper = disk.wrapper();
    disk.fill_up_to(12);
    let there = written.room.path().join("disk");
    for format in ["md", "txt"] {
        let out = text(&there.join("out"));
        let _sentence = laptop.fails(&["export", title, "--to", format, "--out", &out]);
        let left = disk.shell(&format!("ls -A '{}'", there.display()));
        assert_eq!(left.trim(), "ballast", "a failed export to {format} left something");
    }
    written.unharmed();
}

#[test]
fn a_server_with_a_full_disk_refuses_and_takes_everything_when_there_is_room() {
    let written = Written::new();
    let Some(disk) = disk(&written, 4_096) else { return };
    let setup = Setup {
        wrapper: disk.wrapper(),
        data: Some(written.room.path().join("disk/data")),
        ..Setup::default()
    };
    let server = Server::with(written.room.path(), "server", setup);
    written.laptop.create_account(&server.url(), EMAIL);
    let text = written.laptop.file("long.md", Random::new(seed()).paragraphs(2_000));
    let title = written.novel.title;
    let _words = written.laptop.ok(&["scene", "append", title, "2/1", "--file", &text]);
    disk.fill_up_to(24);
    let _sentence = written.laptop.fails(&["sync"]);
    let _sentence = written.laptop.fails(&["sync"]);
    disk.empty();
    let (up, _) = written.laptop.sync();
    assert!(up > 0, "nothing was left to be sent");
    let ben = Laptop::bare(written.room.path(), "ben");
    ben.join(&server.url(), EMAIL);
    let _down = ben.sync();
    assert_eq!(ben.sound(), written.laptop.sound());
}

#[test]
fn a_limit_on_the_size_of_files_is_met_like_a_full_disk() {
    let written = Written::new();
    let mut laptop = written.laptop.copy(written.room.path(), "copy");
    let text = laptop.file("long.md", Random::new(seed()).paragraphs(2_000));
    let script = "trap '' XFSZ; ulimit -f \"$0\"; exec \"$@\"";
    for blocks in ["16", "60", "120"] {
        laptop.wrapper = ["sh", "-c", script, blocks].map(OsString::from).to_vec();
        let append = ["scene", "append", written.novel.title, "1/1", "--file", &text];
        let sentence = laptop.fails(&append);
        assert!(sentence.contains("disk"), "{blocks} blocks: {sentence}");
    }
    laptop.wrapper.clear();
    let _records = laptop.sound();
    written.same_on(&laptop);
    // The folder as it was left also opens elsewhere.
    copy_folder(&laptop.home, &written.room.path().join("elsewhere"));
}
