//! The novel while it is being shaped, and how it is finished: empty rooms taken out, long scenes split, comments
//! put on their characters.

use seshat_manuscript::{Paragraph, Passage};

use super::prose::{Edge, Side};
use crate::flow::{Item, Remark};
use crate::import::{
    At, Detail, ImportedChapter, ImportedComment, ImportedNovel, ImportedPart, MAX_SCENE_WORDS,
};

/// A part in the making.
#[derive(Default)]
pub(super) struct Part {
    pub(super) title: String,
    pub(super) about: About,
    pub(super) chapters: Vec<Chapter>,
}

/// A chapter in the making.
#[derive(Default)]
pub(super) struct Chapter {
    pub(super) title: String,
    pub(super) about: About,
    pub(super) scenes: Vec<Scene>,
    /// It was written down, so it stays when it is empty.
    pub(super) wanted: bool,
}

impl Chapter {
    fn is_empty(&self) -> bool {
        let scenes = self.scenes.iter().all(Scene::is_empty);
        scenes && self.title.is_empty() && self.about.says_nothing() && !self.wanted
    }
}

/// A scene in the making.
#[derive(Default)]
pub(super) struct Scene {
    pub(super) title: String,
    pub(super) about: About,
    pub(super) paragraphs: Vec<Paragraph>,
    pub(super) edges: Vec<Edge>,
    /// It was asked for by more than a break, so it stays when it is empty.
    pub(super) wanted: bool,
}

/// What an item of a tree says of it.
#[derive(Default)]
pub(super) struct About {
    pub(super) synopsis: String,
    pub(super) notes: Vec<Paragraph>,
    pub(super) label: String,
    pub(super) status: String,
    pub(super) target: Option<u64>,
    pub(super) excluded: bool,
}

impl About {
    pub(super) fn new(item: &Item, notes: Vec<Paragraph>) -> Self {
        Self {
            synopsis: item.synopsis.clone(),
            notes,
            label: item.label.clone(),
            status: item.status.clone(),
            target: item.target,
            excluded: item.excluded,
        }
    }

    pub(super) fn says_nothing(&self) -> bool {
        self.synopsis.is_empty()
            && self.notes.is_empty()
            && self.label.is_empty()
            && self.status.is_empty()
            && self.target.is_none()
            && !self.excluded
    }

    fn detail(self, at: At, title: String) -> Option<Detail> {
        if self.says_nothing() && title.is_empty() {
            return None;
        }
        let notes = match self.notes.is_empty() {
            true => Passage::default(),
            false => Passage { paragraphs: self.notes }.normalized(),
        };
        let Self { synopsis, label, status, target, excluded, .. } = self;
        Some(Detail { at, title, synopsis, notes, label, status, target, excluded })
    }
}

impl Scene {
    fn is_empty(&self) -> bool {
        self.paragraphs.is_empty()
            && self.title.is_empty()
            && self.edges.is_empty()
            && self.about.says_nothing()
            && !self.wanted
    }

    /// Parts a scene of too many words at paragraph ends, into even pieces: a rest of a few words would look like
    /// a mistake. A single paragraph of more words stays whole.
    fn split(self) -> Vec<Self> {
        // A word has a byte at least and a space behind it, so most scenes need no count.
        let bytes: usize = self.paragraphs.iter().map(|paragraph| paragraph.flat().len() + 1).sum();
        if bytes <= MAX_SCENE_WORDS {
            return vec![self];
        }
        let words: Vec<usize> = self.paragraphs.iter().map(Paragraph::words).collect();
        let total: usize = words.iter().sum();
        if total <= MAX_SCENE_WORDS {
            return vec![self];
        }
        let most = total.div_ceil(total.div_ceil(MAX_SCENE_WORDS));
        let Self { title, about, paragraphs, edges, wanted } = self;
        let mut pieces = vec![Self { title, about, wanted, ..Self::default() }];
        let mut count = 0;
        let mut places = Vec::with_capacity(words.len());
        for (paragraph, words) in paragraphs.into_iter().zip(words) {
            if count > 0 && (count >= most || count + words > MAX_SCENE_WORDS) {
                pieces.push(Self { wanted: true, ..Self::default() });
                count = 0;
            }
            count += words;
            let piece = pieces.len() - 1;
            if let Some(scene) = pieces.last_mut() {
                places.push((piece, scene.paragraphs.len()));
                scene.paragraphs.push(paragraph);
            }
        }
        for edge in edges {
            let (piece, paragraph) = places.get(edge.paragraph).copied().unwrap_or((0, 0));
            if let Some(scene) = pieces.get_mut(piece) {
                scene.edges.push(Edge { paragraph, ..edge });
            }
        }
        pieces
    }

