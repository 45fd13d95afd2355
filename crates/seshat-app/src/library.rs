//! Novels and their binders.
//!
//! **Invariant:** listing novels and reading an outline opens no scene whose summary is fresh.

use std::collections::HashMap;

use seshat_manuscript::{Binder, NewNode as NewBinderNode, Node, NodeId, NodeKind as BinderKind};
use seshat_protocol::{DocumentId, NovelId};
use seshat_store::Store;
use seshat_vault::Kind;

use crate::scenes::{novel_id, to_u64};
use crate::session::{Batch, Content, OpenBinder, Session, Summary, binder_document, binder_place};
use crate::{
    Desk, Failure, NewNode, NodeKind, NovelCard, NovelLock, Outline, OutlineNode, SceneStatus,
};

impl Desk {
    /// The novels on this laptop, by title.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn library(&self) -> Result<Vec<NovelCard>, Failure> {
        self.with_session(|session, store| {
            let mut cards = Vec::new();
            for novel in session.novels_here(store)? {
                if session.is_put_away(store, novel)? {
                    continue;
                }
                cards.push(match session.novel_lock(novel) {
                    NovelLock::Locked => spine(novel, session.kit_opens(novel)),
                    NovelLock::None | NovelLock::Open => session.card(store, novel)?,
                });
            }
            cards.sort_by(|a, b| a.title.cmp(&b.title).then_with(|| a.id.cmp(&b.id)));
            Ok(cards)
        })
    }

    /// Makes a novel of one chapter with one empty scene.
    ///
    /// # Errors
    /// When the title is empty, the vault is locked or the disk fails.
    pub fn create_novel(&self, title: &str, language: &str) -> Result<NovelCard, Failure> {
        let title = title.trim();
        if title.is_empty() {
            return Err(Failure::other(
                "A novel needs a title, so none was made; any word will do, it can be changed.",
            ));
        }
        let written = self.with_session(|session, store| {
            let novel = NovelId(session.entropy.id()?);
            session.vault.make_novel_key(novel, &mut session.entropy)?;
            let mut binder = Binder::new(session.entropy.peer()?, title, &tag(language)?);
            let chapter = NewBinderNode { kind: BinderKind::Chapter, title: "", document: None };
            let chapter = binder.add(None, 0, &chapter)?;
            let document = Some(DocumentId(session.entropy.id()?));
            let scene = NewBinderNode { kind: BinderKind::Scene, title: "", document };
            binder.add(Some(chapter), 0, &scene)?;
            session.write_novel(store, novel, binder, Batch::default())?;
            session.card(store, novel)
        });
        self.wrote(&written.as_ref().map(|_| true).map_err(Clone::clone));
        written
    }

    /// A novel's parts, chapters and scenes, and its notes.
    ///
    /// # Errors
    /// When there is no such novel, the vault is locked or the disk fails.
    pub fn outline(&self, novel: &str) -> Result<Outline, Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|session, store| {
            let counts = counts(store, novel)?;
            let binder = &session.binder(store, novel)?.binder;
            let (nodes, notes) = (binder.outline(), binder.notes());
            let mut walk =
                Walk { session, store, novel, counts, chapter: 0, paths: Paths::OfManuscript };
            let nodes = walk.rows(nodes)?;
            let notes = session.rows_beside(store, novel, notes)?;
            Ok(Outline { novel: session.card(store, novel)?, nodes, notes })
        })
    }

    /// Adds a part, chapter, scene, folder or note. A new chapter begins with an empty scene.
    ///
    /// # Errors
    /// When it cannot stand there, or cannot be written.
    pub fn add_node(&self, novel: &str, node: &NewNode) -> Result<OutlineNode, Failure> {
        let id = novel_id(novel)?;
        let made = self.editing(id, |session, store| {
            let (parent, after) =
                (optional_node(node.parent.as_deref())?, optional_node(node.after.as_deref())?);
            let document = DocumentId(session.entropy.id()?);
            session.edit_binder(store, id, |binder| {
                let nodes = match node.kind {
                    NodeKind::Folder | NodeKind::Note => binder.notes(),
                    _ => binder.outline(),
                };
                let index = place_after(&nodes, parent, after);
                let has_text = matches!(node.kind, NodeKind::Scene | NodeKind::Note);
                let text = has_text.then_some(document);
                let new =
                    NewBinderNode { kind: kind(node.kind)?, title: &node.title, document: text };
                let made = binder.add(parent, index, &new)?;
                if node.kind == NodeKind::Chapter {
                    let scene = NewBinderNode {
                        kind: BinderKind::Scene,
                        title: "",
                        document: Some(document),
                    };
                    binder.add(Some(made), 0, &scene)?;
                }
                Ok(made)
            })
        })?;
        let outline = self.outline(novel)?;
        let made = made.to_string();
        let found = find(&outline.nodes, &made).or_else(|| find(&outline.notes, &made));
        found.cloned().ok_or_else(|| {
            Failure::not_found(
                "What was added is not in the binder any more; another laptop removed it.",
            )
        })
    }

    /// Gives a part, chapter or scene another title. Text is not touched.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn rename_node(&self, novel: &str, node: &str, title: &str) -> Result<(), Failure> {
        self.edit_node(novel, node, |binder, node| Ok(binder.rename(node, title.trim())?))
    }

    /// Moves a part, chapter or scene with everything in it. Text is not touched.
    ///
    /// # Errors
    /// When it cannot stand there, or it cannot be written.
    pub fn move_node(
        &self,
        novel: &str,
        node: &str,
        parent: Option<&str>,
        index: usize,
    ) -> Result<(), Failure> {
        let parent = optional_node(parent)?;
        self.edit_node(novel, node, |binder, node| Ok(binder.move_to(node, parent, index)?))
    }

    /// Says how far a scene is.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn set_status(&self, novel: &str, node: &str, status: SceneStatus) -> Result<(), Failure> {
        let status = match status {
            SceneStatus::Todo => seshat_manuscript::Status::Todo,
            SceneStatus::Draft => seshat_manuscript::Status::Draft,
            SceneStatus::Revised => seshat_manuscript::Status::Revised,
            SceneStatus::Final => seshat_manuscript::Status::Final,
        };
        self.edit_node(novel, node, |binder, node| Ok(binder.set_status(node, status)?))
    }

    /// Says what a part, chapter or scene is about.
    ///
    /// # Errors
    /// When there is no such node, or it cannot be written.
    pub fn set_synopsis(&self, novel: &str, node: &str, synopsis: &str) -> Result<(), Failure> {
        self.edit_node(novel, node, |binder, node| Ok(binder.set_synopsis(node, synopsis)?))
    }

    /// The id of the novel that a script calls so: its title, or the beginning of its id.
    ///
    /// # Errors
    /// When none or several are called so.
    pub fn find_novel(&self, name: &str) -> Result<String, Failure> {
        let cards = self.library()?;
        let titled: Vec<_> = cards.iter().filter(|card| card.title == name).collect();
        let found = if titled.is_empty() {
            cards.iter().filter(|card| !name.is_empty() && card.id.starts_with(name)).collect()
        } else {
            titled
        };
        match found.as_slice() {
            [one] => Ok(one.id.clone()),
            [] => Err(Failure::not_found(format!(
                "No novel here is called “{name}”; nothing was changed."
            ))),
            _ => Err(Failure::not_found(format!(
                "Several novels are called “{name}”; nothing was changed; name one by the beginning of its id."
            ))),
        }
    }

    /// The id of the scene that a script calls so: its place, such as `3/2`, or the beginning of its id.
    ///
    /// # Errors
    /// When none or several are called so.
    pub fn find_scene(&self, novel: &str, name: &str) -> Result<String, Failure> {
        let outline = self.outline(novel)?;
        let mut scenes = Vec::new();
        gather(&outline.nodes, &mut scenes);
        gather(&outline.notes, &mut scenes);
        let by_place = scenes.iter().find(|node| node.path == name);
        let mut by_id = scenes.iter().filter(|node| {
            node.scene.as_ref().is_some_and(|id| name.len() >= 4 && id.starts_with(name))
        });
        let found = by_place.or_else(|| by_id.next());
        match (
            found.and_then(|node| node.scene.clone()),
            by_place.is_none() && by_id.next().is_some(),
        ) {
            (Some(scene), false) => Ok(scene),
            (Some(_), true) => Err(Failure::not_found(format!(
                "Several scenes begin with “{name}”; nothing was changed; give more of the id."
            ))),
            (None, _) => Err(Failure::not_found(format!(
                "There is no scene “{name}” in this novel; nothing was changed; the outline lists them."
            ))),
        }
    }

    pub(crate) fn edit_node(
        &self,
        novel: &str,
        node: &str,
        edit: impl FnOnce(&mut Binder, NodeId) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        let node = node_id(node)?;
        self.editing(novel, |session, store| {
            session.edit_binder(store, novel, |binder| edit(binder, node))
        })
    }

    fn editing<T>(
        &self,
        novel: NovelId,
        edit: impl FnOnce(&mut Session, &mut Store) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let edited = self.with_session(|session, store| {
            session.binder(store, novel)?;
            edit(session, store)
        });
        if edited.is_ok() {
            self.wrote(&Ok(true));
        }
        edited
    }
}

