//! Answers: errors as the protocol spells them, and the two that need no store.

use std::time::{Duration, UNIX_EPOCH};

use axum::Json;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use seshat_protocol::{
    Capabilities, ErrorBody, ErrorCode, PROTOCOL_VERSION, Registration, limits,
};

use super::Desk;
use crate::meta::MetaError;

/// An answer that is an error.
#[derive(Debug)]
pub(super) struct Failure {
    code: ErrorCode,
    message: &'static str,
    /// For the log; free of user data.
    cause: Option<String>,
    /// The time that would have done, in seconds since 1970.
    better: Option<u64>,
}

/// Goes along with the response to where it is logged.
#[derive(Clone)]
pub(super) struct Cause(pub(super) String);

impl Failure {
    fn new(code: ErrorCode, message: &'static str) -> Self {
        Self { code, message, cause: None, better: None }
    }

    /// 400.
    pub(super) fn malformed(message: &'static str) -> Self {
        Self::new(ErrorCode::Malformed, message)
    }

    /// 401. One sentence for all causes.
    pub(super) fn sign_in_required() -> Self {
        Self::new(ErrorCode::SignInRequired, "please sign in")
    }

    /// 401 for a wrong answer to a challenge. One sentence for all causes.
    pub(super) fn wrong_answer() -> Self {
        Self::new(ErrorCode::SignInRequired, "the sign-in was not accepted")
    }

    /// 401 for a signature whose time does not do; this one would.
    pub(super) fn clock(better: u64) -> Self {
        let message = "the request was signed at another time than this server has";
        Self { better: Some(better), ..Self::new(ErrorCode::Clock, message) }
    }

    /// 401 for a device that is let in no more.
    pub(super) fn device_revoked() -> Self {
        Self::new(ErrorCode::DeviceRevoked, "this device was removed from the account")
    }

    /// 404 for an asking to join that is over, or somebody else's.
    pub(super) fn no_such_join() -> Self {
        Self::new(ErrorCode::NotFound, "nobody asks to join under this name")
    }

    /// 409.
    pub(super) fn out_of_turn() -> Self {
        Self::new(ErrorCode::OutOfTurn, "this step of joining is done, or another one comes first")
    }

    /// 429.
    pub(super) fn too_many() -> Self {
        Self::new(ErrorCode::TooMany, "too many laptops ask to join at this moment")
    }

    /// 404.
    pub(super) fn no_such_route() -> Self {
        Self::new(ErrorCode::NotFound, "this server has nothing at that path")
    }

    /// 405.
    pub(super) fn no_such_method() -> Self {
        Self::new(ErrorCode::MethodNotAllowed, "that path does not take this method")
    }

    /// 409.
    pub(super) fn account_exists() -> Self {
        Self::new(ErrorCode::AccountExists, "this account or email address is already in use here")
    }

    /// 412.
    pub(super) fn vault_changed() -> Self {
        Self::new(ErrorCode::VaultChanged, "the vault was changed by another device")
    }

    /// 413.
    pub(super) fn too_large() -> Self {
        Self::new(ErrorCode::TooLarge, "that is more than this server takes in one request")
    }

    /// 500, because the request took too long; the client may try again.
    pub(super) fn too_slow() -> Self {
        Self::internal("the request took too long".to_owned())
    }

    /// 500. `cause` goes into the log and must be free of user data.
    pub(super) fn internal(cause: String) -> Self {
        let failure = Self::new(ErrorCode::Internal, "the server failed; please try again later");
        Self { cause: Some(cause), ..failure }
    }

    fn status(&self) -> StatusCode {
        match self.code {
            ErrorCode::Malformed => StatusCode::BAD_REQUEST,
            ErrorCode::SignInRequired | ErrorCode::Clock | ErrorCode::DeviceRevoked => {
                StatusCode::UNAUTHORIZED
            }
            ErrorCode::NotInvited | ErrorCode::RegistrationClosed | ErrorCode::AccountLocked => {
                StatusCode::FORBIDDEN
            }
            ErrorCode::NotFound => StatusCode::NOT_FOUND,
            ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::AccountExists | ErrorCode::OutOfTurn => StatusCode::CONFLICT,
            ErrorCode::TooMany | ErrorCode::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            ErrorCode::VaultChanged => StatusCode::PRECONDITION_FAILED,
            ErrorCode::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::Busy => StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::Full => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<MetaError> for Failure {
    fn from(error: MetaError) -> Self {
        let cause = error.to_string();
        match error {
            MetaError::Full => Self {
                cause: Some(cause),
                ..Self::new(ErrorCode::Full, "the server has no room left")
            },
            MetaError::Stopped | MetaError::Failed(_) => Self::internal(cause),
        }
    }
}

impl From<getrandom::Error> for Failure {
    fn from(_: getrandom::Error) -> Self {
        Self::internal("the system gave no random bytes".to_owned())
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let body = ErrorBody { code: self.code, message: self.message.to_owned() };
        let status = self.status();
        let mut response = (status, Json(body)).into_response();
        // Without this the HTTP library names its own time, which need not be the one that is compared.
        if let Some(date) = self.better.and_then(date) {
            response.headers_mut().insert(header::DATE, date);
        }
        if status == StatusCode::UNAUTHORIZED {
            let scheme = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
        }
        if let Some(cause) = self.cause {
            response.extensions_mut().insert(Cause(cause));
        }
        response
    }
}

/// A time as RFC 9110 §5.6.7 has it.
fn date(seconds: u64) -> Option<HeaderValue> {
    // Beyond the year 9999 there is no such text.
    let since = Duration::from_secs(seconds.min(253_402_300_799));
    HeaderValue::try_from(httpdate::fmt_http_date(UNIX_EPOCH + since)).ok()
}

/// `GET /healthz`: the process answers. It does not ask the store, so that a probe costs nothing.
pub(super) async fn health() -> Json<serde_json::Value> {
    Json(serde_json::json!({ "status": "ok" }))
}

/// `GET /v1/capabilities`.
pub(super) async fn capabilities(State(shared): Desk) -> Json<Capabilities> {
    Json(Capabilities {
        service: "seshat".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        protocols: vec![PROTOCOL_VERSION],
        max_records: limits::RECORDS,
        max_batch_bytes: limits::BATCH_BYTES,
        max_record_bytes: limits::RECORD_BYTES,
        server_key: shared.receipts.key(),
        registration: Registration::Open,
    })
}