    /// The comments of this scene, whose ends may lie in another.
    fn comments(
        &self,
        at: At,
        text: &Passage,
        remarks: &[Remark],
    ) -> Vec<(usize, ImportedComment)> {
        let mut begins = Vec::with_capacity(text.paragraphs.len());
        let mut length = 0;
        for paragraph in &text.paragraphs {
            begins.push(length + 1);
            length += 1 + paragraph.flat().chars().count();
        }
        let place = |edge: &Edge| {
            begins.get(edge.paragraph).map_or(length, |begin| (begin + edge.offset).min(length))
        };
        let mut found: Vec<(usize, ImportedComment)> = Vec::new();
        for edge in &self.edges {
            let here = place(edge);
            match (found.iter_mut().find(|(comment, _)| *comment == edge.comment), edge.side) {
                (Some((_, open)), Side::To) => open.range.end = here.max(open.range.start),
                (Some(_), Side::From) => {}
                (None, side) => {
                    let Some(remark) = remarks.get(edge.comment) else { continue };
                    let end = if side == Side::From { length } else { here };
                    found.push((edge.comment, comment(remark, at, here..end)));
                }
            }
        }
        found
    }
}

fn comment(remark: &Remark, at: At, range: std::ops::Range<usize>) -> ImportedComment {
    let Remark { author, date, text, resolved, answers: _ } = remark.clone();
    ImportedComment { at, range, text, author, date, resolved }
}

/// Puts the finished parts into `novel`.
pub(super) fn finish(novel: &mut ImportedNovel, parts: Vec<Part>, remarks: &[Remark]) {
    let mut comments: Vec<(usize, ImportedComment)> = Vec::new();
    for mut part in parts {
        part.chapters.retain(|chapter| !chapter.is_empty());
        let nobody = part.chapters.is_empty() && part.title.is_empty();
        if nobody && part.about.says_nothing() {
            continue;
        }
        let mut at = At { part: novel.parts.len(), chapter: None, scene: None };
        novel.details.extend(std::mem::take(&mut part.about).detail(at, String::new()));
        let mut chapters = Vec::with_capacity(part.chapters.len());
        for mut chapter in part.chapters {
            at.chapter = Some(chapters.len());
            at.scene = None;
            novel.details.extend(std::mem::take(&mut chapter.about).detail(at, String::new()));
            let title = std::mem::take(&mut chapter.title);
            let scenes = split_scenes(chapter.scenes, &title, &mut novel.notes);
            let mut finished = ImportedChapter { title, scenes: Vec::with_capacity(scenes.len()) };
            for mut scene in scenes {
                at.scene = Some(finished.scenes.len());
                let paragraphs = std::mem::take(&mut scene.paragraphs);
                let text = Passage { paragraphs }.normalized();
                for found in scene.comments(at, &text, remarks) {
                    if comments.iter().all(|(comment, _)| *comment != found.0) {
                        comments.push(found);
                    }
                }
                novel.details.extend(scene.about.detail(at, scene.title));
                finished.scenes.push(text);
            }
            chapters.push(finished);
        }
        novel.parts.push(ImportedPart { title: part.title, chapters });
    }
    if novel.parts.is_empty() {
        let chapter = ImportedChapter { title: String::new(), scenes: vec![empty()] };
        novel.parts.push(ImportedPart { title: String::new(), chapters: vec![chapter] });
    }
    novel.comments = with_the_rest(comments, remarks, novel);
}

fn empty() -> Passage {
    Passage::default().normalized()
}

/// Scenes without anything are taken out, but a chapter has one at least.
fn split_scenes(scenes: Vec<Scene>, title: &str, notes: &mut Vec<String>) -> Vec<Scene> {
    let mut kept: Vec<Scene> = scenes.into_iter().filter(|scene| !scene.is_empty()).collect();
    if kept.is_empty() {
        kept.push(Scene::default());
    }
    let before = kept.len();
    let kept: Vec<Scene> = kept.into_iter().flat_map(Scene::split).collect();
    let more = kept.len() - before;
    if more > 0 {
        notes.push(format!(
            "The chapter “{title}” has a scene of more than {MAX_SCENE_WORDS} words: it was split at paragraph \
             ends, which made {more} more scenes."
        ));
    }
    kept
}

/// Answers stand where the comment stands that they answer; those without any place at the end of the novel.
fn with_the_rest(
    mut placed: Vec<(usize, ImportedComment)>,
    remarks: &[Remark],
    novel: &ImportedNovel,
) -> Vec<ImportedComment> {
    for (index, remark) in remarks.iter().enumerate() {
        if placed.iter().any(|(comment, _)| *comment == index) {
            continue;
        }
        let answered = remark.answers.and_then(|answered| {
            placed.iter().find(|(comment, _)| *comment == answered).map(|(_, held)| held.clone())
        });
        let (at, range) = match answered {
            Some(held) => (held.at, held.range),
            None => last_place(novel),
        };
        placed.push((index, comment(remark, at, range)));
    }
    placed.into_iter().map(|(_, comment)| comment).collect()
}

fn last_place(novel: &ImportedNovel) -> (At, std::ops::Range<usize>) {
    let part = novel.parts.iter().rposition(|part| !part.chapters.is_empty()).unwrap_or(0);
    let chapters = novel.parts.get(part).map_or(&[][..], |part| &part.chapters);
    let scenes = chapters.last().map_or(&[][..], |chapter| &chapter.scenes);
    let length = scenes.last().map_or(1, |scene| scene.flat().chars().count());
    let at = At {
        part,
        chapter: Some(chapters.len().saturating_sub(1)),
        scene: Some(scenes.len().saturating_sub(1)),
    };
    (at, length..length)
}
