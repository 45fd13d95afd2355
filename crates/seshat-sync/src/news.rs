//! Reading a stream of server-sent events (WHATWG HTML, 9.2.6), as far as a server tells its head by them.
//!
//! **Invariants:** no more than [`LINE`] bytes of a line are kept. A line that is silent for longer than [`SILENCE`] is
//! over: the server says that it is there more often than that.

use std::time::Duration;

use reqwest::Response;
use seshat_protocol::{Head, limits};

use crate::answer::unanswered;
use crate::{Answer, News, OfflineReason, TransportError};

/// Bytes of a line at most.
const LINE: usize = 4096;
/// How long nothing at all may come.
const SILENCE: Duration = Duration::from_secs(2 * limits::QUIET_SECONDS + 10);

/// A stream of events over HTTP.
pub(crate) struct Events {
    response: Response,
    lines: Lines,
}

impl Events {
    pub(crate) fn new(response: Response) -> Self {
        Self { response, lines: Lines::default() }
    }

    async fn head(&mut self) -> Result<Head, TransportError> {
        loop {
            if let Some(head) = self.lines.next_head()? {
                return Ok(head);
            }
            let chunk = tokio::time::timeout(SILENCE, self.response.chunk());
            let offline = |reason| TransportError::Offline { reason, source: None };
            match chunk.await {
                Err(_) => return Err(offline(OfflineReason::TimedOut)),
                Ok(Err(error)) => return Err(unanswered(error)),
                Ok(Ok(None)) => return Err(offline(OfflineReason::CutShort)),
                Ok(Ok(Some(chunk))) => self.lines.take(&chunk)?,
            }
        }
    }
}

impl News for Events {
    fn next(&mut self) -> Answer<'_, Head> {
        Box::pin(self.head())
    }
}

/// Bytes on their way to being events.
#[derive(Default)]
struct Lines {
    /// Not read yet.
    bytes: Vec<u8>,
    /// Of the event that has begun.
    event: String,
    data: String,
}

impl Lines {
    fn take(&mut self, chunk: &[u8]) -> Result<(), TransportError> {
        self.bytes.extend_from_slice(chunk);
        let unended = self.bytes.iter().rev().take_while(|byte| **byte != b'\n').count();
        if unended > LINE || self.bytes.len() > 16 * LINE {
            return Err(TransportError::TooMuch { limit: LINE });
        }
        Ok(())
    }

    /// The next head of what has come, if there is one.
    fn next_head(&mut self) -> Result<Option<Head>, TransportError> {
        while let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.bytes.drain(..=end).collect();
            let line = String::from_utf8_lossy(&line);
            if let Some(head) = self.read(line.trim_end_matches(['\r', '\n']))? {
                return Ok(Some(head));
            }
        }
        Ok(None)
    }

    /// Reads one line; an empty one ends an event.
    fn read(&mut self, line: &str) -> Result<Option<Head>, TransportError> {
        if line.is_empty() {
            let (event, data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data));
            if event != "head" {
                return Ok(None);
            }
            let head = serde_json::from_str(&data);
            return head.map(Some).map_err(|_| TransportError::Nonsense { what: "its news" });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" if self.data.len() + value.len() <= LINE => self.data.push_str(value),
            "data" => return Err(TransportError::TooMuch { limit: LINE }),
            // A remark, or something of a newer server.
            _ => {}
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SAID: &str = ": here\n\nevent: head\ndata: {\"head\":7,\"epoch\":\"a\"}\n\n\
        event: weather\r\ndata: {}\r\n\r\n: here\n\n\
        event:head\r\ndata:{\"head\":8,\r\ndata: \"epoch\":\"a\"}\r\nid: 4\r\n\r\n";

    fn heads(chunks: &[&[u8]]) -> Vec<u64> {
        let mut lines = Lines::default();
        let mut heads = Vec::new();
        for chunk in chunks {
            lines.take(chunk).unwrap();
            while let Some(head) = lines.next_head().unwrap() {
                heads.push(head.head);
            }
        }
        heads
    }

    proptest! {
        #[test]
        fn events_are_the_same_wherever_the_network_cuts_them(cuts in prop::collection::vec(0..SAID.len(), 0..12)) {
            let mut cuts = cuts;
            cuts.extend([0, SAID.len()]);
            cuts.sort_unstable();
            let chunks: Vec<&[u8]> =
                cuts.windows(2).map(|cut| &SAID.as_bytes()[cut[0]..cut[1]]).collect();
            prop_assert_eq!(heads(&chunks), [7, 8]);
        }

        #[test]
        fn whatever_comes_memory_is_bounded(chunks in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9000), 0..20)) {
            let mut lines = Lines::default();
            for chunk in chunks {
                let taken = lines.take(&chunk);
                while let Ok(Some(_)) = lines.next_head() {}
                if taken.is_err() {
                    break;
                }
                prop_assert!(lines.bytes.len() <= LINE && lines.data.len() <= LINE);
            }
        }
    }

    #[test]
    fn a_head_that_is_none_is_said_to_be_none() {
        let mut lines = Lines::default();
        lines.take(b"event: head\ndata: <html>\n\n").unwrap();
        assert!(matches!(lines.next_head(), Err(TransportError::Nonsense { .. })));
    }
}
