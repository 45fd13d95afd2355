//! Reading an answer, or finding out what came in place of one.

use std::error::Error;
use std::time::UNIX_EPOCH;

use reqwest::header::{self, HeaderMap};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde::de::DeserializeOwned;
use seshat_protocol::{ErrorBody, ErrorCode};

use crate::{OfflineReason, TransportError};

/// Characters kept of a server's sentence.
const MESSAGE_CHARS: usize = 300;

/// A success (2xx, or 304), read to its end.
pub(crate) struct Received {
    pub(crate) status: StatusCode,
    is_json: bool,
    body: Vec<u8>,
}

impl Received {
    /// The body, where it is no JSON.
    pub(crate) fn bytes(self) -> Vec<u8> {
        self.body
    }

    /// The body as what the route answers with.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, TransportError> {
        serde_json::from_slice(&self.body).map_err(|_| {
            if self.is_json {
                // Not the parser's own words: they can quote what the server sent.
                TransportError::Nonsense { what: "not the content that was asked for" }
            } else {
                // The page of a hotel's network, for one.
                TransportError::NotSeshat { status: self.status.as_u16() }
            }
        })
    }
}

/// Sends, and reads at most `limit` bytes.
pub(crate) async fn receive(
    request: RequestBuilder,
    limit: usize,
) -> Result<Received, TransportError> {
    finish(begin(request, limit).await?, limit).await
}

/// Reads the content of a success, at most `limit` bytes.
pub(crate) async fn finish(
    mut response: Response,
    limit: usize,
) -> Result<Received, TransportError> {
    let (status, is_json) = (response.status(), is_of(response.headers(), "application/json"));
    let body = read(&mut response, limit).await?;
    Ok(Received { status, is_json, body })
}

/// Sends, and gives the success before its content has come; of a refusal at most `limit` bytes are read.
pub(crate) async fn begin(
    request: RequestBuilder,
    limit: usize,
) -> Result<Response, TransportError> {
    let mut response = request.send().await.map_err(unanswered)?;
    let status = response.status();
    if status.is_success() || status == StatusCode::NOT_MODIFIED {
        return Ok(response);
    }
    if status.is_redirection() {
        return Err(TransportError::Redirected { to: target(&response) });
    }
    let (retry_after, date) = (retry_after(response.headers()), date(response.headers()));
    let body = read(&mut response, limit).await?;
    Err(refusal(status, retry_after, date, &body))
}

async fn read(response: &mut Response, limit: usize) -> Result<Vec<u8>, TransportError> {
    let announced = response.content_length().unwrap_or(0);
    if usize::try_from(announced).map_or(true, |length| length > limit) {
        return Err(TransportError::TooMuch { limit });
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(unanswered)? {
        if body.len() + chunk.len() > limit {
            return Err(TransportError::TooMuch { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

pub(crate) fn is_of(headers: &HeaderMap, kind: &str) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    said.is_some_and(|said| said.trim_start().to_ascii_lowercase().starts_with(kind))
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

/// The server's time, in seconds since 1970.
fn date(headers: &HeaderMap) -> Option<u64> {
    let date = httpdate::parse_http_date(headers.get(header::DATE)?.to_str().ok()?).ok()?;
    date.duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs())
}

/// Where a redirect points, without what could be secret in it.
fn target(response: &Response) -> Option<String> {
    let location = response.headers().get(header::LOCATION)?.to_str().ok()?;
    let target = response.url().join(location).ok()?;
    target.has_host().then(|| target.origin().ascii_serialization())
}

fn refusal(
    status: StatusCode,
    retry_after: Option<u64>,
    date: Option<u64>,
    body: &[u8],
) -> TransportError {
    let said: Option<ErrorBody> = serde_json::from_slice(body).ok();
    let code = said.as_ref().map(|said| said.code);
    let number = status.as_u16();
    match (status, said) {
        (StatusCode::UNAUTHORIZED, Some(said)) => match said.code {
            ErrorCode::Clock => TransportError::Clock { server: date },
            ErrorCode::DeviceRevoked => TransportError::DeviceRevoked,
            _ => TransportError::SignInRequired,
        },
        (StatusCode::PRECONDITION_FAILED, Some(_)) if code == Some(ErrorCode::VaultChanged) => {
            TransportError::VaultChanged
        }
        (StatusCode::INSUFFICIENT_STORAGE, Some(said)) => refused(&said, number),
        (StatusCode::TOO_MANY_REQUESTS, _) => {
            TransportError::ServerTrouble { status: number, retry_after }
        }
        (status, _) if status.is_server_error() => {
            TransportError::ServerTrouble { status: number, retry_after }
        }
        (_, Some(said)) => refused(&said, number),
        (_, None) => TransportError::NotSeshat { status: number },
    }
}

fn refused(said: &ErrorBody, status: u16) -> TransportError {
    let message: String =
        said.message.chars().filter(|c| !c.is_control()).take(MESSAGE_CHARS).collect();
    let message = if message.trim().is_empty() {
        format!("The server refused this (status {status}) and did not say why.")
    } else {
        message
    };
    TransportError::Refused { code: said.code, message, status }
}

/// Why there is no answer, or only the beginning of one.
pub(crate) fn unanswered(error: reqwest::Error) -> TransportError {
    // The address may carry more than its origin; logs get none of it.
    let error = error.without_url();
    let reason = if error.is_timeout() {
        OfflineReason::TimedOut
    } else if chain(&error).any(is_tls) {
        return TransportError::NotTrusted { source: Some(error.into()) };
    } else if error.is_connect() {
        OfflineReason::Unreachable
    } else if chain(&error).any(is_parse) {
        return TransportError::Nonsense { what: "not HTTP" };
    } else {
        OfflineReason::CutShort
    };
    TransportError::Offline { reason, source: Some(error.into()) }
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

fn is_tls(error: &(dyn Error + 'static)) -> bool {
    // An I/O error does not count what it wraps among its sources, and TLS errors come wrapped twice.
    let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
    error.is::<rustls::Error>() || wrapped.is_some_and(|wrapped| is_tls(wrapped))
}

fn is_parse(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}
