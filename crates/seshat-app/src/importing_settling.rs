//! What of a document a novel here can hold, decided before anything is written: the preview and the import say the same.
//!
//! **Invariant:** nothing is left out silently. A text that has no place beside its scene becomes a note; what has no place
//! at all is said in a sentence.

use std::collections::{BTreeMap, BTreeSet};

use seshat_interchange::Part;
use seshat_interchange::import::{Aside, At, Detail, ImportedComment, ImportedNovel};
use seshat_manuscript::{ATOM, Paragraph, Passage, Piece, Status};

use crate::image_format::{self, ImageFault};

/// A novel that can be written down as it is.
pub(crate) struct Settled {
    /// Its texts, title, language and author, the texts beside it, and what the author should know.
    pub(crate) novel: ImportedNovel,
    /// What is known of its parts, chapters and scenes beyond their texts.
    pub(crate) about: BTreeMap<At, About>,
    /// The comments of each scene.
    pub(crate) margins: BTreeMap<At, Vec<ImportedComment>>,
    /// The pictures that its texts show: the name that texts have for each, and what is kept of it.
    pub(crate) pictures: Vec<(String, Vec<u8>)>,
}

/// What is known of a part, a chapter or a scene.
#[derive(Default)]
pub(crate) struct About {
    pub(crate) title: String,
    pub(crate) synopsis: String,
    pub(crate) label: String,
    pub(crate) status: Option<Status>,
    pub(crate) target: Option<u64>,
    pub(crate) excluded: bool,
}

impl Settled {
    /// Settles what a document became.
    pub(crate) fn of(mut novel: ImportedNovel) -> Self {
        let (pictures, refused) = pictures(&mut novel);
        let mut margins = margins(&mut novel);
        describe_all(&mut novel, &refused, &mut margins);
        let about = about(&mut novel);
        if !novel.asides.is_empty() {
            let texts = counted(novel.asides.len(), "text", "texts");
            novel.notes.push(format!("Among the novel's notes: {texts} beside the scenes."));
        }
        Self { novel, about, margins, pictures }
    }

    /// How many comments there are.
    pub(crate) fn comments(&self) -> usize {
        self.margins.values().map(Vec::len).sum()
    }
}

/// The pictures that may be kept, and the names of the others.
fn pictures(novel: &mut ImportedNovel) -> (Vec<(String, Vec<u8>)>, BTreeSet<String>) {
    let (mut kept, mut refused) = (Vec::new(), BTreeSet::new());
    let mut why: BTreeMap<&str, usize> = BTreeMap::new();
    for image in std::mem::take(&mut novel.images) {
        match image_format::clean(&image.bytes) {
            Ok(clean) => kept.push((image.hash, clean.bytes)),
            Err(fault) => {
                *why.entry(reason(fault)).or_default() += 1;
                refused.insert(image.hash);
            }
        }
    }
    for (reason, count) in why {
        let pictures = counted(count, "picture", "pictures");
        novel.notes.push(format!(
            "Left out: {pictures} ({reason}); what the document says they show stands there instead."
        ));
    }
    (kept, refused)
}

fn reason(fault: ImageFault) -> &'static str {
    match fault {
        ImageFault::TooLong => "larger than 20 MB",
        ImageFault::TooManyPixels => "more pixels than are shown",
        ImageFault::OtherFormat => "not PNG, JPEG, WebP or GIF",
        ImageFault::Damaged => "cut short or damaged",
    }
}

/// The comments by their scenes, each within its text.
fn margins(novel: &mut ImportedNovel) -> BTreeMap<At, Vec<ImportedComment>> {
    let mut margins: BTreeMap<At, Vec<ImportedComment>> = BTreeMap::new();
    let mut homeless = 0;
    for mut comment in std::mem::take(&mut novel.comments) {
        comment.text = comment.text.trim().to_owned();
        let length = scene_at(&novel.parts, comment.at).map(|scene| scene.flat().chars().count());
        match length {
            Some(length) => {
                comment.range.end = comment.range.end.min(length);
                comment.range.start = comment.range.start.min(comment.range.end);
                margins.entry(comment.at).or_default().push(comment);
            }
            None => homeless += 1,
        }
    }
    if homeless > 0 {
        let comments = counted(homeless, "comment", "comments");
        novel.notes.push(format!("Left out: {comments} at no scene."));
    }
    margins
}

fn scene_at(parts: &[Part], at: At) -> Option<&Passage> {
    parts.get(at.part)?.chapters.get(at.chapter?)?.scenes.get(at.scene?)
}

