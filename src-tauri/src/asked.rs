//! The file that the author opened outside of the window, until the page has it.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

/// At most one: who opens a second file means that one.
#[derive(Default)]
pub(crate) struct Asked {
    file: Mutex<Option<String>>,
    news: Notify,
}

impl Asked {
    /// Beginning with a file from the command line.
    pub(crate) fn beginning(file: Option<&Path>) -> Self {
        Self { file: Mutex::new(file.map(shown)), news: Notify::new() }
    }

    /// Another file was opened.
    pub(crate) fn open(&self, file: &Path) {
        *self.file.lock().unwrap_or_else(PoisonError::into_inner) = Some(shown(file));
        self.news.notify_one();
    }

    /// The file, as soon as there is one. Each is given once.
    pub(crate) async fn next(&self) -> String {
        loop {
            let file = self.file.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(file) = file {
                return file;
            }
            self.news.notified().await;
        }
    }
}

/// The first of a program's arguments that is a file, seen from the folder in which the program was started.
pub(crate) fn file_in(arguments: impl IntoIterator<Item = std::ffi::OsString>) -> Option<PathBuf> {
    let file =
        arguments.into_iter().find(|argument| !argument.to_string_lossy().starts_with('-'))?;
    // Without a current folder the path stays as it was said.
    Some(std::path::absolute(&file).unwrap_or_else(|_| file.into()))
}

fn shown(file: &Path) -> String {
    file.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_given_once_and_the_newest_counts() {
        let asked = Asked::beginning(Some(Path::new("/a.seshat")));
        asked.open(Path::new("/b.seshat"));
        tauri::async_runtime::block_on(async {
            assert_eq!(asked.next().await, "/b.seshat");
            let waiting = asked.next();
            asked.open(Path::new("/c.seshat"));
            assert_eq!(waiting.await, "/c.seshat");
        });
    }

    #[test]
    fn a_file_is_what_stands_first_among_the_arguments_and_is_no_option() {
        let file = |arguments: &[&str]| file_in(arguments.iter().map(Into::into));
        assert_eq!(file(&["--quiet", "/a b.seshat", "/c"]), Some("/a b.seshat".into()));
        assert_eq!(file(&[]), None);
        assert!(file(&["b.seshat"]).unwrap().is_absolute());
    }
}
