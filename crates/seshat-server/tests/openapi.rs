//! The description of the API, docs/openapi.json: made here, from the types that travel and from a table of routes.
//!
//! **Invariants:** the file in the repository is what is made here. Every route of the server is in it, with every
//! method that it takes; and `support/desk.rs` lets no test pass whose answer has a status that is not in it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test ends where it fails")]

#[path = "openapi/document.rs"]
mod document;
#[path = "openapi/routes.rs"]
mod routes;
mod support;

use std::collections::BTreeSet;
use std::path::Path;

use reqwest::Method;
use support::desk::Desk;

/// Writes the file anew where it is stale, and fails: what changed is then there to be looked at and committed.
#[test]
fn the_description_in_the_repository_is_the_one_that_the_code_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let made = serde_json::to_string_pretty(&document::document()).unwrap() + "\n";
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    if made != kept {
        std::fs::write(&path, made).unwrap();
        panic!("docs/openapi.json was stale and has been written anew; look at it and commit it");
    }
}

#[test]
fn every_route_of_the_server_is_described() {
    let source = include_str!("../src/http/mod.rs");
    let routed = source.matches(".route(").count();
    let described: BTreeSet<_> = routes::operations().iter().map(|it| it.path.clone()).collect();
    assert_eq!(described.len(), routed, "routes and descriptions differ: {described:?}");
}

#[tokio::test]
async fn every_path_takes_the_methods_that_are_described_and_no_others() {
    let desk = Desk::open().await;
    let operations = routes::operations();
    for operation in &operations {
        let path = operation.path.replace(['{', '}'], "x");
        for method in ["GET", "PUT", "POST", "DELETE", "PATCH", "HEAD"] {
            let described = operations.iter().any(|it| {
                let heads = method == "HEAD" && it.method == "GET";
                it.path == operation.path && (it.method == method || heads)
            });
            let send = Method::from_bytes(method.as_bytes()).unwrap();
            let got = desk.send(send, &path, |request| request).await;
            assert_eq!(got.status != 405, described, "{method} {path}: {}", got.status);
            assert_eq!(got.allow.is_some(), !described, "{method} {path}: Allow");
        }
    }
}
