//! Parts, chapters, scenes and notes as scripts call them.

use seshat_app::{Failure, FailureCode, Outline, OutlineNode};

use crate::commands::Run;

/// Letters of an id that name something. Fewer are too easily met by accident.
const ENOUGH: usize = 4;

impl Run {
    /// The node that a script calls so: its place, such as `3` or `3/2`, or the beginning of its id or its text's.
    pub(crate) fn node_of(&self, novel: &str, name: &str) -> Result<OutlineNode, Failure> {
        let outline: Outline = self.desk.outline(novel)?;
        let nodes = [outline.nodes, outline.notes];
        let all: Vec<&OutlineNode> = nodes.iter().flatten().flat_map(below).collect();
        if let Some(node) = all.iter().find(|node| !name.is_empty() && node.path == name) {
            return Ok((*node).clone());
        }
        only(all.into_iter().filter(|node| is_called(node, name)), name)
    }
}

/// A node with everything in it.
fn below(node: &OutlineNode) -> Vec<&OutlineNode> {
    let mut all = vec![node];
    all.extend(node.children.iter().flat_map(below));
    all
}

pub(crate) fn is_called(node: &OutlineNode, name: &str) -> bool {
    let begins = |id: &str| name.len() >= ENOUGH && id.starts_with(name);
    begins(&node.id) || node.scene.as_deref().is_some_and(begins)
}

/// The one that there is.
pub(crate) fn only<'a>(
    mut found: impl Iterator<Item = &'a OutlineNode>,
    name: &str,
) -> Result<OutlineNode, Failure> {
    let not_found = |message: String| Failure { code: FailureCode::NotFound, message };
    match (found.next(), found.next()) {
        (Some(node), None) => Ok(node.clone()),
        (None, _) => Err(not_found(format!(
            "There is nothing called “{name}” there; nothing was changed; the outline and the trash list what there is."
        ))),
        (Some(_), Some(_)) => Err(not_found(format!(
            "Several things are called “{name}”; nothing was changed; give more of the id."
        ))),
    }
}
