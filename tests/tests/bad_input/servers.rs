//! Servers that are strangers, ill, slow, or no servers.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use seshat_testkit::{Laptop, Proxy, Server, Setup, Trouble, assert_failed};
use seshat_tests::{EMAIL, Written};

/// What answers where a Seshat server should.
fn strangers() -> Vec<(&'static str, Trouble)> {
    let json = "application/json";
    let html = "<!doctype html><title>Welcome to the hotel</title>";
    let long = "[".repeat(200_000);
    vec![
        ("a page", Trouble::http("200 OK", "text/html", html)),
        ("nothing", Trouble::http("200 OK", json, "")),
        ("no JSON", Trouble::http("200 OK", json, "{\"challenge\": ")),
        ("other JSON", Trouble::http("200 OK", json, "{\"hello\": [1, 2, 3]}")),
        ("too much", Trouble::http("200 OK", json, &long)),
        ("404", Trouble::http("404 Not Found", "text/html", html)),
        ("404 in JSON", Trouble::http("404 Not Found", json, "{\"detail\":\"Not Found\"}")),
        ("403", Trouble::http("403 Forbidden", "text/plain", "no")),
        ("500", Trouble::http("500 Internal Server Error", "text/plain", "Traceback:\n at line 1")),
        ("503", Trouble::http("503 Service Unavailable", "text/html", html)),
        ("429", Trouble::http("429 Too Many Requests", "text/plain", "later")),
        (
            "a redirect",
            Trouble::http("302 Found\r\nlocation: https://example.org/x", "text/plain", ""),
        ),
        ("another protocol", Trouble::Answer(b"SSH-2.0-OpenSSH_9.2p1\r\n".to_vec())),
        (
            "noise",
            Trouble::Answer((0_u16..512).map(|n| u8::try_from(n * 7 % 256).unwrap_or(0)).collect()),
        ),
        ("a closed door", Trouble::Refuse),
    ]
}

/// A laptop whose server stands behind a proxy.
fn behind_a_proxy(written: &Written) -> (Proxy, Server) {
    let proxy = Proxy::start();
    let setup = Setup { arguments: vec!["--origin".into(), proxy.url()], ..Setup::default() };
    let server = Server::with(written.room.path(), "server", setup);
    proxy.lead_to(server.port());
    written.laptop.create_account(&proxy.url(), EMAIL);
    (proxy, server)
}

#[test]
fn whatever_answers_in_place_of_a_server_nothing_is_lost_and_no_vault_comes_of_it() {
    let written = Written::new();
    let (proxy, _server) = behind_a_proxy(&written);
    let bare = Laptop::bare(written.room.path(), "bare");
    let url = proxy.url();
    let join = ["account", "join", "--server", &url, "--email", EMAIL];
    for (what, trouble) in strangers() {
        proxy.fault("", trouble);
        for (laptop, command) in [(&bare, &join[..]), (&written.laptop, &["sync"])] {
            let ran = laptop.run(command);
            assert!(!ran.status.success(), "{what} was taken for a server by {command:?}");
            let _sentence = assert_failed(command, &ran);
        }
    }
    assert_eq!(bare.json(&["status"])["vault"], "absent");
    proxy.fault("", Trouble::None);
    let (up, _) = written.laptop.sync();
    assert!(up > 0, "all of it was still waiting");
    bare.join(&proxy.url(), EMAIL);
    let _down = bare.sync();
    written.same_on(&bare);
    written.unharmed();
}

#[test]
fn a_server_that_fails_in_the_middle_is_synced_with_later_and_nothing_is_doubled() {
    let written = Written::new();
    let (proxy, _server) = behind_a_proxy(&written);
    let ben = Laptop::bare(written.room.path(), "ben");
    ben.join(&proxy.url(), EMAIL);
    let routes = [
        "POST /v1/sign-in/challenge",
        "POST /v1/sign-in ",
        "GET /v1/vault",
        "POST /v1/records",
        "GET /v1/changes",
    ];
    let answers = [
        Trouble::http("500 Internal Server Error", "text/plain", "oh"),
        Trouble::http("200 OK", "application/json", "{\"records\": 1}"),
        Trouble::CutAnswer(0),
        Trouble::CutRequest(40),
    ];
    let title = written.novel.title;
    let mut failed = 0;
    for (number, (route, trouble)) in
        routes.iter().flat_map(|route| answers.iter().map(move |it| (route, it))).enumerate()
    {
        if number % 4 == 0 || number % 4 == 3 {
            let text = written.laptop.file("more.md", format!("interrupted{number}\n"));
            let _words = written.laptop.ok(&["scene", "append", title, "1/1", "--file", &text]);
        }
        proxy.fault(route, trouble.clone());
        let both = [&written.laptop, &ben];
        let reading = usize::from(*route == "GET /v1/changes");
        for laptop in &both[..=reading] {
            let ran = laptop.run(&["sync"]);
            if !ran.status.success() {
                let _sentence = assert_failed(&["sync"], &ran);
                failed += 1;
            }
        }
    }
    assert!(failed > 15, "only {failed} syncs met the fault");
    proxy.fault("", Trouble::None);
    let _up = written.laptop.sync();
    let _down = ben.sync();
    let flat = ben.flat(title, "1/1");
    for number in [0, 3, 4, 7, 8, 11, 12, 15, 16, 19] {
        assert_eq!(
            flat.matches(&format!("interrupted{number}\n")).count()
                + usize::from(flat.ends_with(&format!("interrupted{number}"))),
            1,
            "paragraph {number}"
        );
    }
    assert_eq!(flat, written.laptop.flat(title, "1/1"));
    assert_eq!(ben.sound(), written.laptop.sound());
}

