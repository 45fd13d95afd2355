//! Spelling: dictionaries beside the program and in the vault's home, and the author's own words in each novel.
//!
//! **Invariants:** a text is judged in this process and nothing of it is kept. A dictionary is loaded when a novel first
//! needs it, without the desk's lock, and let go of when the vault is locked or nothing asked for ten minutes. A
//! dictionary is a public list and lies unsealed; the author's own words are in the novel and sealed with it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use seshat_manuscript::Binder;
use seshat_spelling::{Dictionary, DictionaryError, Known, Speller, fitting, named};

use crate::clock::now_ms;
use crate::library::tag;
use crate::scenes::novel_id;
use crate::{Desk, DictionaryCard, Failure, Misspelling, SpellPiece, SpellingFacts};

/// The folder in the vault's home for what the author brought.
const OWN: &str = "dictionaries";
/// Milliseconds after which a dictionary that nobody asked is let go of.
const UNUSED: u64 = 10 * 60 * 1000;
/// Suggestions for a word.
const SUGGESTIONS: usize = 8;

/// The dictionaries that are in memory, and where the others are.
#[derive(Default)]
pub(crate) struct Shelf {
    bundled: OnceLock<PathBuf>,
    loaded: Mutex<BTreeMap<String, Loaded>>,
}

#[cfg(test)]
impl Shelf {
    /// How many dictionaries are in memory.
    pub(crate) fn held(&self) -> usize {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner).len()
    }
}

struct Loaded {
    dictionary: Arc<Dictionary>,
    used_at: u64,
}

impl Desk {
    /// Says where the dictionaries that came with the program are. Only the first word counts.
    pub fn dictionaries_in(&self, folder: PathBuf) {
        // Who says it twice says the same.
        let _first = self.shared.spelling.bundled.set(folder).is_ok();
    }

    /// The misspelt words of paragraphs, one list for each. In a language without a dictionary there are none.
    ///
    /// # Errors
    /// When the vault is locked or there is no such novel.
    pub fn misspelt(
        &self,
        novel: &str,
        paragraphs: &[Vec<SpellPiece>],
    ) -> Result<Vec<Vec<Misspelling>>, Failure> {
        let (language, known) = self.spelt_in(novel)?;
        let mut spellers: BTreeMap<&str, Speller> = BTreeMap::new();
        let mut all = Vec::with_capacity(paragraphs.len());
        for paragraph in paragraphs {
            let mut found = Vec::new();
            let mut before = 0;
            for piece in paragraph {
                let language = piece.language.as_deref().unwrap_or(&language);
                let speller = spellers.entry(language).or_insert_with(|| self.speller(language));
                found.extend(
                    speller
                        .misspelt(&piece.text, &known)
                        .into_iter()
                        .map(|it| Misspelling { from: before + it.from, to: before + it.to }),
                );
                before += piece.text.encode_utf16().count();
            }
            all.push(found);
        }
        Ok(all)
    }

    /// At most eight words that may have been meant. Without a language it is the novel's.
    ///
    /// # Errors
    /// When the vault is locked or there is no such novel.
    pub fn spelling_suggestions(
        &self,
        novel: &str,
        language: Option<&str>,
        word: &str,
    ) -> Result<Vec<String>, Failure> {
        let (own, known) = self.spelt_in(novel)?;
        Ok(self.speller(language.unwrap_or(&own)).suggest(word, &known, SUGGESTIONS))
    }

    /// What a novel's spelling is judged by.
    ///
    /// # Errors
    /// When the vault is locked or there is no such novel.
    pub fn spelling(&self, novel: &str) -> Result<SpellingFacts, Failure> {
        let id = novel_id(novel)?;
        let (language, words) = self.with_session(|session, store| {
            let binder = &session.binder(store, id)?.binder;
            Ok((binder.language(), binder.own_words()))
        })?;
        let files = self.dictionary_files();
        let there: Vec<&str> = files.keys().map(String::as_str).collect();
        let used = fitting(&language, &there);
        let dictionaries = files
            .iter()
            .map(|(language, file)| DictionaryCard {
                language: language.clone(),
                own: file.starts_with(self.own_dictionaries()),
                used: used.contains(&language.as_str()),
            })
            .collect();
        Ok(SpellingFacts { language, words, dictionaries })
    }

    /// Adds a word of the author's own to a novel.
    ///
    /// # Errors
    /// When it is no word, the vault is locked or the disk fails.
    pub fn add_own_word(&self, novel: &str, word: &str) -> Result<(), Failure> {
        self.edit_own_words(novel, |binder| {
            binder.add_own_word(word).then_some(()).ok_or_else(|| {
                Failure::other(
                    "This is not one word of at most 64 letters, or the novel has 20,000 of its own, so it was not added; everything else is as it was.",
                )
            })
        })
    }

    /// Takes a word of the author's own out of a novel.
    ///
    /// # Errors
    /// When the vault is locked or the disk fails.
    pub fn remove_own_word(&self, novel: &str, word: &str) -> Result<(), Failure> {
        self.edit_own_words(novel, |binder| {
            binder.remove_own_word(word);
            Ok(())
        })
    }

