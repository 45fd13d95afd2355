//! Accounts and sign-in over HTTP, against the real router on a loopback port.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use reqwest::{Method, StatusCode};
use seshat_protocol::{
    Bytes32, Bytes64, ChallengeReply, ChallengeRequest, ErrorCode, SignInKey, SignInReply,
    VaultReply, create_account_message, limits, route, sign_in_message,
};
use support::desk::{Desk, Got};
use support::{Author, sign};

fn by_email(email: &str) -> ChallengeRequest {
    ChallengeRequest { email: Some(email.to_owned()), account: None }
}

async fn vault_with(desk: &Desk, token: &str) -> Got {
    desk.send(Method::GET, route::VAULT, |request| request.bearer_auth(token)).await
}

#[tokio::test]
async fn an_author_signs_in_with_each_of_her_keys() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    desk.welcome(&author).await;
    let ways = [(SignInKey::Password, &author.password), (SignInKey::Recovery, &author.recovery)];
    let localhost = format!("http://localhost:{}", desk.server.addr().port());
    for origin in [desk.server.url(), localhost] {
        for (key, signing) in ways {
            let challenge = desk.challenge(&author).await;
            let message = sign_in_message(&origin, author.account, &challenge.challenge);
            let mut answer = Desk::answer(&author, &challenge, &origin);
            (answer.key, answer.signature) = (key, sign(signing, &message));
            let session: SignInReply = desk.post(route::SIGN_IN, &answer).await.json();
            assert_eq!(session.expires_in, 15 * 60);
            let vault = vault_with(&desk, &session.token).await;
            assert_eq!(vault.json::<VaultReply>().vault.0, b"the first vault", "{key:?}");
        }
    }
    desk.server.shutdown().await;
}

#[tokio::test]
async fn an_address_is_found_in_any_spelling_and_says_how_to_stretch() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    desk.welcome(&author).await;
    let asked = by_email(&format!("  {} ", author.email.to_uppercase()));
    let reply: ChallengeReply = desk.post(route::CHALLENGE, &asked).await.json();
    assert_eq!(reply.account, author.account);
    assert_eq!(reply.kdf, author.description().kdf);
}

#[tokio::test]
async fn every_wrong_answer_gets_the_same_refusal() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    desk.welcome(&author).await;
    let stranger = Author::new(2);
    let origin = desk.server.url();
    let challenge = desk.challenge(&author).await;
    let right = Desk::answer(&author, &challenge, &origin);
    let message = sign_in_message(&origin, author.account, &challenge.challenge);

    let mut wrong_key = right.clone();
    wrong_key.signature = sign(&stranger.password, &message);
    let mut wrong_slot = right.clone();
    wrong_slot.key = SignInKey::Recovery;
    let mut a_devices = right.clone();
    a_devices.signature = sign(&author.laptop, &message);
    let mut made_up = right.clone();
    made_up.challenge = Bytes32([7; 32]);
    made_up.signature =
        sign(&author.password, &sign_in_message(&origin, author.account, &made_up.challenge));
    let mut no_account = right.clone();
    no_account.account = stranger.account;
    let other_origin = Desk::answer(&author, &challenge, "https://seshat.example.org");
    let other_action = {
        let signed = create_account_message(&origin, author.account, &author.email);
        let mut answer = right.clone();
        answer.signature = sign(&author.password, &signed);
        answer
    };
    let unsigned = {
        let mut answer = right.clone();
        answer.signature = Bytes64([0; 64]);
        answer
    };
    let mut refusals = Vec::new();
    for answer in [
        wrong_key,
        wrong_slot,
        a_devices,
        made_up,
        no_account,
        other_origin,
        other_action,
        unsigned,
    ] {
        let got = desk.post(route::SIGN_IN, &answer).await;
        got.is(401, ErrorCode::SignInRequired);
        refusals.push(got.body);
    }
    assert!(refusals.windows(2).all(|pair| pair[0] == pair[1]), "the cause can be told apart");
    assert_eq!(desk.post(route::SIGN_IN, &right).await.status, StatusCode::OK, "and the right one");
}

#[tokio::test]
async fn a_challenge_is_answered_once_and_within_five_minutes() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    desk.welcome(&author).await;
    let answer = Desk::answer(&author, &desk.challenge(&author).await, &desk.server.url());
    assert_eq!(desk.post(route::SIGN_IN, &answer).await.status, StatusCode::OK);
    desk.post(route::SIGN_IN, &answer).await.is(401, ErrorCode::SignInRequired);

    let late = Desk::answer(&author, &desk.challenge(&author).await, &desk.server.url());
    let early = Desk::answer(&author, &desk.challenge(&author).await, &desk.server.url());
    desk.later(5 * 60 * 1000 - 1);
    assert_eq!(desk.post(route::SIGN_IN, &early).await.status, StatusCode::OK);
    desk.later(1);
    desk.post(route::SIGN_IN, &late).await.is(401, ErrorCode::SignInRequired);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_the_same_answer_sent_many_times_at_once_one_is_taken() {
    let desk = std::sync::Arc::new(Desk::open().await);
    let author = Author::new(1);
    desk.welcome(&author).await;
    for _ in 0..10 {
        let answer = Desk::answer(&author, &desk.challenge(&author).await, &desk.server.url());
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (desk, answer) = (std::sync::Arc::clone(&desk), answer.clone());
                tokio::spawn(async move { desk.post(route::SIGN_IN, &answer).await.status })
            })
            .collect();
        let mut taken = 0;
        for racer in racers {
            taken += usize::from(racer.await.unwrap() == StatusCode::OK);
        }
        assert_eq!(taken, 1);
    }
}

