//! Two processes on one vault.

use std::thread;
use std::time::Duration;

use seshat_testkit::{Proxy, Server, Setup, Trouble, assert_failed};
use seshat_tests::{EMAIL, Written};

#[test]
fn a_second_process_on_a_vault_says_so_and_the_first_is_not_disturbed() {
    let written = Written::new();
    let laptop = &written.laptop;
    let proxy = Proxy::start();
    let setup = Setup { arguments: vec!["--origin".into(), proxy.url()], ..Setup::default() };
    let server = Server::with(written.room.path(), "server", setup);
    proxy.lead_to(server.port());
    laptop.create_account(&proxy.url(), EMAIL);

    // A sync that waits for an answer holds the vault for as long as that takes.
    proxy.fault("", Trouble::Silence);
    let first = laptop.start(&["sync"]);
    thread::sleep(Duration::from_millis(2_500));
    let more = laptop.file("more.md", "Two at once.\n");
    let title = written.novel.title;
    let commands: [&[&str]; 4] = [
        &["novel", "list"],
        &["scene", "append", title, "1/1", "--file", &more],
        &["status"],
        &["init", "--kit", &laptop.path("second-kit")],
    ];
    for command in commands {
        let sentence = laptop.fails(command);
        assert!(sentence.contains("another window or program"), "{sentence}");
    }
    let _killed = first.kill();
    written.unharmed();
}

#[test]
fn of_commands_that_come_at_the_same_moment_each_is_done_or_says_that_it_was_not() {
    let written = Written::new();
    let laptop = &written.laptop;
    let title = written.novel.title;
    let running: Vec<_> = (0..5)
        .map(|number| {
            let file = laptop.file(&format!("{number}.md"), format!("concurrently{number}\n"));
            let begun = laptop.start(&["scene", "append", title, "1/1", "--file", &file]);
            thread::sleep(Duration::from_millis(300 * number));
            begun
        })
        .collect();
    let ran: Vec<_> = running.into_iter().map(seshat_testkit::Running::wait).collect();
    let _records = laptop.sound();
    let flat = laptop.flat(title, "1/1");
    for (number, ran) in ran.iter().enumerate() {
        if !ran.status.success() {
            let _sentence = assert_failed(&["scene", "append"], ran);
        }
        let count = flat.matches(&format!("concurrently{number}")).count();
        assert_eq!(count, usize::from(ran.status.success()), "append {number}: {}", ran.stderr);
    }
    assert!(ran.iter().any(|ran| ran.status.success()), "nobody came through");
}
