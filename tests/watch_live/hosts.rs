//! Two watchers on two machines: the one that leads loses its power in the middle of a rollout, and the other finishes it.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::bench::{Bench, Watcher};
use crate::lab::Lab;
use crate::lead::{Side, compose, leads};
use crate::support::run::{docker, stackup};

/// The first process of a node of the lab.
fn first_process(engine: &str) -> String {
    let folder = Path::new(engine.strip_prefix("unix://").unwrap()).parent().unwrap();
    let (node, lab) = (folder.file_name().unwrap(), folder.parent().unwrap().file_name().unwrap());
    let space = format!("stackup-lab-{}-{}", lab.to_str().unwrap(), node.to_str().unwrap());
    let listed = Command::new("ip").args(["netns", "pids", &space]).output().unwrap();
    let pids = String::from_utf8(listed.stdout).unwrap();
    let is_first = |pid: &&str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        status.lines().any(|line| line.starts_with("NSpid:") && line.ends_with("\t1"))
    };
    pids.split_whitespace().find(is_first).expect("the node runs").to_owned()
}

/// On that machine: with its name, its processes, its network.
fn watch_on(engine: &str, side: &Side, bench: &Bench) -> Watcher {
    let mut command = Command::new("nsenter");
    command.args(["--target", &first_process(engine), "--net", "--uts", "--pid", "--mount"]);
    command.arg(env!("CARGO_BIN_EXE_stackup")).args(["watch", "--json", "--config"]);
    command.arg(bench.path().join(format!("{}.yaml", side.name)));
    command.env("DOCKER_HOST", side.proxy.host()).env("HOME", bench.path()).env("USER", side.name);
    Watcher::of(command)
}

#[test]
fn where_the_leaders_machine_dies_another_one_finishes() {
    let Some(lab) = Lab::named("hosts", 3) else { return };
    let image = lab.image(&["hosts:v1"]);
    let bench = Bench::at(lab.node(3), &image, "hosts");
    // The first is the leader of the swarm, too.
    let (one, other) = (Side::at(&bench, "one", lab.node(1)), Side::at(&bench, "other", lab.node(3)));
    let elsewhere = |number| {
        compose(number).replace("replicas: 2", "replicas: 2\n      placement: {constraints: [node.hostname != n1]}")
    };
    bench.push(&elsewhere(1));
    let mut leader = watch_on(lab.node(1), &one, &bench);
    leads(&mut leader);
    leader.is("synced");
    let mut second = watch_on(lab.node(3), &other, &bench);
    let by = second.until("who leads", |line| line["msg"].as_str().is_some_and(|msg| msg.contains("stands by: ")));
    assert!(by["msg"].as_str().unwrap().contains("one@n1 (process "), "{by}");

    let names = [bench.name("first"), bench.name("second")];
    bench.push(&elsewhere(2));
    leader.until("the first write", |line| line["type"] == "apply_start" && line["address"] == "service/first");
    leader.until("a task", |line| line["type"] == "task_state");
    assert_eq!(other.proxy.writes(), [], "who stands by writes nothing");
    lab.kill(1);
    let died = Instant::now();
    let before = one.writes();
    assert_eq!(before, [names[0].clone(), names[0].clone(), names[1].clone()], "killed too late:\n{}", leader.said());

    leads(&mut second);
    let led = died.elapsed().as_secs();
    second.is("applying");
    let synced = second.is("synced");
    println!("led after {led} s, synced after {} s", died.elapsed().as_secs());
    // Nobody here can know that the process is dead, so that is waited for; and for nothing else after it.
    assert!((25..60).contains(&led), "{led} s:\n{}", second.said());
    let commit = bench.git(&["-C", "work", "rev-parse", "HEAD"]);
    assert_eq!(synced["commit"], commit[..12], "{synced}");
    // Each was created once and updated once, whoever did it, by way of whatever engine.
    assert_eq!((one.writes(), other.writes()), (before, vec![names[1].clone()]), "{}", second.said());
    for key in ["first", "second"] {
        assert!(bench.service(key, "{{json .Spec.TaskTemplate.ContainerSpec.Args}}").contains("sleep 2"), "{key}");
        assert_eq!(bench.service(key, "{{.UpdateStatus.State}}"), "completed", "{key}");
    }
    let plan = ["plan", "--detailed-exitcode", "--resolve-image", "changed", "-c", "work/compose.yaml", &bench.stack];
    stackup(bench.host(), bench.path(), &plan).exits(0);
    let locks = docker(bench.host(), &["config", "ls", "--filter", "name=stackup.lock", "--format", "{{.Name}}"]);
    assert_eq!(locks.trim(), "", "the lock of the dead one is gone");
    // The machine comes back, and its watcher with it: it stands by.
    lab.start(1);
    let mut back = watch_on(lab.node(1), &one, &bench);
    back.until("who leads", |line| line["msg"].as_str().is_some_and(|msg| msg.contains("other@n3")));
    assert_eq!(one.writes(), [names[0].clone(), names[0].clone(), names[1].clone()]);
}
