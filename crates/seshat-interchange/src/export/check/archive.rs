//! The files of an EPUB's archive, read once.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use url::Url;
use zip::{CompressionMethod, ZipArchive};

use super::Finding;

/// What is unpacked at most: far more than a novel with its pictures.
const MOST: u64 = 512 * 1024 * 1024;

/// What the first file says.
const MIMETYPE: &[u8] = b"application/epub+zip";

/// Files by their names as addresses have them.
pub(super) struct Files {
    files: BTreeMap<String, Vec<u8>>,
}

impl Files {
    /// Reads an archive; what is wrong with it goes to `found`.
    pub(super) fn read(bytes: &[u8], found: &mut Vec<Finding>) -> Option<Self> {
        let broken =
            || Finding::grave("The file is no archive that a program can open: export it again.");
        let Ok(mut archive) = ZipArchive::new(Cursor::new(bytes)) else {
            found.push(broken());
            return None;
        };
        // Of two files with one name an archive that is open shows one.
        if said(bytes).is_some_and(|count| count != archive.len()) {
            found.push(Finding::grave(
                "Two files in the archive have the same name, so programs show the one or the other: export it again.",
            ));
        }
        let mut files = BTreeMap::new();
        let mut left = MOST;
        for at in 0..archive.len() {
            let read = archive.by_index(at).ok().and_then(|file| {
                let clear = std::str::from_utf8(file.name_raw()).is_ok();
                let name = file.name().ok()?.into_owned();
                let stored = file.compression() == CompressionMethod::Stored;
                let mut bytes = Vec::new();
                file.take(left).read_to_end(&mut bytes).ok()?;
                Some((name, clear, stored, bytes))
            });
            let Some((name, clear, stored, bytes)) = read else {
                found.push(broken());
                return None;
            };
            if !clear {
                found.push(Finding::grave(format!(
                    "The name “{name}” in the archive is no UTF-8, so programs do not find the file."
                )));
            }
            left = left.saturating_sub(u64::try_from(bytes.len()).unwrap_or(left));
            if at == 0 && !(name == "mimetype" && stored && bytes == MIMETYPE) {
                found.push(Finding::grave(
                    "The archive does not begin with the file “mimetype”, by which programs know an EPUB: export it again.",
                ));
            }
            if !name.ends_with('/') {
                files.insert(address(&name), bytes);
            }
        }
        Some(Self { files })
    }

    pub(super) fn get(&self, name: &str) -> Option<&[u8]> {
        self.files.get(name).map(Vec::as_slice)
    }

    /// All names.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

/// How many files the archive says that it holds, in its last record (APPNOTE.TXT, section 4.3.16); `None` where there
/// are so many that another record says it.
fn said(bytes: &[u8]) -> Option<usize> {
    let from = bytes.len().saturating_sub(22 + usize::from(u16::MAX));
    let tail = bytes.get(from..)?;
    let at = tail.windows(4).rposition(|four| four == b"PK\x05\x06")?;
    let count: [u8; 2] = tail.get(at + 10..at + 12)?.try_into().ok()?;
    Some(usize::from(u16::from_le_bytes(count))).filter(|count| *count < usize::from(u16::MAX))
}

/// A place that nothing is ever fetched from: relative addresses need one to be relative to.
fn root() -> Option<Url> {
    Url::parse("http://book.invalid/").ok()
}

/// A file's name as addresses have it.
fn address(name: &str) -> String {
    let whole = root().and_then(|mut root| {
        root.set_path(name);
        Some(root.path().strip_prefix('/')?.to_owned())
    });
    whole.unwrap_or_else(|| name.to_owned())
}

/// Where an address in a file leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Into the book: the file, and an element in it.
    Inside(String, Option<String>),
    /// Out of it.
    Outside,
    /// It is no address.
    Nowhere,
}

/// Where `link` in the file `from` leads to.
pub(super) fn target(from: &str, link: &str) -> Target {
    let base = root().and_then(|root| root.join(from).ok());
    let Some(url) = base.and_then(|base| base.join(link).ok()) else { return Target::Nowhere };
    if url.host_str() != Some("book.invalid") {
        return Target::Outside;
    }
    let file = url.path().trim_start_matches('/').to_owned();
    Target::Inside(file, url.fragment().map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::{Target, address, target};

    #[test]
    fn addresses_lead_from_the_file_that_they_stand_in() {
        let inside =
            |file: &str, id: Option<&str>| Target::Inside(file.to_owned(), id.map(str::to_owned));
        assert_eq!(
            target("EPUB/text/a.xhtml", "b.xhtml#c"),
            inside("EPUB/text/b.xhtml", Some("c"))
        );
        assert_eq!(target("EPUB/text/a.xhtml", "#c"), inside("EPUB/text/a.xhtml", Some("c")));
        assert_eq!(target("EPUB/a.xhtml", "../../../x"), inside("x", None));
        assert_eq!(target("a", "https://example.org/x"), Target::Outside);
        assert_eq!(target("a", "mailto:jo@example.org"), Target::Outside);
        assert_eq!(target("EPUB/p", "a%20b"), inside(&address("EPUB/a b"), None));
    }
}
