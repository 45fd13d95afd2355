//! The ceiling: takes what a push sends, puts its records into one table, and answers when they are on the disk.

use std::path::PathBuf;
use std::sync::mpsc as blocking;
use std::thread;

use axum::body::Bytes;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use rusqlite::{Connection, params};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Requests in one transaction at most, as in the server.
const GROUP: usize = 64;

#[derive(Deserialize)]
struct Push {
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    id: String,
    header: String,
    body: String,
}

type Job = (Push, oneshot::Sender<()>);

pub(crate) async fn serve(folder: PathBuf) {
    let (sender, receiver) = blocking::channel::<Job>();
    thread::spawn(move || write(&folder, &receiver));
    let router = Router::new()
        .route("/v1/records", post(push))
        .route("/v1/accounts", post(async || StatusCode::CREATED))
        .with_state(sender);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("listening on http://{}", listener.local_addr().unwrap());
    tokio::select! {
        served = async { axum::serve(listener, router).await } => served.unwrap(),
        () = super::until_input_ends() => {}
    }
}

async fn push(State(writer): State<blocking::Sender<Job>>, body: Bytes) -> Json<Value> {
    let push: Push = serde_json::from_slice(&body).unwrap();
    let results: Vec<Value> =
        push.records.iter().map(|it| json!({ "id": it.id, "outcome": "stored" })).collect();
    let (reply, written) = oneshot::channel();
    writer.send((push, reply)).unwrap();
    written.await.unwrap();
    Json(json!({ "results": results }))
}

fn write(folder: &std::path::Path, jobs: &blocking::Receiver<Job>) {
    let mut connection = Connection::open(folder.join("bare.db")).unwrap();
    connection.pragma_update(None, "journal_mode", "WAL").unwrap();
    connection.pragma_update(None, "synchronous", "FULL").unwrap();
    let table = "CREATE TABLE records (position INTEGER PRIMARY KEY, id TEXT UNIQUE, header TEXT, body TEXT)";
    connection.execute_batch(table).unwrap();
    while let Ok(first) = jobs.recv() {
        let mut replies = Vec::new();
        let transaction = connection.transaction().unwrap();
        let mut next = Some(first);
        while let Some((push, reply)) = next {
            let sql = "INSERT INTO records (id, header, body) VALUES (?1, ?2, ?3)";
            let mut insert = transaction.prepare_cached(sql).unwrap();
            for record in push.records {
                insert.execute(params![record.id, record.header, record.body]).unwrap();
            }
            replies.push(reply);
            next = (replies.len() < GROUP).then(|| jobs.try_recv().ok()).flatten();
        }
        transaction.commit().unwrap();
        for reply in replies {
            reply.send(()).unwrap();
        }
    }
}
