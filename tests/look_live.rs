//! What is listed, scaled and removed, beside the docker CLI's own answers, on a real swarm manager.
//!
//! `STACKUP_TEST_HOST=unix:///… cargo test --test look_live`. Makes stacks named `lk-…`, whose tasks never start, and
//! removes them.
#![allow(clippy::print_stdout, reason = "a test that skips itself says so")]
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

use std::process::{Command, Output};

use rstest::rstest;
use serde_json::Value;

/// Tasks wait for a node that nobody has, so that nothing depends on images.
const STACK: &str = r#"
version: "3.9"
x-deploy: &nowhere {placement: {constraints: [node.labels.stackup-test == nobody]}}
services:
  web-10: {image: "localhost:1/web:1", deploy: {replicas: 2, <<: *nowhere}}
  web-2:
    image: "localhost:1/web:1@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    deploy:
      replicas: 3
      placement: {constraints: [node.labels.stackup-test == nobody], max_replicas_per_node: 4}
  every: {image: "docker.io/library/every:2", deploy: {mode: global, <<: *nowhere}}
  job: {image: "localhost:1/job:1", deploy: {mode: replicated-job, replicas: 2, <<: *nowhere}}
"#;

struct Lab {
    host: String,
    folder: tempfile::TempDir,
    stacks: Vec<String>,
}

