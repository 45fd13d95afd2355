//! A server in this process, and a client that says what it wants, signs it or not, and shows what it got.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use ed25519_dalek::SigningKey;
use reqwest::{Client, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use seshat_protocol::http_signature::{
    ContentDigest, SignatureInput, SignedParts, header, signature_header,
};
use seshat_protocol::{
    AccountId, Bytes16, ChallengeReply, ChallengeRequest, DeviceId, ErrorBody, ErrorCode,
    SignInKey, SignInReply, SignInRequest, route, sign_in_message,
};
use seshat_server::{Config, Server, serve};
use tempfile::TempDir;

use super::{Author, sign};

/// A running server, its clock and its log.
pub struct Desk {
    pub server: Server,
    pub client: Client,
    pub folder: TempDir,
    pub time: Arc<AtomicU64>,
    pub log: LogBook,
}

#[derive(Clone, Default)]
pub struct LogBook(Arc<Mutex<Vec<u8>>>);

impl Write for LogBook {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl LogBook {
    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

/// What came back.
pub struct Got {
    pub status: StatusCode,
    pub etag: Option<String>,
    pub date: Option<String>,
    pub retry_after: Option<String>,
    pub allow: Option<String>,
    pub body: Vec<u8>,
}

impl Got {
    pub fn json<T: DeserializeOwned>(&self) -> T {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&self.body)))
    }

    /// Checks that this is an error of the protocol.
    pub fn is(&self, status: u16, code: ErrorCode) {
        let body: ErrorBody = self.json();
        assert_eq!((self.status.as_u16(), body.code), (status, code), "{}", body.message);
        assert!(!body.message.is_empty(), "an error without a sentence");
    }
}

/// A client that goes through no proxy.
pub fn client() -> Client {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Somebody else in this process may have been first; any provider will do.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
    Client::builder().no_proxy().timeout(Duration::from_secs(60)).build().unwrap()
}

impl Desk {
    pub async fn open() -> Self {
        Self::open_with(|_| {}).await
    }

    pub async fn open_with(change: impl FnOnce(&mut Config)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let time = Arc::new(AtomicU64::new(1_000_000_000_000));
        let log = LogBook::default();
        let mut config = Config::new(folder.path().join("data"), "127.0.0.1:0".parse().unwrap());
        let clock = Arc::clone(&time);
        config.clock = Arc::new(move || clock.load(Ordering::SeqCst));
        config.log = Box::new(log.clone());
        change(&mut config);
        let server = serve(config).await.unwrap();
        Self { server, client: client(), folder, time, log }
    }

    pub fn later(&self, millis: u64) {
        self.time.fetch_add(millis, Ordering::SeqCst);
    }

    pub async fn send(
        &self,
        method: Method,
        path: &str,
        change: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Got {
        let url = format!("{}{path}", self.server.url());
        let request = self.client.request(method.clone(), url);
        let response = change(request).send().await.expect("the server closed the connection");
        super::described::check(method.as_str(), path, response.status().as_u16());
        let named = |name| response.headers().get(name).map(|tag| tag.to_str().unwrap().to_owned());
        let (etag, date, status) = (named("etag"), named("date"), response.status());
        let (retry_after, allow) = (named("retry-after"), named("allow"));
        Got {
            status,
            etag,
            date,
            retry_after,
            allow,
            body: response.bytes().await.unwrap().to_vec(),
        }
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Got {
        self.send(Method::POST, path, |request| request.json(body)).await
    }

    /// How many wait for news at this moment.
    pub async fn listening(&self) -> u64 {
        let got = self.send(Method::GET, route::METRICS, |request| request).await;
        let text = String::from_utf8(got.body).unwrap();
        let line = text.lines().find_map(|line| line.strip_prefix("seshat_listeners "));
        line.unwrap().parse().unwrap()
    }

    pub async fn challenge(&self, author: &Author) -> ChallengeReply {
        let asked = ChallengeRequest { account: Some(author.account), email: None };
        self.post(route::CHALLENGE, &asked).await.json()
    }

    /// An answer to `challenge` by the password's key, for `origin`.
    pub fn answer(author: &Author, challenge: &ChallengeReply, origin: &str) -> SignInRequest {
        let message = sign_in_message(origin, author.account, &challenge.challenge);
        SignInRequest {
            account: author.account,
            challenge: challenge.challenge,
            key: SignInKey::Password,
            signature: sign(&author.password, &message),
        }
    }

    /// Creates the account and signs in with the password; the token.
    pub async fn welcome(&self, author: &Author) -> String {
        let created = self.post(route::ACCOUNTS, &author.creation(&self.server.url())).await;
        assert_eq!(created.status, StatusCode::CREATED);
        self.token(author).await
    }

    /// The author's first laptop, at this server.
    pub fn laptop(&self, author: &Author) -> Laptop<'_> {
        let (account, device) = (author.account, author.device_id());
        let (key, origin) = (author.laptop.clone(), self.server.url());
        Laptop { desk: self, account, device, key, origin }
    }

    /// Creates the account; its first laptop.
    pub async fn at_home(&self, author: &Author) -> Laptop<'_> {
        let created = self.post(route::ACCOUNTS, &author.creation(&self.server.url())).await;
        assert_eq!(created.status, StatusCode::CREATED);
        self.laptop(author)
    }

