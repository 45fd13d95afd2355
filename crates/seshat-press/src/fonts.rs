//! Fonts: those in the program first, those of the system only for what the program's have not.
//!
//! **Invariant:** a font that does not allow to be embedded is not used.

use std::collections::BTreeSet;

use ttf_parser::{Face, Permissions};
use typst::foundations::Bytes;
use typst::text::{Font, FontBook, FontInfo};
use typst::utils::LazyHash;
use typst_kit::fonts::{FontPath, FontSource, FontStore};

/// The fonts in the program.
const OURS: &[&[u8]] = &[
    include_bytes!("../fonts/LibertinusSerif-Regular.otf"),
    include_bytes!("../fonts/LibertinusSerif-Italic.otf"),
    include_bytes!("../fonts/LibertinusSerif-Bold.otf"),
    include_bytes!("../fonts/LibertinusSerif-BoldItalic.otf"),
    include_bytes!("../fonts/NotoSerifHebrew-Regular.ttf"),
    include_bytes!("../fonts/NotoSerifHebrew-Bold.ttf"),
    include_bytes!("../fonts/EzraSIL-Regular.ttf"),
    include_bytes!("../fonts/LiberationSerif-Regular.ttf"),
    include_bytes!("../fonts/LiberationSerif-Italic.ttf"),
    include_bytes!("../fonts/LiberationSerif-Bold.ttf"),
    include_bytes!("../fonts/LiberationSerif-BoldItalic.ttf"),
    include_bytes!("../fonts/LiberationMono-Regular.ttf"),
    include_bytes!("../fonts/CourierPrime-Regular.otf"),
    include_bytes!("../fonts/CourierPrime-Italic.otf"),
    include_bytes!("../fonts/CourierPrime-Bold.otf"),
    include_bytes!("../fonts/CourierPrime-BoldItalic.otf"),
];

/// Book faces that systems have for a language, best first. What else a text needs, the engine looks for itself.
const SYSTEM: &[(&str, &[&str])] = &[
    (
        "ja",
        &[
            "Noto Serif CJK JP",
            "Source Han Serif",
            "Hiragino Mincho ProN",
            "Yu Mincho",
            "MS Mincho",
            "IPAexMincho",
        ],
    ),
    ("zh", &["Noto Serif CJK SC", "Source Han Serif SC", "Songti SC", "SimSun"]),
    ("ko", &["Noto Serif CJK KR", "Source Han Serif K", "AppleMyungjo", "Batang"]),
    ("ar", &["Noto Naskh Arabic", "Amiri", "Scheherazade New", "Traditional Arabic"]),
    ("fa", &["Noto Naskh Arabic", "Amiri", "Scheherazade New"]),
    ("ur", &["Noto Nastaliq Urdu", "Noto Naskh Arabic"]),
];

/// The fonts for one job.
pub(crate) struct Fonts {
    store: FontStore,
    /// Families for the novel's scripts, best first; empty when those for books in Latin letters do.
    pub(crate) families: Vec<&'static str>,
    /// Characters that no font has.
    pub(crate) missing: String,
}

impl Fonts {
    /// Fonts for `characters` of a novel in `language`.
    pub(crate) fn new(language: &str, characters: &BTreeSet<char>) -> Self {
        let mut store = FontStore::new();
        let ours = OURS.iter().flat_map(|data| Font::iter(Bytes::new(*data)));
        store.extend(ours.map(|font| {
            let info = font.info().clone();
            (font, info)
        }));
        let mut missing = uncovered(store.book(), characters);
        if !missing.is_empty() {
            store.extend(typst_kit::fonts::system().map(|(path, info)| (Embeddable(path), info)));
            missing = uncovered(store.book(), characters);
        }
        // Readers that copy pointed text out of the PDF get letters twice with the other Hebrew font.
        let is_pointed = characters.iter().any(|c| ('\u{591}'..='\u{5c7}').contains(c));
        // Only where there is Hebrew: the engine tries every font of the list on every word.
        let is_hebrew = |c: &char| matches!(c, '\u{590}'..='\u{5ff}' | '\u{fb1d}'..='\u{fb4f}');
        let has_hebrew = characters.iter().any(is_hebrew);
        let listed = SYSTEM.iter().find(|(of, _)| *of == language);
        let listed = listed.map_or(&[][..], |(_, list)| list).iter().copied();
        let there = |family: &&str| store.book().contains_family(&family.to_lowercase());
        let pointed = is_pointed.then_some("Ezra SIL");
        let hebrew = has_hebrew.then_some("Noto Serif Hebrew");
        let families = pointed.into_iter().chain(hebrew).chain(listed.filter(there)).collect();
        Self { store, families, missing }
    }

    pub(crate) fn book(&self) -> &LazyHash<FontBook> {
        self.store.book()
    }

    pub(crate) fn font(&self, index: usize) -> Option<Font> {
        self.store.font(index)
    }
}

/// What of `characters` no font in `book` has.
fn uncovered(book: &FontBook, characters: &BTreeSet<char>) -> String {
    let mut infos: Vec<&FontInfo> = Vec::new();
    while let Some(info) = book.info(infos.len()) {
        infos.push(info);
    }
    let covered = |c: char| infos.iter().any(|info| info.coverage.contains(c.into()));
    characters.iter().copied().filter(|c| is_seen(*c) && !covered(*c)).collect()
}

/// Whether a reader sees `c`, so that a font must have it.
fn is_seen(c: char) -> bool {
    let ignorable = matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        // Dashes that the templates put together from others.
        | '\u{2e3a}'..='\u{2e3b}' | '\u{fff9}'..='\u{fffc}' | '\u{1bca0}'..='\u{1bca3}' | '\u{e0000}'..='\u{e0fff}');
    !ignorable && !c.is_whitespace() && !c.is_control()
}

/// A font of the system, read when it is needed and given out when it may be embedded.
struct Embeddable(FontPath);

impl FontSource for Embeddable {
    fn load(&self) -> Option<Font> {
        let font = self.0.load()?;
        let face = Face::parse(font.data(), font.index()).ok()?;
        let restricted = face.permissions() == Some(Permissions::Restricted);
        (!restricted).then_some(font)
    }
}
