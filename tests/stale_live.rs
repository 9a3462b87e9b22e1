//! The stale matrix: what may happen between a plan and its apply, and the exit code that each of it gives. Where that is
//! 4, nothing is written.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use lab::Lab;
use support::proxy::{Fault, Proxy};
use support::run::{Run, docker, stackup, stackup_command};
use tempfile::TempDir;

/// A stack that is live, and a saved plan that changes it.
struct Stage {
    host: String,
    stack: String,
    image: String,
    folder: TempDir,
}

impl Stage {
    /// Live: `web` with `LEVEL=one`. Planned: `LEVEL=two`, or what `then` makes of the file.
    fn new(lab: &Lab, stack: &str, then: impl Fn(String) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let stage =
            Self { host: lab.host().to_owned(), stack: stack.to_owned(), image: lab.image(&["stale:v1"]), folder };
        stage.write("word", "hush-hush-hush");
        stage.write("docker-compose.yml", &stage.file("one"));
        stage.run(&["apply", "-y", stack]).exits(0);
        stage.write("docker-compose.yml", &then(stage.file("two")));
        stage.run(&["plan", "-o", "p.stackup", stack]).exits(0).says("Saved: stackup apply p.stackup");
        stage
    }

    fn file(&self, level: &str) -> String {
        format!(
            "services:\n  web:\n    image: {}\n    secrets: [word]\n    environment:\n      LEVEL: {level}\n      \
             SIZE: ${{SIZE:-small}}\n    deploy:\n      replicas: 1\n      update_config: {{monitor: 1s}}\n\
             secrets:\n  word: {{file: ./word}}\n",
            self.image
        )
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path().join(name), text).unwrap();
    }

    fn run(&self, args: &[&str]) -> Run {
        stackup(&self.host, self.path(), args)
    }

    fn docker(&self, args: &[&str]) -> String {
        docker(&self.host, args)
    }

    fn web(&self) -> String {
        format!("{}_web", self.stack)
    }

    fn inspect(&self, format: &str) -> String {
        self.docker(&["service", "inspect", "--format", format, &self.web()]).trim().to_owned()
    }

    /// Applies the saved plan through something that sees every request.
    fn apply(&self, more: &[&str]) -> (Run, Vec<String>) {
        let engine = PathBuf::from(self.host.trim_start_matches("unix://"));
        let proxy = Proxy::start(&self.path().join("proxy.sock"), &engine, Fault::None).unwrap();
        let run = stackup(&proxy.host(), self.path(), &[&["apply", "p.stackup"], more].concat());
        let writes = proxy.writes().iter().map(|write| format!("{write:?}")).collect();
        (run, writes)
    }

    /// Exit 4, these words, and no write.
    #[track_caller]
    fn refuses(&self, words: &[&str]) {
        let (run, writes) = self.apply(&[]);
        let run = words.iter().fold(run.exits(4), |run, words| run.says(words));
        assert_eq!(writes, Vec::<String>::new(), "a stale plan writes nothing\n{}", run.stderr);
    }

    /// Exit 0, these words, and the change is live.
    #[track_caller]
    fn goes_on(&self, words: &str) {
        let (run, writes) = self.apply(&[]);
        run.exits(0).says(words).says("Apply complete");
        assert!(!writes.is_empty());
        assert!(self.inspect("{{json .Spec.TaskTemplate.ContainerSpec.Env}}").contains("LEVEL=two"));
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = self.run(&["rm", "-y", &self.stack]);
    }
}

fn as_it_is(file: String) -> String {
    file
}

#[test]
fn nothing_happened() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-nothing", as_it_is);
    stage.goes_on("verified");
    // What it does is live: there is nothing left to do, and nothing is written.
    let (run, writes) = stage.apply(&[]);
    run.exits(0).says("is live already");
    assert_eq!(writes, Vec::<String>::new());
}

#[test]
fn a_redeploy_without_a_change() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-noop", as_it_is);
    let before = stage.inspect("{{.Version.Index}}");
    stage.docker(&["service", "update", "--detach", &stage.web()]);
    assert_ne!(stage.inspect("{{.Version.Index}}"), before, "the index moves, which is the point");
    stage.goes_on("service stale-noop_web was written since, and is the same");
}

#[test]
fn a_status_that_swarm_writes() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-status", as_it_is);
    // An update is under way while the plan is made, and completes before it is applied.
    stage.write("docker-compose.yml", &stage.file("half"));
    stage.run(&["apply", "-y", "--detach", &stage.stack]).exits(0);
    stage.write("docker-compose.yml", &stage.file("two"));
    stage.run(&["plan", "-o", "p.stackup", &stage.stack]).exits(0);
    let before = stage.inspect("{{.Version.Index}}");
    let patience = Instant::now() + Duration::from_secs(60);
    while stage.inspect("{{.UpdateStatus.State}}") != "completed" {
        assert!(Instant::now() < patience, "the update never completed");
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_ne!(stage.inspect("{{.Version.Index}}"), before, "the index moves, which is the point");
    stage.goes_on("was written since, and is the same");
}

#[test]
fn a_label_that_somebody_adds() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-label", as_it_is);
    stage.docker(&["service", "update", "--detach", "--label-add", "by=hand", &stage.web()]);
    stage.refuses(&["service/web was changed by somebody since it was planned", "deploy.labels.by", "WHEN PLANNED"]);
}

#[test]
fn replicas_that_somebody_sets() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-replicas", as_it_is);
    stage.docker(&["service", "update", "--detach", "--replicas", "2", &stage.web()]);
    stage.refuses(&["service/web was changed by somebody since it was planned", "deploy.replicas"]);
}

