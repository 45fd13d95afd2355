//! EPUB 2 and 3: the files of its spine one behind the other, read as XHTML.

use std::collections::HashMap;

use super::guard::Archive;
use super::html::{self, Around, Dialect, Image, Notes};
use super::refusal::Refusal;
use super::tree::{self, Element, Spaces};
use crate::flow::{Block, Break, Flow, Loss};

/// What the archive should be.
const KIND: &str = "an EPUB book";

/// How many files a spine may have.
const MOST_FILES: usize = 5_000;

/// How much of style sheets is read.
const MOST_CSS: usize = 1_000_000;

const SPACES: Spaces = &[
    ("urn:oasis:names:tc:opendocument:xmlns:container", "c"),
    ("http://www.idpf.org/2007/opf", "opf"),
    ("http://purl.org/dc/elements/1.1/", "dc"),
    ("http://www.w3.org/2001/04/xmlenc#", "enc"),
];

/// Reads a book.
pub(super) fn read(bytes: &[u8]) -> Result<Flow, Refusal> {
    let mut archive = Archive::open(bytes, KIND)?;
    let container = archive.need("META-INF/container.xml", "its table of contents")?;
    let container = tree::whole(&tree::decode(&container)?, SPACES)?;
    let path = container
        .find("c:rootfile")
        .and_then(|root| root.get("full-path"))
        .map(|path| beside("", path))
        .ok_or(Refusal::PartMissing("its table of contents"))?;
    let package = archive.need(&path, "its list of files")?;
    let package = tree::whole(&tree::decode(&package)?, SPACES)?;
    let files = spine(&package, &path)?;
    refuse_locked(&mut archive, &files)?;
    let mut flow = Flow::default();
    if let Some(metadata) = package.child("opf:metadata") {
        describe(&mut flow, metadata);
    }
    let mut notes = Notes::default();
    let mut sheets: HashMap<String, String> = HashMap::new();
    let mut found = false;
    for file in files {
        match add(&mut archive, &mut flow, &mut notes, &mut sheets, &file)? {
            Added::Text => found = true,
            Added::Other => flow.lost.add(Loss::Drawing),
            Added::Missing => flow
                .notes
                .push("A file that the book names is not in it; the rest was imported.".to_owned()),
        }
    }
    if !found {
        return Err(Refusal::PartMissing("its text"));
    }
    notes.resolve(&mut flow);
    Ok(flow)
}

/// A file of the spine.
struct File {
    path: String,
    media_type: String,
}

/// The files with the book's text, in reading order.
fn spine(package: &Element, path: &str) -> Result<Vec<File>, Refusal> {
    let missing = Refusal::PartMissing("its order of files");
    let manifest = package.child("opf:manifest").ok_or(missing)?;
    let spine = package.child("opf:spine").ok_or(missing)?;
    let items: HashMap<&str, &Element> =
        manifest.all("opf:item").filter_map(|item| item.get("id").map(|id| (id, item))).collect();
    let files: Vec<File> = spine
        .all("opf:itemref")
        .filter_map(|itemref| items.get(itemref.get("idref")?))
        .filter_map(|item| {
            let path = beside(path, item.get("href")?);
            Some(File { path, media_type: item.get("media-type").unwrap_or_default().to_owned() })
        })
        .collect();
    if files.len() > MOST_FILES { Err(Refusal::TooManyParts) } else { Ok(files) }
}

/// A shop's lock says which files it holds; fonts alone may be locked.
fn refuse_locked(archive: &mut Archive<'_>, files: &[File]) -> Result<(), Refusal> {
    let Some(bytes) = archive.read("META-INF/encryption.xml")? else { return Ok(()) };
    let encryption = tree::whole(&tree::decode(&bytes)?, SPACES)?;
    let mut waiting: Vec<&Element> = vec![&encryption];
    while let Some(element) = waiting.pop() {
        if element.name == "enc:CipherReference" {
            let path = element.get("URI").map(|path| beside("", path));
            if files.iter().any(|file| Some(&file.path) == path.as_ref()) {
                return Err(Refusal::Protected);
            }
        }
        waiting.extend(element.elements());
    }
    Ok(())
}

/// Title, author and language, by what the book says is the main one.
fn describe(flow: &mut Flow, metadata: &Element) {
    let said = |name: &str| {
        metadata
            .all(name)
            .map(|element| element.text().split_whitespace().collect::<Vec<_>>().join(" "))
            .find(|text| !text.is_empty())
    };
    let refined = |id: &str, property: &str, value: &str| {
        let refines = format!("#{id}");
        metadata.all("opf:meta").any(|meta| {
            meta.get("refines") == Some(refines.as_str())
                && meta.get("property") == Some(property)
                && meta.text().trim() == value
        })
    };
    let main = metadata
        .all("dc:title")
        .find(|title| title.get("id").is_some_and(|id| refined(id, "title-type", "main")))
        .map(|title| title.text().split_whitespace().collect::<Vec<_>>().join(" "));
    flow.title = main.filter(|title| !title.is_empty()).or_else(|| said("dc:title"));
    let authors: Vec<String> = metadata
        .all("dc:creator")
        .filter(|creator| {
            let role = creator.get("opf:role").is_none_or(|role| role == "aut");
            role && creator.get("id").is_none_or(|id| {
                refined(id, "role", "aut")
                    || !metadata.all("opf:meta").any(|meta| {
                        meta.get("refines") == Some(format!("#{id}").as_str())
                            && meta.get("property") == Some("role")
                    })
            })
        })
        .map(|creator| creator.text().split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|name| !name.is_empty())
        .collect();
    flow.author = (!authors.is_empty()).then(|| authors.join(", ")).or_else(|| said("dc:creator"));
    flow.language = said("dc:language").filter(|tag| {
        tag.len() <= 35
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && tag != "und"
    });
}

