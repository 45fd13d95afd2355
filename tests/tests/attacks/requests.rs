//! Rows 31 to 35: what a proxy can do with requests, and what a stranger can learn by asking.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use seshat_testkit::{Asked, Server, assert_failed};
use seshat_tests::EMAIL;

use crate::stage::{Stage, sync_somehow};

/// Every request of a sync after something was written, as it was sent. None of them reached the server.
fn caught(stage: &Stage) -> Vec<Asked> {
    stage.write(&stage.anna.laptop, "Something to send.");
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    stage.evil.act(move |asked, forward| {
        kept.lock().expect("nobody panics here").push(asked.clone());
        forward(asked)
    });
    let _synced = stage.anna.laptop.sync();
    stage.evil.behave();
    let all = seen.lock().expect("nobody panics here").clone();
    let signed: Vec<Asked> =
        all.into_iter().filter(|asked| !asked.header("signature").is_empty()).collect();
    for path in ["/v1/vault", "/v1/records", "/v1/changes"] {
        assert!(signed.iter().any(|asked| asked.target.starts_with(path)), "{path} was not asked");
    }
    signed
}

#[test]
fn attack_31_sign_in_relayed_to_another_host_or_action() {
    let stage = Stage::set();
    // A server that knows itself by another address gets what was signed for the evil one.
    let elsewhere = Server::with(
        stage.anna.room.path(),
        "elsewhere",
        seshat_testkit::Setup { data: None, ..seshat_testkit::Setup::default() },
    );
    let laptop = stage.bare("new");
    let port = elsewhere.port();
    stage.evil.act(move |asked, forward| {
        if asked.is("POST", "/v1/accounts") {
            return forward(asked);
        }
        asked.send_to(port)
    });
    let arguments = stage.join_arguments();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let sentence = assert_failed(&arguments, &laptop.run(&arguments));
    assert!(sentence.contains("does not accept"), "{sentence}");
    stage.evil.behave();

    // The same for requests signed by a device, and for an answer used for another action.
    for asked in caught(&stage) {
        assert_eq!(
            asked.send_to(elsewhere.port()).status,
            401,
            "{} was taken elsewhere",
            asked.target
        );
        let mut moved = asked.clone();
        moved.set_header("seshat-origin", &elsewhere.url());
        assert_eq!(moved.send_to(elsewhere.port()).status, 401, "{}", asked.target);
    }
    let laptop = stage.bare("another");
    let taken = Arc::new(Mutex::new(None));
    let kept = Arc::clone(&taken);
    stage.evil.act(move |asked, forward| {
        if asked.is("POST", "/v1/sign-in") {
            *kept.lock().expect("nobody panics here") = Some(asked.clone());
            let mut other = asked.json();
            other["key"] = json!({ "kind": "recovery" });
            let mut changed = asked.clone();
            changed.body = other.to_string().into_bytes();
            return forward(&changed);
        }
        forward(asked)
    });
    let _sentence = assert_failed(&arguments, &laptop.run(&arguments));
    assert!(taken.lock().expect("nobody panics here").is_some(), "a sign-in was tried");
}

#[test]
fn attack_32_request_replayed_or_altered_at_a_proxy() {
    let stage = Stage::set();
    let port = stage.server.port();
    for asked in caught(&stage) {
        assert_eq!(asked.send_to(port).status, 401, "{} passed a second time", asked.target);
    }
    // Altered before it has ever been seen: nothing of it passes. One thing of one request for each sync.
    let mut refused = 0;
    for path in ["/v1/vault", "/v1/records", "/v1/changes"] {
        for number in 0.. {
            stage.write(&stage.anna.laptop, "Something else to send.");
            let met = Arc::new(Mutex::new(None));
            let seen = Arc::clone(&met);
            stage.evil.act(move |asked, forward| {
                if asked.target.split('?').next() != Some(path) {
                    return forward(asked);
                }
                let Some((what, changed)) = alterations(asked).into_iter().nth(number) else {
                    return forward(asked);
                };
                let answer = changed.send_to(port);
                *seen.lock().expect("nobody panics here") = Some((what, answer.status));
                answer
            });
            let _said = sync_somehow(&stage.anna.laptop);
            let Some((what, status)) = *met.lock().expect("nobody panics here") else { break };
            assert_eq!(status, 401, "{what} of {path} was altered");
            refused += 1;
        }
    }
    assert!(refused > 18, "only {refused} alterations were tried");
    stage.evil.behave();
    stage.write(&stage.anna.laptop, "The last thing to send.");
    let (up, _) = stage.anna.laptop.sync();
    assert!(up > 0, "unaltered they pass");
    let _records = stage.anna.laptop.sound();
}

