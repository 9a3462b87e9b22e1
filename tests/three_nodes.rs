//! A stack on a real three-node swarm: deployed, scaled, rolled, a node lost on the way, removed and at once there again.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::thread::sleep;
use std::time::Duration;

use lab::Lab;
use support::run::{docker, running_tasks, stackup, stackup_command};

fn compose(image: &str, replicas: u32) -> String {
    format!(
        "version: \"3.8\"\nservices:\n  web:\n    image: {image}\n    networks: [net]\n    deploy:\n      \
         replicas: {replicas}\n      update_config: {{parallelism: 1, monitor: 1s}}\n  agent:\n    image: {image}\n    \
         networks: [net]\n    deploy: {{mode: global, update_config: {{monitor: 1s}}}}\nnetworks:\n  net:\n"
    )
}

#[test]
fn deploy_scale_roll_lose_a_node_remove_and_apply_again() {
    let Some(lab) = Lab::named("three-nodes", 3) else { return };
    let (host, stack) = (lab.host(), "trio");
    let (v1, v2, v3) = (lab.image(&["trio:v1"]), lab.image(&["trio:v2"]), lab.image(&["trio:v3"]));
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let write =
        |image: &str, replicas| std::fs::write(dir.join("docker-compose.yml"), compose(image, replicas)).unwrap();

    write(&v1, 5);
    stackup(host, dir, &["apply", "-y", stack]).exits(0);
    let first = running_tasks(host, "trio_web");
    assert_eq!((first.len(), running_tasks(host, "trio_agent").len()), (5, 3));

    write(&v1, 7);
    stackup(host, dir, &["apply", "-y", stack]).exits(0);
    let scaled = running_tasks(host, "trio_web");
    assert_eq!(scaled.len(), 7);
    assert!(first.iter().all(|id| scaled.contains(id)));

    write(&v2, 7);
    stackup(host, dir, &["apply", "-y", stack]).exits(0);
    stackup(host, dir, &["plan", "--detailed-exitcode", stack]).exits(0);

    // Node 3 loses its power while the next version rolls out; its tasks come back elsewhere and the rollout ends well.
    write(&v3, 7);
    let mut apply = stackup_command(host, dir).args(["apply", "-y", "--timeout", "5m", stack]).spawn().unwrap();
    sleep(Duration::from_secs(4));
    lab.kill(3);
    let status = apply.wait().unwrap();
    assert_eq!(status.code(), Some(0), "the rollout is verified without the lost node");
    let images = docker(
        host,
        &["service", "ps", "--filter", "desired-state=running", "--format", "{{.Node}} {{.Image}}", "trio_web"],
    );
    let live: Vec<&str> = images.lines().filter(|line| !line.starts_with("n3 ")).collect();
    assert!(live.len() == 7 && live.iter().all(|line| line.ends_with("trio:v3")), "{images}");
    lab.start(3);

    // docker fails here: the dying network of the removed stack is still listed.
    stackup(host, dir, &["rm", "-y", stack]).exits(0);
    stackup(host, dir, &["apply", "-y", stack]).exits(0);
    stackup(host, dir, &["rm", "-y", "--detach", stack]).exits(0);
    stackup(host, dir, &["apply", "-y", stack]).exits(0);
    assert_eq!(running_tasks(host, "trio_web").len(), 7);
    stackup(host, dir, &["rm", "-y", stack]).exits(0);
}
