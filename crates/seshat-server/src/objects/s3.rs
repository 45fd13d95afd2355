//! A bucket of an S3 server, Amazon's or another one's.

use std::sync::Arc;
use std::time::Duration;

use object_store::aws::{AmazonS3Builder, S3ConditionalPut};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, RetryConfig};

use super::{ObjectError, PATIENCE};
use crate::config::S3;

/// How long a request is tried again after the S3 server failed: less than a client waits for us.
const RETRY: Duration = Duration::from_secs(20);
/// How often.
const RETRIES: usize = 4;

/// Describes the bucket; nothing is asked yet.
pub(super) fn open(bucket: &S3) -> Result<Arc<dyn ObjectStore>, ObjectError> {
    // HTTPS needs somebody who does its cryptography. Who came first stays: any will do.
    drop(rustls::crypto::ring::default_provider().install_default());
    let options = ClientOptions::new()
        .with_timeout(PATIENCE)
        .with_allow_http(bucket.endpoint.as_deref().is_some_and(|url| url.starts_with("http:")));
    let retry = RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RETRIES,
        retry_timeout: RETRY,
    };
    let mut builder = AmazonS3Builder::new()
        .with_bucket_name(&bucket.bucket)
        .with_region(&bucket.region)
        .with_access_key_id(&bucket.access_key)
        .with_secret_access_key(&bucket.secret_key)
        // Not every server has it, and nothing here depends on it.
        .with_conditional_put(S3ConditionalPut::Disabled)
        .with_client_options(options)
        .with_retry(retry);
    if let Some(endpoint) = &bucket.endpoint {
        builder = builder.with_endpoint(endpoint);
    }
    let store = builder.build()?;
    if bucket.prefix.is_empty() {
        return Ok(Arc::new(store));
    }
    Ok(Arc::new(PrefixStore::new(store, Path::from(bucket.prefix.as_str()))))
}
