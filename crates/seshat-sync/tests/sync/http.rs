//! The transport against servers that answer badly: each gives its own error, in time and in bounds.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use seshat_protocol::http_signature::{
    ContentDigest, SignatureInput, SignedParts, parse_signature,
};
use seshat_protocol::{
    AccountId, Blob, Bytes32, Bytes64, DeviceId, ErrorCode, JoinId, PushRequest, SignInKey,
    SignInRequest, VaultUpdate,
};
use seshat_sync::{
    DeskError, HttpTransport, OfflineReason, PageRequest, Paged, RequestSigner, Timeouts,
    Transport, TransportError, VaultFetched,
};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const QUICK: Timeouts =
    Timeouts { connect: Duration::from_secs(2), whole: Duration::from_millis(800) };

fn transport(address: &str) -> HttpTransport {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    HttpTransport::with_timeouts(address, QUICK).unwrap()
}

/// A server that reads each request's head and body and then does what `answer` does with the connection.
async fn serve<F>(answer: impl Fn(String, TcpStream) -> F + Send + Sync + 'static) -> String
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let request = read_request(&mut stream).await;
            tokio::spawn(answer(request, stream));
        }
    });
    address
}

async fn read_request(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.to_ascii_lowercase().lines().find_map(|line| {
                line.strip_prefix("content-length: ").and_then(|length| length.parse().ok())
            });
            if body.len() >= length.unwrap_or(0_usize) {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => bytes.extend_from_slice(&buffer[..read]),
        }
    }
}

/// A server with one answer for everything.
async fn always(answer: impl Into<Vec<u8>>) -> String {
    let answer = answer.into();
    serve(move |_, mut stream| {
        let answer = answer.clone();
        async move {
            let _client_may_be_gone = stream.write_all(&answer).await;
        }
    })
    .await
}

fn http(status: &str, kind: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn json(status: &str, body: &str) -> String {
    http(status, "application/json", body)
}

async fn failure(address: &str) -> TransportError {
    let error = transport(address).capabilities().await.unwrap_err();
    let sentence = error.to_string();
    assert!(sentence.ends_with('.') && !sentence.contains('\n'), "not one sentence: {sentence}");
    error
}

#[tokio::test]
async fn a_refused_connection_is_unreachable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = failure(&address).await;
    let reason = OfflineReason::Unreachable;
    assert!(matches!(error, TransportError::Offline { reason: r, .. } if r == reason), "{error:?}");
    assert!(error.is_passing());
}

