//! Pictures in a novel: put in, sealed beside the records that show them, carried, and shown.
//!
//! **Invariants:** a picture is on the disk before a record names it, and on the server before that record is. It is kept
//! and shown only as [`image_format::clean`] leaves it. What comes from a server is kept under the hash that a signed
//! record names, or not at all. What a text ever showed stays for as long as its history.

use std::collections::HashSet;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use seshat_interchange::ExportNovel;
use seshat_interchange::export::ExportImage;
use seshat_manuscript::{ATOM, Paragraph, Passage, Piece, SceneText};
use seshat_protocol::{Bytes32, DocumentId, NovelId, limits};
use seshat_store::Store;
use seshat_sync::{DeskError, Transport};
use seshat_vault::OpenError;

use crate::image_format::{self, CleanImage, ImageFault};
use crate::scenes::novel_id;
use crate::session::Session;
use crate::syncing::Side;
use crate::{Desk, Failure, PlacedImage};

/// How often in one run of the program a picture is asked for that came as another one.
const TRIES: u8 = 3;

/// How much of what is missing a round fetches, so that text never waits long for pictures.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fetching {
    /// Everything.
    All,
    /// About so many bytes.
    Some(usize),
}

/// What one round of a program that stays fetches: a photograph or two.
pub(crate) const A_FEW: Fetching = Fetching::Some(8 * 1024 * 1024);

impl Desk {
    /// Seals a picture for a novel and keeps it; what is not needed to draw it is taken out. Once a text shows it, it
    /// belongs to that text; one that no text comes to show goes with the next unlocking.
    ///
    /// # Errors
    /// When it is no picture that may be kept, there is no such novel, the novel or the vault is closed, or the disk fails.
    pub fn put_image(&self, novel: &str, bytes: &[u8]) -> Result<PlacedImage, Failure> {
        let novel = novel_id(novel)?;
        let CleanImage { width, height, bytes, .. } = image_format::clean(bytes)?;
        let hash = self.with_session(|session, store| {
            session.binder(store, novel)?;
            let sealed = session.vault.seal_image(novel, &bytes, &mut session.entropy)?;
            Ok(store.keep_blob(&sealed.0)?)
        })?;
        Ok(PlacedImage { image: hex(hash), width, height })
    }

