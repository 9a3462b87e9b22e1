//! Where we part from docker on purpose: a folder of `fixtures/differs` holds files, what docker makes of them, and what we
//! make of them. docs/differs.md is written from the same (`tests/docs.rs`).

use crate::case::{cases, same};
use crate::{engine, live, ours, update};

#[test]
fn every_difference_is_one_and_says_why() {
    let cases = cases();
    assert!(cases.len() >= 60, "{}", cases.len());
    for case in &cases {
        let (theirs, ours) = (case.kept("docker.json"), case.kept("stackup.json"));
        assert!(!same(&theirs, &ours), "{}: docker and stackup do the same: {ours}", case.name);
        assert!(!case.text("about").is_empty() && !case.text("why").is_empty(), "{}", case.name);
    }
}

/// Needs no engine: files are read, converted, and planned against a swarm that holds what came before.
#[test]
fn what_we_make_of_each_file_is_as_kept() {
    let mut wrong = Vec::new();
    for case in cases() {
        let ours = case.shown(&ours::outcome(&case));
        if update() {
            case.keep("stackup.json", &ours);
        }
        let kept = case.kept("stackup.json");
        if !same(&ours, &kept) {
            wrong.push(format!("{}\n  made {ours}\n  kept {kept}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// On a swarm whose one node is drained: docker still does what is kept, and so do we.
#[test]
fn what_docker_makes_of_each_file_is_as_kept() {
    let Some(engine) = engine() else { return };
    let only = std::env::var("STACKUP_ONLY").unwrap_or_default();
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.name.contains(&only)) {
        let theirs = case.shown(&live::docker(case, engine.host()));
        if update() {
            case.keep("docker.json", &theirs);
        }
        engine.compare(&format!("{} docker", case.name), theirs, case.kept("docker.json"), &mut wrong);
        if case.on_engine(&engine.api) {
            let kept = case.kept("stackup.json");
            let ours = case.shown(&live::stackup(case, engine.host(), &kept));
            if !same(&ours, &kept) {
                wrong.push(format!("{} stackup\n  made {ours}\n  kept {kept}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
