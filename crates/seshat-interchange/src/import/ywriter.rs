//! yWriter's projects: `.yw7`, and the older `.yw5` and `.yw6`, which are the same XML.
//!
//! Chapters are in the order of the file, scenes in the order that their chapter names them. Characters, places and
//! things become notes beside the novel, with everything that was written about them.

use std::collections::HashMap;

use super::draft;
use super::refusal::Refusal;
use super::tongue;
use super::tree::{self, Element, Walker};
use super::ymarkup::Markup;
use crate::flow::{Block, Flow, Item, Loss, Paragraph, Role};

/// What yWriter calls the stages of a scene, from 1.
const STATUS: [&str; 5] = ["Outline", "Draft", "1st Edit", "2nd Edit", "Done"];

/// Reads a project.
///
/// # Errors
/// [`Refusal`], when it is no project of yWriter's or damaged.
pub(crate) fn read(bytes: &[u8]) -> Result<Flow, Refusal> {
    let text = tree::decode(bytes)?;
    let project = Project::of(&text)?;
    let mut flow = project.flow();
    draft::settle(&mut flow)?;
    Ok(flow)
}

/// The entries of a project.
#[derive(Default)]
struct Project {
    about: Element,
    scenes: HashMap<String, Element>,
    /// The ids of scenes in the order of the file.
    order: Vec<String>,
    chapters: Vec<Element>,
    characters: Vec<Element>,
    places: Vec<Element>,
    things: Vec<Element>,
    notes: Vec<Element>,
    settings: usize,
    language: Option<String>,
    country: Option<String>,
}

/// What holds entries and is none.
const OPEN: [&str; 7] =
    ["SCENES", "CHAPTERS", "CHARACTERS", "LOCATIONS", "ITEMS", "PROJECTNOTES", "PROJECTVARS"];

impl Project {
    fn of(text: &str) -> Result<Self, Refusal> {
        let mut project = Self::default();
        let mut walker = Walker::new(text, &[]);
        let mut open: Vec<&str> = OPEN.to_vec();
        open.extend(["YWRITER5", "YWRITER6", "YWRITER7", "YWRITER8"]);
        let mut found = false;
        while let Some(element) = walker.next_inside(&open)? {
            found |= matches!(element.name.as_str(), "PROJECT" | "SCENE" | "CHAPTER");
            project.take(element);
        }
        if found { Ok(project) } else { Err(Refusal::WrongKind("a project of yWriter")) }
    }

    fn take(&mut self, element: Element) {
        match element.name.as_str() {
            "PROJECT" => self.about = element,
            "SCENE" => {
                let id = value(&element, "ID");
                self.order.push(id.clone());
                self.scenes.insert(id, element);
            }
            "CHAPTER" => self.chapters.push(element),
            "CHARACTER" => self.characters.push(element),
            "LOCATION" => self.places.push(element),
            "ITEM" => self.things.push(element),
            "PROJECTNOTE" => self.notes.push(element),
            "PROJECTVAR" => match value(&element, "Title").as_str() {
                "Language" => self.language = Some(value(&element, "Desc")),
                "Country" => self.country = Some(value(&element, "Desc")),
                title if title.contains("lang=") => {}
                _ => self.settings += 1,
            },
            _ => self.settings += 1,
        }
    }

    /// The language: newer programs write it into fields, older ones into variables.
    fn language(&self) -> Option<String> {
        let field = |name| {
            let fields = self.about.child("Fields")?;
            fields.text_of(name).filter(|value| !value.is_empty())
        };
        let language = field("Field_LanguageCode").or_else(|| self.language.clone())?;
        let country = field("Field_CountryCode").or_else(|| self.country.clone());
        match country.filter(|country| country.len() == 2) {
            Some(country) => tongue::clean(&format!("{language}-{country}")),
            None => tongue::clean(&language),
        }
    }

    fn flow(mut self) -> Flow {
        let some = |name| Some(value(&self.about, name)).filter(|value| !value.is_empty());
        let mut flow = Flow {
            title: some("Title"),
            author: some("AuthorName"),
            language: self.language(),
            ..Flow::default()
        };
        flow.lost.add_many(Loss::Metadata, self.settings);
        self.chapters(&mut flow);
        self.left_scenes(&mut flow);
        self.beside(&mut flow);
        flow
    }

