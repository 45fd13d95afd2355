//! Sealed images over HTTP: sent in parts of which none goes twice, fetched in ranges.
//!
//! **Invariants:** an image counts as sent only when the server says that all of it is there and has its hash. No more is
//! read of one than an image may be long.

use std::time::Duration;

use reqwest::{Method, StatusCode};
use seshat_protocol::{BlobProgress, Bytes32, ErrorCode, limits, route};

use super::{Asked, HttpTransport, SMALL};
use crate::{Carried, TransportError};

/// How long one part may take: what the server gives a request.
const PART_LASTS: Duration = Duration::from_secs(120);
/// How often what came out as another image is sent again in one round.
const AGAIN: usize = 2;

impl HttpTransport {
    pub(super) async fn send_blob(
        &self,
        hash: Bytes32,
        sealed: Option<&[u8]>,
    ) -> Result<Carried, TransportError> {
        match self.try_to_send(hash, sealed).await {
            Err(TransportError::Refused { code: ErrorCode::Full, message, .. }) => {
                Ok(Carried::NoRoom { reason: message })
            }
            Err(TransportError::Refused { message, .. }) => {
                Ok(Carried::Refused { reason: message })
            }
            other => other,
        }
    }

    async fn try_to_send(
        &self,
        hash: Bytes32,
        sealed: Option<&[u8]>,
    ) -> Result<Carried, TransportError> {
        let found = self.progress_of(hash).await?;
        if found.as_ref().is_some_and(|found| found.complete) {
            return Ok(Carried::There);
        }
        let Some(sealed) = sealed else { return Ok(Carried::Absent) };
        let parts: Vec<&[u8]> = sealed.chunks(limits::BLOB_PART_BYTES).collect();
        let all = || (0..).zip(&parts).map(|(number, _)| number).collect::<Vec<u32>>();
        let mut missing = found.map_or_else(all, |found| found.missing);
        for _ in 0..AGAIN {
            if missing.is_empty() {
                // All of them are there and are not this image.
                missing = all();
            }
            let mut complete = false;
            for number in std::mem::take(&mut missing) {
                let at = usize::try_from(number).ok();
                let Some(part) = at.and_then(|at| parts.get(at)) else { break };
                complete = self.put_part(hash, sealed.len(), (number, part)).await?.complete;
            }
            if complete {
                return Ok(Carried::There);
            }
            missing = self.progress_of(hash).await?.map_or_else(all, |found| found.missing);
        }
        Err(TransportError::Nonsense { what: "all parts of an image were sent and it has not all" })
    }

    /// How much of an image is there; `None` where nothing is.
    async fn progress_of(&self, hash: Bytes32) -> Result<Option<BlobProgress>, TransportError> {
        let route = format!("{}{}", route_of(hash), route::BLOB_PARTS);
        let asked = Asked::without_body(Method::GET, &route);
        match self.send(&asked, SMALL).await {
            Ok(received) => received.json().map(Some),
            Err(TransportError::Refused { code: ErrorCode::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn put_part(
        &self,
        hash: Bytes32,
        len: usize,
        (number, part): (u32, &[u8]),
    ) -> Result<BlobProgress, TransportError> {
        let route = format!("{}?len={len}&part={number}", route_of(hash));
        let mut asked = Asked::without_body(Method::PUT, &route);
        asked.body = part.to_vec();
        asked.content = "application/octet-stream";
        asked.lasting = Some(PART_LASTS);
        self.send(&asked, SMALL).await?.json()
    }

    pub(super) async fn fetch_blob(
        &self,
        hash: Bytes32,
    ) -> Result<Option<Vec<u8>>, TransportError> {
        let Some(found) = self.progress_of(hash).await?.filter(|found| found.complete) else {
            return Ok(None);
        };
        let limit = usize::try_from(limits::BLOB_BYTES).unwrap_or(usize::MAX);
        let len = usize::try_from(found.len).ok().filter(|len| *len <= limit);
        let len = len.ok_or(TransportError::TooMuch { limit })?;
        let mut sealed = Vec::new();
        while sealed.len() < len {
            let end = len.min(sealed.len() + limits::BLOB_PART_BYTES);
            let piece = self.fetch_range(hash, (sealed.len() as u64, end as u64)).await?;
            let Some(piece) = piece else { return Ok(None) };
            if piece.len() != end - sealed.len() {
                return Err(TransportError::Nonsense { what: "another part of an image" });
            }
            sealed.extend_from_slice(&piece);
        }
        Ok(Some(sealed))
    }

    async fn fetch_range(
        &self,
        hash: Bytes32,
        range: (u64, u64),
    ) -> Result<Option<Vec<u8>>, TransportError> {
        let route = route_of(hash);
        let mut asked = Asked::without_body(Method::GET, &route);
        asked.range = Some(range);
        asked.lasting = Some(PART_LASTS);
        match self.send(&asked, limits::BLOB_PART_BYTES).await {
            Ok(received) if received.status == StatusCode::PARTIAL_CONTENT => {
                Ok(Some(received.bytes()))
            }
            Ok(received) => Err(TransportError::NotSeshat { status: received.status.as_u16() }),
            Err(TransportError::Refused { code: ErrorCode::NotFound, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn route_of(hash: Bytes32) -> String {
    let digits: String = hash.0.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}{digits}", route::BLOB)
}
