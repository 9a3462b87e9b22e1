//! Strangers' stacks that docker refuses: each is refused before anything is written, or the specification allows it. The
//! cases live beside the project (`../shared/corpus`); without them nothing is tested.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod support;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;
use stackup::diagnostic::{Diagnostics, Severity};
use support::offline::{self, Surroundings};

/// Words of docker's error, and the codes of which one has to be among ours; the first line that fits counts. Two kinds come
/// late to docker and are hidden by what we find before: names that are not declared.
const KINDS: [(&str, &[&str]); 19] = [
    ("no image specified", &["SU0211"]),
    ("invalid reference format", &["SU0212"]),
    ("cannot be used with services", &["SU0244"]),
    ("no such file or directory", &["SU0101"]),
    ("undefined network", &["SU0223"]),
    ("undefined volume", &["SU0224"]),
    ("undefined secret", &["SU0225"]),
    ("undefined config", &["SU0226"]),
    ("must be valid as a DNS name", &["SU0505", "SU0223"]),
    ("error during lookup of plugin", &["SU0223"]),
    ("latest\" not found", &["SU0508"]),
    ("is already in use by service", &["SU0502"]),
    ("yaml: unmarshal errors", &["SU0107"]),
    ("invalid interpolation format", &["SU0301"]),
    ("failed to cast", &["SU0216"]),
    ("Does not match format 'ports'", &["SU0218"]),
    ("mode must be a number", &["SU0219"]),
    ("must be a", &["SU0203"]),
    ("Additional property", &["SU0201"]),
];

fn corpus() -> Option<PathBuf> {
    let shared = std::env::var_os("STACKUP_SHARED")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    Some(shared.join("corpus")).filter(|dir| dir.is_dir())
}

fn json(path: &Path) -> Option<Value> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// Docker's last line, and whether it came when a part of the stack was made already.
fn refused(dir: &Path, case: &Value) -> Option<(String, bool)> {
    let (error, late) = match json(&dir.join("expected.specs.json")) {
        Some(specs) => (specs.get("deploy_error")?.as_str()?.to_owned(), true),
        None => (case["error"].as_str()?.to_owned(), false),
    };
    Some((error.trim().to_owned(), late))
}

/// Errors of `check`, else of `plan` on a swarm that has what the files expect of others.
fn ours(dir: &Path, case: &Value) -> BTreeSet<&'static str> {
    let text = |v: &Value| v.as_str().map_or_else(|| v.to_string(), str::to_owned);
    let around = Surroundings {
        dir,
        environment: case["env"].as_object().into_iter().flatten().map(|(k, v)| (k.clone(), text(v))).collect(),
        home: Some("/home/user".into()),
    };
    let files: Vec<String> = case["files"].as_array().unwrap().iter().map(text).collect();
    let read = offline::read(&around, &files, "case");
    let codes = |all: &Diagnostics| -> BTreeSet<&'static str> {
        all.iter().filter(|d| d.severity == Severity::Error).map(|d| d.code.id).collect()
    };
    let Some(desired) = &read.desired else { return codes(&read.told) };
    let mut snapshot = offline::swarm("case");
    offline::provide_external(desired, &mut snapshot);
    let mut refused = codes(&offline::plan(desired, &snapshot).preflight);
    // Nodes that docker's swarm had not either: it was drained, and took any placement.
    refused.remove("SU0511");
    refused
}

#[test]
fn what_docker_refuses_is_refused_first_or_allowed_by_the_specification() {
    let Some(corpus) = corpus() else {
        println!("not run: the corpus of strangers' stack files is not beside this checkout");
        return;
    };
    let (mut early, mut late, mut allowed, mut problems) = (0, 0, 0, Vec::new());
    let mut dirs: Vec<PathBuf> = std::fs::read_dir(corpus).unwrap().map(|e| e.unwrap().path()).collect();
    dirs.sort();
    for dir in dirs {
        let Some(case) = json(&dir.join("case.json")) else { continue };
        let Some((error, when)) = refused(&dir, &case) else { continue };
        let name = dir.file_name().unwrap().to_string_lossy().into_owned();
        *(if when { &mut late } else { &mut early }) += 1;
        let codes = ours(&dir, &case);
        let accepts = case["accepts"] == true;
        allowed += usize::from(accepts && codes.is_empty());
        if accepts {
            continue;
        }
        match KINDS.iter().find(|(words, _)| error.contains(words)) {
            Some((_, expected)) if expected.iter().any(|code| codes.contains(code)) => {}
            Some((words, expected)) => problems.push(format!("{name}: {words}: {codes:?}, none of {expected:?}")),
            None => problems.push(format!("{name}: no kind for: {error}")),
        }
    }
    println!("{early} refused by docker when read, {late} half way; {allowed} of them allowed");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    assert_eq!((early, late), (43, 47));
}
