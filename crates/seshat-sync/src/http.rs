//! The transport over HTTP.
//!
//! **Invariants:** no redirect is followed; no answer is read further than its route may be long; no request
//! lasts longer than [`Timeouts::whole`], but for a line on which the server tells news; a person's token is in no error and no debug output, and no caller
//! can hold it. What a device asks for is signed, each request anew; nothing that could be used for another
//! request ever leaves it.

mod blobs;

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use reqwest::header::{self, HeaderValue};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use seshat_protocol::{
    AccountCreated, AskToJoin, Blob, Bytes32, Capabilities, ChallengeReply, ChallengeRequest,
    Changes, CreateAccount, Devices, Head, JoinAsked, JoinGrant, JoinId, JoinOffer, JoinProgress,
    JoinReveal, ListedDevice, OpenJoin, OpenJoins, PROTOCOL_VERSION, PushRequest, PushResponse,
    Receipt, SignInReply, SignInRequest, VaultReply, VaultUpdate, VaultUpdated, limits, route,
};

use crate::answer::{self, Received};
use crate::news::Events;
use crate::origin::parse;
use crate::signer::{RequestSigner, Signer, ToSign};
use crate::{Answer, Carried, News, PageRequest, Paged, Transport, TransportError, VaultFetched};

/// Bytes of an answer that carries no records and no vault.
const SMALL: usize = 64 * 1024;
/// Bytes of an answer with a vault: the blob in base64, with room for its JSON.
const VAULT: usize = 2 * limits::VAULT_BYTES;
/// Bytes of a page or of the answer to a push: a full batch, and as much again for lists of replaced records.
const PAGE: usize = 2 * limits::BODY_BYTES;

/// How long a line for news is kept; then another one is opened.
const LINE_LASTS: Duration = Duration::from_secs(12 * 60 * 60);

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

/// A Seshat server over HTTP or HTTPS, through the system's proxy if one is set. It keeps connections, so one is
/// kept for each server.
///
/// A transport is a person's ([`HttpTransport::new`]), who signs in and can reach the vault, or a device's
/// ([`HttpTransport::for_device`]), which signs every request and can reach everything.
pub struct HttpTransport {
    client: Client,
    /// With a slash at its end.
    base: Url,
    origin: String,
    who: Who,
}

enum Who {
    /// With the token of a sign-in, once there was one.
    Person(Mutex<Option<HeaderValue>>),
    Device(Signer),
}

/// What a new laptop that asks to join must keep to hear the answer. Not shown, not stored.
pub struct JoinTicket {
    /// Names the asking.
    pub join: JoinId,
    token: HeaderValue,
}

impl fmt::Debug for JoinTicket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JoinTicket").field("join", &self.join).finish_non_exhaustive()
    }
}

