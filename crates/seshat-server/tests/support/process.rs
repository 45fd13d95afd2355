//! The real binary, as a process.
#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use reqwest::{Method, Response};
use seshat_protocol::http_signature::SignatureInput;
use seshat_protocol::{Changes, CreateAccount, PushRequest, PushResponse, route};

use super::Author;
use super::desk::{client, nonce, signed};

pub struct Process {
    pub child: Child,
    pub url: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Already gone, in a test that passed.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The program, which knows nothing of the environment that the tests run in.
pub fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_seshat-server"));
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("SESHAT_SERVER_") {
            command.env_remove(name);
        }
    }
    command
}

pub fn command(data: &Path) -> Command {
    let mut command = program();
    command.arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub fn start(data: &Path) -> Process {
    start_with(data, &[])
}

pub fn start_with(data: &Path, arguments: &[&str]) -> Process {
    Process::start(command(data).args(arguments))
}

impl Process {
    /// Starts it, and waits until it listens.
    pub fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening on ");
        Self { url: url.unwrap_or_else(|| panic!("{line:?}")).to_owned(), child }
    }

    /// Sends a signal and waits for the end; what stood on stdout (after its line) and stderr.
    pub fn end(mut self, signal: &str) -> (String, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
        let (mut out, mut err) = (String::new(), String::new());
        self.child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let status = self.child.wait().unwrap();
        assert!(status.success(), "{status} after {signal}: {err}");
        (out, err)
    }

    pub async fn create(&self, author: &Author) {
        self.register(&author.creation(&self.url)).await.error_for_status().unwrap();
    }

    pub async fn register(&self, account: &CreateAccount) -> Response {
        let request = client().post(format!("{}{}", self.url, route::ACCOUNTS));
        request.json(account).send().await.unwrap()
    }

    /// Sends what the author's laptop signed, and once more with the server's time if it asks for that.
    pub async fn asked(
        &self,
        author: &Author,
        method: Method,
        path: &str,
        body: Vec<u8>,
    ) -> Response {
        let mut created = 0;
        loop {
            let (account, device) = (author.account, author.device_id());
            let input =
                SignatureInput { account, device, created, nonce: nonce(), if_match: false };
            let by = (&author.laptop, input, self.url.as_str());
            let request = signed(by, method.clone(), path, body.clone(), None);
            let mut sent = client().request(method.clone(), format!("{}{path}", self.url));
            for (name, value) in &request.headers {
                sent = sent.header(name, value);
            }
            let response = sent.body(request.body).send().await.unwrap();
            if response.status() == 401 && created == 0 {
                let date = response.headers()["date"].to_str().unwrap();
                let date = httpdate::parse_http_date(date).unwrap();
                created = date.duration_since(std::time::UNIX_EPOCH).unwrap().as_secs();
                continue;
            }
            return response;
        }
    }

    async fn signed(&self, author: &Author, method: Method, path: &str, body: Vec<u8>) -> Vec<u8> {
        let response = self.asked(author, method, path, body).await;
        response.error_for_status().unwrap().bytes().await.unwrap().to_vec()
    }

    pub async fn push(&self, author: &Author, push: &PushRequest) -> PushResponse {
        let body = serde_json::to_vec(push).unwrap();
        let body = self.signed(author, Method::POST, route::RECORDS, body).await;
        serde_json::from_slice(&body).unwrap()
    }

    pub async fn changes(&self, author: &Author) -> Changes {
        let body = self.signed(author, Method::GET, route::CHANGES, Vec::new()).await;
        serde_json::from_slice(&body).unwrap()
    }
}
