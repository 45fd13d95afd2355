//! The attack table has no hole: every row that there is something to attack for has a test of its name.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Sharing, links and OIDC are not there yet.
const NOTHING_TO_ATTACK: [u32; 3] = [15, 17, 37];
const ROWS: u32 = 38;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of sources").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_row_of_the_attack_table_has_a_test_and_is_in_the_threat_model() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests stand in the root");
    let mut files = Vec::new();
    for folder in ["crates", "tests"] {
        sources(&root.join(folder), &mut files);
    }
    let mut tested = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(next) = lines.peek() else { break };
            let Some(name) = next.trim().strip_prefix("fn attack_") else { continue };
            let number = name.split('_').next().and_then(|number| number.parse::<u32>().ok());
            if line.trim() == "#[test]" {
                tested.insert(number.unwrap_or_else(|| panic!("{name} has no number")));
            }
        }
    }
    let expected: BTreeSet<u32> =
        (1..=ROWS).filter(|row| !NOTHING_TO_ATTACK.contains(row)).collect();
    assert_eq!(tested, expected);
    let model = fs::read_to_string(root.join("docs/threat-model.md")).expect("the threat model");
    for row in 1..=ROWS {
        assert!(model.contains(&format!("\n| {row} | ")), "row {row} is not in the threat model");
    }
}