impl fmt::Debug for HttpTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpTransport").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// Finding the server, and what both kinds of transport share.
impl HttpTransport {
    /// A person's transport to the server at `base_url`, with [`Timeouts::default`]. Nothing is sent yet. The
    /// program must have installed a `rustls` cryptography provider.
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
        Self::make(base_url, timeouts, Who::Person(Mutex::new(None)))
    }

    /// A device's transport to the server at `base_url`, with [`Timeouts::default`].
    ///
    /// # Errors
    /// As [`HttpTransport::new`].
    pub fn for_device(
        base_url: &str,
        device: Arc<dyn RequestSigner>,
    ) -> Result<Self, TransportError> {
        Self::for_device_with_timeouts(base_url, device, Timeouts::default())
    }

    /// As [`HttpTransport::for_device`], with other timeouts.
    ///
    /// # Errors
    /// The same.
    pub fn for_device_with_timeouts(
        base_url: &str,
        device: Arc<dyn RequestSigner>,
        timeouts: Timeouts,
    ) -> Result<Self, TransportError> {
        Self::make(base_url, timeouts, Who::Device(Signer::new(device)))
    }

    fn make(base_url: &str, timeouts: Timeouts, who: Who) -> Result<Self, TransportError> {
        let base = parse(base_url)?;
        let (client, origin) = (client(&base, timeouts)?, base.origin().ascii_serialization());
        Ok(Self { client, base, origin, who })
    }

    /// The origin that signatures are made for: `scheme://host[:port]`, see [`crate::origin`].
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// `GET capabilities`: whether this is a Seshat server, and which: its key is what a client pins.
    ///
    /// # Errors
    /// [`TransportError::NotSeshat`], [`TransportError::OtherProtocol`], or any other.
    pub async fn capabilities(&self) -> Result<Capabilities, TransportError> {
        let request = self.request(Method::GET, route::CAPABILITIES)?;
        let received = answer::receive(request, SMALL).await?;
        let found: Introduction = received.json()?;
        if found.service != "seshat" {
            return Err(TransportError::NotSeshat { status: StatusCode::OK.as_u16() });
        }
        if !found.protocols.contains(&PROTOCOL_VERSION) {
            return Err(TransportError::OtherProtocol);
        }
        received.json()
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

    /// Sends to a route that anybody may ask.
    async fn post<B: Serialize, T: DeserializeOwned>(
        &self,
        route: &str,
        body: &B,
    ) -> Result<T, TransportError> {
        let request = self.request(Method::POST, route)?.json(body);
        answer::receive(request, SMALL).await?.json()
    }

    /// Sends as who this is, and reads the answer.
    async fn send(&self, asked: &Asked<'_>, limit: usize) -> Result<Received, TransportError> {
        answer::finish(self.begin(asked).await?, limit).await
    }

    /// Sends as who this is.
    async fn begin(&self, asked: &Asked<'_>) -> Result<Response, TransportError> {
        match &self.who {
            Who::Person(session) => self.begin_as_person(session, asked).await,
            Who::Device(signer) => match self.begin_signed(signer, asked).await {
                Err(TransportError::Clock { server: Some(server) }) => {
                    // Once: a server that names a time and does not take it will not take the next one.
                    signer.follow(server);
                    self.begin_signed(signer, asked).await
                }
                other => other,
            },
        }
    }

    /// A 401 ends the session.
    async fn begin_as_person(
        &self,
        session: &Mutex<Option<HeaderValue>>,
        asked: &Asked<'_>,
    ) -> Result<Response, TransportError> {
        let token = session.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let token = token.ok_or(TransportError::SignInRequired)?;
        let request = asked.onto(self.request(asked.method.clone(), asked.route)?);
        let request = request.header(header::AUTHORIZATION, token);
        let begun = answer::begin(request, SMALL).await;
        if matches!(begun, Err(TransportError::SignInRequired)) {
            *session.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
        begun
    }

    async fn begin_signed(
        &self,
        signer: &Signer,
        asked: &Asked<'_>,
    ) -> Result<Response, TransportError> {
        let request = asked.onto(self.request(asked.method.clone(), asked.route)?);
        let signed = signer.sign(
            request,
            &ToSign {
                method: asked.method.as_str(),
                route: asked.route,
                origin: &self.origin,
                body: &asked.body,
                if_match: asked.if_match.as_deref(),
            },
        )?;
        answer::begin(signed, SMALL).await
    }
}

/// What a server says first of itself, whatever its time.
#[derive(Deserialize)]
struct Introduction {
    service: String,
    protocols: Vec<u32>,
}

/// A request, before it is somebody's.
struct Asked<'a> {
    method: Method,
    /// With its query.
    route: &'a str,
    body: Vec<u8>,
    if_match: Option<String>,
    if_none_match: Option<String>,
    /// How long it may take, where that is not what others may.
    lasting: Option<Duration>,
    /// Which bytes of the answer are asked for.
    range: Option<(u64, u64)>,
    /// What the body is.
    content: &'static str,
}

impl<'a> Asked<'a> {
    fn without_body(method: Method, route: &'a str) -> Self {
        Self {
            method,
            route,
            body: Vec::new(),
            if_match: None,
            if_none_match: None,
            lasting: None,
            range: None,
            content: "application/json",
        }
    }

    fn with_body<B: Serialize>(
        method: Method,
        route: &'a str,
        body: &B,
    ) -> Result<Self, TransportError> {
        let body =
            serde_json::to_vec(body).map_err(|error| TransportError::NotSigned(error.into()))?;
        Ok(Self { body, ..Self::without_body(method, route) })
    }

    /// The headers and the body, which is copied: after a wrong clock it is needed again.
    fn onto(&self, mut request: RequestBuilder) -> RequestBuilder {
        if let Some(tag) = &self.if_match {
            request = request.header(header::IF_MATCH, tag);
        }
        if let Some(tag) = &self.if_none_match {
            request = request.header(header::IF_NONE_MATCH, tag);
        }
        if let Some((from, to)) = self.range {
            request =
                request.header(header::RANGE, format!("bytes={from}-{}", to.saturating_sub(1)));
        }
        if let Some(most) = self.lasting {
            request = request.timeout(most);
        }
        if self.body.is_empty() {
            return request;
        }
        request.header(header::CONTENT_TYPE, self.content).body(self.body.clone())
    }
}

