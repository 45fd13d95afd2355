//! Presets of exports: five that came with Seshat, and the author's own, sealed and synced with the novel.
//!
//! **Invariant:** a choice that a newer version made and this one cannot read is shown as the usual one, and stays as it is
//! until the author chooses anew.

use serde_json::{Map, Value};
use seshat_manuscript::Choices;

use crate::exporting_choice::{book_paper, letter_paper};
use crate::scenes::novel_id;
use crate::{
    ContentsPlace, Desk, ExportKind, ExportPreset, Failure, MatterRole, MatterRow, PageChoice,
};

/// How the ids of those begin that came with Seshat.
const BUILT_IN: &str = "builtin-";
/// Characters of the longest name.
const LONGEST: usize = 100;

impl Desk {
    /// The presets for a novel: first those that came with Seshat, then the author's own by their names.
    ///
    /// # Errors
    /// When there is no such novel, or it is closed.
    pub fn export_presets(&self, novel: &str) -> Result<Vec<ExportPreset>, Failure> {
        let novel = novel_id(novel)?;
        let (language, kept) = self.with_session(|session, store| {
            let binder = &session.binder(store, novel)?.binder;
            Ok((binder.language(), binder.presets()))
        })?;
        let mut own: Vec<_> = kept.into_iter().map(|(id, choices)| read(id, choices)).collect();
        own.sort_by(|one, other| {
            (one.name.to_lowercase(), &one.id).cmp(&(other.name.to_lowercase(), &other.id))
        });
        let mut presets = built_in(&language);
        presets.extend(own);
        Ok(presets)
    }

    /// Keeps a preset with its novel and says how it is called. Without an id, or with that of one that came with Seshat,
    /// it becomes a new one; with the id of one that was taken away it comes back.
    ///
    /// # Errors
    /// When it has no name, is too long, or cannot be written.
    pub fn save_export_preset(
        &self,
        novel: &str,
        preset: &ExportPreset,
    ) -> Result<ExportPreset, Failure> {
        let novel = novel_id(novel)?;
        let name = preset.name.split_whitespace().collect::<Vec<_>>().join(" ");
        if name.is_empty() || name.chars().count() > LONGEST {
            return Err(Failure::other(
                "A preset needs a name of at most 100 characters, so it was not kept; the others are as they were; give it one.",
            ));
        }
        let saved = self.with_session(|session, store| {
            let mut saved = ExportPreset { name, ..preset.clone() };
            if saved.id.is_empty() || saved.id.starts_with(BUILT_IN) {
                saved.id = session.entropy.id()?.iter().map(|byte| format!("{byte:02x}")).collect();
            }
            let choices = choices(&saved);
            session.edit_binder(store, novel, |binder| {
                if binder.set_preset(&saved.id, &choices) {
                    Ok(())
                } else {
                    Err(Failure::other(
                        "This preset is too long, or the novel has 200 of them, so it was not kept; the others are as they were; shorten its texts, or take one away.",
                    ))
                }
            })?;
            Ok(saved)
        })?;
        self.wrote(&Ok(true));
        Ok(saved)
    }

    /// Takes one of the author's own presets away. Keeping it again brings it back.
    ///
    /// # Errors
    /// When there is no such novel, or it cannot be written.
    pub fn remove_export_preset(&self, novel: &str, id: &str) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|session, store| {
            session.edit_binder(store, novel, |binder| {
                binder.remove_preset(id);
                Ok(())
            })
        })?;
        self.wrote(&Ok(true));
        Ok(())
    }
}

/// The choices as they are kept: all but the id.
fn choices(preset: &ExportPreset) -> Choices {
    let Ok(Value::Object(fields)) = serde_json::to_value(preset) else { return Choices::new() };
    fields.into_iter().filter(|(name, _)| name != "id").collect()
}

fn read(id: String, choices: Choices) -> ExportPreset {
    // One by one, so that what this version cannot read costs nothing else.
    let is_readable = |name: &String, value: &Value| {
        let alone: Map<String, Value> = [(name.clone(), value.clone())].into_iter().collect();
        serde_json::from_value::<ExportPreset>(Value::Object(alone)).is_ok()
    };
    let fields: Map<String, Value> =
        choices.into_iter().filter(|(name, value)| is_readable(name, value)).collect();
    let preset = serde_json::from_value::<ExportPreset>(Value::Object(fields)).unwrap_or_default();
    ExportPreset { id, ..preset }
}

/// The presets that came with Seshat, as they suit a language.
pub(crate) fn built_in(language: &str) -> Vec<ExportPreset> {
    let title = || MatterRow { role: MatterRole::TitlePage, heading: None, text: String::new() };
    let preset = |id: &str, name: &str, kind| ExportPreset {
        id: format!("{BUILT_IN}{id}"),
        name: name.to_owned(),
        kind,
        contents: ContentsPlace::None,
        page: PageChoice { trim: book_paper(language), ..PageChoice::default() },
        ..ExportPreset::default()
    };
    let manuscript = ExportPreset {
        front: Vec::new(),
        separator: "#".to_owned(),
        page: PageChoice { trim: letter_paper(language), ..PageChoice::default() },
        ..preset("manuscript", "Manuscript", ExportKind::ManuscriptDocx)
    };
    let book = ExportPreset {
        contents: ContentsPlace::Before,
        vertical: false,
        front: vec![title()],
        ..preset("ebook", "E-book", ExportKind::Epub)
    };
    vec![
        manuscript,
        book,
        preset("print", "Print", ExportKind::Pdf),
        preset("word", "Word", ExportKind::Docx),
        preset("plain", "Plain", ExportKind::Text),
    ]
}

impl Desk {
    /// What is exported for a kind where nothing else was chosen: the preset that came with Seshat for it.
    ///
    /// # Errors
    /// As [`Desk::export_presets`].
    pub fn usual_preset(&self, novel: &str, kind: ExportKind) -> Result<ExportPreset, Failure> {
        let like = match kind {
            ExportKind::ManuscriptDocx | ExportKind::ManuscriptPdf => "manuscript",
            ExportKind::Epub | ExportKind::Html | ExportKind::HtmlFolder => "ebook",
            ExportKind::Pdf => "print",
            ExportKind::Docx | ExportKind::Odt => "word",
            ExportKind::MarkdownFolder
            | ExportKind::Markdown
            | ExportKind::Pandoc
            | ExportKind::Text
            | ExportKind::Csv
            | ExportKind::Opml => "plain",
        };
        let presets = self.export_presets(novel)?;
        let found = presets.into_iter().find(|it| it.id.strip_prefix(BUILT_IN) == Some(like));
        Ok(ExportPreset { kind, ..found.unwrap_or_default() })
    }
}
