//! A server in this process, and a client that says what it wants and shows what it got.

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once};
use std::time::Duration;

use reqwest::{Client, Method, StatusCode};
use serde::Serialize;
use serde::de::DeserializeOwned;
use seshat_protocol::{
    ChallengeReply, ChallengeRequest, ErrorBody, ErrorCode, SignInKey, SignInReply, SignInRequest,
    route, sign_in_message,
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
        let request = self.client.request(method, format!("{}{path}", self.server.url()));
        let response = change(request).send().await.expect("the server closed the connection");
        let etag = response.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
        let status = response.status();
        Got { status, etag, body: response.bytes().await.unwrap().to_vec() }
    }

    pub async fn post(&self, path: &str, body: &impl Serialize) -> Got {
        self.send(Method::POST, path, |request| request.json(body)).await
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

    pub async fn token(&self, author: &Author) -> String {
        let challenge = self.challenge(author).await;
        let answer = Self::answer(author, &challenge, &self.server.url());
        self.post(route::SIGN_IN, &answer).await.json::<SignInReply>().token
    }
}
