//! Log lines: one JSON object each.
//!
//! **Invariant:** a line holds no user data: no email address, no id, no path as it was asked for, no header.
//! That is by type: [`Line`] has no field that could take one.

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

use crate::config::{Clock, LogSink};

/// Where lines go.
#[derive(Clone)]
pub(crate) struct Log {
    sink: Arc<Mutex<LogSink>>,
    clock: Clock,
}

/// What a line may say beside the time.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Line<'a> {
    /// A request was answered.
    Request {
        /// One of the known methods, or `OTHER`.
        method: &'static str,
        /// The route's template, or `unmatched`.
        route: &'a str,
        /// The HTTP status.
        status: u16,
        /// Milliseconds until the answer was ready.
        ms: u64,
        /// Bytes of the request's body, as announced.
        bytes_in: u64,
        /// Bytes of the answer's body.
        bytes_out: u64,
    },
    /// The server's own fault.
    Failure {
        /// An error's text that is free of user data; see [`crate::meta::MetaError`].
        what: &'a str,
    },
    /// Records that had long been replaced were removed.
    Purged {
        /// How many.
        records: u64,
        /// Bytes of header and body of them.
        bytes: u64,
    },
    /// The certificate's files hold a new pair, which is used from now on.
    CertificateRenewed,
    /// What nothing needed any more was removed from the depot.
    Collected {
        /// How many objects.
        objects: u64,
        /// Bytes of them.
        bytes: u64,
        /// Blobs that no record named.
        blobs: u64,
        /// Half-written files.
        halves: u64,
    },
    /// Listening.
    Started,
    /// No longer listening, the database closed.
    Stopped,
}

#[derive(Serialize)]
struct Stamped<'a> {
    time: u64,
    #[serde(flatten)]
    line: &'a Line<'a>,
}

impl Log {
    /// Lines go to `sink`, stamped by `clock`.
    pub(crate) fn new(sink: LogSink, clock: Clock) -> Self {
        Self { sink: Arc::new(Mutex::new(sink)), clock }
    }

    /// Writes a line. A log that cannot be written must not stop the server, so failures are dropped.
    pub(crate) fn write(&self, line: &Line<'_>) {
        let stamped = Stamped { time: (self.clock)(), line };
        let Ok(mut text) = serde_json::to_vec(&stamped) else { return };
        text.push(b'\n');
        let _unwritable = self.sink.lock().unwrap_or_else(PoisonError::into_inner).write_all(&text);
    }
}
