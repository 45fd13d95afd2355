//! Gathering what is exported: a novel as plain data, read one text at a time.
//!
//! **Invariant:** what is gathered is one state of the outline: where it changed meanwhile, it is gathered again, so that no
//! text is in it twice or not at all.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use seshat_interchange::export::{Finding, OutlineLine, Range};
use seshat_interchange::{Chapter, ExportError, ExportNovel, Part};
use seshat_manuscript::{Node, NodeId, NodeKind, Passage, Version};
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;
use sha2::{Digest, Sha256};

use crate::carrying::{Extent, Spot, placed};
use crate::scenes::to_u64;
use crate::session::Session;
use crate::text::from_markdown;
use crate::{Desk, ExportPreset, ExportRange, Failure};

/// How often the outline may change meanwhile before it is read in one go.
const TRIES: usize = 3;

/// Whether the author has stopped something.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<AtomicBool>);

impl Stop {
    pub(crate) fn now(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// # Errors
    /// When it was stopped.
    pub(crate) fn check(&self) -> Result<(), Failure> {
        if self.0.load(Ordering::Relaxed) { Err(ExportError::Stopped.into()) } else { Ok(()) }
    }
}

/// A novel as far as it is exported.
pub(crate) struct Gathered {
    /// All its parts and chapters; texts that are not in the range are empty.
    pub(crate) novel: ExportNovel,
    pub(crate) range: Range,
    /// The outline of what is in the range.
    pub(crate) lines: Vec<OutlineLine>,
    /// The book's identifier, which says nothing of the novel's own.
    pub(crate) identifier: [u8; 16],
    /// How many of the chosen scenes are no longer in the novel.
    gone: usize,
}

/// A novel's outline at one version.
struct Outline {
    nodes: Vec<Node>,
    version: Version,
    title: String,
    language: String,
    author: String,
}

/// Reads one text.
type Reading<'a> = &'a mut dyn FnMut(DocumentId) -> Result<Passage, Failure>;

impl Desk {
    /// Gathers what a preset chooses. `told` hears how many texts are read of how many, and may stop it.
    pub(crate) fn gather(
        &self,
        novel: NovelId,
        preset: &ExportPreset,
        told: &mut dyn FnMut(u64, u64) -> Result<(), Failure>,
    ) -> Result<Gathered, Failure> {
        for _ in 0..TRIES {
            let outline = self.with_session(|session, store| session.outline_of(store, novel))?;
            let version = outline.version.clone();
            let gathered = gathered(novel, outline, preset, told, &mut |document| {
                self.with_session(|session, store| session.passage(store, novel, document))
            })?;
            let now = self.with_session(|session, store| session.outline_of(store, novel))?;
            if now.version == version {
                return self.with_pictures(novel, gathered, preset);
            }
        }
        let gathered = self.with_session(|session, store| {
            let outline = session.outline_of(store, novel)?;
            gathered(novel, outline, preset, told, &mut |document| {
                session.passage(store, novel, document)
            })
        })?;
        self.with_pictures(novel, gathered, preset)
    }

    /// Adds the pictures of the texts, and of the pages before and behind them.
    fn with_pictures(
        &self,
        novel: NovelId,
        mut gathered: Gathered,
        preset: &ExportPreset,
    ) -> Result<Gathered, Failure> {
        let pages = preset.front.iter().chain(&preset.back);
        let scenes = pages.map(|page| from_markdown(&page.text)).collect();
        let chapters = vec![Chapter { title: String::new(), scenes }];
        let beside = ExportNovel {
            parts: vec![Part { title: String::new(), chapters }],
            ..ExportNovel::default()
        };
        let images = self.with_session(|session, store| {
            let mut images = session.images_for(store, novel, &gathered.novel)?;
            images.extend(session.images_for(store, novel, &beside)?);
            Ok(images)
        })?;
        gathered.novel.images = images.into_iter().map(|image| (image.hash, image.bytes)).collect();
        Ok(gathered)
    }
}

impl Session {
    fn outline_of(&mut self, store: &Store, novel: NovelId) -> Result<Outline, Failure> {
        let binder = &self.binder(store, novel)?.binder;
        Ok(Outline {
            nodes: binder.outline(),
            version: binder.version(),
            title: binder.title(),
            language: binder.language(),
            author: binder.author(),
        })
    }