#[tokio::test]
async fn a_challenge_for_one_account_is_worthless_to_another() {
    let desk = Desk::open().await;
    let (one, two) = (Author::new(1), Author::new(2));
    desk.welcome(&one).await;
    desk.welcome(&two).await;
    let challenge = desk.challenge(&one).await;
    let answer = Desk::answer(&two, &challenge, &desk.server.url());
    desk.post(route::SIGN_IN, &answer).await.is(401, ErrorCode::SignInRequired);
}

#[tokio::test]
async fn an_unknown_account_looks_like_a_known_one_and_the_same_twice() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    desk.welcome(&author).await;
    let fields = |got: &Got| {
        let mut reply: serde_json::Value = got.json();
        reply.as_object_mut().unwrap().remove("challenge").unwrap();
        reply
    };
    let shape = |got: &Got| {
        let reply: serde_json::Value = got.json();
        let lengths = reply.as_object().unwrap().iter().map(|(name, value)| {
            (
                name.clone(),
                value.as_str().map(str::len),
                value.as_object().map(serde_json::Map::len),
            )
        });
        lengths.collect::<Vec<_>>()
    };
    let known = desk.post(route::CHALLENGE, &by_email(&author.email)).await;
    let first = desk.post(route::CHALLENGE, &by_email("nobody@example.org")).await;
    let again = desk.post(route::CHALLENGE, &by_email(" NOBODY@example.org")).await;
    let other = desk.post(route::CHALLENGE, &by_email("nobody-else@example.org")).await;
    assert_eq!(first.status, known.status);
    assert_eq!(shape(&first), shape(&known));
    assert_eq!(fields(&first), fields(&again), "the salt of an unknown account moved");
    assert_ne!(fields(&first)["account"], fields(&other)["account"]);
    assert_ne!(fields(&first)["kdf"]["salt"], fields(&other)["kdf"]["salt"]);
    assert_ne!(again.body, first.body, "the challenge did not move");

    let reply: ChallengeReply = first.json();
    let by_id = ChallengeRequest { email: None, account: Some(reply.account) };
    let by_id = desk.post(route::CHALLENGE, &by_id).await;
    assert_eq!(fields(&by_id), fields(&first), "asked by id it looks different");

    let mut nobody = Author::new(3);
    nobody.account = reply.account;
    let answer = Desk::answer(&nobody, &reply, &desk.server.url());
    let refused = desk.post(route::SIGN_IN, &answer).await;
    let mut wrong = Desk::answer(&author, &desk.challenge(&author).await, &desk.server.url());
    wrong.signature = sign(&nobody.password, b"");
    assert_eq!(refused.body, desk.post(route::SIGN_IN, &wrong).await.body);
    refused.is(401, ErrorCode::SignInRequired);
}

#[tokio::test]
async fn without_a_session_that_lasts_nothing_is_shown() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let token = desk.welcome(&author).await;
    assert_eq!(vault_with(&desk, &token).await.status, StatusCode::OK);
    let headers = [
        String::new(),
        token.clone(),
        format!("Basic {token}"),
        "Bearer".to_owned(),
        "Bearer ".to_owned(),
        format!("Bearer {token}A"),
        format!("Bearer {}", token.to_uppercase()),
        format!("Bearer {}", "A".repeat(43)),
    ];
    for header in headers {
        let sent = |request: reqwest::RequestBuilder| request.header("authorization", &header);
        for (method, path) in [(Method::GET, route::VAULT), (Method::PUT, route::VAULT)] {
            let got = desk.send(method, path, sent).await;
            got.is(401, ErrorCode::SignInRequired);
        }
    }
    let absent = desk.send(Method::GET, route::VAULT, |request| request).await;
    absent.is(401, ErrorCode::SignInRequired);
    desk.later(15 * 60 * 1000 - 1);
    assert_eq!(vault_with(&desk, &token).await.status, StatusCode::OK);
    desk.later(1);
    vault_with(&desk, &token).await.is(401, ErrorCode::SignInRequired);
}

