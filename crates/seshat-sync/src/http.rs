//! The transport over HTTP.
//!
//! **Invariants:** no redirect is followed; no answer is read further than its route may be long; no request
//! lasts longer than [`Timeouts::whole`]; the session's token is in no error and no debug output.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{self, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, StatusCode, Url};
use serde::Serialize;
use serde::de::DeserializeOwned;
use seshat_protocol::{
    Capabilities, ChallengeReply, ChallengeRequest, Changes, CreateAccount, PROTOCOL_VERSION,
    PushRequest, PushResponse, SignInReply, SignInRequest, VaultReply, VaultUpdate, VaultUpdated,
    limits, route,
};

use crate::answer::{self, Received};
use crate::origin::parse;
use crate::{Answer, PageRequest, Transport, TransportError, VaultFetched};

/// Bytes of an answer that carries no records and no vault.
const SMALL: usize = 64 * 1024;
/// Bytes of an answer with a vault: the blob in base64, with room for its JSON.
const VAULT: usize = 2 * limits::VAULT_BYTES;
/// Bytes of a page or of the answer to a push: a full batch, and as much again for lists of replaced records.
const PAGE: usize = 2 * limits::BODY_BYTES;

/// How long the parts of a request may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    /// Until connected.
    pub connect: Duration,
    /// Until the answer is complete.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(5), whole: Duration::from_secs(60) }
    }
}

/// A Seshat server over HTTP or HTTPS, through the system's proxy if one is set. It keeps connections and the
/// session, so one is kept for each server.
pub struct HttpTransport {
    client: Client,
    /// With a slash at its end.
    base: Url,
    origin: String,
    session: Mutex<Option<HeaderValue>>,
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("origin", &self.origin).finish_non_exhaustive()
    }
}

impl HttpTransport {
    /// A transport to the server at `base_url`, with [`Timeouts::default`]. Nothing is sent yet. The program
    /// must have installed a `rustls` cryptography provider.
    ///
    /// # Errors
    /// When the address is none, or no secure connections are possible on this laptop.
    pub fn new(base_url: &str) -> Result<Self, TransportError> {
        Self::with_timeouts(base_url, Timeouts::default())
    }

    /// As [`HttpTransport::new`], with other timeouts.
    ///
    /// # Errors
    /// The same.
    pub fn with_timeouts(base_url: &str, timeouts: Timeouts) -> Result<Self, TransportError> {
        let base = parse(base_url)?;
        Ok(Self {
            client: client(&base, timeouts)?,
            origin: base.origin().ascii_serialization(),
            base,
            session: Mutex::new(None),
        })
    }

    fn request(&self, method: Method, route: &str) -> Result<RequestBuilder, TransportError> {
        // Routes begin with a slash; joined as they are they would replace the path of a server that lives
        // below one.
        let url = self
            .base
            .join(route.trim_start_matches('/'))
            .map_err(|_| TransportError::Address(crate::OriginError::NotAUrl))?;
        Ok(self.client.request(method, url))
    }

    fn with_session(&self, request: RequestBuilder) -> Result<RequestBuilder, TransportError> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let session = session.ok_or(TransportError::SignInRequired)?;
        Ok(request.header(header::AUTHORIZATION, session))
    }

    fn set_session(&self, session: Option<HeaderValue>) {
        *self.session.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// Sends without a session and reads a JSON answer.
    async fn ask<T: DeserializeOwned>(
        &self,
        request: RequestBuilder,
        limit: usize,
    ) -> Result<T, TransportError> {
        answer::receive(request, limit).await?.json()
    }

    /// Sends with the session; a 401 ends it.
    async fn ask_signed_in(
        &self,
        request: RequestBuilder,
        limit: usize,
    ) -> Result<Received, TransportError> {
        let received = answer::receive(self.with_session(request)?, limit).await;
        if matches!(received, Err(TransportError::SignInRequired)) {
            self.set_session(None);
        }
        received
    }

    fn post<B: Serialize>(&self, route: &str, body: &B) -> Result<RequestBuilder, TransportError> {
        Ok(self.request(Method::POST, route)?.json(body))
    }
}

impl Transport for HttpTransport {
    fn origin(&self) -> &str {
        &self.origin
    }