#[test]
fn replicas_that_the_cluster_owns() {
    let Some(lab) = Lab::up(1) else { return };
    let ignore = |file: String| file + "x-stackup: {ignore: [deploy.replicas]}\n";
    let stage = Stage::new(&lab, "stale-ignored", ignore);
    stage.docker(&["service", "update", "--detach", "--replicas", "2", &stage.web()]);
    stage.goes_on("service/web was changed since, and what is done to it is the same");
    assert_eq!(stage.inspect("{{.Spec.Mode.Replicated.Replicas}}"), "2", "what somebody set is not set back");
}

#[test]
fn a_service_that_is_gone() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-gone", as_it_is);
    stage.docker(&["service", "rm", &stage.web()]);
    stage.refuses(&["service/web is gone; when planned it was there"]);
}

#[test]
fn another_one_under_the_same_name() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-again", as_it_is);
    stage.docker(&["service", "rm", &stage.web()]);
    stage.write("before.yml", &stage.file("one"));
    stage.run(&["apply", "-y", "-c", "before.yml", &stage.stack]).exits(0);
    stage.refuses(&["service/web was removed and created again since it was planned"]);
}

#[test]
fn something_that_was_not_there() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-new", as_it_is);
    let label = format!("com.docker.stack.namespace={}", stage.stack);
    let name = format!("{}_extra", stage.stack);
    stage.docker(&[
        "service",
        "create",
        "--detach",
        "--replicas",
        "0",
        "--label",
        &label,
        "--name",
        &name,
        &stage.image,
    ]);
    stage.refuses(&["carries the stack's label; when planned it was not there"]);
}

#[test]
fn two_applies_at_once() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-race", as_it_is);
    let start = || {
        let mut command = stackup_command(&stage.host, stage.path());
        command.args(["apply", "p.stackup"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let both = [start(), start()].map(|child| child.wait_with_output().unwrap());
    let said = |output: &std::process::Output| String::from_utf8_lossy(&output.stdout).into_owned();
    let won = both.iter().filter(|one| said(one).contains("1 restarted")).count();
    assert_eq!(won, 1, "{both:?}");
    for one in &both {
        let lost_rightly = matches!(one.status.code(), Some(4 | 5)) || said(one).contains("already");
        assert!(said(one).contains("1 restarted") || lost_rightly, "{one:?}");
    }
    assert!(stage.inspect("{{json .Spec.TaskTemplate.ContainerSpec.Env}}").contains("LEVEL=two"));
}

#[test]
fn another_swarm() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-swarm", as_it_is);
    let here = stage.docker(&["info", "--format", "{{.Swarm.Cluster.ID}}"]).trim().to_owned();
    let there: String = here.chars().rev().collect();
    let plan = std::fs::read_to_string(stage.path().join("p.stackup")).unwrap();
    stage.write("p.stackup", &plan.replace(&here, &there));
    stage.refuses(&[&here, &there, "cluster is another one"]);
}

#[test]
fn a_secret_with_other_bytes() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-secret", as_it_is);
    stage.write("word", "other-other-other");
    stage.refuses(&["secret/word needs a create now; when planned it did not"]);
}

#[test]
fn another_file() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-file", as_it_is);
    stage.write("docker-compose.yml", &stage.file("one"));
    stage.refuses(&["docker-compose.yml is another one than when it was planned"]);
    std::fs::remove_file(stage.path().join("docker-compose.yml")).unwrap();
    stage.refuses(&["docker-compose.yml cannot be read"]);
}

#[test]
fn a_variable_with_another_value() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-variable", as_it_is);
    stage.write(".env", "SIZE=large\n");
    stage.refuses(&[".env is read now; when planned it was not"]);
    std::fs::remove_file(stage.path().join(".env")).unwrap();
    let output =
        stackup_command(&stage.host, stage.path()).env("SIZE", "huge").args(["apply", "p.stackup"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("environment.SIZE") && said.contains("huge"), "{said}");
}

#[test]
fn an_approval_of_another_plan() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-approval", as_it_is);
    let json = stage.run(&["plan", "--format", "json", &stage.stack]).exits(0).stdout;
    let id = serde_json::from_str::<serde_json::Value>(&json).unwrap()["plan_id"].as_str().unwrap().to_owned();
    stage.run(&["show", "p.stackup"]).exits(0).says(id.get(..6).unwrap());
    stage.docker(&["service", "update", "--detach", "--label-add", "by=hand", &stage.web()]);
    stage.run(&["apply", "--approve-plan", &id, &stage.stack]).exits(4).says("and not the approved");
    stage.docker(&["service", "update", "--detach", "--label-rm", "by", &stage.web()]);
    stage.run(&["apply", "--approve-plan", &id, &stage.stack]).exits(0).says("Apply complete");
}

#[test]
fn a_plan_that_was_not_made_from_a_swarm_is_not_applied() {
    let Some(lab) = Lab::up(1) else { return };
    let stage = Stage::new(&lab, "stale-recorded", as_it_is);
    stage.run(&["snapshot", "-o", "live.snapshot", &stage.stack]).exits(0);
    let nowhere = stackup(
        "unix:///nowhere.sock",
        stage.path(),
        &["plan", "--live", "live.snapshot", "-o", "s.stackup", "stale-recorded"],
    );
    nowhere.exits(0).says("NOT THE LIVE SWARM").says("LEVEL");
    stage.run(&["apply", "s.stackup"]).exits(9).says("not made from a live swarm");
    let empty = stackup("unix:///nowhere.sock", stage.path(), &["plan", "--live", "empty", "stale-recorded"]);
    empty.exits(0).says("NOT A LIVE SWARM").says("3 create");
}