/// What anybody and a person may ask.
impl HttpTransport {
    /// Makes an account; the receipt of its first device.
    ///
    /// # Errors
    /// [`TransportError::Refused`] with [`seshat_protocol::ErrorCode::AccountExists`] among others.
    pub async fn create_account(&self, request: &CreateAccount) -> Result<Receipt, TransportError> {
        let created: AccountCreated = self.post(route::ACCOUNTS, request).await?;
        Ok(created.receipt)
    }

    /// Asks for a challenge to sign.
    ///
    /// # Errors
    /// Any [`TransportError`].
    pub async fn challenge(
        &self,
        request: &ChallengeRequest,
    ) -> Result<ChallengeReply, TransportError> {
        self.post(route::CHALLENGE, request).await
    }

    /// Answers a challenge; a person's transport keeps the session, which is good for the vault for a quarter of
    /// an hour.
    ///
    /// # Errors
    /// [`TransportError::SignInRequired`] when the answer is wrong.
    pub async fn sign_in(&self, request: &SignInRequest) -> Result<(), TransportError> {
        let reply: SignInReply = self.post(route::SIGN_IN, request).await?;
        if let Who::Person(session) = &self.who {
            *session.lock().unwrap_or_else(PoisonError::into_inner) = Some(bearer(&reply.token)?);
        }
        Ok(())
    }

    /// Asks to join an account. The server answers in the same way when there is no such account.
    ///
    /// # Errors
    /// [`TransportError::ServerTrouble`] when too many ask already.
    pub async fn ask_to_join(
        &self,
        email: &str,
        commitment: Bytes32,
    ) -> Result<JoinTicket, TransportError> {
        let request = AskToJoin { email: email.to_owned(), commitment };
        let asked: JoinAsked = self.post(route::JOINS, &request).await?;
        Ok(JoinTicket { join: asked.join, token: bearer(&asked.token)? })
    }

    /// How far the asking has come.
    ///
    /// # Errors
    /// [`TransportError::Refused`] with [`seshat_protocol::ErrorCode::NotFound`] when it is over.
    pub async fn join_progress(&self, ticket: &JoinTicket) -> Result<JoinProgress, TransportError> {
        let request = self.request(Method::GET, &join_route(ticket.join, ""))?;
        let request = request.header(header::AUTHORIZATION, ticket.token.clone());
        answer::receive(request, SMALL).await?.json()
    }

    /// Reveals what was committed to; once, after the offer.
    ///
    /// # Errors
    /// [`TransportError::Refused`] with [`seshat_protocol::ErrorCode::OutOfTurn`] before the offer.
    pub async fn reveal_join(
        &self,
        ticket: &JoinTicket,
        reveal: Blob,
    ) -> Result<(), TransportError> {
        let request = self.request(Method::PUT, &join_route(ticket.join, route::JOIN_REVEAL))?;
        let request = request.header(header::AUTHORIZATION, ticket.token.clone());
        let request = request.json(&JoinReveal { reveal });
        answer::receive(request, SMALL).await?.json().map(object)
    }
}

/// What only a device may ask. A person's transport is refused without asking the server.
impl HttpTransport {
    /// Every device that the account ever registered here.
    ///
    /// # Errors
    /// Any [`TransportError`].
    pub async fn devices(&self) -> Result<Vec<ListedDevice>, TransportError> {
        let asked = Asked::without_body(Method::GET, route::DEVICES);
        let devices: Devices = self.send(&asked, VAULT).await?.json()?;
        Ok(devices.devices)
    }

    /// The laptops that ask to join, the oldest first.
    ///
    /// # Errors
    /// Any [`TransportError`].
    pub async fn joins(&self) -> Result<Vec<OpenJoin>, TransportError> {
        let asked = Asked::without_body(Method::GET, route::JOINS);
        let open: OpenJoins = self.send(&asked, SMALL).await?.json()?;
        Ok(open.joins)
    }

    /// Answers one that asks; once.
    ///
    /// # Errors
    /// [`TransportError::Refused`] with [`seshat_protocol::ErrorCode::OutOfTurn`] when another device has.
    pub async fn offer_join(&self, join: JoinId, offer: Blob) -> Result<(), TransportError> {
        self.put_join(join, route::JOIN_OFFER, &JoinOffer { offer }).await
    }

