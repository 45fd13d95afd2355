//! Pages of an export as pictures, before anything is written.
//!
//! **Invariants:** pages are in memory only, those of one preset of one novel, and go with the lock. At most one job is set
//! at a time; a newer one that is about something else ends it.

use std::collections::BTreeMap;
use std::sync::Mutex;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use seshat_interchange::export::pdf::{self, Drawn, Shown};
use seshat_interchange::export::{CopyFacts, Edition, Section};
use seshat_manuscript::Passage;
use sha2::{Digest, Sha256};

use crate::exporting::held;
use crate::exporting_choice::Choice;
use crate::exporting_text::Stop;
use crate::scenes::{novel_id, to_u64};
use crate::{Desk, ExportKind, ExportPages, ExportPreset, Failure, FailureCode};

/// How wide a page's picture is, in pixels: sharp at half that on a screen with twice the dots.
const WIDTH: u32 = 900;
/// Pages drawn at once: whoever looks at one turns to the next, and setting them all costs more than drawing some.
const AHEAD: usize = 32;
/// Pages asked for at most.
const MOST: usize = 64;
/// Pictures that are kept.
const KEPT: usize = 200;
/// Words that fill the pages of a first look, and those of a novel that is worth one.
const BEGINNING: usize = 6_000;
const LONG: usize = 20_000;
/// Pages of a first look.
const FIRST: usize = 12;

/// Names a job: what is set, and how.
type Job = [u8; 32];

/// What was drawn, and what is being drawn.
#[derive(Default)]
pub(crate) struct Pages {
    state: Mutex<State>,
    /// Whoever holds this has the one job that is set.
    turn: Mutex<()>,
}

#[derive(Default)]
struct State {
    /// Grows with every lock: what was begun before is not kept after it.
    age: u64,
    /// The job that was asked for last.
    latest: Option<Job>,
    /// The job that is set, and how it is stopped.
    now: Option<(Job, Stop)>,
    job: Option<Job>,
    pages: usize,
    missing: String,
    images: BTreeMap<usize, Vec<u8>>,
}

impl State {
    /// The pages that were asked for, if all of them are here.
    fn answer(&self, job: Job, from: usize, count: usize) -> Option<Drawn> {
        if self.job != Some(job) {
            return None;
        }
        let to = from.saturating_add(count).min(self.pages);
        let images: Option<Vec<_>> = (from..to).map(|at| self.images.get(&at).cloned()).collect();
        Some(Drawn { pages: self.pages, images: images?, missing: self.missing.clone() })
    }

    fn keep(&mut self, job: Job, from: usize, drawn: Drawn) {
        if self.job != Some(job) || self.images.len() > KEPT {
            self.images.clear();
        }
        self.job = Some(job);
        self.pages = drawn.pages;
        self.missing = drawn.missing;
        self.images.extend((from..).zip(drawn.images));
    }
}

impl Pages {
    /// Whether a job, or its beginning, is what was drawn last.
    fn knows(&self, jobs: [Job; 2]) -> bool {
        held(&self.state).job.is_some_and(|job| jobs.contains(&job))
    }

    /// Stops what is set and forgets what was.
    pub(crate) fn forget(&self) {
        let mut state = held(&self.state);
        let age = state.age + 1;
        if let Some((_, stop)) = &state.now {
            stop.now();
        }
        *state = State { age, ..State::default() };
    }

    /// Pages of a job; `draw` sets it, unless they are here.
    fn drawn(
        &self,
        job: Job,
        (from, count): (usize, usize),
        draw: impl FnOnce(Shown, &Stop) -> Result<Drawn, Failure>,
    ) -> Result<Drawn, Failure> {
        {
            let mut state = held(&self.state);
            state.latest = Some(job);
            if let Some(drawn) = state.answer(job, from, count) {
                return Ok(drawn);
            }
            if let Some((_, stop)) = state.now.as_ref().filter(|(other, _)| *other != job) {
                stop.now();
            }
        }
        let turn = held(&self.turn);
        let stop = Stop::default();
        let age = {
            let mut state = held(&self.state);
            if state.latest != Some(job) {
                return Err(superseded());
            }
            if let Some(drawn) = state.answer(job, from, count) {
                return Ok(drawn);
            }
            state.now = Some((job, stop.clone()));
            state.age
        };
        let drawn = draw(Shown { from, count: count.max(AHEAD), width: WIDTH }, &stop);
        let mut state = held(&self.state);
        state.now = None;
        let drawn = match drawn {
            // Whatever it says: the reason is that something else was asked for.
            Err(_) if stop.check().is_err() => return Err(superseded()),
            drawn => drawn?,
        };
        if state.age == age {
            state.keep(job, from, drawn.clone());
        }
        drop(state);
        drop(turn);
        Ok(Drawn { images: drawn.images.into_iter().take(count).collect(), ..drawn })
    }
}