/// What a file of the spine was.
enum Added {
    Text,
    Other,
    Missing,
}

fn add(
    archive: &mut Archive<'_>,
    flow: &mut Flow,
    notes: &mut Notes,
    sheets: &mut HashMap<String, String>,
    file: &File,
) -> Result<Added, Refusal> {
    if file.media_type.starts_with("image/") {
        return Ok(Added::Other);
    }
    let Some(bytes) = archive.read(&file.path)? else { return Ok(Added::Missing) };
    let text = tree::decode(&bytes)?;
    drop(bytes);
    let linked = linked(archive, sheets, &text, &file.path)?;
    flow.blocks.push(Block::Break(Break::File));
    let mut failed = None;
    let mut image = |address: &str| match archive.picture(&beside(&file.path, address)) {
        Ok(Some(picture)) => Image::Found(picture),
        Ok(None) if archive.has(&beside(&file.path, address)) => Image::Refused,
        Ok(None) => Image::Elsewhere,
        Err(refusal) => {
            failed = Some(refusal);
            Image::Refused
        }
    };
    // The title of a file is that of a chapter.
    let title = flow.title.take();
    let around =
        Around { file: &file.path, dialect: Dialect::Xhtml, sheets: &linked, image: &mut image };
    html::add(flow, notes, &text, around)?;
    flow.title = title;
    failed.map_or(Ok(Added::Text), Err)
}

/// The style sheets that a file links to.
fn linked(
    archive: &mut Archive<'_>,
    sheets: &mut HashMap<String, String>,
    text: &str,
    path: &str,
) -> Result<Vec<String>, Refusal> {
    let head = text.split_once("<body").map_or("", |(head, _)| head);
    let mut found = Vec::new();
    for link in head.split("<link").skip(1).take(32) {
        let link = link.split('>').next().unwrap_or_default();
        let Some((_, value)) = link.split_once("href=") else { continue };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\'')).unwrap_or('"');
        let Some(address) = value.get(1..).and_then(|value| value.split(quote).next()) else {
            continue;
        };
        if !link.contains("stylesheet") {
            continue;
        }
        let sheet = beside(path, address);
        if !sheets.contains_key(&sheet) && sheets.len() < 64 {
            let css = archive.read(&sheet)?.filter(|css| css.len() <= MOST_CSS).unwrap_or_default();
            sheets.insert(sheet.clone(), String::from_utf8_lossy(&css).into_owned());
        }
        found.extend(sheets.get(&sheet).cloned());
    }
    Ok(found)
}

/// The entry that `address` names, seen from the entry `from`. It may name nothing; it cannot leave the archive.
pub(super) fn beside(from: &str, address: &str) -> String {
    let address = address.split(['#', '?']).next().unwrap_or_default().replace('\\', "/");
    let mut parts: Vec<&str> = match address.starts_with('/') {
        true => Vec::new(),
        false => {
            from.rsplit_once('/').map_or(Vec::new(), |(folder, _)| folder.split('/').collect())
        }
    };
    let decoded = percent_decoded(&address);
    for part in decoded.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

/// `%20` as a space; what is no such code, or would be no text, stays.
fn percent_decoded(address: &str) -> String {
    if !address.contains('%') {
        return address.to_owned();
    }
    let bytes = address.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = address.get(at + 1..at + 3).filter(|_| byte == b'%');
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(code) => {
                decoded.push(code);
                at += 3;
            }
            None => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).unwrap_or_else(|_| address.to_owned())
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn addresses_are_found_beside_their_file_and_never_outside() {
        for (from, address, entry) in [
            ("OEBPS/text/one.xhtml", "../img/a%20b.png#x", "OEBPS/img/a b.png"),
            ("one.xhtml", "two.xhtml", "two.xhtml"),
            ("a/one.xhtml", "/two.xhtml", "two.xhtml"),
            ("a/one.xhtml", "../../../etc/passwd", "etc/passwd"),
            ("a/one.xhtml", "..\\b\\c", "b/c"),
            ("a/one.xhtml", "%zz%e9", "a/%zz%e9"),
        ] {
            assert_eq!(beside(from, address), entry, "{address} from {from}");
        }
    }
}
