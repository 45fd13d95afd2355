//! Which dictionary speaks for which language.

/// The main part of a BCP 47 tag, in small letters: `en` of `en-GB`.
pub(crate) fn main_part(tag: &str) -> String {
    tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}

/// Which of the dictionaries there are speak for a language; a word is right when one of them has it. None: nobody
/// can say.
///
/// The very same tag; else, for English, British or American as the country spells, and both where that is not said;
/// else the language without a country; else that of any country.
#[must_use]
pub fn fitting<'a>(language: &str, there: &[&'a str]) -> Vec<&'a str> {
    let same = |wanted: &str| there.iter().copied().find(|tag| tag.eq_ignore_ascii_case(wanted));
    if let Some(found) = same(language) {
        return vec![found];
    }
    let main = main_part(language);
    if main == "en" {
        let country = language.split(['-', '_']).next_back().unwrap_or_default();
        let wanted: &[&str] = match country.to_ascii_uppercase().as_str() {
            "US" | "PH" | "PR" => &["en-US"],
            "EN" | "CA" => &["en-GB", "en-US"],
            _ => &["en-GB"],
        };
        let found: Vec<_> = wanted.iter().filter_map(|tag| same(tag)).collect();
        if !found.is_empty() {
            return found;
        }
    }
    let any = || there.iter().copied().find(|tag| main_part(tag) == main);
    same(&main).or_else(any).into_iter().collect()
}

/// The language that a dictionary's file is named after, `de-AT` of `de_AT_frami`; `None` when it is named after none.
#[must_use]
pub fn named(stem: &str) -> Option<String> {
    let mut parts = stem.split(['-', '_', '.']);
    let main = parts.next()?;
    let is_language =
        (2..=3).contains(&main.len()) && main.bytes().all(|byte| byte.is_ascii_alphabetic());
    if !is_language {
        return None;
    }
    let main = main.to_ascii_lowercase();
    let country =
        parts.next().filter(|it| it.len() == 2 && it.bytes().all(|byte| byte.is_ascii_uppercase()));
    Some(country.map_or_else(|| main.clone(), |country| format!("{main}-{country}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const THERE: &[&str] = &["de", "en-GB", "en-US", "es", "fr", "pt-PT"];

    #[test]
    fn a_language_finds_its_dictionary_whatever_the_country() {
        for (language, found) in [
            ("fr", &["fr"][..]),
            ("fr-CA", &["fr"]),
            ("de-AT", &["de"]),
            ("en-gb", &["en-GB"]),
            ("en-AU", &["en-GB"]),
            ("en-US", &["en-US"]),
            ("en", &["en-GB", "en-US"]),
            ("pt-BR", &["pt-PT"]),
            ("ja", &[]),
        ] {
            assert_eq!(fitting(language, THERE), found, "{language}");
        }
    }

    #[test]
    fn a_file_says_its_language_by_its_name() {
        assert_eq!(named("de_AT_frami").as_deref(), Some("de-AT"));
        assert_eq!(named("pt-BR").as_deref(), Some("pt-BR"));
        assert_eq!(named("fr-classique").as_deref(), Some("fr"));
        assert_eq!(named("index"), None);
    }
}
