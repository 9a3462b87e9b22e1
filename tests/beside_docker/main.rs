//! What we do with a file, and docker with the same: `fixtures/rows` where both agree, `fixtures/differs` where we part on
//! purpose. What docker does was kept from a swarm, and is tried again where there is one.
//!
//! `STACKUP_UPDATE_BESIDE=1` keeps anew what docker and we do; `STACKUP_ONLY=text` takes the cases of that name.
#![allow(clippy::print_stderr, reason = "a test that does not run says so")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod case;
mod differs;
mod engine_defaults;
mod live;
mod ours;
mod rotation;
mod rows;

#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;

use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lab::Lab;
use serde_json::Value;
use support::run::docker;

fn update() -> bool {
    std::env::var_os("STACKUP_UPDATE_BESIDE").is_some()
}

/// A swarm of one drained node: it takes any stack and starts no task.
struct Engine {
    lab: Lab,
    api: String,
    /// The words of errors are those of one CLI and one engine; with others there has to be an error, in whatever words.
    words: bool,
    /// One test at a time: they deploy the same stack.
    _alone: MutexGuard<'static, ()>,
}

static ALONE: Mutex<()> = Mutex::new(());

/// `None`, with a notice, where docker cannot be asked.
fn engine() -> Option<Engine> {
    let help = Command::new("docker").args(["stack", "deploy", "--help"]).output();
    if !help.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("--detach")) {
        eprintln!("not run: docker's half needs a docker CLI of 26 or newer");
        return None;
    }
    let alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let lab = Lab::named("beside", 1)?;
    let version = Command::new("docker").args(["--host", lab.host(), "version"]).output().unwrap();
    if !version.status.success() {
        eprintln!("not run: this docker CLI cannot speak to this engine: {}", String::from_utf8_lossy(&version.stderr));
        return None;
    }
    docker(lab.host(), &["node", "update", "--availability", "drain", "n1"]);
    let version = |part: &str| docker(lab.host(), &["version", "--format", part]).trim().to_owned();
    let words =
        version("{{.Client.Version}}").starts_with("28.2.") && version("{{.Server.Version}}").starts_with("20.10.");
    Some(Engine { api: version("{{.Server.APIVersion}}"), lab, words, _alone: alone })
}

impl Engine {
    fn host(&self) -> &str {
        self.lab.host()
    }

    /// Docker's result with the kept one.
    fn compare(&self, name: &str, mut made: Value, mut kept: Value, wrong: &mut Vec<String>) {
        if !self.words {
            for value in [&mut made, &mut kept] {
                value["error"] = value.get("error").is_some().into();
                value.as_object_mut().unwrap().shift_remove("warnings");
            }
        }
        if !case::same(&made, &kept) {
            wrong.push(format!("{name}\n  made {made}\n  kept {kept}"));
        }
    }
}
