//! Networks that are left only through a proxy: what the system's settings say is done.

use std::process::Command;

use seshat_testkit::{Answered, Evil, Laptop, Ran, Running, Server, Setup, assert_failed};
use seshat_tests::{EMAIL, Written};

/// A server's address that no name server knows: only the proxy finds it.
const OUTSIDE: &str = "http://seshat.test";
/// What says where proxies are; whatever this system has is taken away first.
const SETTINGS: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Runs a command of a laptop whose system has these settings.
fn run(laptop: &Laptop, arguments: &[&str], settings: &[(&str, &str)]) -> Ran {
    let mut command: Command = laptop.command(arguments);
    for name in SETTINGS {
        command.env_remove(name);
    }
    command.envs(settings.iter().copied());
    Running::start(&mut command).wait()
}

fn works(laptop: &Laptop, arguments: &[&str], settings: &[(&str, &str)]) {
    let ran = run(laptop, arguments, settings);
    assert!(ran.status.success(), "{arguments:?} failed: {}{}", ran.stderr, ran.stdout);
}

/// A proxy that knows one address outside: this server's.
fn proxy_to(server: &Server) -> Evil {
    let proxy = Evil::start();
    proxy.lead_to(server.port());
    proxy.act(|asked, forward| {
        let mut inside = asked.clone();
        match asked.target.strip_prefix(OUTSIDE) {
            Some(path) => inside.target = path.to_owned(),
            None => return Answered::of(502, &"this proxy does not go there".into()),
        }
        forward(&inside)
    });
    proxy
}

#[test]
fn a_laptop_behind_a_proxy_makes_an_account_syncs_and_joins_through_it() {
    let written = Written::new();
    let (anna, room) = (&written.laptop, written.room.path());
    let arguments = vec!["--origin".to_owned(), OUTSIDE.to_owned()];
    let server = Server::with(room, "server", Setup { arguments, ..Setup::default() });
    let proxy = proxy_to(&server);
    let url = proxy.url();
    let create = ["account", "create", "--server", OUTSIDE, "--email", EMAIL];
    let sentence = assert_failed(&create, &run(anna, &create, &[]));
    assert!(sentence.contains("cannot be reached"), "without the proxy: {sentence}");

    let settings = [("HTTP_PROXY", url.as_str())];
    works(anna, &create, &settings);
    works(anna, &["sync"], &settings);
    let passed = proxy.passed();
    assert!(passed.iter().any(|(asked, _)| asked.target.ends_with("/v1/records")));
    assert!(passed.iter().all(|(asked, _)| asked.target.starts_with(OUTSIDE)), "{passed:?}");
    // The other names of the same settings.
    let ben = Laptop::bare(room, "ben");
    let join = ["account", "join", "--server", OUTSIDE, "--email", EMAIL];
    works(&ben, &join, &[("http_proxy", url.as_str())]);
    works(&ben, &["sync"], &[("ALL_PROXY", url.as_str())]);
    assert_eq!(ben.sound(), anna.sound());
    written.same_on(&ben);
}

#[test]
fn what_the_settings_except_and_this_laptop_itself_are_asked_without_the_proxy() {
    let written = Written::new();
    let (anna, room) = (&written.laptop, written.room.path());
    let server = Server::start(room, "server");
    let proxy = proxy_to(&server);
    let url = proxy.url();
    let everything =
        [("HTTP_PROXY", url.as_str()), ("HTTPS_PROXY", url.as_str()), ("ALL_PROXY", url.as_str())];
    let excepted = [&everything[..], &[("NO_PROXY", "seshat.test,other.test")]].concat();
    let create = ["account", "create", "--server", OUTSIDE, "--email", EMAIL];
    let sentence = assert_failed(&create, &run(anna, &create, &excepted));
    assert!(sentence.contains("cannot be reached"), "{sentence}");
    // A proxy elsewhere would look for it on itself.
    for (number, host) in ["127.0.0.1", "localhost"].into_iter().enumerate() {
        let address = format!("http://{host}:{}", server.port());
        let email = format!("author{number}@example.org");
        let laptop = Laptop::new(room, host);
        works(
            &laptop,
            &["account", "create", "--server", &address, "--email", &email],
            &everything,
        );
        works(&laptop, &["sync"], &everything);
    }
    assert!(proxy.passed().is_empty(), "the proxy was asked");
}

#[test]
fn a_server_with_a_certificate_is_asked_through_a_tunnel_and_the_proxy_reads_nothing() {
    let written = Written::new();
    let anna = &written.laptop;
    let proxy = Evil::start();
    proxy.act(|_, _| Answered::of(502, &"no tunnel today".into()));
    let url = proxy.url();
    let address = "https://seshat.test";
    let create = ["account", "create", "--server", address, "--email", EMAIL];
    for settings in [[("HTTPS_PROXY", url.as_str())], [("https_proxy", url.as_str())]] {
        let _sentence = assert_failed(&create, &run(anna, &create, &settings));
        let passed = proxy.passed();
        assert!(!passed.is_empty(), "the proxy was not asked");
        for (asked, _) in passed {
            assert_eq!(
                (asked.method.as_str(), asked.target.as_str()),
                ("CONNECT", "seshat.test:443")
            );
            assert!(asked.body.is_empty(), "nothing goes out before there is a tunnel");
        }
    }
    // The setting for plain connections says nothing about this one.
    let sentence = assert_failed(&create, &run(anna, &create, &[("HTTP_PROXY", url.as_str())]));
    assert!(sentence.contains("cannot be reached"), "{sentence}");
    assert!(proxy.passed().is_empty(), "the proxy was asked");
}
