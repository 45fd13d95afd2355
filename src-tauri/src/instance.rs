//! One window for each vault: whoever starts the program again gets the window that is there, and hands over its file.
//!
//! **Invariants:** two vaults are two windows. What is asked over the socket shows a window and names a file to be
//! asked about; it opens, reads and changes nothing. A socket that does not answer keeps nobody from their window:
//! the vault has a lock of its own.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

pub(crate) use imp::{First, find};

/// What one start asks of the window that is there.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Request {
    /// The file that the author opened.
    pub(crate) file: Option<PathBuf>,
    /// The desktop's permission to take the focus.
    pub(crate) token: Option<String>,
}

/// What became of a start.
pub(crate) enum Start {
    /// This is the window; another one may ask it something, where the system can carry that.
    First(Option<First>),
    /// The window that was there has taken the request.
    HandedOver,
}

/// A name for the vault in `home` that says nothing about where it is. The folder need not exist.
fn name(home: &Path) -> String {
    let mut there = std::path::absolute(home).unwrap_or_else(|_| home.to_owned());
    let mut below = Vec::new();
    let real = loop {
        match there.canonicalize() {
            Ok(real) => break real,
            Err(_) => match (there.file_name().map(ToOwned::to_owned), there.pop()) {
                (Some(last), true) => below.push(last),
                _ => break there,
            },
        }
    };
    let mut hasher = DefaultHasher::new();
    below.into_iter().rev().fold(real, |folder, last| folder.join(last)).hash(&mut hasher);
    format!("seshat-{:016x}", hasher.finish())
}

#[cfg(unix)]
mod imp {
    use std::ffi::OsString;
    use std::fs::{File, TryLockError};
    use std::io::{self, Read, Write};
    use std::net::Shutdown;
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::{Path, PathBuf};
    use std::time::{Duration, Instant};

    use super::{Request, Start, name};

    /// How long a window that is about to close is waited for.
    const CLOSING: Duration = Duration::from_secs(10);
    const ANSWER: Duration = Duration::from_secs(2);
    const LOOK: Duration = Duration::from_millis(50);
    const SHOWN: &[u8] = b"shown";
    /// A path and a token; nobody sends more.
    const MOST: u64 = 16 * 1024;

    /// The place at which other starts are heard.
    pub(crate) struct First {
        listener: UnixListener,
        socket: PathBuf,
        _lock: File,
    }

    /// Whether there is a window of the vault in `home` already. `folder` is the author's own and forgotten with the
    /// session; without one, every start is the first.
    pub(crate) fn find(folder: Option<&Path>, home: &Path, request: &Request) -> Start {
        let Some(folder) = folder else { return Start::First(None) };
        let path = folder.join(name(home));
        let Ok(lock) = File::create(path.with_extension("lock")) else { return Start::First(None) };
        let socket = path.with_extension("socket");
        let end = Instant::now() + CLOSING;
        loop {
            match lock.try_lock() {
                Ok(()) => return Start::First(First::listen(socket, lock).ok()),
                Err(TryLockError::Error(_)) => return Start::First(None),
                Err(TryLockError::WouldBlock) => {}
            }
            if ask(&socket, request).is_ok() {
                return Start::HandedOver;
            }
            if Instant::now() > end {
                return Start::First(None);
            }
            // The other one is about to listen, or about to end.
            std::thread::sleep(LOOK);
        }
    }

    impl First {
        fn listen(socket: PathBuf, lock: File) -> io::Result<Self> {
            // It is nobody's: whoever made it would have the lock.
            let _left = std::fs::remove_file(&socket);
            Ok(Self { listener: UnixListener::bind(&socket)?, socket, _lock: lock })
        }

        /// Hears other starts on a thread of its own for as long as the program runs.
        pub(crate) fn hear(self, asked: impl Fn(Request) + Send + 'static) {
            // Without a thread, other starts find nobody who answers.
            let _started =
                std::thread::Builder::new().name("instance".to_owned()).spawn(move || {
                    // All of it, the lock too.
                    let first = self;
                    for caller in first.listener.incoming() {
                        let Ok(mut caller) = caller else { break };
                        if let Ok(request) = read(&mut caller) {
                            asked(request);
                            // Who has gone meanwhile needs no answer.
                            let _answered = caller.write_all(SHOWN);
                        }
                    }
                    let _removed = std::fs::remove_file(&first.socket);
                });
        }
    }

