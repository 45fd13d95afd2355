//! Randomness that comes back: the same seed gives the same test.

use crate::programs::variable;

/// The seed of this run: `$SESHAT_SEED`, else always the same one.
#[must_use]
pub fn seed() -> u64 {
    variable("SESHAT_SEED").and_then(|text| text.parse().ok()).unwrap_or(2)
}

/// A generator (SplitMix64, Steele, Lea and Flood 2014). Not for keys.
#[derive(Clone, Debug)]
pub struct Random(u64);

/// A writer's words, with marks and letters that a careless program breaks.
const WORDS: &[&str] = &[
    "harbour",
    "lantern",
    "the",
    "of",
    "and",
    "a",
    "she",
    "walked",
    "towards",
    "rain",
    "letter",
    "ink",
    "café",
    "naïve",
    "œuvre",
    "Übermut",
    "straße",
    "señor",
    "ночь",
    "письмо",
    "夜",
    "手紙",
    "לילה",
    "don’t",
    "o’clock",
    "half-light",
    "“quiet”",
    "salt",
    "window",
    "never",
    "again",
    "morning",
    "ships",
    "grey",
    "bread",
    "silver",
    "under",
    "between",
    "nobody",
    "remembered",
    "𝄞",
    "👩‍🚀",
];

impl Random {
    /// A generator that begins at `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `bound`, which is above 0.
    ///
    /// # Panics
    /// When `bound` is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let bound = u64::try_from(bound).expect("no test counts that far");
        usize::try_from(self.bits() % bound).expect("it is below a usize")
    }

    /// One of `choices`, which is not empty.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// Words with a space between each two, and a full stop.
    pub fn sentence(&mut self, words: usize) -> String {
        let words: Vec<&str> = (0..words).map(|_| *self.pick(WORDS)).collect();
        format!("{}.", words.join(" "))
    }

    /// Paragraphs of a few sentences each, as Markdown.
    pub fn paragraphs(&mut self, count: usize) -> String {
        let mut text = String::new();
        for _ in 0..count {
            let sentences: Vec<String> = (0..3)
                .map(|_| {
                    let length = 6 + self.below(12);
                    self.sentence(length)
                })
                .collect();
            text.push_str(&sentences.join(" "));
            text.push_str("\n\n");
        }
        text
    }
}
