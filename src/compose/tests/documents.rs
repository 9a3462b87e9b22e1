//! `fixtures/compose/good`: a folder is a case; `expected.yml` is what `config` prints.

use std::path::{Path, PathBuf};

use super::{Memory, config, options};
use crate::compose::{Input, emit, load};
use crate::diagnostic::Sources;

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/compose/good");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    cases
}

fn text(path: PathBuf) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

/// `environment.env` of a case, and its compose files in order; all its files stand in /stack.
fn run(case: &Path) -> String {
    let environment = text(case.join("environment.env")).unwrap_or_default();
    let environment: Vec<(&str, &str)> = environment.lines().filter_map(|l| l.split_once('=')).collect();
    let mut files = Memory::default();
    let mut inputs = Vec::new();
    let mut names: Vec<String> =
        std::fs::read_dir(case).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    for name in names {
        let text = text(case.join(&name)).unwrap();
        if name.starts_with("compose") {
            inputs.push(text.clone());
        }
        files = files.with(&format!("/stack/{name}"), &text);
    }
    config(&inputs.iter().map(String::as_str).collect::<Vec<_>>(), &environment, &files)
}

#[test]
fn files_become_what_is_expected() {
    let cases = cases();
    assert!(cases.len() >= 8, "{} cases", cases.len());
    for case in cases {
        let written = run(&case);
        let expected = case.join("expected.yml");
        if std::env::var_os("STACKUP_BLESS").is_some() {
            std::fs::write(&expected, &written).unwrap();
        }
        assert_eq!(text(expected).unwrap_or_default(), written, "{}", case.display());
    }
}

#[test]
fn what_config_prints_is_read_as_the_same_stack() {
    for case in cases() {
        let Some(expected) = text(case.join("expected.yml")) else { continue };
        let mut files = Memory::default();
        for entry in std::fs::read_dir(&case).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files = files.with(&format!("/stack/{name}"), &text(path).unwrap());
        }
        let environment = text(case.join("environment.env")).unwrap_or_default();
        let environment: Vec<(&str, &str)> = environment.lines().filter_map(|l| l.split_once('=')).collect();
        let input = Input { path: "again.yml".into(), bytes: expected.clone().into_bytes() };
        let loaded = load(&[input], &options(&environment), &files, &mut Sources::default());
        let stack = loaded.stack.unwrap_or_else(|| panic!("{}: {:?}", case.display(), loaded.diagnostics));
        assert_eq!(emit(&stack), expected, "{}", case.display());
    }
}