    fn chapters(&mut self, flow: &mut Flow) {
        let mut depth = 0;
        for chapter in std::mem::take(&mut self.chapters) {
            let is_note = matches!(value(&chapter, "ChapterType").as_str(), "1" | "2")
                || value(&chapter, "ChapterType").is_empty() && value(&chapter, "Type") == "1";
            let begins_part = is_set(&chapter, "SectionStart") && !is_note;
            let mut item = Item {
                role: if is_note { Role::NoteFolder } else { Role::Chapter },
                depth,
                title: value(&chapter, "Title"),
                synopsis: value(&chapter, "Desc"),
                excluded: is_set(&chapter, "Unused"),
                ..Item::default()
            };
            let scenes: Vec<String> = chapter
                .child("Scenes")
                .map(|scenes| scenes.all("ScID").map(|id| id.text().trim().to_owned()).collect())
                .unwrap_or_default();
            if begins_part {
                item.role = Role::Part;
                item.depth = 0;
                depth = 1;
            }
            let beside = if is_note { 0 } else { item.depth };
            item.depth = beside;
            flow.blocks.push(Block::Item(Box::new(item)));
            if begins_part && !scenes.is_empty() {
                // The part's own scenes stand in a chapter without a title.
                let item = Item { role: Role::Chapter, depth, ..Item::default() };
                flow.blocks.push(Block::Item(Box::new(item)));
            }
            let inner = if begins_part { depth + 1 } else { beside + 1 };
            for id in scenes {
                if let Some(scene) = self.scenes.remove(&id) {
                    self.scene(flow, &scene, inner, is_note);
                }
            }
        }
    }

    /// Scenes that no chapter names: an author's text all the same.
    fn left_scenes(&mut self, flow: &mut Flow) {
        let left: Vec<Element> =
            self.order.iter().filter_map(|id| self.scenes.remove(id)).collect();
        if left.is_empty() {
            return;
        }
        flow.notes.push(format!(
            "{} scenes belong to no chapter: they are notes beside the novel now.",
            left.len()
        ));
        folder(flow, "Scenes without a chapter");
        for scene in left {
            self.scene(flow, &scene, 1, true);
        }
    }

    fn scene(&self, flow: &mut Flow, scene: &Element, depth: u8, is_note: bool) {
        let fields = scene.child("Fields");
        let kind = fields.and_then(|fields| fields.text_of("Field_SceneType"));
        let is_note = is_note || matches!(kind.as_deref(), Some("1" | "2"));
        let status = value(scene, "Status").parse::<usize>().ok().and_then(|n| n.checked_sub(1));
        let mut notes = Vec::new();
        lines(&mut notes, "", &value(scene, "Notes"));
        for (name, shown) in [("Goal", "Goal"), ("Conflict", "Conflict"), ("Outcome", "Outcome")] {
            lines(&mut notes, shown, &value(scene, name));
        }
        lines(&mut notes, "Characters", &names(scene, ("Characters", "CharID"), &self.characters));
        lines(&mut notes, "Locations", &names(scene, ("Locations", "LocID"), &self.places));
        lines(&mut notes, "Items", &names(scene, ("Items", "ItemID"), &self.things));
        if !value(scene, "ImageFile").is_empty() {
            flow.lost.add(Loss::ImageElsewhere);
        }
        let rated = ["Field1", "Field2", "Field3", "Field4"];
        if rated.iter().any(|name| !matches!(value(scene, name).as_str(), "" | "1")) {
            flow.lost.add(Loss::StoryFields);
        }
        flow.blocks.push(Block::Item(Box::new(Item {
            role: if is_note { Role::Note } else { Role::Scene },
            depth,
            title: value(scene, "Title"),
            synopsis: value(scene, "Desc"),
            notes,
            label: value(scene, "Tags"),
            status: status.and_then(|at| STATUS.get(at)).copied().unwrap_or_default().to_owned(),
            target: None,
            excluded: is_set(scene, "Unused"),
        })));
        let text = scene.text_of("SceneContent").unwrap_or_default();
        Markup::new(flow).read(&text);
    }

    /// Characters, places, things and notes.
    fn beside(&self, flow: &mut Flow) {
        let about = [("", "Desc"), ("About the author", "Bio")];
        if about.iter().any(|(_, name)| !value(&self.about, name).is_empty()) {
            folder(flow, "Project");
            note(flow, &value(&self.about, "Title"), "", &about, &self.about);
        }
        let fields = [
            ("", "Desc"),
            ("Full name", "FullName"),
            ("Also known as", "AKA"),
            ("", "Bio"),
            ("Goals", "Goals"),
            ("", "Notes"),
            ("Tags", "Tags"),
        ];
        let all = [
            ("Characters", &self.characters),
            ("Locations", &self.places),
            ("Items", &self.things),
            ("Project notes", &self.notes),
        ];
        for (title, entries) in all {
            if entries.is_empty() {
                continue;
            }
            folder(flow, title);
            for entry in entries {
                note(flow, &value(entry, "Title"), "", &fields, entry);
                if !value(entry, "ImageFile").is_empty() {
                    flow.lost.add(Loss::ImageElsewhere);
                }
            }
        }
    }
}

/// The text of a child, without white space around it.
fn value(element: &Element, name: &str) -> String {
    element.text_of(name).map(|text| text.trim().to_owned()).unwrap_or_default()
}

fn is_set(element: &Element, name: &str) -> bool {
    !matches!(value(element, name).as_str(), "" | "0")
}

