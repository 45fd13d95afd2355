//! Ten novels and hostile files, where the corpus is at hand: `$SESHAT_CORPUS`, else `../shared/corpus` beside
//! the repository. Without it these tests say that they were left out.

use std::fs;
use std::path::{Path, PathBuf};

use seshat_interchange::markdown::{parse_chapter, write_chapter};

#[allow(clippy::disallowed_methods, reason = "a test may be told where its data is")]
fn corpus() -> Option<PathBuf> {
    let path = std::env::var_os("SESHAT_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/corpus"),
        PathBuf::from,
    );
    if path.is_dir() {
        return Some(path);
    }
    println!("left out: no corpus at {}", path.display());
    None
}

fn sorted(folder: &Path) -> Vec<PathBuf> {
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

#[test]
fn every_chapter_of_ten_novels_comes_back_byte_for_byte() {
    let Some(corpus) = corpus() else { return };
    let (mut same, mut different) = (0, Vec::new());
    for novel in sorted(&corpus.join("novels")) {
        for path in sorted(&novel) {
            if path.extension().is_none_or(|extension| extension != "md") {
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let written = write_chapter(&parse_chapter(&text));
            if written == text {
                same += 1;
            } else {
                let line = text
                    .split('\n')
                    .zip(written.split('\n'))
                    .find(|(a, b)| a != b)
                    .map(|(a, b)| format!("\n  {:.160?}\n  {:.160?}", a, b));
                different.push(format!("{}{}", path.display(), line.unwrap_or_default()));
            }
        }
    }
    assert!(different.is_empty(), "{same} same, {} not: {}", different.len(), different.join("\n"));
    assert_eq!(same, 384, "the corpus has 384 chapters");
}