/// Puts descriptions in the place of refused pictures, in every text; comments stay on their words.
fn describe_all(
    novel: &mut ImportedNovel,
    refused: &BTreeSet<String>,
    margins: &mut BTreeMap<At, Vec<ImportedComment>>,
) {
    if refused.is_empty() {
        return;
    }
    for (part, parts) in novel.parts.iter_mut().enumerate() {
        for (chapter, chapters) in parts.chapters.iter_mut().enumerate() {
            for (scene, passage) in chapters.scenes.iter_mut().enumerate() {
                let shifts = describe(&mut passage.paragraphs, refused);
                let at = At { part, chapter: Some(chapter), scene: Some(scene) };
                for comment in margins.get_mut(&at).into_iter().flatten() {
                    comment.range =
                        shifted(&shifts, comment.range.start)..shifted(&shifts, comment.range.end);
                }
            }
        }
    }
    let asides = novel.asides.iter_mut().map(|aside| &mut aside.text);
    for text in asides.chain(novel.details.iter_mut().map(|detail| &mut detail.notes)) {
        describe(&mut text.paragraphs, refused);
    }
}

/// Where pictures stood in the flat text, and how many characters stand there now.
type Shifts = Vec<(usize, usize)>;

fn describe(paragraphs: &mut [Paragraph], refused: &BTreeSet<String>) -> Shifts {
    let mut shifts = Vec::new();
    let mut at = 0;
    for paragraph in paragraphs {
        at += 1;
        let pieces = std::mem::take(&mut paragraph.pieces);
        for piece in pieces {
            match piece {
                Piece::Image { hash, alt, .. } if refused.contains(&hash) => {
                    let said = one_line(&alt);
                    shifts.push((at, said.chars().count()));
                    if !said.is_empty() {
                        paragraph.pieces.push(Piece::plain(said));
                    }
                    at += 1;
                }
                Piece::Footnote { mut body } => {
                    describe(&mut body, refused);
                    paragraph.pieces.push(Piece::Footnote { body });
                    at += 1;
                }
                Piece::Text { text, marks } => {
                    at += text.chars().count();
                    paragraph.pieces.push(Piece::Text { text, marks });
                }
                other => {
                    paragraph.pieces.push(other);
                    at += 1;
                }
            }
        }
    }
    shifts
}

/// A place in the flat text once descriptions stand there.
fn shifted(shifts: &Shifts, place: usize) -> usize {
    let before = shifts.iter().filter(|(at, _)| *at < place);
    before.fold(place, |place, (_, now)| place + now - 1)
}

fn one_line(alt: &str) -> String {
    let words = alt.split(|c: char| c.is_whitespace() || c.is_control() || c == ATOM);
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What is known of each place; notes go beside the novel.
fn about(novel: &mut ImportedNovel) -> BTreeMap<At, About> {
    let mut about = BTreeMap::new();
    let mut unheld = 0;
    let mut unknown: BTreeSet<String> = BTreeSet::new();
    let mut notes = Vec::new();
    for detail in std::mem::take(&mut novel.details) {
        let Detail { at, title, synopsis, notes: beside, mut label, status, target, excluded } =
            detail;
        if !beside.is_empty() {
            let folders = vec![folder_of_notes(novel.language.as_deref()).to_owned()];
            let title = name_of(&novel.parts, at, &title);
            notes.push(Aside { folders, title, synopsis: String::new(), text: beside });
        }
        let held = status_of(&status);
        if held.is_none() && !status.trim().is_empty() {
            // The author's own word is kept where there is room for one.
            if label.trim().is_empty() {
                label = status;
            } else {
                unknown.insert(status);
            }
        }
        let nameless = at.chapter.is_none()
            && novel.parts.get(at.part).is_none_or(|part| part.title.is_empty());
        if nameless {
            unheld += 1;
            continue;
        }
        about.insert(at, About { title, synopsis, label, status: held, target, excluded });
    }
    novel.asides.extend(notes);
    if unheld > 0 {
        novel.notes.push(
            "Left out: the card of a part without a title, because only parts with a title are kept."
                .to_owned(),
        );
    }
    if !unknown.is_empty() {
        let names: Vec<String> = unknown.iter().map(|name| format!("“{}”", name.trim())).collect();
        novel.notes.push(format!(
            "Left out: the status {}, because the same scenes have a label.",
            names.join(", ")
        ));
    }
    about
}

/// How a note is called that stood beside a text.
fn name_of(parts: &[Part], at: At, title: &str) -> String {
    if !title.trim().is_empty() {
        return title.trim().to_owned();
    }
    let part = parts.get(at.part);
    let Some(index) = at.chapter else {
        return part.map(|part| part.title.clone()).unwrap_or_default();
    };
    let before = parts.iter().take(at.part).map(|part| part.chapters.len()).sum::<usize>();
    let chapter = part.and_then(|part| part.chapters.get(index));
    let chapter = match chapter.map(|chapter| chapter.title.as_str()) {
        Some(title) if !title.is_empty() => title.to_owned(),
        _ => (before + index + 1).to_string(),
    };
    at.scene.map_or_else(|| chapter.clone(), |scene| format!("{chapter} / {}", scene + 1))
}

/// The folder of such notes, in the novel's language as far as it is known.
fn folder_of_notes(language: Option<&str>) -> &'static str {
    match language.and_then(|tag| tag.split(['-', '_']).next()) {
        Some("de") => "Notizen zu Szenen",
        Some("es") => "Notas de las escenas",
        Some("fr") => "Notes des scènes",
        Some("it") => "Note delle scene",
        Some("pt") => "Notas das cenas",
        _ => "Notes on scenes",
    }
}