impl Lab {
    /// `None` where no engine is named or there is no docker CLI.
    fn with(names: &[&str]) -> Option<Self> {
        let Some(host) = std::env::var("STACKUP_TEST_HOST").ok().filter(|h| !h.is_empty()) else {
            println!("skipped: STACKUP_TEST_HOST names no engine");
            return None;
        };
        if Command::new("docker").arg("--version").output().is_err() {
            println!("skipped: there is no docker CLI to compare with");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let stacks = names.iter().map(|name| format!("lk-{name}-{}", std::process::id())).collect();
        let lab = Self { host, folder, stacks };
        let file = lab.folder.path().join("stack.yml");
        std::fs::write(&file, STACK).unwrap();
        for stack in &lab.stacks {
            let file = file.to_str().unwrap();
            let made = lab.stackup(&["deploy", "--resolve-image", "never", "-c", file, stack]);
            assert!(made.status.success(), "{made:?}");
        }
        Some(lab)
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        // No format of the user's own.
        command.env("DOCKER_HOST", &self.host).env("DOCKER_CONFIG", self.folder.path()).env_remove("DOCKER_CONTEXT");
        command
    }

    fn docker(&self, args: &[&str]) -> Output {
        self.command("docker").args(args).output().unwrap()
    }

    fn stackup(&self, args: &[&str]) -> Output {
        self.command(env!("CARGO_BIN_EXE_stackup")).args(args).output().unwrap()
    }

    /// Both programs' exit code and standard output, taken again while a second passes between them.
    fn both(&self, args: &[&str]) -> [(Option<i32>, String); 2] {
        let docker: Vec<&str> = std::iter::once("stack").chain(args.iter().copied()).collect();
        let seen = |o: Output| (o.status.code(), String::from_utf8(o.stdout).unwrap());
        let mut pair = [seen(self.docker(&docker)), seen(self.stackup(args))];
        for _ in 0..10 {
            if pair[0] == pair[1] {
                break;
            }
            pair = [seen(self.docker(&docker)), seen(self.stackup(args))];
        }
        pair
    }

    /// A service's spec, as docker shows it.
    fn spec(&self, service: &str) -> Value {
        let shown = self.docker(&["service", "inspect", service, "--format", "{{json .Spec}}"]);
        serde_json::from_slice(&shown.stdout).unwrap()
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for stack in &self.stacks {
            self.docker(&["stack", "rm", stack]);
        }
    }
}

/// What docker prints changes with its version; what is compared here is that of 26 and newer.
fn docker_is_new() -> bool {
    let help = Command::new("docker").args(["stack", "deploy", "--help"]).output();
    let new = help.is_ok_and(|o| String::from_utf8_lossy(&o.stdout).contains("--detach"));
    if !new {
        println!("not run: the docker CLI here is older than 26 and prints other lists");
    }
    new
}

#[test]
fn lists_are_dockers_byte_for_byte() {
    if !docker_is_new() {
        return;
    }
    let Some(lab) = Lab::with(&["list"]) else { return };
    let stack = lab.stacks[0].as_str();
    let named = format!("name={stack}_web-2");
    let cases: &[&[&str]] = &[
        &["ls"],
        &["ls", "--format", "json"],
        &["ls", "--format", "table {{.Services}}\\t{{upper .Name}}"],
        &["services", stack],
        &["services", stack, "-q"],
        &["services", stack, "--format", "json"],
        &["services", stack, "--format", "raw"],
        &["services", stack, "--format", "{{.Name | printf \"%q\"}} {{json .Replicas}}"],
        &["services", stack, "--filter", "mode=global"],
        &["services", stack, "--filter", &named],
        &["services", stack, "--filter", "nope=1"],
        &["services", "lk-no-such-stack"],
        &["ps", stack],
        &["ps", stack, "-q"],
        &["ps", stack, "--no-trunc"],
        &["ps", stack, "--no-resolve"],
        &["ps", stack, "--format", "json"],
        &["ps", stack, "--format", "raw"],
        &["ps", stack, "--format", "table {{.Name}}\\t{{.CurrentState}}"],
        &["ps", stack, "--filter", "desired-state=running"],
        &["ps", stack, "--filter", &named],
        &["ps", stack, "--filter", "nope=1"],
        &["ps", stack, "--filter", "node=no-such-node"],
        &["ps", "lk-no-such-stack"],
    ];
    for args in cases {
        let [docker, stackup] = lab.both(args);
        assert_eq!(stackup, docker, "{args:?}");
    }
}

#[test]
fn status_says_what_waits() {
    let Some(lab) = Lab::with(&["status"]) else { return };
    let stack = lab.stacks[0].as_str();
    // Swarm says why a task waits only after it has tried to place it.
    let said = (0..50).find_map(|_| {
        let seen = lab.stackup(&["status", stack, "--json"]);
        assert_eq!(seen.status.code(), Some(0));
        let text = String::from_utf8(seen.stdout).unwrap();
        let events: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let web = events.iter().find(|e| e["service"]["name"] == "web-2").cloned()?;
        let waits = web["service"]["troubles"][0]["error"].as_str().is_some_and(|e| e.contains("no suitable node"));
        if !waits {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        waits.then_some(web)
    });
    let web = said.expect("the tasks of web-2 say that no node is suitable");
    assert_eq!((&web["service"]["running"], &web["service"]["desired"]), (&0.into(), &3.into()));
    assert_eq!((&web["service"]["health"], &web["service"]["troubles"][0]["tasks"]), (&"down".into(), &3.into()));
    assert_eq!(lab.stackup(&["status", "lk-no-such-stack"]).status.code(), Some(1));
}

#[test]
fn scaling_changes_the_number_and_nothing_else() {
    let Some(lab) = Lab::with(&["scale"]) else { return };
    let web = format!("{}_web-2", lab.stacks[0]);
    let mut before = lab.spec(&web);
    let asked = lab.stackup(&["scale", &format!("{web}=5")]);
    assert_eq!(asked.status.code(), Some(10), "nobody can be asked");
    assert_eq!(lab.spec(&web), before);

    let done = lab.stackup(&["scale", "-y", "--detach", &format!("{web}=5")]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    before["Mode"]["Replicated"]["Replicas"] = 5.into();
    assert_eq!(lab.spec(&web), before);

    let late = lab.stackup(&["scale", "-y", "--timeout", "1", &format!("{web}=6")]);
    assert_eq!(late.status.code(), Some(8), "no node takes them: {late:?}");
}

#[rstest]
#[case("every=2", 1)]
#[case("no-such-service=2", 1)]
#[case("web-2=many", 64)]
#[case("web-2", 64)]
fn scaling_refuses(#[case] wish: &str, #[case] exit: i32) {
    let Some(lab) = Lab::with(&[&format!("refuse{}", wish.len())]) else { return };
    let said = lab.stackup(&["scale", "-y", &format!("{}_{wish}", lab.stacks[0])]);
    assert_eq!(said.status.code(), Some(exit), "{said:?}");
}

#[test]
fn removal_takes_one_stack_and_leaves_the_other() {
    let Some(lab) = Lab::with(&["gone", "stays"]) else { return };
    let [gone, stays] = [lab.stacks[0].as_str(), lab.stacks[1].as_str()];
    assert_eq!(lab.stackup(&["rm", gone]).status.code(), Some(10), "nobody can be asked");

    let done = lab.stackup(&["rm", "-y", gone, "lk-no-such-stack"]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let notes = String::from_utf8(done.stderr).unwrap();
    assert!(notes.contains("Nothing found in stack: lk-no-such-stack"), "{notes}");
    let said = String::from_utf8(done.stdout).unwrap();
    let services = ["every", "job", "web-10", "web-2"].map(|name| format!("Removing service {gone}_{name}\n")).concat();
    assert!(said.starts_with(&services), "{said}");

    // At once, with no pause: everything is really gone.
    let left = |kind: &str| {
        let shown = lab.docker(&[kind, "ls", "--format", "{{.Name}}"]);
        String::from_utf8(shown.stdout).unwrap()
    };
    for kind in ["service", "network"] {
        assert!(!left(kind).contains(&format!("{gone}_")), "{kind}");
        assert!(left(kind).contains(&format!("{stays}_")), "{kind}");
    }

    let quiet = lab.stackup(&["rm", "-y", "-q", stays]);
    assert_eq!(String::from_utf8(quiet.stdout).unwrap(), format!("Removed stack {stays}\n"), "no step of it");
}
