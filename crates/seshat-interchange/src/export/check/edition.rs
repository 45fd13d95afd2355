//! What is missing in an edition before any file is made of it.

use seshat_manuscript::{Paragraph, Piece};

use super::super::edition::Edition;
use super::super::picture::Picture;
use super::super::{Look, xml};
use super::finding::{Finding, no_author, no_language, no_title, undescribed};

/// What the author may want to add, for a book or for a manuscript.
pub(super) fn check(edition: &Edition<'_>, look: Look) -> Vec<Finding> {
    let mut found = Vec::new();
    if edition.title == "—" {
        found.push(no_title());
    }
    if edition.author.is_empty() {
        found.push(no_author());
    }
    if xml::language(&edition.language).is_none_or(|language| language == "und") {
        found.push(no_language());
    }
    if look != Look::Book && edition.options.contact.iter().all(|line| line.trim().is_empty()) {
        found.push(Finding::light(
            "The manuscript's first page has no address: write name, address and e-mail under “Contact”, so that editors can answer.",
        ));
    }
    pictures(edition, &mut found);
    found
}

/// Counts of what is wrong with pictures and addresses.
#[derive(Default)]
struct Counts {
    missing: usize,
    undescribed: usize,
    addresses: usize,
}

fn pictures(edition: &Edition<'_>, found: &mut Vec<Finding>) {
    let mut counts = Counts::default();
    let scenes = edition.sections.iter().flat_map(|section| &section.scenes);
    for scene in scenes {
        count(&scene.paragraphs, edition, &mut counts);
    }
    match counts.missing {
        0 => {}
        1 => found.push(Finding::grave(
            "A picture is not on this computer: its description stands in its place. Let Seshat fetch it, then export again.",
        )),
        more => found.push(Finding::grave(format!(
            "{more} pictures are not on this computer: their descriptions stand in their places. Let Seshat fetch them, then export again."
        ))),
    }
    if counts.undescribed > 0 {
        found.push(undescribed(counts.undescribed));
    }
    match counts.addresses {
        0 => {}
        1 => found.push(Finding::light(
            "A link leads to no address of the web or of mail: its text is exported, its address is not.",
        )),
        more => found.push(Finding::light(format!(
            "{more} links lead to no address of the web or of mail: their text is exported, their addresses are not."
        ))),
    }
}

fn count(paragraphs: &[Paragraph], edition: &Edition<'_>, counts: &mut Counts) {
    for piece in paragraphs.iter().flat_map(|paragraph| &paragraph.pieces) {
        match piece {
            Piece::Text { marks, .. } => {
                let lost = marks.link.as_deref().is_some_and(|link| xml::address(link).is_none());
                counts.addresses += usize::from(lost);
            }
            Piece::Image { hash, alt, .. } => {
                let picture = edition.images.get(hash).and_then(|bytes| Picture::of(bytes));
                counts.missing += usize::from(picture.is_none());
                counts.undescribed += usize::from(picture.is_some() && alt.trim().is_empty());
            }
            Piece::Footnote { body } => count(body, edition, counts),
            Piece::Break | Piece::Unknown { .. } => {}
        }
    }
}