/// What Scrivener and yWriter call a status in the languages that they come in, as one of ours.
fn status_of(name: &str) -> Option<Status> {
    let name = name.trim().to_lowercase();
    Some(match name.as_str() {
        "to do" | "todo" | "outline" | "à faire" | "zu erledigen" | "por hacer" | "da fare" => {
            Status::Todo
        }
        "in progress" | "draft" | "first draft" | "en cours" | "premier jet" | "in arbeit"
        | "in bearbeitung" | "erster entwurf" | "en curso" | "primer borrador" | "in corso"
        | "prima bozza" => Status::Draft,
        "revised draft"
        | "revised"
        | "second draft"
        | "1st edit"
        | "2nd edit"
        | "brouillon révisé"
        | "überarbeiteter entwurf"
        | "borrador revisado"
        | "bozza riveduta" => Status::Revised,
        "final draft"
        | "final"
        | "done"
        | "terminé"
        | "version finale"
        | "fertig"
        | "endgültiger entwurf"
        | "borrador final"
        | "hecho"
        | "bozza finale"
        | "fatto" => Status::Final,
        _ => return None,
    })
}

/// "1 text", "3 texts".
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stay_on_their_words_when_a_picture_becomes_its_description() {
        let image = |hash: &str, alt: &str| Piece::Image {
            hash: hash.to_owned(),
            alt: alt.to_owned(),
            width: None,
        };
        let pieces =
            vec![Piece::plain("ab"), image("x", "a\nmap "), Piece::plain("cd"), image("y", "kept")];
        let mut paragraphs = vec![Paragraph { pieces, ..Paragraph::default() }];
        let before: String = format!("\n{}", paragraphs[0].flat());
        let refused = BTreeSet::from(["x".to_owned()]);
        let shifts = describe(&mut paragraphs, &refused);
        let after: Vec<char> = format!("\n{}", paragraphs[0].flat()).chars().collect();
        assert_eq!(after.iter().collect::<String>(), format!("\naba mapcd{ATOM}"));
        for (place, character) in before.chars().enumerate().filter(|(_, it)| it.is_alphabetic()) {
            assert_eq!(after[shifted(&shifts, place)], character, "at {place}");
        }
    }

    #[test]
    fn a_refused_picture_of_which_nothing_is_said_leaves_nothing_behind() {
        let image = Piece::Image { hash: "x".to_owned(), alt: String::new(), width: None };
        let pieces = vec![Piece::plain("a"), image, Piece::plain("b")];
        let mut paragraphs = vec![Paragraph { pieces, ..Paragraph::default() }];
        let shifts = describe(&mut paragraphs, &BTreeSet::from(["x".to_owned()]));
        assert_eq!(paragraphs[0].flat(), "ab");
        assert_eq!((shifted(&shifts, 1), shifted(&shifts, 3)), (1, 2));
    }

    #[test]
    fn a_note_is_called_after_its_scene_or_its_place() {
        let chapter = |title: &str| seshat_interchange::Chapter {
            title: title.to_owned(),
            scenes: vec![Passage::default(), Passage::default()],
        };
        let part = |title: &str, chapters| Part { title: title.to_owned(), chapters };
        let parts = [part("", vec![chapter("")]), part("Two", vec![chapter("Ice"), chapter("")])];
        let at = |part, chapter, scene| At { part, chapter, scene };
        assert_eq!(name_of(&parts, at(1, Some(0), Some(1)), " Fog "), "Fog");
        assert_eq!(name_of(&parts, at(1, Some(0), Some(1)), ""), "Ice / 2");
        assert_eq!(name_of(&parts, at(1, Some(1), Some(0)), ""), "3 / 1");
        assert_eq!(name_of(&parts, at(1, None, None), ""), "Two");
    }
}