/// A signed request with one thing changed.
fn alterations(asked: &Asked) -> Vec<(&'static str, Asked)> {
    if asked.header("signature").is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut change = |what, alter: &dyn Fn(&mut Asked)| {
        let mut changed = asked.clone();
        alter(&mut changed);
        all.push((what, changed));
    };
    if asked.method == "GET" {
        change("the path", &|it| it.target = "/v1/devices".to_owned());
    } else {
        change("the body", &|it| it.body.push(b' '));
    }
    change("the query", &|it| {
        it.target = if it.target.contains('?') {
            format!("{}&x=1", it.target)
        } else {
            format!("{}?x=1", it.target)
        };
    });
    change("the digest", &|it| {
        it.set_header("content-digest", "sha-256=:AAAAQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:")
    });
    change("the origin", &|it| it.set_header("seshat-origin", "http://127.0.0.1:1"));
    change("the time", &|it| {
        let input = it.header("signature-input").replacen("created=1", "created=2", 1);
        it.set_header("signature-input", &input);
    });
    change("the nonce", &|it| {
        let input = it.header("signature-input").replacen("nonce=\"", "nonce=\"A", 1);
        it.set_header("signature-input", &input);
    });
    change("no signature", &|it| it.set_header("signature", ""));
    all
}

#[test]
fn attack_33_spoofed_client_certificate_header() {
    let stage = Stage::set();
    let port = stage.server.port();
    let headers = [
        ("ssl-client-verify", "SUCCESS"),
        ("x-ssl-client-cert", "-----BEGIN CERTIFICATE-----"),
        ("x-client-cert", "MIIB"),
        ("client-cert", ":MIIB:"),
        ("x-forwarded-client-cert", "By=spiffe://anna;Hash=00;Subject=\"CN=anna\""),
        ("ssl-client-s-dn", "CN=author@example.org"),
        ("x-forwarded-user", EMAIL),
    ];
    for (name, value) in headers {
        let bare = Asked {
            method: "GET".to_owned(),
            target: "/v1/vault".to_owned(),
            headers: vec![("host".to_owned(), "x".to_owned()), (name.to_owned(), value.to_owned())],
            body: Vec::new(),
        };
        assert_eq!(bare.send_to(port).status, 401, "{name} opened a door");
        stage.evil.act(move |asked, forward| {
            let mut dressed = asked.clone();
            dressed.set_header(name, value);
            forward(&dressed)
        });
        assert_eq!(stage.anna.laptop.sync(), (0, 0), "{name} changed what a laptop may do");
    }
}