impl Session {
    /// Stores a new novel: its key, its binder and whatever is in it, in one transaction. On failure the key is
    /// of no novel, which is harmless.
    pub(crate) fn write_novel(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        mut binder: Binder,
        mut batch: Batch,
    ) -> Result<(), Failure> {
        let place = binder_place(Kind::BinderSnapshot, novel);
        batch.contents.insert(0, Content::new(place, binder.snapshot()?));
        // What the snapshot says need not be said again.
        drop(binder.take_update());
        batch.vault = Some(self.vault.to_blob(&mut self.entropy)?);
        self.write(store, batch)?;
        self.binders.insert(novel, OpenBinder::new(binder));
        Ok(())
    }

    /// The novels that are here. One whose key came with the vault and whose records have not come yet is not.
    pub(crate) fn novels_here(&self, store: &Store) -> Result<Vec<NovelId>, Failure> {
        let stored: Vec<NovelId> = store.novels()?;
        let mut here = Vec::new();
        for novel in self.vault.novels() {
            if stored.contains(&novel) && self.has_binder(store, novel)? {
                here.push(novel);
            }
        }
        Ok(here)
    }

    fn has_binder(&self, store: &Store, novel: NovelId) -> Result<bool, Failure> {
        let binder = binder_document(novel);
        Ok(self.binders.contains_key(&novel)
            || store.documents_of(novel)?.iter().any(|it| it.document == binder))
    }