    /// The same with a file.
    ///
    /// # Errors
    /// As [`Desk::put_image`], and when the file cannot be read.
    pub fn put_image_file(&self, novel: &str, file: &Path) -> Result<PlacedImage, Failure> {
        let read = File::open(file).and_then(|opened| {
            let mut bytes = Vec::new();
            // One byte more than may be, which is refused as too long.
            opened.take(image_format::MOST_BYTES as u64 + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let bytes = read.map_err(|error| {
            Failure::other(format!(
                "The picture cannot be read ({error}), so it was not put in; nothing was changed; choose another file."
            ))
        })?;
        self.put_image(novel, &bytes)
    }

    /// A picture of a novel, as a file.
    ///
    /// # Errors
    /// [`crate::FailureCode::NotFound`] while it has not come from the server; when the novel or the vault is closed, or
    /// what is kept is no picture of this novel.
    pub fn image(&self, novel: &str, image: &str) -> Result<Vec<u8>, Failure> {
        let novel = novel_id(novel)?;
        let hash = hash_of(image).ok_or_else(not_here)?;
        self.with_session(|session, store| {
            let sealed = store.blob(hash)?.ok_or_else(not_here)?;
            let opened = session.vault.open_image(novel, &sealed).map_err(|error| match error {
                OpenError::Locked => Failure::novel_locked(),
                _ => Failure::other(
                    "This picture was sealed for another novel, or altered, so it is not shown; the text around it is safe; put the picture in once more.",
                ),
            })?;
            Ok(image_format::clean(&opened)?.bytes)
        })
    }
}

impl Side {
    /// Fetches pictures that records name and that are not here, those of the newest records first. Says whether more is
    /// to be had.
    pub(crate) async fn fetch_images(
        &self,
        transport: &dyn Transport,
        fetching: Fetching,
    ) -> Result<bool, DeskError> {
        let mut fetched = 0;
        for hash in self.with(|_, store| Ok(store.missing_blobs()?))? {
            if matches!(fetching, Fetching::Some(most) if fetched >= most) {
                return Ok(true);
            }
            if self.wrong_images(|wrong| wrong.get(&hash.0).is_some_and(|tries| *tries >= TRIES)) {
                continue;
            }
            // Whatever the network has against it: the next round asks again.
            let Ok(came) = transport.blob(hash).await else { return Ok(false) };
            let Some(sealed) = came else { continue };
            fetched += sealed.len();
            if !self.with(|_, store| Ok(store.keep_blob_as(hash, &sealed)?))? {
                self.wrong_images(|wrong| *wrong.entry(hash.0).or_default() += 1);
            }
        }
        Ok(false)
    }
}

impl Session {
    /// What is wrong with the pictures that records name, a sentence each.
    pub(crate) fn check_images(&self, store: &mut Store) -> Result<Vec<String>, Failure> {
        let mut problems = Vec::new();
        let damaged = store.drop_damaged_blobs()?;
        if damaged > 0 {
            problems.push(format!(
                "{damaged} pictures on this laptop were damaged and were let go of; the text around them is safe; they come again with the next sync, or with a backup."
            ));
        }
        let missing = store.missing_blobs()?.len();
        if missing > 0 {
            problems.push(format!(
                "{missing} pictures are not on this laptop; the text around them is safe; they come with a sync, or with a backup."
            ));
        }
        let mut closed = 0_usize;
        for hash in store.named_blobs()? {
            let Some(sealed) = store.blob(hash)? else { continue };
            let opens = self.vault.novels().into_iter().any(|novel| {
                matches!(self.vault.open_image(novel, &sealed), Ok(_) | Err(OpenError::Locked))
            });
            closed += usize::from(!opens);
        }
        if closed > 0 {
            problems.push(format!(
                "{closed} pictures do not open; the text around them is safe; put them in once more."
            ));
        }
        Ok(problems)
    }
}

impl Session {
    /// The pictures of a novel as files. One that is not here, or does not open, is left out: its name and what it shows
    /// stand in the text.
    pub(crate) fn images_for(
        &self,
        store: &Store,
        novel: NovelId,
        whole: &ExportNovel,
    ) -> Result<Vec<ExportImage>, Failure> {
        let chapters = whole.parts.iter().flat_map(|part| &part.chapters);
        let mut shown = HashSet::new();
        let mut images = Vec::new();
        for hash in chapters.flat_map(|chapter| &chapter.scenes).flat_map(shown_in) {
            let Some(sealed) = store.blob(hash)?.filter(|_| shown.insert(hash)) else { continue };
            let opened = self.vault.open_image(novel, &sealed).ok();
            if let Some(image) = opened.and_then(|bytes| image_format::clean(&bytes).ok()) {
                let (extension, bytes) = (image.kind.extension(), image.bytes);
                images.push(ExportImage { hash: hex(hash), extension, bytes });
            }
        }
        Ok(images)
    }
}

/// The pictures that a text shows and that none of its records names yet. What is known here only by its name is left
/// out: a record that names what nobody has would wait for ever.
pub(crate) fn unlisted(
    store: &Store,
    document: DocumentId,
    text: &SceneText,
) -> Result<Vec<Bytes32>, Failure> {
    if !text.flat().contains(ATOM) {
        return Ok(Vec::new());
    }
    let mut shown = shown_in(&text.passage());
    if shown.is_empty() {
        return Ok(shown);
    }
    let listed = store.blobs_of(document)?;
    shown.retain(|hash| !listed.contains(hash));
    let mut known = Vec::with_capacity(shown.len());
    for hash in shown {
        if store.knows_blob(hash)? {
            known.push(hash);
        }
    }
    // The next edit names the rest.
    known.truncate(limits::BLOBS);
    Ok(known)
}

/// The pictures in a text, each once. What is no hash names no picture of ours.
pub(crate) fn shown_in(passage: &Passage) -> Vec<Bytes32> {
    let mut shown = Vec::new();
    gather(&passage.paragraphs, &mut shown);
    let mut seen = HashSet::new();
    shown.retain(|hash| seen.insert(*hash));
    shown
}

fn gather(paragraphs: &[Paragraph], shown: &mut Vec<Bytes32>) {
    for piece in paragraphs.iter().flat_map(|paragraph| &paragraph.pieces) {
        match piece {
            Piece::Image { hash, .. } => shown.extend(hash_of(hash)),
            Piece::Footnote { body } => gather(body, shown),
            Piece::Text { .. } | Piece::Break | Piece::Unknown { .. } => {}
        }
    }
}

/// A hash as it stands in a text: 64 lower-case hexadecimal digits.
pub(crate) fn hex(hash: Bytes32) -> String {
    hash.0.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The reverse of [`hex`].
pub(crate) fn hash_of(text: &str) -> Option<Bytes32> {
    let digit = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes: Option<Vec<u8>> =
        pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect();
    bytes.filter(|_| rest.is_empty())?.try_into().ok().map(Bytes32)
}

fn not_here() -> Failure {
    Failure::not_found(
        "This picture is not on this laptop yet; the text around it is safe; it comes with a sync.",
    )
}

impl From<ImageFault> for Failure {
    fn from(fault: ImageFault) -> Self {
        Self::other(fault.to_string())
    }
}
