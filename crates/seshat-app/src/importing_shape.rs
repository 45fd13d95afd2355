//! Between what the author chooses and how a document is cut.

use seshat_interchange::shape::{Blanks, Items, Lines, Meaning, Shaping, Signs};

use crate::scenes::to_u64;
use crate::{BlankMeaning, BreakMeaning, ImportSigns, ItemMeaning, LineMeaning, ShapingChoice};

impl From<&Shaping> for ShapingChoice {
    fn from(shaping: &Shaping) -> Self {
        let (blanks, blank_lines) = match shaping.blanks {
            Blanks::Space => (BlankMeaning::Space, 1),
            Blanks::Kept => (BlankMeaning::Kept, 1),
            Blanks::Scene(least) => (BlankMeaning::Scene, u32::try_from(least).unwrap_or(1)),
        };
        Self {
            title_level: shaping.title_level,
            part_level: shaping.part_level,
            chapter_level: shaping.chapter_level,
            scene_level: shaping.scene_level,
            lines: match shaping.lines {
                Lines::None => LineMeaning::None,
                Lines::Chapters => LineMeaning::Chapters,
                Lines::ChaptersAndParts => LineMeaning::ChaptersAndParts,
            },
            numbers: shaping.numbers,
            ornaments: shaping.ornaments,
            rules: shaping.rules,
            pages: shown(shaping.pages),
            sections: shown(shaping.sections),
            files: shown(shaping.files),
            blanks,
            blank_lines,
            items: match shaping.items {
                Items::ByFolders => ItemMeaning::ByFolders,
                Items::TextsAreChapters => ItemMeaning::TextsAreChapters,
            },
        }
    }
}

impl From<&ShapingChoice> for Shaping {
    fn from(choice: &ShapingChoice) -> Self {
        Self {
            title_level: choice.title_level,
            part_level: choice.part_level,
            chapter_level: choice.chapter_level,
            scene_level: choice.scene_level,
            lines: match choice.lines {
                LineMeaning::None => Lines::None,
                LineMeaning::Chapters => Lines::Chapters,
                LineMeaning::ChaptersAndParts => Lines::ChaptersAndParts,
            },
            numbers: choice.numbers,
            ornaments: choice.ornaments,
            rules: choice.rules,
            pages: meant(choice.pages),
            sections: meant(choice.sections),
            files: meant(choice.files),
            blanks: match choice.blanks {
                BlankMeaning::Space => Blanks::Space,
                BlankMeaning::Kept => Blanks::Kept,
                BlankMeaning::Scene => {
                    Blanks::Scene(usize::try_from(choice.blank_lines).unwrap_or(1).max(1))
                }
            },
            items: match choice.items {
                ItemMeaning::ByFolders => Items::ByFolders,
                ItemMeaning::TextsAreChapters => Items::TextsAreChapters,
            },
        }
    }
}

impl From<&Signs> for ImportSigns {
    fn from(signs: &Signs) -> Self {
        Self {
            levels: signs.levels.clone(),
            lines: to_u64(signs.lines),
            numbers: to_u64(signs.numbers),
            ornaments: to_u64(signs.ornaments),
            rules: to_u64(signs.rules),
            pages: to_u64(signs.pages),
            sections: to_u64(signs.sections),
            files: to_u64(signs.files),
            blanks: to_u64(signs.blanks),
            tree: signs.tree,
        }
    }
}

fn shown(meaning: Meaning) -> BreakMeaning {
    match meaning {
        Meaning::Nothing => BreakMeaning::Nothing,
        Meaning::Scene => BreakMeaning::Scene,
        Meaning::Chapter => BreakMeaning::Chapter,
    }
}

fn meant(meaning: BreakMeaning) -> Meaning {
    match meaning {
        BreakMeaning::Nothing => Meaning::Nothing,
        BreakMeaning::Scene => Meaning::Scene,
        BreakMeaning::Chapter => Meaning::Chapter,
    }
}
