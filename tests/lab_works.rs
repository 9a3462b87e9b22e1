//! The lab keeps what it promises: a real swarm, and nothing left of it.

mod lab;

use std::thread::sleep;
use std::time::{Duration, Instant};

use lab::Lab;

/// Looks every quarter of a second, at most `seconds` long.
fn within(seconds: u64, what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(seconds), "not within {seconds} s: {what}");
        sleep(Duration::from_millis(250));
    }
}

#[test]
fn three_nodes_pull_from_the_registry_and_survive_the_loss_of_one() {
    let Some(lab) = Lab::named("lab-works", 3) else { return };
    let image = lab.image(&["--healthy", "web:v1"]);
    let nodes = |format: &str| lab.docker(&["node", "ls", "--format", format]);
    assert_eq!(nodes("{{.Status}} {{.ManagerStatus}}").lines().filter(|line| line.starts_with("Ready ")).count(), 3);

    lab.docker(&["service", "create", "--quiet", "--detach=false", "--name", "everywhere", "--mode", "global", &image]);
    let tasks = lab.docker(&["service", "ps", "everywhere", "--format", "{{.Node}} {{.CurrentState}}"]);
    for node in ["n1 Running", "n2 Running", "n3 Running"] {
        assert!(tasks.contains(node), "no {node} in:\n{tasks}");
    }

    lab.kill(3);
    within(90, "n3 is seen to be down", || nodes("{{.Hostname}} {{.Status}}").contains("n3 Down"));
    lab.start(3);
    within(90, "n3 comes back", || nodes("{{.Hostname}} {{.Status}}").contains("n3 Ready"));
    within(60, "its task runs again", || lab.docker(&["service", "ls", "--format", "{{.Replicas}}"]).trim() == "3/3");

    let folder =
        std::path::Path::new(lab.host().trim_start_matches("unix://")).ancestors().nth(2).map(ToOwned::to_owned);
    let folder = folder.expect("the lab's folder");
    assert!(folder.is_dir());
    drop(lab);
    assert!(!folder.exists(), "{} stays behind", folder.display());
    assert!(!std::path::Path::new("/run/netns/stackup-lab-lab-works").exists());
}
