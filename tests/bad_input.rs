//! Whatever a person throws at it: a message that says what, where and what next, the right exit code, nothing half done.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::path::Path;
use std::time::{Duration, Instant};

use lab::Lab;
use support::run::{Run, docker, stackup};

const NOWHERE: &str = "unix:///nonexistent/docker.sock";

/// `stackup check` of a file with this text.
fn check(text: impl AsRef<[u8]>) -> Run {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("stack.yml"), text).unwrap();
    let start = Instant::now();
    let run = stackup(NOWHERE, dir.path(), &["check", "-c", "stack.yml"]);
    assert!(start.elapsed() < Duration::from_secs(20), "took {:?}", start.elapsed());
    assert!(!run.stderr.contains("panicked"), "{}", run.stderr);
    run
}

#[test]
fn files_that_cannot_be_read() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| stackup(NOWHERE, dir.path(), &["check", "-c", name]).exits(3);
    at("absent.yml").says("absent.yml").says("no such file");
    std::fs::create_dir(dir.path().join("folder.yml")).unwrap();
    at("folder.yml").says("folder");
    std::fs::write(dir.path().join("empty.yml"), "").unwrap();
    at("empty.yml").says("empty.yml").says("empty");
    stackup(NOWHERE, dir.path(), &["check"]).exits(3).says("compose.yaml");
}

#[test]
fn yaml_that_is_none() {
    check("services:\n\tweb:\n\t\timage: a/b\n").exits(3).says("stack.yml:2").says("tab");
    check("services:\n  web:\n    image: a/b\n   ports: []\n").exits(3).says("stack.yml:4");
    check("services:\n  web:\n    image: a/b\n    image: c/d\n").exits(3).says("stack.yml:4").says("image");
    check(b"services:\n  web: {image: \xff\xfe}\n").exits(3).says("UTF-8");
    check("- a\n- b\n").exits(3).says("stack.yml:1");
}

#[test]
fn a_file_that_would_eat_the_machine() {
    let mut bomb = String::from("x-0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let inner = vec![format!("*a{}", level - 1); 10].join(", ");
        bomb += &format!("x-{level}: &a{level} [{inner}]\n");
    }
    check(bomb + "services: {web: {image: a/b}}\n").exits(3).says("alias");
    check(format!("x-big: \"{}\"\n", "a".repeat(50 << 20))).exits(3).says("50 MB");
    check("x-deep: ".to_owned() + &"[".repeat(100_000)).exits(3).says("stack.yml:1");
}

#[test]
fn keys_and_names_that_mean_nothing() {
    check("services:\n  web:\n    imgae: a/b\n").exits(3).says("stack.yml:3").says("did you mean `image`");
    check("services:\n  web:\n    image: a/b\n    networks: [bakc]\nnetworks: {back: {}}\n")
        .exits(3)
        .says("stack.yml:4")
        .says("did you mean `back`");
    check("services:\n  web:\n    image: a/b\n    ports: [\"80:80:80:80\"]\n").exits(3).says("stack.yml:4");
    // Every problem of the file in one run.
    check("services:\n  web:\n    imgae: a/b\n    replicas: 3\n  api:\n    image: [a]\n")
        .exits(3)
        .says("imgae")
        .says("replicas")
        .says("stack.yml:6");
}

const STACK: &str = "services:\n  web:\n    image: registry.invalid/a\n";

fn stack_in(dir: &Path) {
    std::fs::write(dir.join("docker-compose.yml"), STACK).unwrap();
}

#[test]
fn no_engine() {
    let dir = tempfile::tempdir().unwrap();
    stack_in(dir.path());
    for command in [&["plan", "s"][..], &["apply", "-y", "s"], &["ls"], &["ps", "s"], &["rm", "-y", "s"]] {
        stackup(NOWHERE, dir.path(), command).exits(1).says("/nonexistent/docker.sock").says("--context NAME");
    }
}

#[test]
fn usage_errors_are_no_changes() {
    let dir = tempfile::tempdir().unwrap();
    stackup(NOWHERE, dir.path(), &["plan", "--nonsense"]).exits(64).says("--nonsense");
    stackup(NOWHERE, dir.path(), &["aply"]).exits(64).says("apply");
}

#[test]
fn not_a_manager_and_a_locked_swarm() {
    let Some(lab) = Lab::named("bad-managers", 3) else { return };
    let dir = tempfile::tempdir().unwrap();
    stack_in(dir.path());
    lab.docker(&["node", "demote", "n3"]);
    // The role changes on the node a moment later.
    let worker = lab.node(3).to_owned();
    let is_worker = || docker(&worker, &["info", "--format", "{{.Swarm.ControlAvailable}}"]).trim() == "false";
    for _ in 0..100 {
        if is_worker() {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    stackup(&worker, dir.path(), &["plan", "s"]).exits(1).says("not a swarm manager").says("docker node promote");
    docker(&worker, &["swarm", "leave"]);
    stackup(&worker, dir.path(), &["plan", "s"]).exits(1).says("docker swarm init");

    lab.docker(&["node", "demote", "n2"]);
    lab.docker(&["swarm", "update", "--autolock=true"]);
    lab.kill(1);
    lab.start(1);
    stackup(lab.host(), dir.path(), &["plan", "s"]).exits(1).says("locked").says("docker swarm unlock");
}

#[test]
fn what_the_swarm_will_not_take_is_refused_before_the_first_write() {
    let Some(lab) = Lab::up(1) else { return };
    let host = lab.host();
    let image = lab.image(&["bad:v1"]);
    let dir = tempfile::tempdir().unwrap();
    let apply = |text: String| {
        std::fs::write(dir.path().join("docker-compose.yml"), text).unwrap();
        let run = stackup(host, dir.path(), &["apply", "-y", "refused"]);
        let left = docker(host, &["network", "ls", "-q", "--filter", "label=com.docker.stack.namespace=refused"]);
        assert_eq!(left, "", "nothing is written: {}", run.stderr);
        run
    };
    docker(host, &["service", "create", "-q", "--name", "squatter", "--publish", "8123:80", &image]);
    let file = |more: &str| format!("services:\n  web:\n    image: {image}\n{more}");
    apply(file("    ports: [\"8123:80\"]\n")).exits(9).says("8123").says("squatter").says("docker-compose.yml:4");
    apply(file("    networks: [out]\nnetworks: {out: {external: true, name: nowhere}}\n")).exits(9).says("nowhere");
    apply(file("    deploy: {placement: {constraints: [node.labels.disk == ssd]}}\n"))
        .exits(9)
        .says("node.labels.disk == ssd")
        .says("docker-compose.yml:4");
    apply(file("    deploy: {placement: {constraints: [\"disk=ssd\"]}}\n")).says("docker-compose.yml:4");
    docker(host, &["service", "rm", "squatter"]);
}
