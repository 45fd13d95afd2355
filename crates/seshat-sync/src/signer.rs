//! How a device signs its requests: the keys stay where they are, only bytes to be signed go there.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use reqwest::RequestBuilder;
use seshat_protocol::http_signature::{
    ContentDigest, SignatureInput, SignedParts, header, signature_header,
};
use seshat_protocol::{AccountId, Bytes16, Bytes64, DeviceId};

use crate::{DeskError, TransportError};

/// The device, as far as its requests need it.
pub trait RequestSigner: Send + Sync {
    /// The account.
    fn account(&self) -> AccountId;

    /// The device.
    fn device(&self) -> DeviceId;

    /// Seconds since 1970.
    fn now_seconds(&self) -> u64;

    /// 16 random bytes.
    ///
    /// # Errors
    /// When the system gives none.
    fn nonce(&self) -> Result<[u8; 16], DeskError>;

    /// Ed25519 by the device's signing key.
    ///
    /// # Errors
    /// When the desk is locked.
    fn sign(&self, message: &[u8]) -> Result<Bytes64, DeskError>;
}

/// A signer, and how far the server's clock is from its own.
pub(crate) struct Signer {
    device: Arc<dyn RequestSigner>,
    /// Seconds to add to the device's time.
    ahead: AtomicI64,
}

/// A request, as far as it is signed.
pub(crate) struct ToSign<'a> {
    pub(crate) method: &'a str,
    /// The route, with its query.
    pub(crate) route: &'a str,
    pub(crate) origin: &'a str,
    pub(crate) body: &'a [u8],
    pub(crate) if_match: Option<&'a str>,
}

impl Signer {
    pub(crate) fn new(device: Arc<dyn RequestSigner>) -> Self {
        Self { device, ahead: AtomicI64::new(0) }
    }

    /// The server named its time; from now on requests are signed with it.
    pub(crate) fn follow(&self, server: u64) {
        let signed = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        let ahead = signed(server).saturating_sub(signed(self.device.now_seconds()));
        self.ahead.store(ahead, Ordering::Relaxed);
    }

    /// Adds the headers of a signature.
    pub(crate) fn sign(
        &self,
        request: RequestBuilder,
        what: &ToSign<'_>,
    ) -> Result<RequestBuilder, TransportError> {
        let ahead = self.ahead.load(Ordering::Relaxed);
        let input = SignatureInput {
            account: self.device.account(),
            device: self.device.device(),
            created: self.device.now_seconds().saturating_add_signed(ahead),
            nonce: Bytes16(self.device.nonce().map_err(TransportError::NotSigned)?),
            if_match: what.if_match.is_some(),
        };
        let (path, query) = match what.route.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (what.route, None),
        };
        let digest = ContentDigest::of(what.body);
        let parts = SignedParts {
            method: what.method,
            path,
            query,
            digest,
            origin: what.origin,
            if_match: what.if_match,
        };
        let base = input.base(&parts).map_err(|error| TransportError::NotSigned(error.into()))?;
        let signature = self.device.sign(base.as_bytes()).map_err(TransportError::NotSigned)?;
        Ok(request
            .header(header::CONTENT_DIGEST, digest.to_header())
            .header(header::ORIGIN, what.origin)
            .header(header::SIGNATURE_INPUT, input.to_header())
            .header(header::SIGNATURE, signature_header(&signature)))
    }
}
