//! File and folder names made of titles, such that every system takes them.

use std::collections::BTreeSet;

/// Bytes of a name at most, its number and ending left out: far below every system's limit.
const LONGEST: usize = 80;

/// Names that Windows keeps for devices, whatever the ending.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];

/// The title as a name; `otherwise` where nothing of it can be one.
pub(super) fn of_title(title: &str, otherwise: &str) -> String {
    let fits = |c: char| !c.is_control() && !r#"<>:"/\|?*"#.contains(c);
    let mut name: String = title.chars().map(|c| if fits(c) { c } else { ' ' }).collect();
    name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    while name.len() > LONGEST {
        name.pop();
    }
    // A dot in front hides a file; one behind, or a space, Windows takes away.
    let name = name.trim_matches([' ', '.']);
    if name.is_empty() { otherwise.to_owned() } else { without_device(name) }
}

fn without_device(name: &str) -> String {
    let stem = name.split('.').next().unwrap_or_default().trim().to_lowercase();
    let numbered = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let port = numbered.is_some_and(|number| {
        let mut rest = number.chars();
        rest.next().is_some_and(|c| c.is_numeric()) && rest.next().is_none()
    });
    if port || DEVICES.contains(&stem.as_str()) { format!("{name}_") } else { name.to_owned() }
}

/// Names of one folder: each is given once, whatever the case of its letters.
#[derive(Default)]
pub(super) struct Names {
    given: BTreeSet<String>,
}

impl Names {
    /// The name itself, or with a number behind it where it was given before.
    pub(super) fn free(&mut self, name: &str) -> String {
        let mut free = name.to_owned();
        let mut number = 2;
        while !self.given.insert(free.to_lowercase()) {
            free = format!("{name} ({number})");
            number += 1;
        }
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn titles_become_names_that_windows_takes_too() {
        for (title, name) in [
            ("The Ferry", "The Ferry"),
            ("Who? Me: “him”", "Who Me “him”"),
            ("a/b\\c\nd", "a b c d"),
            (" ..hidden.. ", "hidden"),
            ("CON", "CON_"),
            ("nul.draft", "nul.draft_"),
            ("com1", "com1_"),
            ("company", "company"),
            ("???", "Untitled"),
            ("", "Untitled"),
            ("夏目漱石", "夏目漱石"),
        ] {
            assert_eq!(of_title(title, "Untitled"), name, "{title:?}");
        }
    }

    #[test]
    fn two_of_one_name_are_told_apart() {
        let mut names = Names::default();
        let given = ["Storm", "storm", "Storm (2)", "Storm"].map(|name| names.free(name));
        assert_eq!(given, ["Storm", "storm (2)", "Storm (2) (2)", "Storm (3)"]);
    }

    proptest! {
        #[test]
        fn every_name_is_one_and_short(title in any::<String>()) {
            let name = of_title(&title, "Untitled");
            prop_assert!(!name.is_empty() && name.len() <= LONGEST + 1);
            prop_assert!(!name.contains(['/', '\\', ':', '\0', '\n']));
            prop_assert!(!name.starts_with('.') && !name.ends_with(['.', ' ']));
        }
    }
}