#[tokio::test]
async fn a_server_that_never_answers_times_out() {
    let address = serve(|_, stream| async move {
        tokio::time::sleep(Duration::from_secs(30)).await;
        drop(stream);
    })
    .await;
    let begun = Instant::now();
    let error = failure(&address).await;
    assert!(
        matches!(error, TransportError::Offline { reason: OfflineReason::TimedOut, .. }),
        "{error:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn an_answer_that_drips_times_out_as_a_whole() {
    let address = serve(|_, mut stream| async move {
        let head =
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 60000\r\n\r\n";
        if stream.write_all(head.as_bytes()).await.is_err() {
            return;
        }
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let begun = Instant::now();
    let error = failure(&address).await;
    assert!(
        matches!(error, TransportError::Offline { reason: OfflineReason::TimedOut, .. }),
        "{error:?}"
    );
    assert!(begun.elapsed() < Duration::from_secs(5), "every byte was given new time");
}

#[tokio::test]
async fn a_connection_that_ends_too_early_is_cut_short() {
    for answer in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{\"service\":",
    ] {
        let error = failure(&always(answer).await).await;
        let reason = OfflineReason::CutShort;
        assert!(
            matches!(error, TransportError::Offline { reason: r, .. } if r == reason),
            "{answer:?}: {error:?}"
        );
    }
}

#[tokio::test]
async fn what_is_not_http_is_nonsense() {
    let error = failure(&always("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n").await).await;
    assert!(matches!(error, TransportError::Nonsense { .. }), "{error:?}");
    assert!(!error.is_passing());
}

#[tokio::test]
async fn pages_in_html_are_no_seshat_server() {
    let page = "<html><body>Not here</body></html>";
    for (status, number) in [("404 Not Found", 404), ("403 Forbidden", 403), ("200 OK", 200)] {
        let error = failure(&always(http(status, "text/html", page)).await).await;
        assert!(
            matches!(error, TransportError::NotSeshat { status } if status == number),
            "{error:?}"
        );
    }
    let other = r#"{"service":"nextcloud","version":"1","protocols":[1],"max_records":1,"max_batch_bytes":1,"max_record_bytes":1,"server_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    let error = failure(&always(json("200 OK", other)).await).await;
    assert!(matches!(error, TransportError::NotSeshat { status: 200 }), "{error:?}");
}

#[tokio::test]
async fn a_server_of_another_time_is_said_to_be_one() {
    let newer = r#"{"service":"seshat","version":"9","protocols":[7],"max_records":1,"max_batch_bytes":1,"max_record_bytes":1,"server_key":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    let error = failure(&always(json("200 OK", newer)).await).await;
    assert!(matches!(error, TransportError::OtherProtocol), "{error:?}");
}

#[tokio::test]
async fn a_success_with_nonsense_inside_is_nonsense() {
    for body in ["", "nonsense", "[]", "{}", "null", "{\"service\":7}", "\u{feff}{}"] {
        let error = failure(&always(json("200 OK", body)).await).await;
        assert!(matches!(error, TransportError::Nonsense { .. }), "{body:?}: {error:?}");
    }
    let deep = "[".repeat(60_000);
    let error = failure(&always(json("200 OK", &deep)).await).await;
    assert!(matches!(error, TransportError::Nonsense { .. }), "{error:?}");
}

#[tokio::test]
async fn a_server_in_trouble_is_waited_for() {
    let html = http("502 Bad Gateway", "text/html", "<html>nginx</html>");
    let ours = json("500 Internal Server Error", r#"{"code":"internal","message":"Sorry."}"#);
    let busy =
        "HTTP/1.1 429 Too Many Requests\r\nretry-after: 17\r\ncontent-length: 0\r\n\r\n".to_owned();
    for (answer, number, wait) in [(html, 502, None), (ours, 500, None), (busy, 429, Some(17))] {
        let error = failure(&always(answer).await).await;
        assert!(
            matches!(error, TransportError::ServerTrouble { status, retry_after } if status == number && retry_after == wait),
            "{error:?}"
        );
        assert!(error.is_passing());
    }
}

#[tokio::test]
async fn a_huge_answer_is_not_read_to_its_end() {
    // Announced, and not announced.
    let announced =
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99999999999\r\n\r\n";
    let error = failure(&always(announced).await).await;
    assert!(matches!(error, TransportError::TooMuch { .. }), "{error:?}");

    let address = serve(|_, mut stream| async move {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        if stream.write_all(head.as_bytes()).await.is_err() {
            return;
        }
        while stream.write_all(&[b' '; 16_384]).await.is_ok() {}
    })
    .await;
    let error = failure(&address).await;
    assert!(matches!(error, TransportError::TooMuch { .. }), "{error:?}");

    let huge = json("404 Not Found", &" ".repeat(1 << 20));
    let error = failure(&always(huge).await).await;
    assert!(
        matches!(error, TransportError::TooMuch { .. }),
        "errors have bounds as well: {error:?}"
    );
}

#[tokio::test]
async fn a_redirect_is_told_and_not_followed() {
    let target = always(json("200 OK", "{}")).await;
    for (location, expected) in [
        (format!("{target}/v1/capabilities?secret=1"), Some(target.clone())),
        ("/login".to_owned(), None),
        ("javascript:alert(1)".to_owned(), None),
    ] {
        let answer =
            format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
        let address = always(answer).await;
        let error = failure(&address).await;
        let TransportError::Redirected { to } = &error else { panic!("{error:?}") };
        let own_address = location.starts_with('/').then_some(address);
        assert_eq!(*to, expected.or(own_address), "{location}");
        assert!(!error.to_string().contains("secret"));
    }
}

#[tokio::test]
async fn a_server_that_cannot_prove_who_it_is_gets_nothing() {
    // Plain text where TLS was expected.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(json("200 OK", "{}").as_bytes()).await.unwrap();
        let mut sent = Vec::new();
        let _reset = stream.read_to_end(&mut sent).await;
        sent
    });
    let error = failure(&address).await;
    let sent = server.await.unwrap();
    assert!(!sent.windows(4).any(|window| window == b"GET "), "the request went out in the clear");
    assert!(matches!(error, TransportError::NotTrusted { .. }), "{error:?}");
}

#[tokio::test]
async fn refusals_of_a_seshat_server_keep_their_code_and_lose_control_characters() {
    let body = r#"{"code":"too_large","message":"Too\u001b[31m large.\n"}"#;
    let error = failure(&always(json("413 Payload Too Large", body)).await).await;
    let TransportError::Refused { code, message, status } = error else { panic!("{error:?}") };
    assert_eq!((code, message.as_str(), status), (ErrorCode::TooLarge, "Too[31m large.", 413));
    let error =
        failure(&always(json("418 Teapot", r#"{"code":"of_tomorrow","message":""}"#)).await).await;
    assert!(matches!(error, TransportError::Refused { code: ErrorCode::Unknown, .. }), "{error:?}");
    assert!(!error.to_string().is_empty());
}

fn sign_in_request() -> SignInRequest {
    SignInRequest {
        account: AccountId([1; 16]),
        challenge: Bytes32([2; 32]),
        key: SignInKey::Password,
        signature: Bytes64([3; 64]),
    }
}

const PAGE: PageRequest =
    PageRequest { cursor: 7, limit: 100, max_bytes: 1000, paged: Paged::Everything };

/// A server that signs anybody in, answers `answer` to the rest, and shows what it was asked.
async fn signing_in(answer: String) -> (String, std::sync::mpsc::Receiver<String>) {
    let (asked, questions) = std::sync::mpsc::channel();
    let address = serve(move |request, mut stream| {
        let is_sign_in = request.starts_with("POST /desk/v1/sign-in ");
        let session = json("200 OK", r#"{"token":"secret-token","expires_in":60}"#);
        let answer = if is_sign_in { session } else { answer.clone() };
        let _test_may_be_over = asked.send(request);
        async move {
            let _client_may_be_gone = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await;
    (format!("{address}/desk"), questions)
}

#[tokio::test]
async fn a_persons_token_is_sent_to_the_vault_shown_nowhere_and_ended_by_a_401() {
    let refusal = json("401 Unauthorized", r#"{"code":"sign_in_required","message":"Sign in."}"#);
    let (address, questions) = signing_in(refusal).await;
    let transport = transport(&address);
    assert!(matches!(transport.vault(None).await, Err(TransportError::SignInRequired)));
    assert!(questions.try_recv().is_err(), "asked without a session");
    transport.sign_in(&sign_in_request()).await.unwrap();
    assert!(!format!("{transport:?}").contains("secret"), "the token is in the debug output");
    let error = transport.vault(None).await.unwrap_err();
    assert!(matches!(error, TransportError::SignInRequired), "{error:?}");
    let sign_in = questions.recv().unwrap().to_ascii_lowercase();
    assert!(!sign_in.contains("authorization"));
    let vault = questions.recv().unwrap().to_ascii_lowercase();
    assert!(vault.starts_with("get /desk/v1/vault "), "{vault}");
    assert!(vault.contains("authorization: bearer secret-token"));
    assert!(vault.contains(concat!("user-agent: seshat/", env!("CARGO_PKG_VERSION"))));
    assert!(matches!(transport.vault(None).await, Err(TransportError::SignInRequired)));
    assert!(questions.try_recv().is_err(), "an ended session is kept");
}

#[tokio::test]
async fn a_401_that_no_seshat_server_gives_is_a_wrong_address() {
    let (address, _questions) = signing_in(http("401 Unauthorized", "text/html", "<html>")).await;
    let transport = transport(&address);
    transport.sign_in(&sign_in_request()).await.unwrap();
    let error = transport.vault(None).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSeshat { status: 401 }), "{error:?}");
}

#[tokio::test]
async fn the_vault_is_asked_for_and_put_by_its_revision() {
    let (address, questions) =
        signing_in("HTTP/1.1 304 Not Modified\r\nconnection: close\r\n\r\n".to_owned()).await;
    let unchanged = transport(&address);
    unchanged.sign_in(&sign_in_request()).await.unwrap();
    assert_eq!(unchanged.vault(Some("r7")).await.unwrap(), VaultFetched::NotModified);
    assert!(matches!(unchanged.vault(None).await, Err(TransportError::Nonsense { .. })));
    for bad in ["bad\n", "b\"d", "b d"] {
        let refused = unchanged.vault(Some(bad)).await;
        assert!(matches!(refused, Err(TransportError::Nonsense { .. })), "{bad:?}");
    }
    let _sign_in = questions.recv().unwrap();
    assert!(questions.recv().unwrap().contains("if-none-match: \"r7\""));

    let changed =
        json("412 Precondition Failed", r#"{"code":"vault_changed","message":"Changed."}"#);
    let (address, questions) = signing_in(changed).await;
    let changed = transport(&address);
    changed.sign_in(&sign_in_request()).await.unwrap();
    let error = changed.put_vault(&update(), "r7").await.unwrap_err();
    assert!(matches!(error, TransportError::VaultChanged), "{error:?}");
    let _sign_in = questions.recv().unwrap();
    let put = questions.recv().unwrap();
    assert!(put.starts_with("PUT /desk/v1/vault ") && put.contains("if-match: \"r7\""), "{put}");
}

fn update() -> VaultUpdate {
    VaultUpdate { vault: Blob(vec![1]), sign_in: None, device: None, revoke: Vec::new() }
}

const NOW: u64 = 1_700_000_000;

/// A device that signs by hashing, so that a server can look.
#[derive(Default)]
struct Device {
    nonces: AtomicU64,
    locked: bool,
}

fn fake(message: &[u8]) -> Bytes64 {
    let hash: [u8; 32] = Sha256::digest(message).into();
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&hash);
    Bytes64(signature)
}

impl RequestSigner for Device {
    fn account(&self) -> AccountId {
        AccountId([1; 16])
    }
    fn device(&self) -> DeviceId {
        DeviceId([2; 16])
    }
    fn now_seconds(&self) -> u64 {
        NOW
    }
    fn nonce(&self) -> Result<[u8; 16], DeskError> {
        let mut nonce = [0; 16];
        nonce[..8].copy_from_slice(&self.nonces.fetch_add(1, Ordering::SeqCst).to_be_bytes());
        Ok(nonce)
    }
    fn sign(&self, message: &[u8]) -> Result<Bytes64, DeskError> {
        if self.locked { Err("the desk is locked".into()) } else { Ok(fake(message)) }
    }
}

fn device_at(address: &str, device: Device) -> HttpTransport {
    let _installed_before = rustls::crypto::ring::default_provider().install_default();
    HttpTransport::for_device_with_timeouts(address, Arc::new(device), QUICK).unwrap()
}

/// Checks the signature of a request as it came over the wire; who signed it, and when.
fn checked(request: &str, origin: &str) -> SignatureInput {
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let value = |name: &str| {
        let mut values = head.lines().filter_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        });
        let value = values.next();
        assert!(values.next().is_none(), "{name} came twice");
        value
    };
    assert!(value("authorization").is_none());
    let mut line = head.lines().next().unwrap().split(' ');
    let (method, target) = (line.next().unwrap(), line.next().unwrap());
    let target = target.strip_prefix("/desk").unwrap();
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    assert_eq!(value("seshat-origin"), Some(origin));
    let digest = ContentDigest::parse(value("content-digest").unwrap()).unwrap();
    assert_eq!(digest, ContentDigest::of(body.as_bytes()), "{request}");
    let if_match = value("if-match");
    let input = SignatureInput::parse(value("signature-input").unwrap()).unwrap();
    let parts = SignedParts { method, path, query, digest, origin, if_match };
    let signature = parse_signature(value("signature").unwrap()).unwrap();
    assert_eq!(signature, fake(input.base(&parts).unwrap().as_bytes()), "{request}");
    input
}

#[tokio::test]
async fn everything_that_a_device_asks_for_is_signed_anew() {
    let (address, questions) = signing_in(json("200 OK", "[]")).await;
    let transport = device_at(&address, Device::default());
    let origin = transport.origin().to_owned();
    let nonsense = |failed: bool| assert!(failed, "[] was taken for an answer");
    nonsense(transport.vault(Some("r1")).await.is_err());
    nonsense(transport.put_vault(&update(), "r1").await.is_err());
    nonsense(transport.push(&PushRequest { records: Vec::new() }).await.is_err());
    nonsense(transport.changes(PAGE).await.is_err());
    nonsense(transport.devices().await.is_err());
    nonsense(transport.joins().await.is_err());
    nonsense(transport.offer_join(JoinId([7; 16]), Blob(vec![1])).await.is_err());
    nonsense(transport.grant_join(JoinId([7; 16]), Blob(vec![1])).await.is_err());
    nonsense(transport.deny_join(JoinId([7; 16])).await.is_err());
    let mut seen = Vec::new();
    for _ in 0..9 {
        let request = questions.try_recv().unwrap();
        let input = checked(&request, &origin);
        assert_eq!((input.account, input.device), (AccountId([1; 16]), DeviceId([2; 16])));
        assert_eq!(input.created, NOW);
        assert!(!seen.contains(&input.nonce), "a nonce was used twice");
        seen.push(input.nonce);
    }
    assert!(questions.try_recv().is_err());
}

#[tokio::test]
async fn a_push_is_answered_record_by_record() {
    let id = "0".repeat(32);
    let answer = format!(
        r#"{{"results":[{{"id":"{id}","outcome":"stored"}},{{"id":"{id}","outcome":"rejected","reason":"no"}}],"head":3,"epoch":"e"}}"#
    );
    let (address, _questions) = signing_in(json("200 OK", &answer)).await;
    let transport = device_at(&address, Device::default());
    let response = transport.push(&PushRequest { records: Vec::new() }).await.unwrap();
    assert_eq!((response.results.len(), response.head), (2, 3));
}

fn wrong_clock(date: &str) -> String {
    let body = r#"{"code":"clock","message":"Other time."}"#;
    json("401 Unauthorized", body).replacen("\r\n", &format!("\r\ndate: {date}\r\n"), 1)
}

#[tokio::test]
async fn a_wrong_clock_is_made_good_once_with_the_servers_time_which_is_then_kept() {
    // 1700003600: an hour ahead of the device.
    let refused = wrong_clock("Tue, 14 Nov 2023 23:13:20 GMT");
    let (asked, questions) = std::sync::mpsc::channel();
    let address = serve(move |request, mut stream| {
        let fits = request.contains(";created=1700003600;");
        let answer = if fits { json("200 OK", r#"{"devices":[]}"#) } else { refused.clone() };
        let _test_may_be_over = asked.send(request);
        async move {
            let _client_may_be_gone = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await;
    let address = format!("{address}/desk");
    let transport = device_at(&address, Device::default());
    let origin = transport.origin().to_owned();
    assert_eq!(transport.devices().await.unwrap(), Vec::new());
    let (first, second) = (questions.recv().unwrap(), questions.recv().unwrap());
    let (first, second) = (checked(&first, &origin), checked(&second, &origin));
    assert_eq!((first.created, second.created), (NOW, NOW + 3600));
    assert_ne!(first.nonce, second.nonce, "signed again with the old nonce");
    transport.devices().await.unwrap();
    assert_eq!(checked(&questions.recv().unwrap(), &origin).created, NOW + 3600);
    assert!(questions.try_recv().is_err(), "the server's time was forgotten");
}

#[tokio::test]
async fn a_server_that_takes_no_time_is_asked_twice_and_one_without_a_time_once() {
    for (date, times) in [
        ("Tue, 14 Nov 2023 23:13:20 GMT", 2),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 2),
        ("yesterday", 1),
        ("Wed, 31 Dec 1969 23:59:59 GMT", 1),
    ] {
        let (address, questions) = signing_in(wrong_clock(date)).await;
        let error = device_at(&address, Device::default()).devices().await.unwrap_err();
        assert!(matches!(error, TransportError::Clock { .. }), "{error:?}");
        assert!(!error.is_passing());
        assert_eq!(questions.try_iter().count(), times, "{date}");
    }
}

#[tokio::test]
async fn a_removed_device_is_told_so_and_a_locked_desk_sends_nothing() {
    let gone = json("401 Unauthorized", r#"{"code":"device_revoked","message":"Gone."}"#);
    let (address, _questions) = signing_in(gone).await;
    let error = device_at(&address, Device::default()).changes(PAGE).await.unwrap_err();
    assert!(matches!(error, TransportError::DeviceRevoked), "{error:?}");
    let (address, questions) = signing_in(json("200 OK", "{}")).await;
    let locked = Device { locked: true, ..Device::default() };
    let error = device_at(&address, locked).changes(PAGE).await.unwrap_err();
    assert!(matches!(error, TransportError::NotSigned(_)), "{error:?}");
    assert!(questions.try_recv().is_err(), "an unsigned request was sent");
}

#[tokio::test]
async fn a_laptop_that_asks_to_join_shows_its_token_to_that_asking_alone() {
    let join = JoinId([7; 16]);
    let (asked, questions) = std::sync::mpsc::channel();
    let address = serve(move |request, mut stream| {
        let begins = request.starts_with("POST /v1/joins ");
        let begun = format!(r#"{{"join":"{join}","token":"secret-token"}}"#);
        let answer = json("200 OK", if begins { &begun } else { r#"{"denied":true}"# });
        let _test_may_be_over = asked.send(request);
        async move {
            let _client_may_be_gone = stream.write_all(answer.as_bytes()).await;
        }
    })
    .await;
    let transport = transport(&address);
    let ticket = transport.ask_to_join("ada@example.org", Bytes32([1; 32])).await.unwrap();
    assert_eq!(ticket.join, join);
    assert!(!format!("{ticket:?}").contains("secret"));
    assert!(transport.join_progress(&ticket).await.unwrap().denied);
    transport.reveal_join(&ticket, Blob(vec![1])).await.unwrap();
    let asked: Vec<_> = questions.try_iter().map(|request| request.to_ascii_lowercase()).collect();
    assert!(!asked[0].contains("authorization"));
    let path = format!("/v1/joins/{join}");
    for (request, start) in
        asked[1..].iter().zip([format!("get {path} "), format!("put {path}/reveal ")])
    {
        assert!(request.starts_with(&start), "{request}");
        assert!(request.contains("authorization: bearer secret-token"), "{request}");
    }
}

#[test]
fn addresses_that_are_none_are_refused_before_anything_is_sent() {
    for address in ["", "sync.example.org", "ftp://example.org", "http://ada:secret@example.org"] {
        let refused = HttpTransport::new(address);
        assert!(matches!(refused, Err(TransportError::Address(_))), "{address}");
    }
}

#[tokio::test]
async fn a_line_for_news_lasts_longer_than_any_other_request_and_is_signed() {
    let address = serve(|request, mut stream| async move {
        assert!(request.starts_with("GET /desk/v1/events HTTP/1.1\r\n"), "{request}");
        let origin = request.lines().find_map(|line| line.strip_prefix("seshat-origin: "));
        checked(&request, origin.unwrap());
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n";
        let event =
            |head: u64| format!("event: head\ndata: {{\"head\":{head},\"epoch\":\"a\"}}\n\n");
        stream.write_all(format!("{head}{}", event(3)).as_bytes()).await.unwrap();
        tokio::time::sleep(QUICK.whole + Duration::from_millis(400)).await;
        stream.write_all(format!(": here\n\n{}", event(4)).as_bytes()).await.unwrap();
    })
    .await;
    let transport = device_at(&format!("{address}/desk"), Device::default());
    let mut news = transport.news().await.unwrap().unwrap();
    assert_eq!(news.next().await.unwrap().head, 3);
    assert_eq!(news.next().await.unwrap().head, 4);
    let ended = news.next().await.unwrap_err();
    assert!(
        matches!(ended, TransportError::Offline { reason: OfflineReason::CutShort, .. }),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_page_in_the_place_of_news_and_a_server_without_them_are_told_apart_from_no_network() {
    let page = always(http("200 OK", "text/html", "<p>Welcome to the hotel.</p>")).await;
    let older = always(json("404 Not Found", r#"{"code":"not_found","message":"No."}"#)).await;
    for address in [page, older] {
        let error = device_at(&address, Device::default()).news().await.err().unwrap();
        let said =
            matches!(error, TransportError::NotSeshat { .. } | TransportError::Refused { .. });
        assert!(said, "{error:?}");
    }
    let waits = always(json("200 OK", r#"{"head":9,"epoch":"a"}"#)).await;
    let waited = device_at(&waits, Device::default()).wait(8, Duration::from_secs(1)).await;
    assert_eq!(waited.unwrap().unwrap().head, 9);
}