    /// Seconds since 1970, by the server's clock.
    pub fn seconds(&self) -> u64 {
        self.time.load(Ordering::SeqCst) / 1000
    }

    /// Sends a request as it stands.
    pub async fn dispatch(&self, request: &Request) -> Got {
        let change = |mut sent: reqwest::RequestBuilder| {
            for (name, value) in &request.headers {
                sent = sent.header(name, value);
            }
            sent.body(request.body.clone())
        };
        self.send(request.method.clone(), &request.target, change).await
    }

    pub async fn token(&self, author: &Author) -> String {
        let challenge = self.challenge(author).await;
        let answer = Self::answer(author, &challenge, &self.server.url());
        self.post(route::SIGN_IN, &answer).await.json::<SignInReply>().token
    }
}

/// A device that signs what it asks this server for.
#[derive(Clone)]
pub struct Laptop<'a> {
    pub desk: &'a Desk,
    pub account: AccountId,
    pub device: DeviceId,
    pub key: SigningKey,
    pub origin: String,
}

/// A request in all its parts, so that each can be spoilt before it is sent.
#[derive(Clone)]
pub struct Request {
    pub method: Method,
    /// The path, with its query.
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header that is there.
    pub fn header(&mut self, name: &str) -> &mut String {
        let found = self.headers.iter_mut().find(|(found, _)| found == name);
        &mut found.unwrap_or_else(|| panic!("no {name}")).1
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.headers.retain(|(found, _)| found != name);
        self
    }
}

/// 16 bytes that no other request of this process has.
pub fn nonce() -> Bytes16 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let mut nonce = [0; 16];
    nonce[..8].copy_from_slice(&NEXT.fetch_add(1, Ordering::SeqCst).to_be_bytes());
    Bytes16(nonce)
}

/// A request, signed by a key for an origin.
pub fn signed(
    (key, mut input, origin): (&SigningKey, SignatureInput, &str),
    method: Method,
    target: &str,
    body: Vec<u8>,
    if_match: Option<&str>,
) -> Request {
    input.if_match = if_match.is_some();
    let (path, query) = target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
    let digest = ContentDigest::of(&body);
    let parts = SignedParts { method: method.as_str(), path, query, digest, origin, if_match };
    let signature = sign(key, input.base(&parts).unwrap().as_bytes());
    let mut headers = vec![
        (header::CONTENT_DIGEST.to_owned(), digest.to_header()),
        (header::ORIGIN.to_owned(), origin.to_owned()),
        (header::SIGNATURE_INPUT.to_owned(), input.to_header()),
        (header::SIGNATURE.to_owned(), signature_header(&signature)),
        ("content-type".to_owned(), "application/json".to_owned()),
    ];
    headers.extend(if_match.map(|tag| ("if-match".to_owned(), tag.to_owned())));
    Request { method, target: target.to_owned(), headers, body }
}

impl Laptop<'_> {
    /// Who signs now, and with a nonce of its own.
    pub fn input(&self) -> SignatureInput {
        SignatureInput {
            account: self.account,
            device: self.device,
            created: self.desk.seconds(),
            nonce: nonce(),
            if_match: false,
        }
    }

    /// A request, signed as `input` says.
    pub fn sign(
        &self,
        input: SignatureInput,
        method: Method,
        target: &str,
        body: Vec<u8>,
        if_match: Option<&str>,
    ) -> Request {
        signed((&self.key, input, &self.origin), method, target, body, if_match)
    }

    pub fn get(&self, target: &str) -> Request {
        self.sign(self.input(), Method::GET, target, Vec::new(), None)
    }

    pub fn request(&self, method: Method, target: &str, body: &impl Serialize) -> Request {
        self.sign(self.input(), method, target, serde_json::to_vec(body).unwrap(), None)
    }

    pub async fn fetch(&self, target: &str) -> Got {
        self.desk.dispatch(&self.get(target)).await
    }

    pub async fn ask(&self, method: Method, target: &str, body: &impl Serialize) -> Got {
        self.desk.dispatch(&self.request(method, target, body)).await
    }

    /// Puts a vault in the place of the one that this `If-Match` names.
    pub async fn put_vault(&self, expected: &str, update: &impl Serialize) -> Got {
        let body = serde_json::to_vec(update).unwrap();
        let request = self.sign(self.input(), Method::PUT, route::VAULT, body, Some(expected));
        self.desk.dispatch(&request).await
    }
}
