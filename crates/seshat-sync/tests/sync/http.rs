//! The transport against servers that answer badly: each gives its own error, in time and in bounds.

use std::time::{Duration, Instant};

use seshat_protocol::{
    AccountId, Bytes32, Bytes64, ErrorCode, PushRequest, SignInKey, SignInRequest, VaultUpdate,
};
use seshat_sync::{
    HttpTransport, OfflineReason, PageRequest, Timeouts, Transport, TransportError, VaultFetched,
};
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

const PAGE: PageRequest = PageRequest { cursor: 7, limit: 100, max_bytes: 1000 };

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
async fn the_session_is_sent_with_every_request_shown_nowhere_and_ended_by_a_401() {
    let refusal = json("401 Unauthorized", r#"{"code":"sign_in_required","message":"Sign in."}"#);
    let (address, questions) = signing_in(refusal).await;
    let transport = transport(&address);
    assert!(matches!(transport.changes(PAGE).await, Err(TransportError::SignInRequired)));
    assert!(questions.try_recv().is_err(), "asked without a session");
    transport.sign_in(&sign_in_request()).await.unwrap();
    assert!(transport.signed_in());
    assert!(!format!("{transport:?}").contains("secret"), "the token is in the debug output");
    let error = transport.changes(PAGE).await.unwrap_err();
    assert!(matches!(error, TransportError::SignInRequired), "{error:?}");
    assert!(!transport.signed_in(), "an ended session is kept");
    let sign_in = questions.recv().unwrap().to_ascii_lowercase();
    assert!(!sign_in.contains("authorization"));
    let changes = questions.recv().unwrap().to_ascii_lowercase();
    assert!(
        changes.starts_with("get /desk/v1/changes?cursor=7&limit=100&max_bytes=1000 "),
        "{changes}"
    );
    assert!(changes.contains("authorization: bearer secret-token"));
    assert!(changes.contains(concat!("user-agent: seshat/", env!("CARGO_PKG_VERSION"))));
}

#[tokio::test]
async fn a_401_that_no_seshat_server_gives_is_a_wrong_address() {
    let (address, _questions) = signing_in(http("401 Unauthorized", "text/html", "<html>")).await;
    let transport = transport(&address);
    transport.sign_in(&sign_in_request()).await.unwrap();
    let error = transport.changes(PAGE).await.unwrap_err();
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
    assert!(matches!(unchanged.vault(Some("bad\n")).await, Err(TransportError::Nonsense { .. })));
    let _sign_in = questions.recv().unwrap();
    assert!(questions.recv().unwrap().contains("if-none-match: \"r7\""));

    let changed =
        json("412 Precondition Failed", r#"{"code":"vault_changed","message":"Changed."}"#);
    let (address, questions) = signing_in(changed).await;
    let changed = transport(&address);
    changed.sign_in(&sign_in_request()).await.unwrap();
    let update = VaultUpdate {
        vault: seshat_protocol::Blob(vec![1]),
        sign_in: None,
        device: None,
        revoke: Vec::new(),
    };
    let error = changed.put_vault(&update, "r7").await.unwrap_err();
    assert!(matches!(error, TransportError::VaultChanged), "{error:?}");
    let _sign_in = questions.recv().unwrap();
    let put = questions.recv().unwrap();
    assert!(put.starts_with("PUT /desk/v1/vault ") && put.contains("if-match: \"r7\""), "{put}");
}

#[tokio::test]
async fn a_push_is_answered_record_by_record() {
    let id = "0".repeat(32);
    let answer = format!(
        r#"{{"results":[{{"id":"{id}","outcome":"stored"}},{{"id":"{id}","outcome":"rejected","reason":"no"}}],"head":3,"epoch":"e"}}"#
    );
    let (address, _questions) = signing_in(json("200 OK", &answer)).await;
    let transport = transport(&address);
    transport.sign_in(&sign_in_request()).await.unwrap();
    let response = transport.push(&PushRequest { records: Vec::new() }).await.unwrap();
    assert_eq!((response.results.len(), response.head), (2, 3));
}

#[test]
fn addresses_that_are_none_are_refused_before_anything_is_sent() {
    for address in ["", "sync.example.org", "ftp://example.org", "http://ada:secret@example.org"] {
        let refused = HttpTransport::new(address);
        assert!(matches!(refused, Err(TransportError::Address(_))), "{address}");
    }
}
