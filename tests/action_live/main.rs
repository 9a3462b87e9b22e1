//! The steps of `action.yml`, run as a runner runs them, against a live engine and a server that speaks GitHub's API.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[path = "../support/action.rs"]
mod action;
#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/swarm.rs"]
mod swarm;

mod comments;
mod github;
mod hostile;
mod install;
mod story;
mod stranger;
mod tls;
mod way_in;

use serde_json::{Value, json};

use action::Job;
use github::Github;

pub const SHA: &str = "0123456789abcdef0123456789abcdef01234567";

/// A pull request of this repository, or of another.
pub fn pull(number: u64, head: &str, repository: &str, merged: bool) -> Value {
    json!({"action": "synchronize", "number": number,
        "pull_request": {"number": number, "merged": merged, "head": {"sha": head, "repo": {"full_name": repository}},
                         "base": {"ref": "main", "repo": {"full_name": "acme/infra"}}},
        "repository": {"full_name": "acme/infra", "default_branch": "main"}})
}

pub fn push() -> Value {
    json!({"ref": "refs/heads/main", "after": SHA, "repository": {"full_name": "acme/infra", "default_branch": "main"}})
}

pub fn queue(number: u64) -> Value {
    json!({"action": "checks_requested", "merge_group": {"head_sha": SHA, "base_ref": "refs/heads/main",
        "head_ref": format!("refs/heads/gh-readonly-queue/main/pr-{number}-{SHA}")}})
}

pub fn job(event: &str, payload: &Value, github: &Github, compose: &str) -> Job {
    let graphql = format!("{}/graphql", github.url);
    Job::new(event, payload)
        .set("GITHUB_API_URL", &github.url)
        .set("GITHUB_GRAPHQL_URL", &graphql)
        .file("web/compose.yaml", compose)
}

/// Inputs that every job of these has.
pub fn with<'a>(command: &'a str, host: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut all = vec![
        ("command", command),
        ("host", host),
        ("version", env!("CARGO_BIN_EXE_stackup")),
        ("working-directory", "web"),
    ];
    all.extend(more);
    all
}