#[test]
fn a_slow_server_is_waited_for_and_one_that_never_answers_is_not_waited_for_forever() {
    let written = Written::new();
    let (proxy, _server) = behind_a_proxy(&written);
    proxy.fault("", Trouble::Delay(Duration::from_millis(200)));
    let (up, _) = written.laptop.sync();
    assert!(up > 0, "a slow server is a server");

    let bare = Laptop::bare(written.room.path(), "bare");
    let second = written.laptop.copy(written.room.path(), "second");
    proxy.fault("", Trouble::Silence);
    let dripping = Proxy::troubled(Trouble::Silence);
    dripping.lead_to(_server.port());
    dripping.fault("", Trouble::Drip(Duration::from_secs(2)));
    let began = Instant::now();
    let waiting = [
        (written.laptop.start(&["sync"]), "sync"),
        (bare.start(&["account", "join", "--server", &proxy.url(), "--email", EMAIL]), "join"),
        (
            second.start(&["account", "create", "--server", &dripping.url(), "--email", EMAIL]),
            "create",
        ),
    ];
    for (running, what) in waiting {
        let ran = running.wait();
        let sentence = assert_failed(&[what], &ran);
        assert!(sentence.contains("too long"), "{what}: {sentence}");
    }
    assert!(began.elapsed() < Duration::from_secs(100), "it was waited for too long");
    assert_eq!(bare.json(&["status"])["vault"], "absent");
    proxy.fault("", Trouble::None);
    assert_eq!(written.laptop.sync(), (0, 0));
    written.unharmed();
}

#[test]
fn another_seshat_server_at_the_same_address_takes_nothing_and_wipes_nothing() {
    let written = Written::new();
    let mut server = Server::start(written.room.path(), "server");
    let laptop = &written.laptop;
    laptop.create_account(&server.url(), EMAIL);
    let (all, _) = laptop.sync();
    let ours = written.room.path().join("ours");
    server.kill();
    fs::rename(&server.data, &ours).expect("a folder can be moved");

    server.restart();
    let sentence = laptop.fails(&["sync"]);
    assert!(sentence.contains("does not know this laptop"), "{sentence}");
    let bare = Laptop::bare(written.room.path(), "bare");
    let url = server.url();
    let sentence = bare.fails(&["account", "join", "--server", &url, "--email", EMAIL]);
    assert!(sentence.contains("does not accept"), "{sentence}");
    assert_eq!(bare.json(&["status"])["vault"], "absent");
    written.unharmed();

    // Somebody else's account of the same name, with another vault in it.
    let stranger = Laptop::new(written.room.path(), "stranger");
    stranger.create_account(&server.url(), EMAIL);
    let _synced = stranger.sync();
    let sentence = laptop.fails(&["sync"]);
    assert!(sentence.contains("does not know this laptop"), "{sentence}");
    written.unharmed();

    server.kill();
    fs::rename(&server.data, written.room.path().join("theirs")).expect("it can be moved");
    fs::rename(&ours, &server.data).expect("it can be moved back");
    server.restart();
    assert_eq!(laptop.sync(), (0, 0), "the right server has everything still");
    bare.join(&server.url(), EMAIL);
    assert_eq!(bare.sync(), (0, all));
    written.same_on(&bare);
}

#[test]
fn addresses_that_are_none_are_refused_before_anything_is_sent() {
    let written = Written::new();
    for url in [
        "",
        "seshat",
        "ftp://127.0.0.1",
        "http://",
        "http://127.0.0.1:99999",
        "http://no.such.host.invalid",
    ] {
        let arguments = ["account", "create", "--server", url, "--email", EMAIL];
        let _sentence = written.laptop.fails(&arguments);
    }
    for email in ["", "ottoline", "a b@c", "@example.org"] {
        let arguments = ["account", "create", "--server", "http://127.0.0.1:9", "--email", email];
        let _sentence = written.laptop.fails(&arguments);
    }
    let _sentence = written.laptop.fails(&["sync"]);
    thread::yield_now();
    written.unharmed();
}