#[tokio::test]
async fn an_account_is_made_once_and_only_by_who_holds_its_keys() {
    let desk = Desk::open().await;
    let origin = desk.server.url();
    let author = Author::new(1);
    let good = author.creation(&origin);

    let relayed = author.creation("https://seshat.example.org");
    let mut stolen_key = good.clone();
    stolen_key.sign_in.password_key = support::public(&Author::new(2).password);
    let mut other_email = good.clone();
    other_email.email = "somebody@example.org".to_owned();
    let mut other_account = good.clone();
    other_account.account = Author::new(2).account;
    let mut foreign_device = good.clone();
    foreign_device.device = Author::new(2).device();
    let mut altered_device = good.clone();
    altered_device.device.exchange_key.0[0] ^= 1;
    let mut low_order = good.clone();
    low_order.sign_in.password_key = Bytes32([0; 32]);
    low_order.proof = Bytes64([0; 64]);
    let mut no_vault = good.clone();
    no_vault.vault.0.clear();
    for wrong in [
        relayed,
        stolen_key,
        other_email,
        other_account,
        foreign_device,
        altered_device,
        low_order,
        no_vault,
    ] {
        desk.post(route::ACCOUNTS, &wrong).await.is(400, ErrorCode::Malformed);
    }
    let mut huge = good.clone();
    huge.vault.0 = vec![1; limits::VAULT_BYTES + 1];
    desk.post(route::ACCOUNTS, &huge).await.is(413, ErrorCode::TooLarge);

    let made = desk.post(route::ACCOUNTS, &good).await;
    assert_eq!(made.status, StatusCode::CREATED);
    desk.post(route::ACCOUNTS, &good).await.is(409, ErrorCode::AccountExists);
    let mut same_email = Author::new(2);
    same_email.email = format!(" {}", author.email.to_uppercase());
    let got = desk.post(route::ACCOUNTS, &same_email.creation(&origin)).await;
    got.is(409, ErrorCode::AccountExists);
    let mut same_id = author.clone();
    same_id.email = "another@example.org".to_owned();
    let got = desk.post(route::ACCOUNTS, &same_id.creation(&origin)).await;
    got.is(409, ErrorCode::AccountExists);
}

#[tokio::test]
async fn a_vault_of_the_largest_size_fits_through_every_door() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let mut creation = author.creation(&desk.server.url());
    creation.vault.0 = vec![0xff; limits::VAULT_BYTES];
    assert_eq!(desk.post(route::ACCOUNTS, &creation).await.status, StatusCode::CREATED);
    let token = desk.token(&author).await;
    let vault: VaultReply = vault_with(&desk, &token).await.json();
    assert_eq!(vault.vault, creation.vault);
}

#[tokio::test]
async fn behind_a_proxy_only_the_named_origins_count() {
    let proxy = "https://seshat.example.org";
    let desk = Desk::open_with(|config| config.origins = vec![proxy.to_owned()]).await;
    let author = Author::new(1);
    let direct = desk.post(route::ACCOUNTS, &author.creation(&desk.server.url())).await;
    direct.is(400, ErrorCode::Malformed);
    let made = desk.post(route::ACCOUNTS, &author.creation(proxy)).await;
    assert_eq!(made.status, StatusCode::CREATED);
    let answer = Desk::answer(&author, &desk.challenge(&author).await, proxy);
    assert_eq!(desk.post(route::SIGN_IN, &answer).await.status, StatusCode::OK);
    let answer = Desk::answer(&author, &desk.challenge(&author).await, &desk.server.url());
    desk.post(route::SIGN_IN, &answer).await.is(401, ErrorCode::SignInRequired);
}

#[tokio::test]
async fn a_challenge_names_exactly_one_account() {
    let desk = Desk::open().await;
    let both = ChallengeRequest {
        email: Some("a@example.org".to_owned()),
        account: Some(Author::new(1).account),
    };
    let long = by_email(&format!("{}@example.org", "a".repeat(300)));
    for wrong in [ChallengeRequest::default(), both, by_email(""), by_email("  "), long] {
        desk.post(route::CHALLENGE, &wrong).await.is(400, ErrorCode::Malformed);
    }
}

#[tokio::test]
async fn a_persons_session_is_good_for_the_vault_and_for_nothing_else() {
    let desk = Desk::open().await;
    let author = Author::new(1);
    let token = desk.welcome(&author).await;
    let join = format!("{}{}", route::JOIN, "0".repeat(32));
    let offer = format!("{join}{}", route::JOIN_OFFER);
    let grant = format!("{join}{}", route::JOIN_GRANT);
    for (method, path) in [
        (Method::POST, route::RECORDS),
        (Method::GET, route::CHANGES),
        (Method::GET, route::DEVICES),
        (Method::GET, route::JOINS),
        (Method::DELETE, &join),
        (Method::PUT, &offer),
        (Method::PUT, &grant),
    ] {
        let sent = |request: reqwest::RequestBuilder| {
            request.bearer_auth(&token).json(&serde_json::json!({"records": []}))
        };
        desk.send(method, path, sent).await.is(401, ErrorCode::SignInRequired);
    }
    assert_eq!(vault_with(&desk, &token).await.status, StatusCode::OK);
}
