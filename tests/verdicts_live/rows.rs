//! The rollouts of the table, in its order.

use crate::row::Wanted::{Done, DoneOnEachNode, EachNode, Running};
use crate::row::{LONG, Place, Row, create, update, web};

const NEVER_HEALTHY: &str = "test, -e, /nothing";
/// It does not hear SIGTERM.
const DEAF: &str = "[sleep, \"1000\"]";
const OTHER: &str = "  other:\n    image: IMAGE\n    ports: [\"PORT:80\"]\n    deploy: {replicas: 0}\n";
const SOON: &str = "[sh, -c, \"sleep 2; exit 7\"]";
const JOB: &str = "mode: replicated-job";
const SKIP: &[&str] = &["--skip-preflight", "SU0511"];
const SKIP_BOTH: &[&str] = &["--skip-preflight", "SU0511", "--skip-preflight", "SU0512"];
const ROLLBACK: &str = "failure_action: rollback";

/// docker waits for ever for these.
const ENDLESS: &[&str] = &[
    "crash",
    "later",
    "unhealthy",
    "politely",
    "command",
    "image",
    "unchecked",
    "bind",
    "memory",
    "constraint",
    "nowhere",
    "reserves",
    "ports",
    "oneshot",
    "badshot",
    "attempts",
    "badjob",
    "retries",
    "worse",
    "stuck",
    "deadlock",
    "locked",
    "undostuck",
    "undonew",
    "shut",
];

pub fn rows() -> Vec<Row> {
    let mut rows = creates();
    rows.extend(tasks_that_end());
    rows.extend(updates());
    rows.extend(on_failure());
    rows.extend(nodes());
    rows.iter_mut().for_each(|row| row.endless = ENDLESS.contains(&row.name));
    rows
}

fn creates() -> Vec<Row> {
    vec![
        create("good", "good", 0, web("v1")).core(),
        create("healthy", "good, with a health check", 0, web("v1").probed("test, -e, /version")),
        create("global", "global, good", 0, web("v1").deploy("mode: global")).wants(EachNode),
        create("zero", "no replicas", 0, web("v1").replicas(0)).core(),
        create("crash", "crashes at once", 6, web("v1").crashes()),
        create("later", "crashes after two seconds", 6, web("v1").monitor(LONG).command(SOON)),
        create("unhealthy", "never healthy, ends with 137", 6, web("v1").command(DEAF).probed(NEVER_HEALTHY)),
        create("politely", "never healthy, ends with 0", 6, web("v1").probed(NEVER_HEALTHY)),
        create("command", "command not found", 6, web("v1").command("[/nothing]")).core(),
        create("image", "no such image in the registry", 9, web("v1").with("image: IMAGE-nothing")).core(),
        create("unchecked", "the same, written all the same", 6, web("v1").with("image: IMAGE-nothing"))
            .options(&["--resolve-image", "never"]),
        create("bind", "bind mount of a folder that no node has", 6, web("v1").with("volumes: [\"/nothing:/data\"]")),
        create(
            "memory",
            "more memory than its limit",
            6,
            web("v1")
                .monitor(LONG)
                .command("[busybox, dd, if=/dev/zero, of=/dev/null, bs=200M, count=1]")
                .deploy("resources: {limits: {memory: 20M}}"),
        ),
        create(
            "constraint",
            "a constraint that no node meets",
            9,
            web("v1").deploy("placement: {constraints: [node.hostname == nobody]}"),
        )
        .core(),
        create(
            "nowhere",
            "the same, the check skipped",
            6,
            web("v1").deploy("placement: {constraints: [node.hostname == nobody]}"),
        )
        .options(SKIP),
        create(
            "reserves",
            "reserves more memory than a node has",
            9,
            web("v1").deploy("resources: {reservations: {memory: 900G}}"),
        ),
        create(
            "ports",
            "more tasks with one host port than nodes",
            9,
            web("v1").replicas(9).with("ports: [{target: 80, published: PORT, mode: host}]"),
        ),
    ]
}

fn tasks_that_end() -> Vec<Row> {
    let once = |command: &'static str| web("v1").restart("condition: none").command(command);
    let job = |version, command: &'static str| web(version).deploy(JOB).restart("condition: none").command(command);
    vec![
        create("oneshot", "one-shot tasks that end with 0", 0, once("[sleep, \"0.5\"]")).wants(Done(2)).core(),
        create("badshot", "one-shot tasks that end with 3", 6, once("[sh, -c, \"exit 3\"]")).wants(Done(2)),
        create(
            "attempts",
            "crashes, and its policy tries three times",
            6,
            web("v1").crashes().restart("condition: any, delay: 1s, max_attempts: 2"),
        ),
        create("job", "job, good", 0, job("v1", "[sleep, \"0.5\"]")).wants(Done(2)),
        create("badjob", "job that fails", 6, job("v1", "[sh, -c, \"exit 3\"]")).wants(Done(2)),
        create(
            "retries",
            "job that fails and is tried for ever",
            6,
            web("v1").deploy(JOB).restart("condition: on-failure, delay: 1s").crashes(),
        )
        .wants(Done(2)),
        create(
            "everyjob",
            "global job, good",
            0,
            web("v1").deploy("mode: global-job").restart("condition: none").command("[sleep, \"0.5\"]"),
        )
        .wants(DoneOnEachNode),
        update("rerun", "job, changed: it runs again", 0, job("v1", "[sleep, \"0.5\"]"), job("v2", "[sleep, \"0.5\"]"))
            .wants(Done(2)),
        update(
            "worse",
            "job, changed: now it fails",
            6,
            job("v1", "[sleep, \"0.5\"]"),
            job("v2", "[sh, -c, \"exit 3\"]"),
        )
        .wants(Done(2)),
    ]
}

