//! Why objects could not be had, without a word of what they are: the library's own texts name paths, and in ours
//! stand ids of accounts.

use std::error::Error;
use std::io;

/// Why an object could not be written or read. Its text never contains user data.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectError {
    /// There is none of this name.
    #[error("an object is not there")]
    Missing,
    /// What lies under its name is not what was put there.
    #[error("an object is damaged")]
    Damaged,
    /// There is no room for it.
    #[error("there is no room for objects")]
    Full,
    /// The folder or the S3 server failed; trying again later may help.
    #[error("the object store failed: {0}")]
    Failed(String),
}

impl From<object_store::Error> for ObjectError {
    fn from(error: object_store::Error) -> Self {
        use object_store::Error as Why;
        let system = chain(&error).find_map(|cause| cause.downcast_ref::<io::Error>());
        if let Some(kind) = system.map(io::Error::kind)
            && matches!(kind, io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
        {
            return Self::Full;
        }
        let what = match &error {
            Why::NotFound { .. } => return Self::Missing,
            Why::PermissionDenied { .. } => "it does not let this server do that",
            Why::Unauthenticated { .. } => "it does not know this server's key",
            Why::NotSupported { .. } | Why::NotImplemented { .. } => "it cannot do that",
            Why::Precondition { .. } | Why::AlreadyExists { .. } | Why::NotModified { .. } => {
                "something else was there"
            }
            _ => "it did not do as it was asked",
        };
        Self::Failed(match system {
            // The kind alone: a text of the system may name a path.
            Some(system) => format!("{what} ({})", system.kind()),
            None => what.to_owned(),
        })
    }
}

fn chain<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let next = |error: &&'a (dyn Error + 'static)| (*error).source();
    std::iter::successors(Some(error), next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_names_what_was_asked_for() {
        let (path, secret) = ("kept/abababab/bodies/cdcdcdcd".to_owned(), "abababab");
        let system = || Box::new(io::Error::other(format!("no such file: {path}")));
        for error in [
            object_store::Error::NotFound { path: path.clone(), source: system() },
            object_store::Error::PermissionDenied { path: path.clone(), source: system() },
            object_store::Error::Generic { store: "S3", source: system() },
        ] {
            let shown = ObjectError::from(error);
            assert!(!format!("{shown} {shown:?}").contains(secret), "{shown:?}");
        }
    }

    #[test]
    fn a_full_disk_is_told_from_other_failures() {
        let source = Box::new(io::Error::from(io::ErrorKind::StorageFull));
        let error = object_store::Error::Generic { store: "LocalFileSystem", source };
        assert!(matches!(ObjectError::from(error), ObjectError::Full));
    }
}