    /// A scene's text as it stands: in memory if it is open, else from its records.
    pub(crate) fn passage(
        &mut self,
        store: &Store,
        novel: NovelId,
        document: DocumentId,
    ) -> Result<Passage, Failure> {
        if let Some(open) = self.scenes.get(&document) {
            return Ok(open.text.passage());
        }
        Ok(self.load_scene(store, novel, document)?.text.passage())
    }
}

impl Gathered {
    /// Words and chapters of what is in the range.
    pub(crate) fn counts(&self) -> (usize, usize) {
        let words = self.lines.iter().filter_map(|line| line.words).sum();
        let chapters = self.lines.iter().filter(|line| line.kind == "chapter").count();
        (words, chapters)
    }

    /// The novel with nothing in it but what is in the range.
    ///
    /// # Errors
    /// When that is nothing.
    pub(crate) fn cut(self) -> Result<ExportNovel, Failure> {
        let mut novel = self.novel;
        let mut number = 0;
        for (part_at, part) in novel.parts.iter_mut().enumerate() {
            part.chapters.retain_mut(|chapter| {
                let at = number;
                number += 1;
                let mut scene = 0;
                chapter.scenes.retain(|_| {
                    let stays = is_in(&self.range, part_at, at, Some(scene));
                    scene += 1;
                    stays
                });
                is_in(&self.range, part_at, at, None)
            });
        }
        if self.range != Range::Whole {
            novel.parts.retain(|part| !part.chapters.is_empty());
        }
        if novel.parts.is_empty() && self.range != Range::Whole {
            return Err(ExportError::NothingChosen.into());
        }
        Ok(novel)
    }

    /// What is said where scenes that the author ticked are no longer there.
    pub(crate) fn gone_finding(&self) -> Option<Finding> {
        (self.gone > 0).then(|| Finding {
            grave: false,
            said: format!(
                "{} of the scenes that you ticked are no longer in the novel, or are left out of exports: tick again what shall be in it.",
                self.gone
            ),
        })
    }