fn updates() -> Vec<Row> {
    let v1 = || web("v1");
    let rolls = |version| web(version).update(ROLLBACK);
    // Its first version runs until a second one has left its mark in the volume.
    let fragile = "[sh, -c, \"test ! -e /data/mark && exec /start\"]";
    let marks = "[sh, -c, \": >/data/mark; exit 7\"]";
    let volume = |version, command| {
        web(version)
            .monitor(LONG)
            .update(ROLLBACK)
            .deploy("rollback_config: {monitor: 15s}")
            .command(command)
            .with("volumes: [\"data:/data\"]")
            .and("volumes: {data: {}}\n")
    };
    let port = |version| {
        web(version)
            .deploy("placement: {constraints: [node.hostname == n1]}")
            .replicas(1)
            .update("order: start-first")
            .with("ports: [{target: 80, published: PORT, mode: host}]")
    };
    vec![
        update("roll", "good", 0, v1(), web("v2")).core(),
        update("scale", "more replicas", 0, v1(), web("v1").replicas(4)).wants(Running(4)),
        update("label", "a label of the service alone", 0, v1(), web("v1").deploy("labels: {a: b}")),
        update("pause", "crashes; failure_action pause", 6, v1(), web("v2").crashes()).core(),
        update("back", "crashes; failure_action rollback", 7, rolls("v1"), rolls("v2").crashes()).core(),
        update(
            "goeson",
            "crashes; failure_action continue",
            6,
            v1(),
            web("v2").crashes().update("failure_action: continue"),
        ),
        update(
            "backsick",
            "never healthy; failure_action rollback",
            7,
            rolls("v1"),
            rolls("v2").command(DEAF).probed(NEVER_HEALTHY),
        ),
        update(
            "backslow",
            "crashes after two seconds; rollback",
            7,
            rolls("v1"),
            rolls("v2").monitor(LONG).command(SOON),
        ),
        update("noway", "crashes; the rollback fails too", 6, volume("v1", fragile), volume("v2", marks)),
        update("pull", "no such image, written all the same; pause", 6, v1(), web("v2").with("image: IMAGE-nothing"))
            .options(&["--resolve-image", "never"]),
        update("lost", "command not found; failure_action rollback", 7, rolls("v1"), rolls("v2").command("[/nothing]")),
        update(
            "stuck",
            "a constraint that no node meets, the check skipped",
            6,
            v1(),
            web("v2").deploy("placement: {constraints: [node.hostname == nobody]}"),
        )
        .options(SKIP),
        update(
            "ingress",
            "a port that another service publishes",
            9,
            v1().and(OTHER),
            web("v2").with("ports: [\"PORT:80\"]").and(OTHER),
        ),
        update("deadlock", "start-first with a fixed host port on its only node", 9, port("v1"), port("v2")),
        update("locked", "the same, the checks skipped", 6, port("v1"), port("v2")).options(SKIP_BOTH),
        update(
            "everyone",
            "global, crashes; failure_action pause",
            6,
            v1().deploy("mode: global"),
            web("v2").deploy("mode: global").crashes(),
        )
        .wants(EachNode),
        update("again", "good, over an update that is paused", 0, v1(), web("v3")).over(web("v2").crashes()),
    ]
}

fn on_failure() -> Vec<Row> {
    vec![
        update("undo", "crashes; paused, `--on-failure rollback`", 7, web("v1"), web("v2").crashes())
            .options(&["--on-failure", "rollback"]),
        update(
            "undostuck",
            "fits nowhere, the check skipped, `--on-failure rollback`",
            7,
            web("v1"),
            web("v2").deploy("placement: {constraints: [node.hostname == nobody]}"),
        )
        .options(&["--skip-preflight", "SU0511", "--on-failure", "rollback"]),
        create("undonew", "command not found, `--on-failure rollback`", 7, web("v1").command("[/nothing]"))
            .options(&["--on-failure", "rollback"]),
        create(
            "late",
            "takes longer than the deadline",
            8,
            web("v1")
                .command("[sh, -c, \"HEALTHY_AFTER=30 exec /start\"]")
                .probed("test, -e, /tmp/healthy")
                .with("stop_signal: SIGKILL"),
        )
        .options(&["--timeout", "8s"]),
    ]
}

fn nodes() -> Vec<Row> {
    vec![
        create("drained", "one of three nodes is drained", 0, web("v1")).at(Place::OneDrained),
        create("drainedall", "global, one of three nodes is drained", 0, web("v1").deploy("mode: global"))
            .wants(EachNode)
            .at(Place::OneDrained),
        create("shut", "every node is drained", 9, web("v1")).at(Place::AllDrained),
        create("down", "one of three nodes is down", 0, web("v1")).at(Place::OneDown),
        create("downall", "global, one of three nodes is down", 0, web("v1").deploy("mode: global"))
            .wants(EachNode)
            .at(Place::OneDown),
    ]
}