    /// Copies a dictionary into the vault's home: the file at `path`, whose name ends in `.aff` or `.dic`, and its
    /// fellow beside it. Its language is what it is named after, else `language`. Returns the language.
    ///
    /// # Errors
    /// When one of the two is missing or they are no dictionary; then nothing was added.
    pub fn add_dictionary(&self, path: &Path, language: &str) -> Result<String, Failure> {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let language = named(&stem).map_or_else(|| tag(language), Ok)?;
        let read = |ending: &str| {
            fs::read(path.with_extension(ending)).map_err(|_| {
                Failure::other(format!(
                    "A dictionary is two files of one name, ending in .aff and .dic, and the one ending in .{ending} could not be read; nothing was added; put both into one folder.",
                ))
            })
        };
        let (aff, dic) = (read("aff")?, read("dic")?);
        Dictionary::parse(&aff, &dic).map_err(unfit)?;
        let folder = self.own_dictionaries();
        let file = folder.join(&language);
        let written = fs::create_dir_all(&folder)
            .and_then(|()| fs::write(ending(&file, "dic"), dic))
            .and_then(|()| fs::write(ending(&file, "aff"), aff));
        self.loaded(|loaded| loaded.remove(&language));
        written.map_err(|_| {
            Failure::other(
                "The dictionary could not be copied into the vault's folder; your text is safe; look whether the disk is full.",
            )
        })?;
        Ok(language)
    }

    /// Removes a dictionary that the author brought. One that came with the program stays.
    ///
    /// # Errors
    /// When its files cannot be removed.
    pub fn remove_dictionary(&self, language: &str) -> Result<(), Failure> {
        let file = self.own_dictionaries().join(tag(language)?);
        for name in ["aff", "dic"] {
            let removed = fs::remove_file(ending(&file, name));
            if removed.is_err_and(|error| error.kind() != std::io::ErrorKind::NotFound) {
                return Err(Failure::other(
                    "The dictionary's files could not be removed; everything else is as it was; look who may write in the vault's folder.",
                ));
            }
        }
        self.loaded(|loaded| loaded.remove(language));
        Ok(())
    }

    /// Lets go of dictionaries that nobody asked for a while; of all of them where the vault is locked.
    pub(crate) fn let_go_of_dictionaries(&self) {
        let open = self.status(u64::MAX).vault == crate::VaultState::Open;
        let now = now_ms();
        self.loaded(|loaded| {
            loaded.retain(|_, it| open && now.saturating_sub(it.used_at) < UNUSED);
        });
    }

    fn edit_own_words(
        &self,
        novel: &str,
        edit: impl FnOnce(&mut Binder) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|session, store| session.edit_binder(store, novel, edit))?;
        self.wrote(&Ok(true));
        Ok(())
    }

    /// The novel's language and its author's words.
    fn spelt_in(&self, novel: &str) -> Result<(String, Known), Failure> {
        let novel = novel_id(novel)?;
        self.with_session(|session, store| {
            let binder = &session.binder(store, novel)?.binder;
            Ok((binder.language(), binder.own_words().into_iter().collect()))
        })
    }

    /// What judges words of a language. Without a dictionary for it nothing is wrong.
    fn speller(&self, language: &str) -> Speller {
        let files = self.dictionary_files();
        let there: Vec<&str> = files.keys().map(String::as_str).collect();
        let fit = fitting(language, &there);
        // A file that came to harm is as one that is not there: the text is not at fault.
        let found = fit.into_iter().filter_map(|tag| self.dictionary(tag, files.get(tag)?));
        Speller::new(language, found.collect())
    }

    fn dictionary(&self, tag: &str, file: &Path) -> Option<Arc<Dictionary>> {
        // Under the shelf's own lock, so that two questions at once load it once.
        self.loaded(|loaded| {
            let used_at = now_ms();
            if let Some(there) = loaded.get_mut(tag) {
                there.used_at = used_at;
                return Some(Arc::clone(&there.dictionary));
            }
            let (aff, dic) = (fs::read(ending(file, "aff")), fs::read(ending(file, "dic")));
            let dictionary = Arc::new(Dictionary::parse(&aff.ok()?, &dic.ok()?).ok()?);
            let kept = Loaded { dictionary: Arc::clone(&dictionary), used_at };
            loaded.insert(tag.to_owned(), kept);
            Some(dictionary)
        })
    }

    /// The dictionaries on this laptop by language, as paths without their ending; the author's own come first.
    fn dictionary_files(&self) -> BTreeMap<String, PathBuf> {
        let bundled = self.shared.spelling.bundled.get().cloned();
        let mut found = BTreeMap::new();
        for folder in bundled.into_iter().chain([self.own_dictionaries()]) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
                let complete = path.extension().is_some_and(|it| it == "aff");
                if let (Some(stem), true) = (stem, complete) {
                    found.insert(stem, path.with_extension(""));
                }
            }
        }
        found
    }

    fn own_dictionaries(&self) -> PathBuf {
        self.home().join(OWN)
    }

    fn loaded<T>(&self, work: impl FnOnce(&mut BTreeMap<String, Loaded>) -> T) -> T {
        let loaded = &self.shared.spelling.loaded;
        work(&mut loaded.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn ending(file: &Path, ending: &str) -> PathBuf {
    file.with_extension(ending)
}

fn unfit(error: DictionaryError) -> Failure {
    Failure::other(format!(
        "This dictionary cannot be used, because {error}; nothing was added; look for one made for Hunspell or LibreOffice."
    ))
}