    fn ask(socket: &Path, request: &Request) -> io::Result<()> {
        let mut window = UnixStream::connect(socket)?;
        window.set_read_timeout(Some(ANSWER))?;
        window.set_write_timeout(Some(ANSWER))?;
        let mut message = request.token.as_deref().unwrap_or_default().as_bytes().to_vec();
        message.push(0);
        message.extend(request.file.iter().flat_map(|file| file.as_os_str().as_bytes()));
        window.write_all(&message)?;
        window.shutdown(Shutdown::Write)?;
        let mut answer = Vec::new();
        window.take(MOST).read_to_end(&mut answer)?;
        if answer == SHOWN { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }

    fn read(caller: &mut UnixStream) -> io::Result<Request> {
        caller.set_read_timeout(Some(ANSWER))?;
        caller.set_write_timeout(Some(ANSWER))?;
        let mut message = Vec::new();
        caller.take(MOST).read_to_end(&mut message)?;
        let end = message.iter().position(|byte| *byte == 0).ok_or(io::ErrorKind::InvalidData)?;
        let file = message.split_off(end + 1);
        message.pop();
        let token = String::from_utf8(message).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(Request {
            file: (!file.is_empty()).then(|| OsString::from_vec(file).into()),
            token: (!token.is_empty()).then_some(token),
        })
    }
}

#[cfg(not(unix))]
mod imp {
    use std::path::Path;

    use super::{Request, Start};

    /// Nobody is heard here.
    pub(crate) struct First;

    pub(crate) fn find(_folder: Option<&Path>, _home: &Path, _request: &Request) -> Start {
        Start::First(None)
    }

    impl First {
        pub(crate) fn hear(self, _asked: impl Fn(Request) + Send + 'static) {}
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn request(file: &str) -> Request {
        Request { file: Some(file.into()), token: Some("token".to_owned()) }
    }

    fn first(folder: &Path, home: &Path) -> First {
        let first = match find(Some(folder), home, &Request::default()) {
            Start::First(first) => first,
            Start::HandedOver => None,
        };
        first.expect("no window was there, and this one is heard")
    }

    #[test]
    fn a_second_start_hands_its_file_to_the_first_and_ends() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("vault");
        let (asked, heard) = mpsc::channel();
        first(folder.path(), &home).hear(move |request| asked.send(request).unwrap());
        for file in ["/media/stick/Seshat backup.seshat", "/home/ines/été\n.seshat"] {
            let start = find(Some(folder.path()), &home, &request(file));
            assert!(matches!(start, Start::HandedOver), "{file} was not taken");
            assert_eq!(heard.recv().unwrap(), request(file));
        }
        let bare = find(Some(folder.path()), &home, &Request::default());
        assert!(matches!(bare, Start::HandedOver));
        assert_eq!(heard.recv().unwrap(), Request::default());
    }

    #[test]
    fn two_vaults_are_two_windows() {
        let folder = tempfile::tempdir().unwrap();
        let _one = first(folder.path(), &folder.path().join("one"));
        let _two = first(folder.path(), &folder.path().join("two"));
    }

    #[test]
    fn a_window_that_was_killed_is_in_nobodys_way() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("vault");
        // A socket without a lock is what a kill leaves behind.
        drop(first(folder.path(), &home));
        let sockets = std::fs::read_dir(folder.path()).unwrap().flatten();
        assert!(
            sockets.into_iter().any(|it| it.path().extension().is_some_and(|it| it == "socket"))
        );
        let _again = first(folder.path(), &home);
    }

    #[test]
    fn a_vault_has_one_name_before_and_after_it_is_made_and_through_a_link() {
        let folder = tempfile::tempdir().unwrap();
        let (home, link) = (folder.path().join("a/b"), folder.path().join("link"));
        let before = name(&home);
        std::fs::create_dir_all(&home).unwrap();
        assert_eq!(name(&home), before);
        std::os::unix::fs::symlink(&home, &link).unwrap();
        assert_eq!(name(&link), before);
        assert_ne!(name(folder.path()), before);
        assert!(!before.contains("a/b"), "{before}");
    }
}
