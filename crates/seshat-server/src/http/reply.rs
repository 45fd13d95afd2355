//! Answers that are errors, as the protocol spells them.

use std::time::{Duration, UNIX_EPOCH};

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use seshat_protocol::{ErrorBody, ErrorCode};

use crate::limits::Wait;
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
    /// Seconds after which it may be worth asking again.
    again: Option<u64>,
}

/// Goes along with the response to where it is logged.
#[derive(Clone)]
pub(super) struct Cause(pub(super) String);

impl Failure {
    fn new(code: ErrorCode, message: &'static str) -> Self {
        Self { code, message, cause: None, better: None, again: None }
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
        let message = "too many laptops ask to join at this moment";
        Self { again: Some(60), ..Self::new(ErrorCode::TooMany, message) }
    }

    /// 429 for who asks too often.
    pub(super) fn rate_limited(Wait(seconds): Wait) -> Self {
        let message = "too many requests came from there; please wait a little";
        Self { again: Some(seconds), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// 429 for one more listener of an account that has too many.
    pub(super) fn too_many_listeners() -> Self {
        let message = "too many laptops of this account wait for news";
        Self { again: Some(30), ..Self::new(ErrorCode::RateLimited, message) }
    }

    /// 403.
    pub(super) fn registration_closed() -> Self {
        Self::new(ErrorCode::RegistrationClosed, "this server takes no new accounts")
    }

    /// 403. One sentence for all causes.
    pub(super) fn not_invited() -> Self {
        let message =
            "this server takes new accounts by invitation, and this invitation does not do";
        Self::new(ErrorCode::NotInvited, message)
    }

    /// 403.
    pub(super) fn account_locked() -> Self {
        let message = "this account is locked by whoever runs the server; what it holds is kept";
        Self::new(ErrorCode::AccountLocked, message)
    }

    /// 503 from a server that stops.
    pub(super) fn stopping() -> Self {
        Self { again: Some(5), ..Self::new(ErrorCode::Busy, "the server stops; please come again") }
    }

    /// 503 from a server that does as many of these at a time as it may.
    pub(super) fn busy() -> Self {
        let message = "too much of this is under way; please come again";
        Self { again: Some(30), ..Self::new(ErrorCode::Busy, message) }
    }

    /// 503 from a server whose store does not do. `cause` goes into the log and must be free of user data.
    pub(super) fn not_ready(cause: String) -> Self {
        let failure = Self::new(ErrorCode::Busy, "the server cannot keep anything at this moment");
        Self { cause: Some(cause), again: Some(5), ..failure }
    }

    /// 404.
    pub(super) fn no_such_route() -> Self {
        Self::new(ErrorCode::NotFound, "this server has nothing at that path")
    }

    /// 404.
    pub(super) fn no_such_blob() -> Self {
        Self::new(ErrorCode::NotFound, "no blob of this name is here")
    }

    /// 416.
    pub(super) fn no_such_range() -> Self {
        Self::new(ErrorCode::NoSuchRange, "the range lies behind the blob's end")
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

    /// 503, because the request took too long.
    pub(super) fn too_slow() -> Self {
        Self::come_again("the request took too long", "the request took too long")
    }

    /// 503, because others' bodies fill the memory.
    pub(super) fn no_memory() -> Self {
        let message = "the server has too much to do at this moment; please come again";
        Self::come_again(message, "no memory is left for bodies")
    }

    fn come_again(message: &'static str, cause: &str) -> Self {
        let failure = Self::new(ErrorCode::Busy, message);
        Self { cause: Some(cause.to_owned()), again: Some(5), ..failure }
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
            ErrorCode::NoSuchRange => StatusCode::RANGE_NOT_SATISFIABLE,
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
        if let Some(seconds) = self.again {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
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