impl Desk {
    /// What some pages of an export will look like: `count` of them from `from` on, counted from 0, at most 64. What has no
    /// pages of its own is shown on those of an e-book reader; a plain text or an outline has none. Of a long novel the first
    /// look shows the beginning alone, at once, and says so.
    ///
    /// # Errors
    /// When there is no such novel, what the preset chooses is not in it, or the pages cannot be set.
    /// [`FailureCode::Stale`] when other pages were asked for meanwhile.
    pub fn preview_export(
        &self,
        novel: &str,
        preset: &ExportPreset,
        from: usize,
        count: usize,
    ) -> Result<ExportPages, Failure> {
        let text = self.gather(novel_id(novel)?, preset, &mut |_, _| Ok(()))?;
        if !has_pages(preset.kind) {
            let words = to_u64(text.counts().0);
            return Ok(ExportPages {
                words,
                from: to_u64(from),
                done: true,
                ..ExportPages::default()
            });
        }
        let choice = Choice::of(preset, &text);
        let copy = CopyFacts::default();
        let edition = Edition::new(&text.novel, &choice.options, &copy)?;
        let pages = &self.shared.exports.pages;
        let job: Job = Sha256::digest(pdf::job(&edition, &choice.pages, None)).into();
        let beginning: Job = Sha256::digest(job).into();
        let wanted = (from, count.clamp(1, MOST));
        let is_first = from + wanted.1 <= FIRST && edition.words > LONG;
        let done = !is_first || pages.knows([job, beginning]);
        let (job, set) = if done { (job, edition) } else { (beginning, beginning_of(&edition)) };
        let words = to_u64(text.counts().0);
        let drawn = pages.drawn(job, wanted, |shown, stop| {
            Ok(pdf::pages(&set, &choice.pages, &self.press(stop), shown)?)
        })?;
        Ok(ExportPages {
            pages: to_u64(drawn.pages),
            words,
            from: to_u64(from),
            images: drawn.images.iter().map(|image| BASE64_STANDARD.encode(image)).collect(),
            missing: drawn.missing,
            done,
        })
    }
}

/// An edition up to where the first pages are full.
fn beginning_of<'a>(edition: &Edition<'a>) -> Edition<'a> {
    let mut words = 0;
    let is_needed = |section: &&Section| {
        let begun = words < BEGINNING;
        words += section.scenes.iter().map(Passage::words).sum::<usize>();
        begun
    };
    let sections = edition.sections.iter().take_while(is_needed).cloned().collect();
    Edition {
        options: edition.options,
        copy: edition.copy,
        images: edition.images,
        title: edition.title.clone(),
        author: edition.author.clone(),
        language: edition.language.clone(),
        labels: edition.labels,
        sections,
        words: edition.words,
    }
}

fn has_pages(kind: ExportKind) -> bool {
    match kind {
        ExportKind::Epub
        | ExportKind::Docx
        | ExportKind::ManuscriptDocx
        | ExportKind::Odt
        | ExportKind::Pdf
        | ExportKind::ManuscriptPdf
        | ExportKind::Html
        | ExportKind::HtmlFolder => true,
        ExportKind::MarkdownFolder
        | ExportKind::Markdown
        | ExportKind::Pandoc
        | ExportKind::Text
        | ExportKind::Csv
        | ExportKind::Opml => false,
    }
}

fn superseded() -> Failure {
    Failure::new(
        FailureCode::Stale,
        "Other pages were asked for meanwhile, so these were not drawn; your novel is safe; ask for them again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(at: usize) -> Vec<u8> {
        vec![u8::try_from(at).unwrap()]
    }

    /// A press of ten pages, which counts how often it was asked.
    fn ten(asked: &mut usize) -> impl FnOnce(Shown, &Stop) -> Result<Drawn, Failure> {
        *asked += 1;
        |shown, _| {
            let images = (shown.from..10).take(shown.count).map(picture).collect();
            Ok(Drawn { pages: 10, images, missing: String::new() })
        }
    }

    #[test]
    fn pages_that_were_drawn_are_not_drawn_again_until_the_lock_or_another_job() {
        let pages = Pages::default();
        let mut asked = 0;
        let first = pages.drawn([1; 32], (0, 2), ten(&mut asked)).unwrap();
        assert_eq!((first.pages, first.images), (10, vec![picture(0), picture(1)]));
        let never = |_: Shown, _: &Stop| panic!("it is there");
        assert_eq!(pages.drawn([1; 32], (6, 2), never).unwrap().images, [picture(6), picture(7)]);
        let last = pages.drawn([1; 32], (8, 4), ten(&mut asked)).unwrap();
        assert_eq!(last.images, [picture(8), picture(9)]);
        let never = |_: Shown, _: &Stop| panic!("it is there");
        assert!(pages.drawn([1; 32], (12, 2), never).unwrap().images.is_empty());
        pages.drawn([2; 32], (0, 1), ten(&mut asked)).unwrap();
        pages.drawn([1; 32], (0, 1), ten(&mut asked)).unwrap();
        pages.forget();
        pages.drawn([1; 32], (0, 1), ten(&mut asked)).unwrap();
        assert_eq!(asked, 5);
    }

    #[test]
    fn another_job_ends_the_one_that_is_set_and_a_lock_keeps_nothing_of_it() {
        let pages = Pages::default();
        let stopped = pages.drawn([1; 32], (0, 1), |_, stop| {
            // Somebody asks for something else meanwhile, and waits for this one's end.
            held(&pages.state).latest = Some([2; 32]);
            stop.now();
            Err(Failure::other("ended"))
        });
        assert_eq!(stopped.unwrap_err().code, FailureCode::Stale);
        let drawn = pages.drawn([1; 32], (0, 1), |_, _| {
            pages.forget();
            Ok(Drawn { pages: 1, images: vec![picture(0)], missing: String::new() })
        });
        assert_eq!(drawn.unwrap().images.len(), 1, "it was asked for before the lock");
        assert!(held(&pages.state).images.is_empty());
    }
}
