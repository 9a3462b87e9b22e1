//! Strangers' stack files: what swarm stores after us equals what it stores after docker, whether `deploy` or `apply` wrote it,
//! and a stack that docker made needs no change. The files are not ours to keep here; where they are absent this says so.
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "what the oracle says is the evidence")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::fs::{File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use lab::Lab;
use support::run::docker;

/// What `apply` says where no node takes tasks; `deploy` only warns of it.
const NO_NODE: &str = "SU0511";

/// Five of several files, with configs and secrets, global, placed, with long ports; none of a single service.
const CASES: [&str; 20] = [
    "001-promstack-prometheus-docker-stack-tmpl",
    "007-gatrix-deploy-swarm-docker-compose-swarm",
    "013-swarm-stacks-vault-stack",
    "016-dogvscat-stack-ghost",
    "026-opencti-swarm-stack-deploy-docker-compose",
    "040-udemy-docker-mastery-example-voting-app-example-voting-app-stack",
    "052-appwrite-docker-swarm-docker-compose",
    "057-dockerswarmp1-docker-stack",
    "084-swarmsible-stacks-02-monitoring-monitoring",
    "093-atsea-sample-shop-app-docker-stack",
    "163-udemy-docker-mastery-answer-example-voting-app-stack",
    "178-wayfarer-stack",
    "183-swarmpit-docker-compose",
    "207-promstack-docker-stack",
    "253-osparc-simcore-manual-docker-compose-computational-multi",
    "229-docker-on-windows-ch08-docker-stack-docker-compose-hybrid-swarm",
    "236-prometheus-docker-stack-multi",
    "245-osparc-ops-environments-portainer-docker-compose-local-multi",
    "246-diamol-numbers-prod-multi",
    "267-www-mymusichere-me-deploy-docker-stack-multi",
];

fn shared() -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    if shared.join("tools/oracle.py").is_file() {
        return Some(shared);
    }
    eprintln!("not run: the corpus of strangers' stack files is not beside this checkout");
    None
}

fn oracle_can_run() -> bool {
    let python = Command::new("python3").args(["-c", "import yaml"]).output();
    let docker = Command::new("docker").args(["stack", "deploy", "--help"]).output();
    python.is_ok_and(|o| o.status.success())
        && docker.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("--detach"))
}

/// The oracle works in one folder of the machine: whoever holds this file has it to themselves.
fn alone() -> File {
    let lock = File::create(std::env::temp_dir().join("stackup-oracle.lock")).unwrap();
    lock.lock().unwrap();
    lock
}

/// A program that says `apply -y` where it is told to `deploy`.
fn applier(dir: &Path) -> String {
    let program = dir.join("applier");
    let script = format!(
        "#!/bin/sh\n[ \"$1\" = deploy ] || exec '{0}' \"$@\"\nshift\nexec '{0}' apply -y --skip-preflight {NO_NODE} \"$@\"\n",
        env!("CARGO_BIN_EXE_stackup")
    );
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, Permissions::from_mode(0o755)).unwrap();
    program.to_str().unwrap().to_owned()
}

#[test]
fn twenty_stacks_are_stored_as_docker_stores_them() {
    let Some(shared) = shared() else { return };
    if !oracle_can_run() {
        eprintln!("not run: the oracle needs python3 with PyYAML, and a docker CLI of 26 or newer");
        return;
    }
    let _alone = alone();
    let Some(lab) = Lab::named("drained", 1) else { return };
    docker(lab.host(), &["node", "update", "--availability", "drain", "n1"]);
    let dir = tempfile::tempdir().unwrap();
    let (deploy, apply) = (env!("CARGO_BIN_EXE_stackup").to_owned(), applier(dir.path()));
    let (one, other) = CASES.split_at(CASES.len() / 2);
    for (mode, tool, cases) in
        [("compare", &deploy, one), ("compare", &apply, other), ("agree", &deploy, CASES.as_slice())]
    {
        let output = Command::new("python3")
            .arg(shared.join("tools/oracle.py"))
            .args([mode, "--tool", tool])
            .args(cases.iter().map(|case| shared.join("corpus").join(case)))
            .env("DOCKER_HOST", lab.host())
            .output()
            .expect("python3 is there");
        let said = String::from_utf8_lossy(&output.stdout);
        println!("{said}");
        assert!(output.status.success(), "{mode}:\n{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains(&format!("{mode}: {} ok, 0 bad", cases.len())), "{said}");
    }
}
