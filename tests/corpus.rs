//! Strangers' stack files: what swarm stores after us equals what it stores after docker, and a stack that docker made needs
//! no change. The files are not ours to keep here; where they are absent this says so.
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "what the oracle says is the evidence")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::path::{Path, PathBuf};
use std::process::Command;

use lab::Lab;
use support::run::docker;

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

#[test]
fn twenty_stacks_are_stored_as_docker_stores_them() {
    let Some(shared) = shared() else { return };
    if !oracle_can_run() {
        eprintln!("not run: the oracle needs python3 with PyYAML, and a docker CLI of 26 or newer");
        return;
    }
    let Some(lab) = Lab::named("drained", 1) else { return };
    docker(lab.host(), &["node", "update", "--availability", "drain", "n1"]);
    for mode in ["compare", "agree"] {
        let output = Command::new("python3")
            .arg(shared.join("tools/oracle.py"))
            .args([mode, "--tool", env!("CARGO_BIN_EXE_stackup")])
            .args(CASES.map(|case| shared.join("corpus").join(case)))
            .env("DOCKER_HOST", lab.host())
            .output()
            .expect("python3 is there");
        let said = String::from_utf8_lossy(&output.stdout);
        println!("{said}");
        assert!(output.status.success(), "{mode}:\n{said}{}", String::from_utf8_lossy(&output.stderr));
        assert!(said.contains(&format!("{mode}: 20 ok, 0 bad")), "{said}");
    }
}
