//! The binder: items, and what hangs on them.

use std::collections::HashMap;

use super::files::{Files, Part};
use super::marked::{self, Marked};
use crate::flow::{Block, Flow, Inline, Item, Loss, Paragraph, Role};
use crate::import::guard;
use crate::import::refusal::Refusal;
use crate::import::rtf;
use crate::import::style::{self, Named};
use crate::import::tree::{self, Element};

/// Reads what the binder names.
pub(super) fn read(files: &mut Files, root: &Element) -> Result<Flow, Refusal> {
    let mut flow = Flow { title: title(files, root), author: author(root), ..Flow::default() };
    let binder = root.child("Binder").ok_or(Refusal::PartMissing("its binder"))?;
    let mut reader = Reader {
        labels: names(root.child("LabelSettings").and_then(|s| s.child("Labels")), "Label"),
        statuses: names(
            root.child("StatusSettings").and_then(|s| s.child("StatusItems")),
            "Status",
        ),
        styles: styles(files)?,
        // Programs that never say "Yes" mean nothing by silence.
        marks_included: says_included(binder),
        files,
        flow: &mut flow,
    };
    for item in binder.all("BinderItem") {
        reader.top(item)?;
    }
    let snapshots = reader.files.snapshots();
    flow.lost.add_many(Loss::Metadata, snapshots);
    Ok(flow)
}

fn title(files: &Files, root: &Element) -> Option<String> {
    let named = root.find("ProjectTitle").map(|title| title.text().trim().to_owned());
    named.filter(|title| !title.is_empty()).or_else(|| files.name())
}

fn author(root: &Element) -> Option<String> {
    let named = root.find("FullName").map(Element::text);
    named
        .or_else(|| root.get("Author").map(str::to_owned))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
}

/// Names by ids. The one below zero says that there is none.
fn names(list: Option<&Element>, name: &str) -> HashMap<String, String> {
    let Some(list) = list else { return HashMap::new() };
    list.all(name)
        .filter_map(|entry| Some((entry.get("ID")?.to_owned(), entry.text().trim().to_owned())))
        .filter(|(id, _)| !id.starts_with('-'))
        .collect()
}

fn says_included(binder: &Element) -> bool {
    let said = binder.find("IncludeInCompile").map(|said| said.text().trim() == "Yes");
    said == Some(true) || binder.elements().any(says_included)
}

/// What styles mean, by their ids.
fn styles(files: &mut Files) -> Result<HashMap<String, Named>, Refusal> {
    let Some(bytes) = files.styles()? else { return Ok(HashMap::new()) };
    let root = tree::whole(&tree::decode(&bytes)?, &[])?;
    let named =
        |entry: &Element| Some((entry.get("ID")?.to_owned(), style::named(entry.get("Name")?)?));
    Ok(root.all("Style").filter_map(named).collect())
}

struct Reader<'a> {
    files: &'a mut Files,
    flow: &'a mut Flow,
    labels: HashMap<String, String>,
    statuses: HashMap<String, String>,
    styles: HashMap<String, Named>,
    marks_included: bool,
}

/// Which part of the binder an item is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Where {
    Draft,
    Beside,
}

