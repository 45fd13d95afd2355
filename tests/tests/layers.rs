//! The house keeps its walls: which crate may link which, and how long a file may be.
//!
//! Most invariants of the architecture are absences (the server cannot open what it holds), so they are read off
//! `cargo metadata` here and not promised in a document.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// What each crate of ours may depend on. `dev:` edges are allowed in tests only.
const ALLOWED: &[(&str, &[&str])] = &[
    ("seshat-protocol", &[]),
    ("seshat-platform", &[]),
    ("seshat-vault", &["seshat-protocol"]),
    ("seshat-manuscript", &["seshat-protocol"]),
    ("seshat-store", &["seshat-protocol"]),
    ("seshat-search", &["seshat-manuscript"]),
    ("seshat-spelling", &[]),
    ("seshat-interchange", &["seshat-manuscript"]),
    ("seshat-sync", &["seshat-protocol", "seshat-store"]),
    (
        "seshat-app",
        &[
            "seshat-protocol",
            "seshat-vault",
            "seshat-manuscript",
            "seshat-store",
            "seshat-search",
            "seshat-spelling",
            "seshat-interchange",
            "seshat-sync",
            "seshat-platform",
        ],
    ),
    ("seshat-press", &[]),
    ("seshat-server", &["seshat-protocol"]),
    ("seshat-cli", &["seshat-app", "seshat-platform"]),
    ("seshat-desktop", &["seshat-app", "seshat-platform"]),
    ("seshat-testkit", &["seshat-protocol"]),
    (
        "seshat-tests",
        &[
            "seshat-testkit",
            "seshat-app",
            "seshat-platform",
            "seshat-protocol",
            "seshat-store",
            "seshat-vault",
        ],
    ),
];

/// Outside libraries that only the named crates may link.
const RESERVED: &[(&str, &[&str])] = &[
    ("tauri", &["seshat-desktop"]),
    ("loro", &["seshat-manuscript"]),
    ("spellbook", &["seshat-spelling"]),
    ("aes-gcm", &["seshat-vault"]),
    ("argon2", &["seshat-vault"]),
    // The server calls none of it: it asks S3 through object_store, and names reqwest to choose that one's TLS.
    ("reqwest", &["seshat-sync", "seshat-server"]),
    ("object_store", &["seshat-server"]),
    ("axum", &["seshat-server"]),
    ("typst", &["seshat-press"]),
    ("typst-kit", &["seshat-press"]),
    ("typst-layout", &["seshat-press"]),
    ("typst-pdf", &["seshat-press"]),
    ("typst-render", &["seshat-press"]),
    ("rusqlite", &["seshat-store", "seshat-server"]),
    ("getrandom", &["seshat-app", "seshat-server"]),
    ("keyring", &["seshat-platform"]),
    ("keyring-core", &["seshat-platform"]),
    ("secret-service", &["seshat-platform"]),
    ("zbus", &["seshat-platform"]),
    ("zbus-secret-service-keyring-store", &["seshat-platform"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("tests stand in the root").to_owned()
}

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()
        .expect("cargo is here, it runs this test");
    assert!(output.status.success(), "cargo metadata failed");
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
}

/// Dependencies that end up in the product: not those of tests.
fn shipped(metadata: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let packages = metadata["packages"].as_array().expect("there are packages");
    packages
        .iter()
        .map(|package| {
            let dependencies = package["dependencies"].as_array().expect("a list");
            let names = dependencies
                .iter()
                .filter(|dependency| dependency["kind"] != "dev")
                .map(|dependency| dependency["name"].as_str().expect("a name").to_owned())
                .collect();
            (package["name"].as_str().expect("a name").to_owned(), names)
        })
        .collect()
}

#[test]
fn every_crate_links_only_what_the_architecture_allows() {
    let crates = shipped(&metadata());
    let allowed: BTreeMap<&str, &[&str]> = ALLOWED.iter().copied().collect();
    for (name, dependencies) in &crates {
        let may = allowed.get(name.as_str()).unwrap_or_else(|| panic!("{name} has no place yet"));
        for dependency in dependencies.iter().filter(|name| name.starts_with("seshat-")) {
            assert!(may.contains(&dependency.as_str()), "{name} must not link {dependency}");
        }
    }
}

#[test]
fn outside_libraries_stay_behind_the_crate_that_hides_them() {
    let crates = shipped(&metadata());
    for (library, may) in RESERVED {
        for (name, dependencies) in &crates {
            let testing = name == "seshat-tests" || name == "seshat-testkit";
            assert!(
                testing || !dependencies.contains(*library) || may.contains(&name.as_str()),
                "{name} must not link {library}"
            );
        }
    }
}

#[test]
fn the_server_and_the_store_reach_no_crate_that_could_read_a_novel() {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--offline", "--edges", "normal", "--prefix", "none"])
        .args(["-p", "seshat-server", "-p", "seshat-store"])
        .current_dir(root())
        .output()
        .expect("cargo is here, it runs this test");
    assert!(output.status.success(), "cargo tree failed");
    let tree = String::from_utf8(output.stdout).expect("names are text");
    assert!(tree.contains("seshat-protocol"), "the tree is not what was asked for:\n{tree}");
    for forbidden in ["seshat-vault", "seshat-manuscript", "aes-gcm", "loro"] {
        assert!(
            !tree.lines().any(|line| line.split(' ').next() == Some(forbidden)),
            "{forbidden} is linked"
        );
    }
}

#[test]
fn no_source_file_outgrows_a_thousand_lines() {
    let mut folders =
        vec![root().join("crates"), root().join("src-tauri/src"), root().join("ui/src")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("our own folders can be read").flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let extension = path.extension().and_then(|extension| extension.to_str());
            if matches!(extension, Some("rs" | "ts" | "svelte" | "css")) {
                let lines = std::fs::read_to_string(&path).expect("source is text").lines().count();
                assert!(lines <= 1000, "{} has {lines} lines: two rooms in one", path.display());
                seen += 1;
            }
        }
    }
    assert!(seen > 50, "only {seen} files were looked at");
}

#[test]
fn the_page_asks_for_what_is_declared_permitted_and_taken_and_nothing_else_is() {
    let read = |path: &str| std::fs::read_to_string(root().join(path)).expect("our own source");
    let quoted = |text: &str, before: &str| -> BTreeSet<String> {
        let after = text.split_once(before).map_or(text, |(_, after)| after);
        let words = after.split('"').skip(1).step_by(2);
        words.map(|word| word.trim_start_matches("allow-").replace('-', "_")).collect()
    };
    let declared = quoted(&read("src-tauri/build.rs"), "const COMMANDS");
    let permitted = quoted(&read("src-tauri/capabilities/desk.json"), "\"permissions\":");
    assert_eq!(declared, permitted, "declared and permitted differ");
    let source = read("src-tauri/src/commands.rs");
    let (_, list) = source.split_once("generate_handler![").expect("there is a list");
    let (list, _) = list.split_once(']').expect("it ends");
    let taken: BTreeSet<String> = list
        .split(',')
        .map(|name| name.rsplit("::").next().unwrap_or_default().trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    assert_eq!(declared, taken, "declared and taken differ");
    let page = read("ui/src/host/tauri.ts");
    let asked = page.split("invoke(\"").skip(1).filter_map(|rest| rest.split('"').next());
    for command in asked {
        assert!(declared.contains(command), "the page asks for {command}, which nobody takes");
    }
    assert!(declared.len() > 90, "only {} commands were looked at", declared.len());
}
