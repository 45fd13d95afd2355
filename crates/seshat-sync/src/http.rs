//! The transport over HTTP.

use std::time::Duration;

use seshat_protocol::{
    Capabilities, ChallengeReply, ChallengeRequest, Changes, CreateAccount, PushRequest,
    PushResponse, SignInRequest, VaultUpdate, VaultUpdated,
};

use crate::{Answer, PageRequest, Transport, TransportError, VaultFetched};

/// How long the parts of a request may take.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Timeouts {
    /// Until connected.
    pub connect: Duration,
    /// Until the answer is complete.
    pub whole: Duration,
}

/// A Seshat server over HTTP or HTTPS. Cheap requests share one connection pool; keep one for each server.
pub struct HttpTransport {
    origin: String,
}

impl HttpTransport {
    /// A transport to the server at `base_url`, with [`Timeouts::default`]. Nothing is sent yet. The binary must have
    /// installed a `rustls` cryptography provider.
    ///
    /// # Errors
    /// When the address is none, or no secure connections are possible on this laptop.
    pub fn new(base_url: &str) -> Result<Self, TransportError> {
        todo!()
    }

    /// As [`HttpTransport::new`], with other timeouts.
    ///
    /// # Errors
    /// The same.
    pub fn with_timeouts(base_url: &str, timeouts: Timeouts) -> Result<Self, TransportError> {
        todo!()
    }
}

impl Transport for HttpTransport {
    fn origin(&self) -> &str {
        &self.origin
    }
    fn signed_in(&self) -> bool {
        todo!()
    }
    fn capabilities(&self) -> Answer<'_, Capabilities> {
        todo!()
    }
    fn create_account<'a>(&'a self, request: &'a CreateAccount) -> Answer<'a, ()> {
        todo!()
    }
    fn challenge<'a>(&'a self, request: &'a ChallengeRequest) -> Answer<'a, ChallengeReply> {
        todo!()
    }
    fn sign_in<'a>(&'a self, request: &'a SignInRequest) -> Answer<'a, ()> {
        todo!()
    }
    fn vault<'a>(&'a self, known: Option<&'a str>) -> Answer<'a, VaultFetched> {
        todo!()
    }
    fn put_vault<'a>(
        &'a self,
        update: &'a VaultUpdate,
        revision: &'a str,
    ) -> Answer<'a, VaultUpdated> {
        todo!()
    }
    fn push<'a>(&'a self, request: &'a PushRequest) -> Answer<'a, PushResponse> {
        todo!()
    }
    fn changes(&self, page: PageRequest) -> Answer<'_, Changes> {
        todo!()
    }
}
