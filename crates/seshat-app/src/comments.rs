//! Comments in the margin of a scene.
//!
//! **Invariant:** a comment changes no word: an editor that has the scene open goes on undisturbed.

use seshat_manuscript::{Comment, CommentError, NewComment, SceneText, Unit};
use seshat_protocol::DocumentId;

use crate::clock::now_ms;
use crate::revising::Revision;
use crate::scenes::ids;
use crate::{CommentRow, Desk, Failure};

impl Desk {
    /// A scene's comments in the order of their places.
    ///
    /// # Errors
    /// When there is no such scene, the vault is locked or the disk fails.
    pub fn comments(&self, novel: &str, scene: &str) -> Result<Vec<CommentRow>, Failure> {
        let (novel, document) = ids(novel, scene)?;
        self.with_session(|session, store| {
            session.read_scene(store, novel, document, |text| Ok(comment_rows(text)))
        })
    }

    /// Puts a comment beside a stretch of a scene; places count UTF-16 units of the flat text.
    ///
    /// # Errors
    /// When there is no such scene or place, or it cannot be written.
    pub fn add_comment(
        &self,
        novel: &str,
        scene: &str,
        from: usize,
        to: usize,
        text: &str,
    ) -> Result<CommentRow, Failure> {
        self.annotating(novel, scene, |revision, document| {
            let id = revision.new_id()?;
            let at = i64::try_from(now_ms()).unwrap_or(i64::MAX);
            let author = revision.session.device_name().unwrap_or_default();
            let new = NewComment { id: &id, text: text.trim(), author: &author, at };
            let scene = revision.scene(document)?;
            scene.add_comment(&new, from..to, Unit::Utf16)?;
            comment_rows(scene).into_iter().find(|row| row.id == id).ok_or_else(no_comment)
        })
    }

    /// Changes what a comment says.
    ///
    /// # Errors
    /// When there is no such comment, or it cannot be written.
    pub fn edit_comment(
        &self,
        novel: &str,
        scene: &str,
        comment: &str,
        text: &str,
    ) -> Result<(), Failure> {
        self.annotating(novel, scene, |revision, document| {
            Ok(revision.scene(document)?.edit_comment(comment, text.trim())?)
        })
    }

    /// Settles a comment, or opens it again.
    ///
    /// # Errors
    /// When there is no such comment, or it cannot be written.
    pub fn resolve_comment(
        &self,
        novel: &str,
        scene: &str,
        comment: &str,
        resolved: bool,
    ) -> Result<(), Failure> {
        self.annotating(novel, scene, |revision, document| {
            Ok(revision.scene(document)?.resolve_comment(comment, resolved)?)
        })
    }

    /// Removes a comment.
    ///
    /// # Errors
    /// When there is no such comment, or it cannot be written.
    pub fn remove_comment(&self, novel: &str, scene: &str, comment: &str) -> Result<(), Failure> {
        self.annotating(novel, scene, |revision, document| {
            Ok(revision.scene(document)?.remove_comment(comment)?)
        })
    }

    /// Changes a scene that the novel has.
    pub(crate) fn annotating<T>(
        &self,
        novel: &str,
        scene: &str,
        work: impl FnOnce(&mut Revision<'_>, DocumentId) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let (novel, document) = ids(novel, scene)?;
        self.revising(novel, |revision| {
            revision.session.place_of(revision.store, novel, document)?;
            work(revision, document)
        })
    }
}

/// A scene's comments as they are shown.
pub(crate) fn comment_rows(text: &SceneText) -> Vec<CommentRow> {
    text.comments().into_iter().map(row).collect()
}

fn row(comment: Comment) -> CommentRow {
    CommentRow {
        id: comment.id,
        text: comment.text,
        from: comment.utf16.start,
        to: comment.utf16.end,
        quote: comment.quote,
        at: u64::try_from(comment.made_at).unwrap_or(0),
        author: comment.author,
        resolved: comment.resolved,
    }
}

impl From<CommentError> for Failure {
    fn from(error: CommentError) -> Self {
        match error {
            CommentError::Unknown => no_comment(),
            error => {
                Self::other(format!("The comment was not made: {error}; the text is as it was."))
            }
        }
    }
}

fn no_comment() -> Failure {
    Failure::not_found("There is no such comment; another laptop may have removed it.")
}