    /// Nodes beside the manuscript, which have no place in it: notes, and what is in the trash.
    pub(crate) fn rows_beside(
        &mut self,
        store: &mut Store,
        novel: NovelId,
        nodes: Vec<Node>,
    ) -> Result<Vec<OutlineNode>, Failure> {
        let counts = counts(store, novel)?;
        let paths = Paths::None;
        Walk { session: self, store, novel, counts, chapter: 0, paths }.rows(nodes)
    }

    /// A novel as the library shows it.
    pub(crate) fn card(&mut self, store: &mut Store, novel: NovelId) -> Result<NovelCard, Failure> {
        let counts = counts(store, novel)?;
        let open = self.binder(store, novel)?;
        let (title, language) = (open.binder.title(), open.binder.language());
        let chapters = to_u64(chapters(&open.binder.outline()));
        let mut edited_at = 0;
        for document in open.scenes.clone() {
            let records = counts.get(&document).copied().unwrap_or(0);
            edited_at = edited_at.max(self.summary(store, (novel, document), records)?.edited_at);
        }
        Ok(NovelCard {
            id: novel.to_string(),
            title,
            language,
            words: self.novel_words(novel),
            chapters,
            edited_at: (edited_at > 0).then_some(edited_at),
            lock: self.novel_lock(novel),
            kit_opens: self.kit_opens(novel),
        })
    }
}

/// What is shown of a closed novel: that it is there.
fn spine(novel: NovelId, kit_opens: bool) -> NovelCard {
    NovelCard {
        id: novel.to_string(),
        title: String::new(),
        language: String::new(),
        words: 0,
        chapters: 0,
        edited_at: None,
        lock: NovelLock::Locked,
        kit_opens,
    }
}

/// Records of each document of a novel.
pub(crate) fn counts(store: &Store, novel: NovelId) -> Result<HashMap<DocumentId, u64>, Failure> {
    let documents = store.documents_of(novel)?;
    Ok(documents.into_iter().map(|it| (it.document, to_u64(it.records))).collect())
}

/// Turns nodes into rows, counting chapters on the way.
struct Walk<'a> {
    session: &'a mut Session,
    store: &'a mut Store,
    novel: NovelId,
    counts: HashMap<DocumentId, u64>,
    chapter: usize,
    paths: Paths,
}

/// Whether rows have a place, `3/2`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Paths {
    OfManuscript,
    None,
}

