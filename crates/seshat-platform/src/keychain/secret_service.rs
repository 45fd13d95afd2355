//! The Secret Service of the session bus.
//!
//! **Invariant:** whether it is locked is asked of the collection itself. Reading an entry does not tell: a locked
//! collection may answer a search with nothing.

use keyring_core::api::CredentialStoreApi;
use keyring_core::{Entry, Error};
use secret_service::EncryptionType;
use secret_service::blocking::{Collection, SecretService};
use zbus_secret_service_keyring_store::Store;
use zeroize::Zeroizing;

use super::{KeychainError, KeychainState};

/// The name that the author finds in their keychain's own list.
const SERVICE: &str = "Seshat";

pub(super) fn state() -> KeychainState {
    let Ok(service) = connect() else { return KeychainState::Absent };
    let Ok(collection) = service.get_default_collection() else { return KeychainState::Absent };
    match collection.is_locked() {
        Ok(false) => KeychainState::Ready,
        Ok(true) => KeychainState::Locked,
        Err(_) => KeychainState::Absent,
    }
}

/// Leaves the keychain open, or says why not. The keychain asks the author itself, and may take its time.
pub(super) fn unlock() -> Result<(), KeychainError> {
    let service = connect()?;
    let collection = service.get_default_collection().map_err(|_| KeychainError::Absent)?;
    if is_locked(&collection)? {
        // A prompt that was dismissed is no error of its own: what counts is whether it is open now.
        let _asked = collection.unlock();
        if is_locked(&collection)? {
            return Err(KeychainError::Locked);
        }
    }
    Ok(())
}

pub(super) fn put(name: &str, secret: &[u8]) -> Result<(), KeychainError> {
    entry(name)?.set_secret(secret).map_err(|error| refusal(&error))
}

pub(super) fn get(name: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeychainError> {
    match entry(name)?.get_secret() {
        Ok(secret) => Ok(Some(Zeroizing::new(secret))),
        // Locked since it was asked: then nothing found means nothing.
        Err(Error::NoEntry) if state() == KeychainState::Locked => Err(KeychainError::Locked),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(refusal(&error)),
    }
}

pub(super) fn remove(name: &str) -> Result<(), KeychainError> {
    match entry(name)?.delete_credential() {
        Ok(()) | Err(Error::NoEntry) => Ok(()),
        Err(error) => Err(refusal(&error)),
    }
}

/// For questions about the keychain; no secret crosses this connection, so it is not encrypted.
fn connect() -> Result<SecretService<'static>, KeychainError> {
    SecretService::connect(EncryptionType::Plain).map_err(|_| KeychainError::Absent)
}

fn is_locked(collection: &Collection<'_>) -> Result<bool, KeychainError> {
    collection.is_locked().map_err(|_| KeychainError::Absent)
}

fn entry(name: &str) -> Result<Entry, KeychainError> {
    let store = Store::new().map_err(|_| KeychainError::Absent)?;
    store.build(SERVICE, name, None).map_err(|error| refusal(&error))
}

fn refusal(error: &Error) -> KeychainError {
    match error {
        Error::NoStorageAccess(_) => KeychainError::Locked,
        _ => KeychainError::Refused,
    }
}
