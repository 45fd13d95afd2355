//! `GET /v1/export`: everything that the server holds for an account, a line of JSON for each thing.
//!
//! **Invariants:** one page of records is in memory for each export, and at most [`AT_ONCE`] exports are under way. An
//! export that was cut short has no last line that says `end`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use seshat_protocol::{AccountExport, AccountId, ExportEnd, ExportLine, limits};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::devices::listed;
use super::extract::{By, Member};
use super::reply::Failure;
use super::{Desk, Shared};
use crate::bodies::Trouble;
use crate::log::Line;
use crate::meta::{Named, PageRequest};

/// Exports under way at most.
const AT_ONCE: usize = 16;

/// Bytes of header and body that are read at a time.
const PAGE_BYTES: usize = 1024 * 1024;

/// What the lines are.
const KIND: &str = "application/x-ndjson";

/// Room for exports.
pub(crate) struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

impl Exports {
    fn enter(&self) -> Result<OwnedSemaphorePermit, Failure> {
        Arc::clone(&self.0).try_acquire_owned().map_err(|_| Failure::busy())
    }
}

/// See the module.
pub(super) async fn export(State(shared): Desk, By(by): By<Member>) -> Result<Response, Failure> {
    let opening = opening(&shared, by.account).await?;
    Ok(streamed(Export::begin(shared, by.account)?, opening))
}

fn streamed(export: Export, opening: Vec<ExportLine>) -> Response {
    let lines = stream::try_unfold((export, Some(opening)), |(mut export, opening)| async move {
        if let Some(opening) = opening {
            return encoded(opening).await.map(|lines| Some((lines, (export, None))));
        }
        if export.ended {
            return Ok::<_, Trouble>(None);
        }
        let lines = export.next().await.inspect_err(|trouble| {
            export.shared.log.write(&Line::Failure { what: &trouble.to_string() });
        })?;
        Ok(Some((lines, (export, None))))
    });
    ([(header::CONTENT_TYPE, KIND)], Body::from_stream(lines)).into_response()
}

/// Whose it is, the vault and the devices.
async fn opening(shared: &Shared, account: AccountId) -> Result<Vec<ExportLine>, Failure> {
    let info = shared.store.account(Named::Id(account)).await?;
    let info = info.ok_or_else(Failure::sign_in_required)?;
    let vault = shared.store.vault(account).await?.ok_or_else(Failure::sign_in_required)?;
    let whose = AccountExport {
        account: info.account,
        email: info.email,
        created_at: info.created_at,
        epoch: shared.store.identity().epoch.clone(),
    };
    let mut lines = vec![ExportLine::Account(whose), ExportLine::Vault(vault)];
    lines.extend(listed(shared, account).await?.into_iter().map(ExportLine::Device));
    Ok(lines)
}

/// An export under way.
struct Export {
    shared: Arc<Shared>,
    account: AccountId,
    /// What was read up to here.
    cursor: u64,
    records: u64,
    ended: bool,
    _room: OwnedSemaphorePermit,
}

impl Export {
    fn begin(shared: Arc<Shared>, account: AccountId) -> Result<Self, Failure> {
        let (cursor, records, ended) = (0, 0, false);
        Ok(Self { _room: shared.exports.enter()?, shared, account, cursor, records, ended })
    }

    /// The lines of the next page, and the end behind the last one.
    async fn next(&mut self) -> Result<Vec<u8>, Trouble> {
        let asked = PageRequest {
            cursor: self.cursor,
            limit: limits::RECORDS,
            max_bytes: PAGE_BYTES,
            live: false,
        };
        let page = self.shared.bodies.page(self.account, asked).await?.ok_or(Trouble::Gone)?;
        self.cursor = page.next;
        self.records += page.records.len() as u64;
        self.ended = page.next >= page.head;
        let mut lines: Vec<_> = page.records.into_iter().map(ExportLine::Record).collect();
        if self.ended {
            let (head, records, digest) = (page.head, self.records, page.digest);
            lines.push(ExportLine::End(ExportEnd { head, records, digest }));
        }
        encoded(lines).await
    }
}

/// A page is more than a megabyte of JSON: not for a thread on which others wait.
async fn encoded(lines: Vec<ExportLine>) -> Result<Vec<u8>, Trouble> {
    let encode = move || {
        let mut text = Vec::new();
        for line in &lines {
            serde_json::to_writer(&mut text, line).ok()?;
            text.push(b'\n');
        }
        Some(text)
    };
    tokio::task::spawn_blocking(encode).await.ok().flatten().ok_or(Trouble::Encoding)
}