    /// A line in the book that says for whom it is, in the novel's language where we know the words.
    pub(crate) fn line_for(&self, recipient: &str) -> String {
        let language = self.novel.language.as_deref().unwrap_or_default();
        let before = match language.split('-').next().unwrap_or_default() {
            "de" => "Exemplar für",
            "es" => "Ejemplar para",
            "fr" => "Exemplaire de",
            "it" => "Copia per",
            "nl" => "Exemplaar voor",
            "pt" => "Exemplar para",
            "en" => "Copy for",
            // Elsewhere the name says it.
            _ => "",
        };
        let recipient = recipient.split_whitespace().collect::<Vec<_>>().join(" ");
        if recipient.is_empty() {
            recipient
        } else {
            format!("{before} {recipient}").trim().to_owned()
        }
    }
}

fn gathered(
    novel: NovelId,
    outline: Outline,
    preset: &ExportPreset,
    told: &mut dyn FnMut(u64, u64) -> Result<(), Failure>,
    read: Reading<'_>,
) -> Result<Gathered, Failure> {
    let (_, spots) = placed(&outline.nodes, Extent::Included, &mut |_, _| Ok(Passage::default()))?;
    let (range, gone) = resolved(&preset.range, &spots)?;
    let wanted = |node: &Node| {
        spots.get(&node.id).is_some_and(|spot| {
            spot.chapter.is_some_and(|chapter| is_in(&range, spot.part, chapter, spot.scene))
        })
    };
    let total = to_u64(spots.values().filter(|spot| spot.scene.is_some()).count());
    let mut done = 0;
    let mut words = BTreeMap::new();
    let (parts, _) = placed(&outline.nodes, Extent::Included, &mut |node, _| {
        told(done, total)?;
        done += 1;
        let Some(document) = node.document.filter(|_| wanted(node)) else {
            return Ok(Passage::default());
        };
        let passage = read(document)?;
        words.insert(node.id, passage.words());
        Ok(passage)
    })?;
    told(done, total)?;
    let mut lines = Vec::new();
    outline_lines(&outline.nodes, 0, &|node| kept(node, &range, &spots), &words, &mut lines);
    let authors = [preset.author.trim(), outline.author.trim()];
    let author = authors.into_iter().find(|name| !name.is_empty()).map(str::to_owned);
    let (title, language) = (outline.title, Some(outline.language));
    let novel_data = ExportNovel { title, language, author, parts, ..ExportNovel::default() };
    Ok(Gathered { novel: novel_data, range, lines, identifier: identifier(novel), gone })
}

/// 16 bytes that name the book in its files, and from which nobody finds the novel's id.
fn identifier(novel: NovelId) -> [u8; 16] {
    let digest = Sha256::new().chain_update(b"seshat book identifier\0").chain_update(novel.0);
    let digest: [u8; 32] = digest.finalize().into();
    let mut identifier = [0; 16];
    identifier.copy_from_slice(&digest[..16]);
    identifier
}

/// Whether a chapter, or a scene of it, is in the range.
fn is_in(range: &Range, part: usize, chapter: usize, scene: Option<usize>) -> bool {
    match (range, scene) {
        (Range::Whole, _) => true,
        (Range::Part(one), _) => *one == part,
        (Range::Chapters { first, last }, _) => (*first..=*last).contains(&chapter),
        (Range::Scenes(marked), Some(scene)) => marked.contains(&(chapter, scene)),
        (Range::Scenes(marked), None) => marked.iter().any(|(at, _)| *at == chapter),
    }
}

/// Whether a row is in the outline of the range.
fn kept(node: &Node, range: &Range, spots: &BTreeMap<NodeId, Spot>) -> bool {
    let Some(spot) = spots.get(&node.id) else { return false };
    match spot.chapter {
        Some(chapter) => is_in(range, spot.part, chapter, spot.scene),
        None => {
            let inside = spots.values().filter(|it| it.part == spot.part);
            let mut inside = inside.filter_map(|it| Some((it.chapter?, it.scene)));
            *range == Range::Whole
                || inside.any(|(chapter, scene)| is_in(range, spot.part, chapter, scene))
        }
    }
}

/// The preset's rows as positions, and how many of them are no longer there.
fn resolved(
    range: &ExportRange,
    spots: &BTreeMap<NodeId, Spot>,
) -> Result<(Range, usize), Failure> {
    let spot = |id: &String| spots.get(&id.parse().ok()?);
    match range {
        ExportRange::Whole => Ok((Range::Whole, 0)),
        ExportRange::Part { node } => {
            let part = spot(node).filter(|spot| spot.chapter.is_none());
            Ok((Range::Part(part.ok_or_else(no_longer)?.part), 0))
        }
        ExportRange::Chapters { first, last } => {
            let chapter = |id| spot(id).and_then(|spot| spot.chapter).ok_or_else(no_longer);
            let (first, last) = (chapter(first)?, chapter(last)?);
            Ok((Range::Chapters { first: first.min(last), last: first.max(last) }, 0))
        }
        ExportRange::Scenes { nodes } => {
            let ticked: Vec<&Spot> = nodes.iter().filter_map(spot).collect();
            let gone = nodes.len() - ticked.len();
            let is_ticked = |it: &&Spot| {
                ticked.iter().any(|one| match (one.chapter, one.scene) {
                    (None, _) => one.part == it.part,
                    (chapter, None) => chapter == it.chapter,
                    (chapter, scene) => (chapter, scene) == (it.chapter, it.scene),
                })
            };
            let scenes = spots.values().filter(is_ticked);
            let scenes = scenes.filter_map(|it| Some((it.chapter?, it.scene?))).collect::<Vec<_>>();
            if scenes.is_empty() {
                return Err(ExportError::NothingChosen.into());
            }
            Ok((Range::Scenes(scenes), gone))
        }
    }
}

fn no_longer() -> Failure {
    Failure::not_found(
        "What this preset exports is no longer in the novel, or is left out of exports, so nothing was exported; choose again what shall be in it.",
    )
}

fn outline_lines(
    nodes: &[Node],
    depth: usize,
    is_kept: &dyn Fn(&Node) -> bool,
    words: &BTreeMap<NodeId, usize>,
    lines: &mut Vec<OutlineLine>,
) {
    for node in nodes.iter().filter(|node| is_kept(node)) {
        lines.push(OutlineLine {
            depth,
            kind: node.kind.name().to_owned(),
            title: node.title.clone(),
            words: words.get(&node.id).copied(),
            status: match node.kind {
                NodeKind::Scene => node.status.name().to_owned(),
                _ => String::new(),
            },
            label: node.label.clone(),
            synopsis: node.synopsis.clone(),
        });
        outline_lines(&node.children, depth + 1, is_kept, words, lines);
    }
}