    /// Lets one in; once, after it has revealed.
    ///
    /// # Errors
    /// [`TransportError::Refused`] with [`seshat_protocol::ErrorCode::OutOfTurn`] before that.
    pub async fn grant_join(&self, join: JoinId, grant: Blob) -> Result<(), TransportError> {
        self.put_join(join, route::JOIN_GRANT, &JoinGrant { grant }).await
    }

    /// Says no to one.
    ///
    /// # Errors
    /// [`TransportError::Refused`] with [`seshat_protocol::ErrorCode::OutOfTurn`] when it was let in.
    pub async fn deny_join(&self, join: JoinId) -> Result<(), TransportError> {
        let route = join_route(join, "");
        let asked = Asked::without_body(Method::DELETE, &route);
        self.send(&asked, SMALL).await?.json().map(object)
    }

    async fn put_join<B: Serialize + Sync>(
        &self,
        join: JoinId,
        step: &str,
        body: &B,
    ) -> Result<(), TransportError> {
        let route = join_route(join, step);
        let asked = Asked::with_body(Method::PUT, &route, body)?;
        self.send(&asked, SMALL).await?.json().map(object)
    }
}

impl Transport for HttpTransport {
    fn vault<'a>(&'a self, known: Option<&'a str>) -> Answer<'a, VaultFetched> {
        Box::pin(async move {
            let mut asked = Asked::without_body(Method::GET, route::VAULT);
            asked.if_none_match = known.map(quoted).transpose()?;
            let received = self.send(&asked, VAULT).await?;
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
            let mut asked = Asked::with_body(Method::PUT, route::VAULT, update)?;
            asked.if_match = Some(quoted(revision)?);
            self.send(&asked, SMALL).await?.json()
        })
    }

    fn push<'a>(&'a self, request: &'a PushRequest) -> Answer<'a, PushResponse> {
        Box::pin(async move {
            let asked = Asked::with_body(Method::POST, route::RECORDS, request)?;
            self.send(&asked, PAGE).await?.json()
        })
    }

    fn carry_blob<'a>(&'a self, hash: Bytes32, sealed: Option<&'a [u8]>) -> Answer<'a, Carried> {
        Box::pin(self.send_blob(hash, sealed))
    }

    fn blob(&self, hash: Bytes32) -> Answer<'_, Option<Vec<u8>>> {
        Box::pin(self.fetch_blob(hash))
    }

    fn changes(&self, page: PageRequest) -> Answer<'_, Changes> {
        Box::pin(async move {
            let PageRequest { cursor, limit, max_bytes, paged } = page;
            let query = format!("?cursor={cursor}&limit={limit}&max_bytes={max_bytes}");
            let live = if paged == Paged::Live { "&live=1" } else { "" };
            let route = format!("{}{query}{live}", route::CHANGES);
            let asked = Asked::without_body(Method::GET, &route);
            self.send(&asked, PAGE).await?.json()
        })
    }

    fn news(&self) -> Answer<'_, Option<Box<dyn News>>> {
        Box::pin(async move {
            let mut asked = Asked::without_body(Method::GET, route::EVENTS);
            asked.lasting = Some(LINE_LASTS);
            let response = self.begin(&asked).await?;
            if !answer::is_of(response.headers(), "text/event-stream") {
                return Err(TransportError::NotSeshat { status: response.status().as_u16() });
            }
            Ok(Some(Box::new(Events::new(response)) as Box<dyn News>))
        })
    }

    fn wait(&self, known: u64, most: Duration) -> Answer<'_, Option<Head>> {
        Box::pin(async move {
            let query = format!("?wait={}&head={known}", most.as_secs());
            let route = format!("{}{query}", route::EVENTS);
            let asked = Asked::without_body(Method::GET, &route);
            self.send(&asked, SMALL).await?.json().map(Some)
        })
    }
}

/// A route of one asking to join.
fn join_route(join: JoinId, step: &str) -> String {
    format!("{}{join}{step}", route::JOIN)
}

/// An object, whatever is in it: a page in HTML does not pass for a step that was taken.
fn object(_: serde_json::Map<String, serde_json::Value>) {}

fn bearer(token: &str) -> Result<HeaderValue, TransportError> {
    let mut value = HeaderValue::try_from(format!("Bearer {token}"))
        .map_err(|_| TransportError::Nonsense { what: "a token that cannot be sent" })?;
    value.set_sensitive(true);
    Ok(value)
}
/// A revision as an entity tag.
fn quoted(revision: &str) -> Result<String, TransportError> {
    let plain = revision.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"');
    if plain {
        return Ok(format!("\"{revision}\""));
    }
    Err(TransportError::Nonsense { what: "a vault revision that cannot be sent" })
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
