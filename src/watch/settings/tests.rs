//! `fixtures/watch`: good files are read and fit the schema; bad ones say in their first comments what is wrong where.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;

use super::{Settings, Source, Stack, Step, read, schema};
use crate::compose::yaml::{decode, json, parse};
use crate::diagnostic::{Diagnostics, Sources};

fn fixtures(folder: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/watch").join(folder);
    let mut files: Vec<PathBuf> = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    files
}

/// `SU1001 5:3` for each problem.
fn shown(diagnostics: &Diagnostics, sources: &Sources) -> Vec<String> {
    let mut all: Vec<_> = diagnostics
        .iter()
        .map(|d| {
            let at = d.primary.as_ref().and_then(|l| sources.start(l.span)).unwrap();
            (at.line, at.column, d.code.id)
        })
        .collect();
    all.sort_unstable();
    all.into_iter().map(|(line, column, code)| format!("{code} {line}:{column}")).collect()
}

fn document(text: &str) -> Option<Value> {
    let (mut sources, mut diagnostics) = (Sources::default(), Diagnostics::default());
    let file = decode("stackup.yaml", text.as_bytes(), &mut sources, &mut diagnostics)?;
    parse(file, text, &mut diagnostics).map(|root| json(&root))
}

fn settings(text: &str) -> Settings {
    let (settings, diagnostics) = read("stackup.yaml", text.as_bytes(), &mut Sources::default());
    settings.unwrap_or_else(|| panic!("{diagnostics:#?}"))
}

#[test]
fn good_files_are_read_and_fit_the_schema() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let files = fixtures("good");
    assert!(files.len() >= 3);
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut sources = Sources::default();
        let (settings, diagnostics) = read("stackup.yaml", text.as_bytes(), &mut sources);
        assert!(settings.is_some() && diagnostics.is_empty(), "{}: {diagnostics:#?}", file.display());
        let document = document(&text).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert_eq!(errors, [""; 0], "{}", file.display());
    }
}

#[cfg(unix)]
#[test]
fn every_problem_of_a_bad_file_is_found_where_it_is() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let files = fixtures("bad");
    assert!(files.len() >= 5);
    let mut wrong = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let expected: Vec<&str> = text.lines().map_while(|l| l.strip_prefix("# SU")).collect();
        let mut sources = Sources::default();
        let (settings, diagnostics) = read("stackup.yaml", text.as_bytes(), &mut sources);
        let found = shown(&diagnostics, &sources);
        let found: Vec<&str> = found.iter().filter_map(|f| f.strip_prefix("SU")).collect();
        if found != expected {
            wrong.push(format!("{}: {found:?}", file.display()));
        }
        assert_eq!(settings.is_some(), !diagnostics.has_errors());
        for d in &diagnostics {
            assert!(d.help.as_ref().is_some_and(|h| !h.is_empty()), "{}: {} helps nobody", file.display(), d.message);
        }
        // What the types refuse, the schema refuses too. What parts say together is ours alone.
        let by_shape = found.iter().any(|f| ["1001", "1002", "1003"].iter().any(|code| f.starts_with(code)));
        let fits = document(&text).is_some_and(|d| validator.is_valid(&d));
        assert!(!(by_shape && fits), "{} fits the schema", file.display());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn values_mean_what_they_say() {
    let text = std::fs::read_to_string(&fixtures("good")[0]).unwrap();
    let all = settings(&text);
    assert_eq!(all.poll.unwrap().0, Duration::from_secs(60));
    assert_eq!(all.listen.unwrap().0.port(), 8642);
    assert!(
        matches!(&all.sources["shop"], Source::Repository(r) if r.reference.as_deref() == Some("main") && r.verify.is_some())
    );
    assert!(matches!(&all.sources["lab"], Source::Folder(f) if f.path == Path::new("./stacks")));
    assert_eq!(all.defaults.hold.as_deref(), Some(&[Step::Recreate, Step::Remove][..]));
    let policy = |i: usize| match &all.stacks[i] {
        Stack::Named(stack) => &stack.policy,
        Stack::Discovered(stacks) => &stacks.policy,
    };
    assert_eq!((policy(0).prune, policy(1).prune, policy(1).self_heal), (None, Some(true), Some(true)));
}

#[test]
fn the_slip_of_a_finger_is_guessed() {
    let text = "sources: {lab: {path: x}}\nstacks: [{name: a, sorce: lab, hold: [recreat]}]\n";
    let (_, diagnostics) = read("stackup.yaml", text.as_bytes(), &mut Sources::default());
    let help: Vec<&str> = diagnostics.iter().filter_map(|d| d.help.as_deref()).collect();
    assert_eq!(help, ["did you mean `source`?", "did you mean `recreate`?", "add source: … (One of `sources`)"]);
}

#[test]
fn the_schema_in_the_repository_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/config.json");
    let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
    if std::env::var_os("STACKUP_UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &fresh).unwrap();
    }
    let stored = std::fs::read_to_string(path).unwrap_or_default();
    assert!(stored == fresh, "schemas/config.json is stale: run the tests with STACKUP_UPDATE_SCHEMAS=1");
}