impl Reader<'_> {
    /// An item at the top: the draft, the research, the trash.
    fn top(&mut self, item: &Element) -> Result<(), Refusal> {
        match item.get("Type").unwrap_or_default() {
            "DraftFolder" => {
                // The draft folder is the novel itself, and may have a text of its own.
                if self.has_text(item)? {
                    self.item(item, 0, Where::Draft)?;
                    return self.children(item, 0, Where::Draft);
                }
                self.children(item, 0, Where::Draft)
            }
            "TrashFolder" => {
                let count = count(item).saturating_sub(1);
                if count > 0 {
                    let items = if count == 1 { "item" } else { "items" };
                    let note = format!("The project's trash was left out: {count} {items}.");
                    self.flow.notes.push(note);
                }
                Ok(())
            }
            _ => self.branch(item, 0, Where::Beside),
        }
    }

    fn has_text(&mut self, item: &Element) -> Result<bool, Refusal> {
        let bytes = self.files.read(id(item), Part::Text)?.unwrap_or_default();
        let text = text(&bytes)?;
        Ok(text.blocks.iter().any(|block| match block {
            Block::Paragraph(paragraph) => crate::flow::visible(&paragraph.inline),
            _ => true,
        }))
    }

    fn branch(&mut self, item: &Element, depth: u8, place: Where) -> Result<(), Refusal> {
        self.item(item, depth, place)?;
        self.children(item, depth.saturating_add(1), place)
    }

    fn children(&mut self, item: &Element, depth: u8, place: Where) -> Result<(), Refusal> {
        let Some(children) = item.child("Children") else { return Ok(()) };
        children.all("BinderItem").try_for_each(|child| self.branch(child, depth, place))
    }

    fn item(&mut self, item: &Element, depth: u8, place: Where) -> Result<(), Refusal> {
        let kind = item.get("Type").unwrap_or_default();
        let is_folder = kind.ends_with("Folder") || kind == "Root";
        let role = match (place, is_folder) {
            (Where::Draft, false) => Role::Text,
            (Where::Draft, true) => Role::Folder,
            (Where::Beside, false) => Role::Note,
            (Where::Beside, true) => Role::NoteFolder,
        };
        let meta = item.child("MetaData");
        let of_meta = |name| meta.and_then(|meta| meta.text_of(name)).unwrap_or_default();
        let included = of_meta("IncludeInCompile").trim() == "Yes";
        let named = |names: &HashMap<String, String>, id: String| {
            names.get(id.trim()).cloned().unwrap_or_default()
        };
        let id = id(item).to_owned();
        let (label, status) =
            (named(&self.labels, of_meta("LabelID")), named(&self.statuses, of_meta("StatusID")));
        let synopsis = self.files.read(&id, Part::Synopsis)?.map(|bytes| plain(&bytes));
        let notes = match self.files.read(&id, Part::Notes)? {
            Some(bytes) => self.notes(&bytes)?,
            None => Vec::new(),
        };
        for kept in ["Keywords", "CustomMetaData", "Bookmarks"] {
            let count = item.child(kept).or_else(|| meta.and_then(|meta| meta.child(kept)));
            self.flow
                .lost
                .add_many(Loss::Metadata, count.map_or(0, |list| list.elements().count()));
        }
        self.flow.blocks.push(Block::Item(Box::new(Item {
            role,
            depth,
            title: item.text_of("Title").unwrap_or_default().trim().to_owned(),
            synopsis: synopsis.unwrap_or_else(|| of_meta("Synopsis")).trim().to_owned(),
            notes,
            label,
            status,
            target: target(item),
            excluded: place == Where::Draft && self.marks_included && !included,
        })));
        match kind {
            "Image" => self.image(&id, &of_meta("FileExtension")),
            "Text" | "Folder" | "DraftFolder" | "ResearchFolder" | "Root" | "" => self.text(&id),
            _ if is_folder => self.text(&id),
            _ => {
                self.flow.lost.add(Loss::Object);
                Ok(())
            }
        }
    }

    fn image(&mut self, id: &str, ending: &str) -> Result<(), Refusal> {
        let bytes = self.files.image(id, ending.trim())?;
        let picture =
            bytes.and_then(|bytes| guard::picture(bytes, &format!("image.{}", ending.trim())));
        match picture {
            Some(picture) => {
                let image = self.flow.picture(picture);
                let inline = vec![Inline::Image { image, alt: String::new(), width: None }];
                self.flow
                    .blocks
                    .push(Block::Paragraph(Paragraph { inline, ..Paragraph::default() }));
            }
            None => self.flow.lost.add(Loss::ImageRefused),
        }
        Ok(())
    }

    /// The notes beside a text.
    fn notes(&mut self, bytes: &[u8]) -> Result<Vec<Block>, Refusal> {
        let notes = text(bytes)?;
        let from = self.flow.blocks.len();
        marked::append(self.flow, notes, &Marked::default());
        Ok(self.flow.blocks.split_off(from))
    }

    /// An item's own text.
    fn text(&mut self, id: &str) -> Result<(), Refusal> {
        let Some(bytes) = self.files.read(id, Part::Text)? else { return Ok(()) };
        let read = text(&bytes)?;
        let comments = match self.files.read(id, Part::Comments)? {
            Some(bytes) => marked::comments(&bytes)?,
            None => HashMap::new(),
        };
        let list =
            self.files.read(id, Part::Styles)?.map(|bytes| plain(&bytes)).unwrap_or_default();
        let styles = list.split(',').map(|id| self.styles.get(id.trim()).copied()).collect();
        marked::append(self.flow, read, &Marked { comments, styles });
        Ok(())
    }
}

fn id(item: &Element) -> &str {
    item.get("UUID").or_else(|| item.get("ID")).unwrap_or_default()
}

/// How many items there are in one, itself included.
fn count(item: &Element) -> usize {
    1 + item.child("Children").map_or(0, |c| c.all("BinderItem").map(count).sum())
}

/// How many words the author wants.
fn target(item: &Element) -> Option<u64> {
    let of = |parent: &Element| {
        let target = parent.child("Target")?;
        let in_words = matches!(target.get("Type"), None | Some("Words"));
        target.text().trim().parse().ok().filter(|words| in_words && *words > 0)
    };
    of(item)
        .or_else(|| item.child("MetaData").and_then(of))
        .or_else(|| item.child("TextSettings").and_then(of))
}

/// A text: RTF, or plain where a program wrote no formatting.
pub(super) fn text(bytes: &[u8]) -> Result<Flow, Refusal> {
    if bytes.trim_ascii_start().starts_with(b"{\\rtf") {
        return rtf::read_of_scrivener(bytes);
    }
    let mut flow = Flow::default();
    for line in plain(bytes).lines() {
        flow.blocks.push(Block::Paragraph(Paragraph::plain(line)));
    }
    Ok(flow)
}

/// Plain text: UTF-8, or what Windows wrote before.
pub(super) fn plain(bytes: &[u8]) -> String {
    if let Some((encoding, mark)) = encoding_rs::Encoding::for_bom(bytes) {
        let rest = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(rest).0.into_owned();
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}