    fn signed_in(&self) -> bool {
        self.session.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn capabilities(&self) -> Answer<'_, Capabilities> {
        Box::pin(async move {
            let request = self.request(Method::GET, route::CAPABILITIES)?;
            let received = answer::receive(request, SMALL).await?;
            let found: Capabilities = received.json()?;
            if found.service != "seshat" {
                return Err(TransportError::NotSeshat { status: StatusCode::OK.as_u16() });
            }
            if !found.protocols.contains(&PROTOCOL_VERSION) {
                return Err(TransportError::OtherProtocol);
            }
            Ok(found)
        })
    }

    fn create_account<'a>(&'a self, request: &'a CreateAccount) -> Answer<'a, ()> {
        Box::pin(async move {
            let request = self.post(route::ACCOUNTS, request)?;
            // An object, whatever is in it: a page in HTML does not pass for a made account.
            let _empty: serde_json::Map<String, serde_json::Value> =
                self.ask(request, SMALL).await?;
            Ok(())
        })
    }

    fn challenge<'a>(&'a self, request: &'a ChallengeRequest) -> Answer<'a, ChallengeReply> {
        Box::pin(async move { self.ask(self.post(route::CHALLENGE, request)?, SMALL).await })
    }

    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, ()> {
        Box::pin(async move {
            let request = self.post(route::SIGN_IN, request)?;
            let reply: SignInReply = self.ask(request, SMALL).await?;
            let mut session = HeaderValue::try_from(format!("Bearer {}", reply.token))
                .map_err(|_| TransportError::Nonsense { what: "a session that cannot be sent" })?;
            session.set_sensitive(true);
            self.set_session(Some(session));
            Ok(())
        })
    }

    fn vault<'a>(&'a self, known: Option<&'a str>) -> Answer<'a, VaultFetched> {
        Box::pin(async move {
            let mut request = self.request(Method::GET, route::VAULT)?;
            if let Some(revision) = known {
                request = request.header(header::IF_NONE_MATCH, quoted(revision)?);
            }
            let received = self.ask_signed_in(request, VAULT).await?;
            match (received.status, known) {
                (StatusCode::NOT_MODIFIED, Some(_)) => Ok(VaultFetched::NotModified),
                (StatusCode::NOT_MODIFIED, None) => {
                    Err(TransportError::Nonsense { what: "not modified, without a revision" })
                }
                _ => received.json::<VaultReply>().map(VaultFetched::Reply),
            }
        })
    }

    fn put_vault<'a>(
        &'a self,
        update: &'a VaultUpdate,
        revision: &'a str,
    ) -> Answer<'a, VaultUpdated> {
        Box::pin(async move {
            let request = self
                .request(Method::PUT, route::VAULT)?
                .header(header::IF_MATCH, quoted(revision)?)
                .json(update);
            self.ask_signed_in(request, SMALL).await?.json()
        })
    }

    fn push<'a>(&'a self, request: &'a PushRequest) -> Answer<'a, PushResponse> {
        Box::pin(async move {
            let request = self.post(route::RECORDS, request)?;
            self.ask_signed_in(request, PAGE).await?.json()
        })
    }

    fn changes(&self, page: PageRequest) -> Answer<'_, Changes> {
        Box::pin(async move {
            let PageRequest { cursor, limit, max_bytes } = page;
            let query = format!("?cursor={cursor}&limit={limit}&max_bytes={max_bytes}");
            let request = self.request(Method::GET, &format!("{}{query}", route::CHANGES))?;
            self.ask_signed_in(request, PAGE).await?.json()
        })
    }
}

/// A revision as an entity tag.
fn quoted(revision: &str) -> Result<HeaderValue, TransportError> {
    HeaderValue::try_from(format!("\"{revision}\""))
        .map_err(|_| TransportError::Nonsense { what: "a vault revision that cannot be sent" })
}

fn client(base: &Url, timeouts: Timeouts) -> Result<Client, TransportError> {
    // Without a provider the builder below would panic.
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let what = "the program has set up no cryptography for them";
        return Err(TransportError::NoClient { what, source: None });
    }
    let builder = || {
        let builder = Client::builder()
            .user_agent(concat!("seshat/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.whole)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false);
        // A proxy elsewhere cannot reach this laptop's own address.
        if is_loopback(base) { builder.no_proxy() } else { builder }
    };
    match builder().build() {
        Ok(client) => Ok(client),
        // A laptop without any certificates can still reach a server in its own network over http.
        Err(_) if base.scheme() == "http" => builder().tls_certs_only([]).build(),
        Err(error) => Err(error),
    }
    .map_err(|error| TransportError::NoClient {
        what: "it has no certificates to check servers by",
        source: Some(error.into()),
    })
}

fn is_loopback(base: &Url) -> bool {
    match base.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
