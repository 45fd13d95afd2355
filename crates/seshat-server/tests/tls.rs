//! The server with a certificate of its own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

mod support;

use std::fs;
use std::io::Read;
use std::net::TcpStream;
use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client};
use seshat_protocol::route;
use seshat_server::{Config, ServeError, TlsFiles, serve};
use support::Author;
use support::desk::client;

/// A certificate for loopback, in two files; and a client that trusts it alone.
fn certified(folder: &Path) -> (TlsFiles, Client) {
    // For the provider.
    drop(client());
    let names = vec!["localhost".to_owned(), "127.0.0.1".to_owned()];
    let made = rcgen::generate_simple_self_signed(names).unwrap();
    let files = TlsFiles { certificate: folder.join("chain.pem"), key: folder.join("key.pem") };
    fs::write(&files.certificate, made.cert.pem()).unwrap();
    fs::write(&files.key, made.signing_key.serialize_pem()).unwrap();
    let trusted = Certificate::from_pem(made.cert.pem().as_bytes()).unwrap();
    let client = Client::builder().no_proxy().tls_certs_only([trusted]).build().unwrap();
    (files, client)
}

fn config(folder: &Path, files: TlsFiles) -> Config {
    let mut config = Config::new(folder.join("data"), "127.0.0.1:0".parse().unwrap());
    config.tls = Some(files);
    config
}

#[tokio::test]
async fn with_a_certificate_authors_sign_for_an_https_address() {
    let folder = tempfile::tempdir().unwrap();
    let (files, client) = certified(folder.path());
    let server = serve(config(folder.path(), files)).await.unwrap();
    assert!(server.url().starts_with("https://127.0.0.1:"), "{}", server.url());

    let send = async |author: &Author, origin: &str| {
        let request = client.post(format!("{}{}", server.url(), route::ACCOUNTS));
        request.json(&author.creation(origin)).send().await.unwrap().status().as_u16()
    };
    let plain = server.url().replace("https://", "http://");
    assert_eq!(send(&Author::new(1), &plain).await, 400, "signed for plain HTTP");
    assert_eq!(send(&Author::new(1), &server.url()).await, 201);
    let local = format!("https://localhost:{}", server.addr().port());
    assert_eq!(send(&Author::new(2), &local).await, 201);
    server.shutdown().await;
}

#[tokio::test]
async fn plain_http_gets_no_answer_on_a_port_with_tls() {
    let folder = tempfile::tempdir().unwrap();
    let (files, trusting) = certified(folder.path());
    let server = serve(config(folder.path(), files)).await.unwrap();
    let address = format!("http://{}{}", server.addr(), route::HEALTH);
    assert!(client().get(address).send().await.is_err(), "answered without TLS");
    let health = format!("{}{}", server.url(), route::HEALTH);
    assert!(client().get(&health).send().await.is_err(), "a stranger's certificate was trusted");
    assert_eq!(trusting.get(&health).send().await.unwrap().status().as_u16(), 200);
    server.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_agrees_on_keys_holds_up_neither_the_others_nor_the_end() {
    let folder = tempfile::tempdir().unwrap();
    let (files, client) = certified(folder.path());
    let server = serve(config(folder.path(), files)).await.unwrap();
    let mut silent = TcpStream::connect(server.addr()).unwrap();
    let health = format!("{}{}", server.url(), route::HEALTH);
    assert_eq!(client.get(health).send().await.unwrap().status().as_u16(), 200);
    // A handshake may take ten seconds, and so may the farewell: neither is waited for.
    let ended = tokio::time::timeout(Duration::from_secs(5), server.shutdown()).await;
    assert!(ended.is_ok(), "a silent client held up the end");
    silent.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    assert_eq!(silent.read(&mut [0]).unwrap(), 0, "the connection is still there");
}

#[tokio::test]
async fn without_its_certificate_it_does_not_begin_and_touches_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (files, _) = certified(folder.path());
    fs::remove_file(&files.key).unwrap();
    let refused = serve(config(folder.path(), files)).await;
    assert!(matches!(refused, Err(ServeError::Certificate(_))));
    assert!(!folder.path().join("data").exists());
}
