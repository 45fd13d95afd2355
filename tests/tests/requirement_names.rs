//! That every requirement of sync has a test that is named after it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// How many there are.
const REQUIREMENTS: u32 = 25;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder can be listed").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|it| it == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_requirement_of_sync_has_a_test() {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests"), &mut files);
    let mut found = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("a source can be read");
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        for (before, line) in lines.iter().zip(lines.iter().skip(1)) {
            let number = line.strip_prefix("fn req_").and_then(|rest| rest.get(..2)?.parse().ok());
            if let (Some(number), "#[test]") = (number, *before) {
                found.insert(number);
            }
        }
    }
    let all: BTreeSet<u32> = (1..=REQUIREMENTS).collect();
    let missing: Vec<_> = all.difference(&found).collect();
    assert!(missing.is_empty(), "no test for {missing:?}");
}
