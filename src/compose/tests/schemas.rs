//! `schemas/compose.json`: up to date, and of one mind with `check` about our fixtures and about strangers' files.

use std::path::{Path, PathBuf};

use serde_json::Value;

use super::options;
use crate::compose::yaml::{decode, json, parse};
use crate::compose::{FileError, Files, Input, Options, load};
use crate::diagnostic::{Diagnostics, Sources};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// The file as JSON, anchors followed; `None` where it is no YAML.
fn document(path: &Path) -> Option<Value> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let bytes = std::fs::read(path).unwrap();
    let file = decode(&path.to_string_lossy(), &bytes, &mut sources, &mut diagnostics)?;
    let text = sources.get(file)?.text.clone();
    let node = parse(file, &text, &mut diagnostics)?;
    (!diagnostics.has_errors()).then(|| json(&node))
}

fn errors(document: &Value) -> Vec<String> {
    let validator = jsonschema::validator_for(&crate::compose::schema()).unwrap();
    validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect()
}

fn folders(path: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(path).unwrap().map(|e| e.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn the_schema_in_the_repository_is_up_to_date() {
    let path = repository().join("schemas/compose.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&crate::compose::schema()).unwrap());
    if std::env::var_os("STACKUP_UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, &fresh).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(stored == fresh, "schemas/compose.json is stale: run the tests with STACKUP_UPDATE_SCHEMAS=1");
}

#[test]
fn good_fixtures_fit() {
    let mut seen = 0;
    for folder in folders(&repository().join("fixtures/compose/good")) {
        for file in folders(&folder).iter().filter(|f| f.extension().is_some_and(|e| e == "yml")) {
            assert_eq!(errors(&document(file).unwrap()), [""; 0], "{}", file.display());
            seen += 1;
        }
    }
    assert!(seen > 15, "only {seen} files");
}

/// Every Compose file beneath a folder.
fn beneath(folder: &Path, found: &mut Vec<PathBuf>) {
    for path in folders(folder) {
        if path.is_dir() {
            beneath(&path, found);
        } else if path.extension().is_some_and(|e| e == "yml" || e == "yaml") {
            found.push(path);
        }
    }
}

/// The folder in which a file stands.
struct Disk;

impl Files for Disk {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        std::fs::read(path).map_err(|why| FileError::Unreadable(why.to_string()))
    }
}

#[test]
fn whatever_check_takes_fits() {
    let mut files = Vec::new();
    for folder in ["fixtures/compose", "fixtures/errors", "fixtures/overridden", "fixtures/refused", "examples"] {
        beneath(&repository().join(folder), &mut files);
    }
    let (mut taken, mut wrong) = (0, Vec::new());
    for path in files {
        let bytes = std::fs::read(&path).unwrap();
        let options = Options { working_dir: path.parent().unwrap().into(), ..options(&[("TAG", "1")]) };
        let input = Input { path: path.to_string_lossy().into_owned(), bytes };
        if load(&[input], &options, &Disk, &mut Sources::default()).stack.is_some() {
            taken += 1;
            let document = document(&path).unwrap();
            wrong.extend(errors(&document).iter().map(|e| format!("{}: {e}", path.display())));
        }
    }
    assert!(taken > 20, "only {taken} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn wrong_keys_and_types_do_not_fit() {
    for name in ["unknown-key", "wrong-types", "forbidden", "list-root", "null-services"] {
        let file = repository().join("fixtures/compose/bad").join(name).with_extension("yml");
        // What is no mapping is no document for us either.
        assert!(document(&file).is_none_or(|d| !errors(&d).is_empty()), "{name}");
    }
}

#[allow(clippy::print_stderr, reason = "a test that does not run says so")]
#[test]
fn strangers_files_that_docker_takes_fit() {
    let corpus = repository().join("../shared/corpus");
    if !corpus.is_dir() {
        eprintln!("not run: the corpus of strangers' stack files is not beside this checkout");
        return;
    }
    let mut wrong = Vec::new();
    let mut seen = 0;
    for case in folders(&corpus).iter().filter(|c| c.join("expected.config.yml").is_file()) {
        let about: Value = serde_json::from_slice(&std::fs::read(case.join("case.json")).unwrap()).unwrap();
        for name in about["files"].as_array().unwrap() {
            let file = case.join(name.as_str().unwrap());
            match document(&file) {
                Some(document) => wrong.extend(errors(&document).iter().map(|e| format!("{}: {e}", file.display()))),
                None => wrong.push(format!("{}: cannot be read", file.display())),
            }
            seen += 1;
        }
    }
    assert!(seen > 100, "only {seen} files");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
