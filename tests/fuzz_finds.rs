//! What fuzzing has found stays mended: `fixtures/fuzz/TARGET/NAME` through the fuzz targets themselves, with stable Rust.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot set its table fails"
)]

use std::path::{Path, PathBuf};

// What the targets take from the crate around them.
use stackup::{compose, diagnostic, swarm};

#[path = "../fuzz/src/files.rs"]
mod files;
#[path = "../fuzz/src/judge.rs"]
mod judge;
#[path = "../fuzz/src/targets.rs"]
mod targets;

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    found.sort();
    found
}

fn name(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

#[test]
fn finds_stay_mended() {
    let mut seen = 0;
    for folder in entries(&repository().join("fixtures/fuzz")) {
        let known = targets::TARGETS.iter().find(|(known, _)| *known == name(&folder));
        let (_, target) = known.unwrap_or_else(|| panic!("no target for {}", folder.display()));
        for find in entries(&folder) {
            target(&std::fs::read(&find).unwrap());
            seen += 1;
        }
    }
    assert!(seen > 0);
}

#[test]
fn fixtures_are_as_the_reader_of_the_fuzzers_wants_all_files() {
    let mut folders = vec![repository().join("fixtures/compose")];
    let mut seen = 0;
    while let Some(folder) = folders.pop() {
        for path in entries(&folder) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yml") {
                let bytes = std::fs::read(&path).unwrap();
                judge::judge(&[&bytes], &files::Beside::default());
                seen += 1;
            }
        }
    }
    assert!(seen > 40, "only {seen} files");
}

#[test]
fn every_target_can_be_run() {
    let binaries: Vec<String> = entries(&repository().join("fuzz/fuzz_targets")).iter().map(|p| name(p)).collect();
    let mut targets: Vec<&str> = targets::TARGETS.iter().map(|(name, _)| *name).collect();
    targets.sort_unstable();
    assert_eq!(binaries, targets);
    let manifest = std::fs::read_to_string(repository().join("fuzz/Cargo.toml")).unwrap();
    for name in targets {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is no binary of fuzz/Cargo.toml");
    }
}