#[test]
fn attack_34_revoked_device() {
    let stage = Stage::set();
    let ben = stage.second("ben");
    let name = ben.json(&["device", "list"])[0]["id"].as_str().expect("an id").to_owned();
    stage.anna.laptop.ok(&["device", "revoke", &name]);
    let new = stage.anna.laptop.file("new", "nine otters underneath the old bridge\n");
    let kit = stage.anna.laptop.path("new-kit.txt");
    stage.anna.laptop.ok(&["vault", "rotate", "--kit", &kit, "--new-password-file", &new]);
    stage.anna.laptop.set_password("nine otters underneath the old bridge");
    stage.write(&stage.anna.laptop, "Nothing for Ben.");
    let _up = stage.anna.laptop.sync();
    let newest = stage.stolen_vault();

    stage.write(&ben, "Written by whoever has Ben's laptop.");
    let sentence = ben.fails(&["sync"]);
    assert!(sentence.contains("shut out"), "{sentence}");
    let refused = stage.evil.passed();
    assert!(
        refused
            .iter()
            .all(|(asked, answer)| asked.header("signature").is_empty() || answer.status == 401)
    );

    // A server that helps Ben gives him all that it has: the newest vault and every record.
    let helper = stage.bare("helper");
    helper.set_password("nine otters underneath the old bridge");
    helper.join(&stage.evil.url(), EMAIL);
    let page = {
        let _synced = helper.sync();
        let passed = stage.evil.passed();
        let pages =
            passed.iter().filter(|(asked, it)| asked.is("GET", "/v1/changes") && it.status == 200);
        pages.map(|(_, it)| it.clone()).next().expect("a page")
    };
    stage.evil.act(move |asked, forward| match () {
        () if asked.is("GET", "/v1/vault") => seshat_testkit::Answered::of(
            200,
            &json!({ "revision": "x", "vault": seshat_testkit::encoded(&newest) }),
        ),
        () if asked.is("GET", "/v1/changes") => page.clone(),
        () => forward(asked),
    });
    let _said = sync_somehow(&ben);
    assert!(!stage.reads(&ben, "Nothing for Ben."), "a revoked laptop reads the new epoch");
    stage.evil.behave();
    let _synced = stage.anna.laptop.sync();
    assert!(
        !stage.reads(&stage.anna.laptop, "whoever has Ben's laptop"),
        "what it writes is not taken"
    );
}

#[test]
fn attack_35_user_enumeration() {
    let stage = Stage::set();
    let port = stage.server.port();
    let challenge = |email: &str| -> Value {
        let asked = Asked {
            method: "POST".to_owned(),
            target: "/v1/sign-in/challenge".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: json!({ "email": email }).to_string().into_bytes(),
        };
        let answer = asked.send_to(port);
        assert_eq!(answer.status, 200);
        answer.json()
    };
    let lasting = |answer: &Value| {
        (answer["account"].clone(), answer["kdf"].clone(), answer["account_code"].clone())
    };
    let (known, unknown) = (challenge(EMAIL), challenge("nobody@example.org"));
    let keys =
        |answer: &Value| answer.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&known), keys(&unknown), "another shape");
    for key in ["account", "challenge"] {
        let length = |answer: &Value| answer[key].as_str().map(str::len);
        assert_eq!(length(&known), length(&unknown), "another length of {key}");
    }
    for email in [EMAIL, "nobody@example.org", "NOBODY@example.org "] {
        assert_eq!(lasting(&challenge(email)), lasting(&challenge(email)), "{email} changes");
    }
    // A wrong answer is refused in the same words.
    let refusals: Vec<_> = [&known, &unknown]
        .iter()
        .map(|challenge| {
            let asked = Asked {
                method: "POST".to_owned(),
                target: "/v1/sign-in".to_owned(),
                headers: vec![("content-type".to_owned(), "application/json".to_owned())],
                body: json!({
                    "account": challenge["account"], "challenge": challenge["challenge"],
                    "key": { "kind": "password" }, "signature": seshat_testkit::encoded(&[7; 64]),
                })
                .to_string()
                .into_bytes(),
            };
            let answer = asked.send_to(port);
            (answer.status, answer.body)
        })
        .collect();
    assert_eq!(refusals[0].0, 401);
    assert_eq!(refusals[0], refusals[1], "a wrong answer tells them apart");
    asking_to_join_tells_nothing(port);
}

fn asking_to_join_tells_nothing(port: u16) {
    let answers = [EMAIL, "nobody@example.org"].map(|email| {
        let body = json!({ "email": email, "commitment": seshat_testkit::encoded(&[5; 32]) });
        let asked = Asked {
            method: "POST".to_owned(),
            target: "/v1/joins".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_string().into_bytes(),
        };
        let answer = asked.send_to(port);
        let shape = answer.json().as_object().map(|it| it.keys().cloned().collect::<Vec<_>>());
        (answer.status, shape)
    });
    assert_eq!(answers[0].0, 201);
    assert_eq!(answers[0], answers[1]);
}