impl Walk<'_> {
    fn rows(&mut self, nodes: Vec<Node>) -> Result<Vec<OutlineNode>, Failure> {
        let mut scene = 0;
        let mut rows = Vec::with_capacity(nodes.len());
        for node in nodes {
            let path = match node.kind {
                _ if self.paths == Paths::None => String::new(),
                BinderKind::Chapter => {
                    self.chapter += 1;
                    self.chapter.to_string()
                }
                BinderKind::Scene => {
                    scene += 1;
                    format!("{}/{scene}", self.chapter)
                }
                BinderKind::Part
                | BinderKind::Folder
                | BinderKind::Note
                | BinderKind::Unknown(_) => String::new(),
            };
            rows.push(self.row(node, path)?);
        }
        Ok(rows)
    }

    fn row(&mut self, node: Node, path: String) -> Result<OutlineNode, Failure> {
        let summary = match node.document {
            Some(document) => {
                let records = self.counts.get(&document).copied().unwrap_or(0);
                self.session.summary(self.store, (self.novel, document), records)?
            }
            None => Summary::default(),
        };
        let open = node.document.and_then(|document| self.session.scenes.get(&document));
        let own = open.map_or(summary.words, |open| open.words);
        let children = self.rows(node.children)?;
        Ok(OutlineNode {
            id: node.id.to_string(),
            kind: shown_kind(&node.kind),
            title: node.title,
            scene: node.document.map(|document| document.to_string()),
            path,
            words: own + children.iter().map(|child| child.words).sum::<u64>(),
            excerpt: summary.excerpt,
            status: shown_status(node.status),
            synopsis: node.synopsis,
            label: node.label,
            target: node.target,
            included: node.included,
            kept: node.kept,
            children,
        })
    }
}

fn chapters(nodes: &[Node]) -> usize {
    nodes
        .iter()
        .map(|node| usize::from(node.kind == BinderKind::Chapter) + chapters(&node.children))
        .sum()
}

/// Where in `parent` a new node goes: behind `after`, or last.
fn place_after(nodes: &[Node], parent: Option<NodeId>, after: Option<NodeId>) -> usize {
    let siblings = match parent {
        None => nodes,
        Some(parent) => children(nodes, parent).unwrap_or_default(),
    };
    let found = after.and_then(|after| siblings.iter().position(|node| node.id == after));
    found.map_or(siblings.len(), |index| index + 1)
}

fn children(nodes: &[Node], id: NodeId) -> Option<&[Node]> {
    nodes.iter().find_map(|node| {
        if node.id == id { Some(&node.children[..]) } else { children(&node.children, id) }
    })
}

pub(crate) fn find<'a>(nodes: &'a [OutlineNode], id: &str) -> Option<&'a OutlineNode> {
    nodes.iter().find_map(|node| if node.id == id { Some(node) } else { find(&node.children, id) })
}

pub(crate) fn gather<'a>(nodes: &'a [OutlineNode], scenes: &mut Vec<&'a OutlineNode>) {
    for node in nodes {
        if node.scene.is_some() {
            scenes.push(node);
        }
        gather(&node.children, scenes);
    }
}

fn optional_node(node: Option<&str>) -> Result<Option<NodeId>, Failure> {
    node.map(node_id).transpose()
}

pub(crate) fn node_id(node: &str) -> Result<NodeId, Failure> {
    node.parse().map_err(|_| no_node())
}

pub(crate) fn no_node() -> Failure {
    Failure::not_found("There is no such part, chapter, scene or note; nothing was changed.")
}

fn kind(kind: NodeKind) -> Result<BinderKind, Failure> {
    match kind {
        NodeKind::Part => Ok(BinderKind::Part),
        NodeKind::Chapter => Ok(BinderKind::Chapter),
        NodeKind::Scene => Ok(BinderKind::Scene),
        NodeKind::Folder => Ok(BinderKind::Folder),
        NodeKind::Note => Ok(BinderKind::Note),
        NodeKind::Other => Err(Failure::other(
            "Only parts, chapters, scenes, folders and notes can be added; nothing was changed.",
        )),
    }
}

pub(crate) fn shown_kind(kind: &BinderKind) -> NodeKind {
    match kind {
        BinderKind::Part => NodeKind::Part,
        BinderKind::Chapter => NodeKind::Chapter,
        BinderKind::Scene => NodeKind::Scene,
        BinderKind::Folder => NodeKind::Folder,
        BinderKind::Note => NodeKind::Note,
        BinderKind::Unknown(_) => NodeKind::Other,
    }
}

fn shown_status(status: seshat_manuscript::Status) -> SceneStatus {
    match status {
        seshat_manuscript::Status::Todo => SceneStatus::Todo,
        seshat_manuscript::Status::Draft => SceneStatus::Draft,
        seshat_manuscript::Status::Revised => SceneStatus::Revised,
        seshat_manuscript::Status::Final => SceneStatus::Final,
    }
}

/// A language tag in the shape of BCP 47: letters and digits in groups of one to eight, parted by hyphens.
pub(crate) fn tag(language: &str) -> Result<String, Failure> {
    let language = language.trim();
    let fits = language.len() <= 35
        && language.split('-').all(|group| {
            (1..=8).contains(&group.len()) && group.chars().all(|c| c.is_ascii_alphanumeric())
        });
    if fits {
        return Ok(language.to_owned());
    }
    Err(Failure::other(format!(
        "“{language}” is no language tag, so nothing was made; use one such as en-GB, fr or ja."
    )))
}
