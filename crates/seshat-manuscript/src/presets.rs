//! What the author chose for exports, kept under names with the novel.
//!
//! **Invariants:** each choice of a preset is an entry of its own, so two laptops that change different ones of a preset
//! keep both, and presets made on two laptops are all there after a merge. What a newer version chose and this one does
//! not know stays as it is.

use std::collections::BTreeMap;

use loro::{LoroMap, LoroValue, ValueOrContainer};
use serde_json::Value;

use crate::binder::Binder;
use crate::tree::write;
use crate::version::is_key;

/// The container, part of the saved format: a preset's id with whether it is there, and `ID/CHOICE` with that choice as
/// JSON.
const PRESETS: &str = "export_presets";
/// So many a novel can have.
const MOST: usize = 200;
/// Bytes of the longest choice.
const LONGEST: usize = 256 * 1024;

/// The choices of a preset by their names.
pub type Choices = BTreeMap<String, Value>;

impl Binder {
    /// The presets by their ids.
    #[must_use]
    pub fn presets(&self) -> BTreeMap<String, Choices> {
        let mut presets: BTreeMap<String, Choices> = BTreeMap::new();
        let mut choices = Vec::new();
        self.preset_map().for_each(|key, value| match (key.split_once('/'), value) {
            (None, ValueOrContainer::Value(LoroValue::Bool(true))) => {
                presets.insert(key.to_owned(), Choices::new());
            }
            (Some((id, choice)), ValueOrContainer::Value(LoroValue::String(json))) => {
                choices.push((id.to_owned(), choice.to_owned(), json.to_string()));
            }
            _ => {}
        });
        for (id, choice, json) in choices {
            if let (Some(preset), Ok(value)) = (presets.get_mut(&id), serde_json::from_str(&json)) {
                preset.insert(choice, value);
            }
        }
        presets
    }

    /// Keeps a preset; choices that are not named stay as they are. False: the id or a choice's name is more than letters,
    /// digits, hyphens and low lines, a choice is longer than 256 KiB, or there are 200 presets; nothing changed.
    pub fn set_preset(&mut self, id: &str, choices: &Choices) -> bool {
        let choices: Vec<_> = choices.iter().map(|(name, it)| (name, it.to_string())).collect();
        let fits = is_key(id)
            && choices.iter().all(|(name, json)| is_name(name) && json.len() <= LONGEST)
            && (self.preset_map().get(id).is_some() || self.presets().len() < MOST);
        if fits {
            for (name, json) in choices {
                self.write_entry(&format!("{id}/{name}"), json.into());
            }
            self.write_entry(id, LoroValue::Bool(true));
            self.replica.commit();
        }
        fits
    }

    /// Takes a preset away; one that is not there changes nothing. Its choices stay for whoever wants it back.
    pub fn remove_preset(&mut self, id: &str) {
        if is_key(id) && self.preset_map().get(id).is_some() {
            self.write_entry(id, LoroValue::Bool(false));
            self.replica.commit();
        }
    }

    fn write_entry(&self, key: &str, value: LoroValue) {
        write(&self.preset_map(), key, value).expect("a map takes any value");
    }

    fn preset_map(&self) -> LoroMap {
        self.replica.doc().get_map(PRESETS)
    }
}

fn is_name(name: &str) -> bool {
    (1..=64).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn copy_of(binder: &Binder, peer: u64) -> Binder {
        Binder::load(peer, [binder.snapshot().unwrap().as_slice()]).unwrap()
    }

    fn choices(of: &[(&str, Value)]) -> Choices {
        of.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
    }

    #[test]
    fn a_preset_is_kept_changed_taken_away_and_brought_back() {
        let mut binder = Binder::new(7, "A novel", "en");
        let print = choices(&[("name", json!("Print")), ("contact", json!(["Ada", "London"]))]);
        assert!(binder.set_preset("p1", &print));
        binder.take_update();
        assert!(binder.set_preset("p1", &print));
        assert_eq!(binder.take_update(), None, "what stays the same writes nothing");
        assert!(binder.set_preset("p1", &choices(&[("name", json!("Proof"))])));
        let changed = &copy_of(&binder, 8).presets()["p1"];
        assert_eq!((&changed["name"], &changed["contact"][1]), (&json!("Proof"), &json!("London")));
        binder.remove_preset("p1");
        binder.remove_preset("p2");
        assert!(copy_of(&binder, 9).presets().is_empty());
        assert!(binder.set_preset("p1", &Choices::new()));
        assert_eq!(binder.presets()["p1"]["name"], json!("Proof"));
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let mut binder = Binder::new(7, "A novel", "en");
        binder.take_update();
        let long = json!("x".repeat(LONGEST));
        for (id, name, value) in
            [("", "a", json!(1)), ("a/b", "a", json!(1)), ("p", "a/b", json!(1)), ("p", "a", long)]
        {
            assert!(!binder.set_preset(id, &choices(&[(name, value)])));
        }
        assert_eq!(binder.take_update(), None);
    }

    #[test]
    fn two_laptops_lose_neither_a_preset_nor_a_choice() {
        let mut anna = Binder::new(7, "A novel", "en");
        anna.set_preset("both", &choices(&[("name", json!("Print")), ("trim", json!("a5"))]));
        let mut bert = copy_of(&anna, 8);
        anna.take_update();
        anna.set_preset("annas", &choices(&[("name", json!("Agent"))]));
        anna.set_preset("both", &choices(&[("name", json!("Proof"))]));
        bert.set_preset("berts", &choices(&[("name", json!("Shop"))]));
        bert.set_preset("both", &choices(&[("trim", json!("trade"))]));
        let (from_anna, from_bert) = (anna.take_update().unwrap(), bert.take_update().unwrap());
        anna.merge(&from_bert).unwrap();
        bert.merge(&from_anna).unwrap();
        assert_eq!(anna.presets(), bert.presets());
        let presets = anna.presets();
        assert_eq!(presets.keys().collect::<Vec<_>>(), ["annas", "berts", "both"]);
        assert_eq!(presets["both"], choices(&[("name", json!("Proof")), ("trim", json!("trade"))]));
    }
}