/// The names of the entries that a scene lists.
fn names(scene: &Element, (list, id): (&str, &str), entries: &[Element]) -> String {
    let Some(list) = scene.child(list) else { return String::new() };
    let name = |id: &Element| {
        let id = id.text();
        let entry = entries.iter().find(|entry| value(entry, "ID") == id.trim())?;
        Some(value(entry, "Title"))
    };
    list.all(id).filter_map(name).collect::<Vec<_>>().join(", ")
}

/// Appends a paragraph for each line, the first one with what it is about.
fn lines(blocks: &mut Vec<Block>, about: &str, text: &str) {
    for (index, line) in text.lines().enumerate() {
        let line = match index {
            0 if !about.is_empty() => format!("{about}: {line}"),
            _ => line.to_owned(),
        };
        blocks.push(Block::Paragraph(Paragraph::plain(&line)));
    }
}

fn folder(flow: &mut Flow, title: &str) {
    let item = Item { role: Role::NoteFolder, title: title.to_owned(), ..Item::default() };
    flow.blocks.push(Block::Item(Box::new(item)));
}

fn note(flow: &mut Flow, title: &str, synopsis: &str, fields: &[(&str, &str)], entry: &Element) {
    flow.blocks.push(Block::Item(Box::new(Item {
        role: Role::Note,
        depth: 1,
        title: title.to_owned(),
        synopsis: synopsis.to_owned(),
        ..Item::default()
    })));
    for (about, name) in fields {
        lines(&mut flow.blocks, about, &value(entry, name));
    }
}

#[cfg(test)]
mod tests {
    use super::read;
    use crate::flow::{Block, Flow, Role};
    use crate::import::refusal::Refusal;

    fn items(flow: &Flow) -> Vec<(Role, u8, &str, bool)> {
        flow.blocks
            .iter()
            .filter_map(|block| match block {
                Block::Item(item) => {
                    Some((item.role, item.depth, item.title.as_str(), item.excluded))
                }
                _ => None,
            })
            .collect()
    }

    #[test]
    fn a_project_is_parts_chapters_scenes_and_notes_beside_them() {
        let xml = "<YWRITER7><PROJECT><Title><![CDATA[The Book]]></Title><AuthorName>A B</AuthorName>\
            <Fields><Field_LanguageCode>en</Field_LanguageCode><Field_CountryCode>AU</Field_CountryCode></Fields></PROJECT>\
            <CHARACTERS><CHARACTER><ID>1</ID><Title>Hal</Title><Bio>Pilot.</Bio></CHARACTER></CHARACTERS>\
            <SCENES><SCENE><ID>1</ID><Title>First</Title><Desc>What happens</Desc><Status>2</Status>\
            <Characters><CharID>1</CharID></Characters><SceneContent><![CDATA[One [i]two[/i]\nthree]]></SceneContent></SCENE>\
            <SCENE><ID>2</ID><Title>Second</Title><Unused>-1</Unused><SceneContent>x</SceneContent></SCENE>\
            <SCENE><ID>3</ID><Title>Lost</Title><SceneContent>y</SceneContent></SCENE></SCENES>\
            <CHAPTERS><CHAPTER><ID>1</ID><Title>Part One</Title><SectionStart>-1</SectionStart></CHAPTER>\
            <CHAPTER><ID>2</ID><Title>Chapter 1</Title><Scenes><ScID>2</ScID><ScID>1</ScID></Scenes></CHAPTER>\
            <CHAPTER><ID>3</ID><Title>Info</Title><ChapterType>1</ChapterType></CHAPTER></CHAPTERS></YWRITER7>";
        let flow = read(xml.as_bytes()).unwrap();
        assert_eq!(
            (flow.title.as_deref(), flow.language.as_deref()),
            (Some("The Book"), Some("en-AU"))
        );
        assert_eq!(
            items(&flow),
            [
                (Role::Part, 0, "Part One", false),
                (Role::Chapter, 1, "Chapter 1", false),
                (Role::Scene, 2, "Second", true),
                (Role::Scene, 2, "First", false),
                (Role::NoteFolder, 0, "Info", false),
                (Role::NoteFolder, 0, "Scenes without a chapter", false),
                (Role::Note, 1, "Lost", false),
                (Role::NoteFolder, 0, "Characters", false),
                (Role::Note, 1, "Hal", false),
            ]
        );
        let first = flow.blocks.iter().find_map(|block| match block {
            Block::Item(item) if item.title == "First" => Some(item),
            _ => None,
        });
        let first = first.unwrap();
        assert_eq!((first.synopsis.as_str(), first.status.as_str()), ("What happens", "Draft"));
        assert_eq!(first.notes.len(), 1, "who is in it");
    }

    #[test]
    fn other_xml_is_no_project() {
        assert_eq!(read(b"<a/>"), Err(Refusal::WrongKind("a project of yWriter")));
        assert_eq!(read(b"<YWRITER7><SCENES>"), Err(Refusal::Damaged));
        let bomb = b"<!DOCTYPE a [<!ENTITY b \"c\">]><YWRITER7/>";
        assert_eq!(read(bomb), Err(Refusal::Entities));
    }
}
