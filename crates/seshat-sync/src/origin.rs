//! The origin of a server's address: what sign-ins are bound to.

use url::Url;

/// An address that cannot be a server's.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OriginError {
    /// Not a URL.
    #[error("This is not an address; it should look like https://sync.example.org.")]
    NotAUrl,
    /// Neither `http` nor `https`.
    #[error("An address has to begin with https:// (or http:// inside your own network).")]
    Scheme,
    /// A user name or password in the address: it would end up in logs.
    #[error("An address must not contain a user name or a password.")]
    Credentials,
}

/// `scheme://host[:port]` of `address`: lower case, international names in punycode, default ports left out,
/// path, query and fragment dropped. Two spellings of one server give the same text.
///
/// # Errors
/// When it is not an http or https URL, or carries credentials.
pub fn origin(address: &str) -> Result<String, OriginError> {
    let url = parse(address)?;
    Ok(url.origin().ascii_serialization())
}

/// The address as a URL whose path ends with a slash, so that routes can be joined behind it.
pub(crate) fn parse(address: &str) -> Result<Url, OriginError> {
    let mut url = Url::parse(address.trim()).map_err(|_| OriginError::NotAUrl)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(OriginError::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(OriginError::Credentials);
    }
    url.set_query(None);
    url.set_fragment(None);
    if !url.path().ends_with('/') {
        let path = format!("{}/", url.path());
        url.set_path(&path);
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_spellings_of_one_server_have_one_origin() {
        for (address, expected) in [
            ("https://Sync.Example.org", "https://sync.example.org"),
            ("https://sync.example.org:443/", "https://sync.example.org"),
            (" http://sync.example.org:80/v1?x=1#y ", "http://sync.example.org"),
            ("http://127.0.0.1:8787/", "http://127.0.0.1:8787"),
            ("https://[::1]:8443/desk/", "https://[::1]:8443"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
        ] {
            assert_eq!(origin(address).as_deref(), Ok(expected), "for {address}");
        }
    }

    #[test]
    fn what_is_no_server_address_is_refused() {
        assert_eq!(origin("sync.example.org"), Err(OriginError::NotAUrl));
        assert_eq!(origin(""), Err(OriginError::NotAUrl));
        assert_eq!(origin("ftp://sync.example.org"), Err(OriginError::Scheme));
        assert_eq!(origin("file:///etc/passwd"), Err(OriginError::Scheme));
        assert_eq!(origin("https://ada:secret@example.org"), Err(OriginError::Credentials));
    }
}
