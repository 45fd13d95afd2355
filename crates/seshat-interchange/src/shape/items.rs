//! A writing program's tree: which of its items is a part, a chapter or a scene.

use super::Items;
use crate::flow::{Block, Flow, Item, Role};

/// What an item becomes.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// A part of that title; titles of the folders around it are in front.
    Part(String),
    /// A chapter; its own text is a scene of it.
    Chapter,
    /// A scene.
    Scene,
    /// A chapter of one scene.
    ChapterOfScene,
    /// A text beside the novel, in these folders.
    Aside(Vec<String>),
}

/// Between the titles of a part and of the part in it.
const JOINT: &str = " / ";

/// One place for each item, in order.
pub(super) fn places(flow: &Flow, wish: Items) -> Vec<Place> {
    let items: Vec<&Item> = flow
        .blocks
        .iter()
        .filter_map(|block| match block {
            Block::Item(item) => Some(item.as_ref()),
            Block::Heading { .. } | Block::Paragraph(_) | Block::Break(_) => None,
        })
        .collect();
    let mut places = Vec::with_capacity(items.len());
    // The items around the current one, outermost first.
    let mut around: Vec<(&Item, Place)> = Vec::new();
    for (index, item) in items.iter().enumerate() {
        while around.last().is_some_and(|(above, _)| above.depth >= item.depth) {
            around.pop();
        }
        let inside = inside(&items, index);
        let place = place(item, &around, inside, wish);
        around.push((item, place.clone()));
        places.push(place);
    }
    places
}

/// The items in the one at `index`.
fn inside<'a, 'b>(items: &'b [&'a Item], index: usize) -> &'b [&'a Item] {
    let rest = items.get(index + 1..).unwrap_or_default();
    let depth = items.get(index).map_or(0, |item| item.depth);
    let end = rest.iter().position(|item| item.depth <= depth).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

fn place(item: &Item, around: &[(&Item, Place)], inside: &[&Item], wish: Items) -> Place {
    let folders = || {
        let titles = around.iter().filter(|(above, _)| above.role == Role::NoteFolder);
        titles.map(|(above, _)| above.title.clone()).collect()
    };
    let in_chapter = around
        .iter()
        .any(|(_, place)| matches!(place, Place::Chapter | Place::ChapterOfScene | Place::Scene));
    let is_folder = |item: &&Item| matches!(item.role, Role::Folder | Role::Chapter);
    match item.role {
        Role::Part => Place::Part(part_title(item, around)),
        Role::Chapter => Place::Chapter,
        Role::Scene => Place::Scene,
        Role::Note | Role::NoteFolder => Place::Aside(folders()),
        Role::Folder if in_chapter => Place::Scene,
        Role::Folder if wish == Items::TextsAreChapters || inside.iter().any(is_folder) => {
            Place::Part(part_title(item, around))
        }
        Role::Folder => Place::Chapter,
        Role::Text if in_chapter && wish == Items::ByFolders => Place::Scene,
        // A text with texts in it is a chapter that begins with its own.
        Role::Text if wish == Items::ByFolders && !inside.is_empty() => Place::Chapter,
        Role::Text => Place::ChapterOfScene,
    }
}

fn part_title(item: &Item, around: &[(&Item, Place)]) -> String {
    let above = around.iter().filter(|(_, place)| matches!(place, Place::Part(_)));
    let mut titles: Vec<&str> = above.map(|(above, _)| above.title.trim()).collect();
    titles.push(item.title.trim());
    titles.retain(|title| !title.is_empty());
    titles.join(JOINT)
}

#[cfg(test)]
mod tests {
    use super::{Place, places};
    use crate::flow::{Block, Flow, Item, Role};
    use crate::shape::Items;

    fn tree(items: &[(u8, Role, &str)]) -> Flow {
        let item = |&(depth, role, title): &(u8, Role, &str)| {
            Block::Item(Box::new(Item { role, depth, title: title.to_owned(), ..Item::default() }))
        };
        Flow { blocks: items.iter().map(item).collect(), ..Flow::default() }
    }

    #[test]
    fn folders_of_folders_are_parts_and_folders_of_texts_are_chapters() {
        let flow = tree(&[
            (0, Role::Text, "Title page"),
            (0, Role::Folder, "One"),
            (1, Role::Folder, "First"),
            (2, Role::Text, "a"),
            (3, Role::Text, "b"),
            (1, Role::Text, "alone"),
            (0, Role::NoteFolder, "Research"),
            (1, Role::Note, "Boats"),
        ]);
        let places = places(&flow, Items::ByFolders);
        assert_eq!(
            places,
            [
                Place::ChapterOfScene,
                Place::Part("One".to_owned()),
                Place::Chapter,
                Place::Scene,
                Place::Scene,
                Place::ChapterOfScene,
                Place::Aside(vec![]),
                Place::Aside(vec!["Research".to_owned()]),
            ]
        );
    }
}
