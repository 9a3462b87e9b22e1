//! The getting-started road on a real engine: planned, deployed, scaled, rolled, and left alone.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod lab;
mod support;

use std::path::Path;

use lab::Lab;
use support::proxy::{Fault, Proxy};
use support::run::{docker, running_tasks, stackup};
use tempfile::TempDir;

/// A folder with one Compose file of a service `web`.
fn folder(service: &str) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), service);
    dir
}

fn write(dir: &Path, service: &str) {
    std::fs::write(dir.join("docker-compose.yml"), format!("version: \"3\"\nservices:\n  web:\n{service}")).unwrap();
}

fn web(image: &str, replicas: u32) -> String {
    format!(
        "    image: {image}\n    networks: [net]\n    deploy:\n      replicas: {replicas}\n      \
         update_config: {{parallelism: 0, monitor: 1s}}\nnetworks:\n  net:\n"
    )
}

#[test]
fn advice_is_counted_for_people_and_listed_for_programs() {
    let Some(lab) = Lab::up(1) else { return };
    let dir = folder("    image: acme/web\n");
    let plan = ["plan", "--resolve-image", "never", "advice"];
    let said = stackup(lab.host(), dir.path(), &plan).exits(0);
    assert!(said.stderr.contains("lint warnings: stackup check"), "{}", said.stderr);
    let json = stackup(lab.host(), dir.path(), &[&plan[..], &["--format", "json"]].concat()).exits(0);
    let document: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let codes: Vec<&str> =
        document["diagnostics"].as_array().unwrap().iter().filter_map(|d| d["code"].as_str()).collect();
    assert!(codes.contains(&"SU0402"), "{codes:?}");
    let schema = stackup(lab.host(), dir.path(), &["schema", "plan"]).exits(0);
    let schema = serde_json::from_str(&schema.stdout).unwrap();
    let errors: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&document).map(|e| e.to_string()).collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn create_scale_roll_and_nothing_more_to_do() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, stack) = (lab.host(), "road");
    let (v1, v2) = (lab.image(&["road:v1"]), lab.image(&["road:v2"]));
    let dir = folder(&web(&v1, 5));
    let dir = dir.path();

    stackup(host, dir, &["plan", "--detailed-exitcode", stack]).exits(2).says("2 create");
    stackup(host, dir, &["apply", "-y", stack]).exits(0).says("Apply complete");
    let first = running_tasks(host, "road_web");
    assert_eq!(first.len(), 5);
    stackup(host, dir, &["plan", "--detailed-exitcode", stack])
        .exits(0)
        .says("No changes. road matches docker-compose.yml");

    write(dir, &web(&v1, 7));
    stackup(host, dir, &["plan", "--detailed-exitcode", stack]).exits(2).says("SCALE 5 -> 7");
    stackup(host, dir, &["apply", "-y", stack]).exits(0);
    let scaled = running_tasks(host, "road_web");
    assert_eq!(scaled.len(), 7);
    assert!(first.iter().all(|id| scaled.contains(id)), "the first five tasks keep running");

    write(dir, &web(&v2, 7));
    stackup(host, dir, &["plan", "--detailed-exitcode", stack]).exits(2).says("ROLLING RESTART of 7 tasks");
    stackup(host, dir, &["apply", "-y", stack]).exits(0);
    let rolled = running_tasks(host, "road_web");
    assert_eq!(rolled.len(), 7);
    assert!(rolled.iter().all(|id| !scaled.contains(id)), "every task is new");
    let images =
        docker(host, &["service", "ps", "--filter", "desired-state=running", "--format", "{{.Image}}", "road_web"]);
    assert!(images.lines().all(|image| image.ends_with("road:v2")), "{images}");

    stackup(host, dir, &["apply", "-y", stack]).exits(0).says("No changes");
    stackup(host, dir, &["rm", "-y", stack]).exits(0);
    assert_eq!(docker(host, &["network", "ls", "-q", "--filter", "name=road_"]), "");
}

#[test]
fn applying_an_unchanged_stack_sends_no_write() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, stack) = (lab.host(), "calm");
    let image = lab.image(&["calm:v1"]);
    let dir = folder(&format!(
        "    image: {image}\n    ports: [\"8080\"]\n    environment: {{B: \"2\", A: \"1\"}}\n    configs: [settings]\n    \
         secrets: [word]\n    volumes: [data:/data]\n    deploy: {{replicas: 2, update_config: {{monitor: 1s}}}}\n  \
         every:\n    image: {image}\n    deploy: {{mode: global}}\nvolumes: {{data: {{}}}}\n\
         configs: {{settings: {{file: ./settings}}}}\nsecrets: {{word: {{file: ./word}}}}\n"
    ));
    std::fs::write(dir.path().join("settings"), "a = 1\n").unwrap();
    std::fs::write(dir.path().join("word"), "hush-hush-hush\n").unwrap();
    stackup(host, dir.path(), &["apply", "-y", stack]).exits(0);

    let engine = Path::new(host.trim_start_matches("unix://"));
    let proxy = Proxy::start(&dir.path().join("proxy.sock"), engine, Fault::None).unwrap();
    stackup(&proxy.host(), dir.path(), &["apply", "-y", stack]).exits(0).says("No changes");
    assert!(!proxy.seen().is_empty());
    assert_eq!(proxy.writes(), [], "an unchanged stack is not written");
    stackup(host, dir.path(), &["rm", "-y", stack]).exits(0);
}

#[test]
fn an_engine_that_fails_in_the_middle_leaves_a_ledger_and_a_way_on() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, stack) = (lab.host(), "middle");
    let image = lab.image(&["middle:v1"]);
    let engine = Path::new(host.trim_start_matches("unix://")).to_owned();
    // The first write takes the lock.
    let faults = [
        ("answer", Fault::Answer { nth: 3, status: 500, message: "disk on fire".into() }),
        ("cut", Fault::CutAfter { nth: 3 }),
        ("dead", Fault::DeadFrom { nth: 3 }),
    ];
    for (name, fault) in faults {
        let dir = folder(&web(&image, 1));
        let proxy = Proxy::start(&dir.path().join("proxy.sock"), &engine, fault).unwrap();
        let run = stackup(&proxy.host(), dir.path(), &["apply", "-y", stack]).exits(1).says("What is live now");
        assert!(
            run.stdout.contains("middle_net") || run.stderr.contains("net"),
            "{name}: the network that was made is named"
        );
        // The same command again finds what is half way and finishes it.
        stackup(host, dir.path(), &["apply", "-y", stack]).exits(0);
        stackup(host, dir.path(), &["plan", "--detailed-exitcode", stack]).exits(0);
        stackup(host, dir.path(), &["rm", "-y", stack]).exits(0);
    }
}

#[test]
fn a_secret_that_changes_gets_a_new_version_and_is_never_shown() {
    let Some(lab) = Lab::up(1) else { return };
    let (host, stack) = (lab.host(), "hush");
    let image = lab.image(&["hush:v1"]);
    let dir = folder(&format!(
        "    image: {image}\n    secrets: [word]\n    deploy: {{update_config: {{monitor: 1s}}}}\n\
         secrets: {{word: {{file: ./word}}}}\n"
    ));
    let word = |text: &str| std::fs::write(dir.path().join("word"), text).unwrap();
    let (one, two) = ("first-marker-7c1f", "second-marker-90ab");
    let mut said = Vec::new();
    let mut run = |args: &[&str], code| {
        let run = stackup(host, dir.path(), args).exits(code);
        said.push(run.stdout.clone() + &run.stderr);
        run
    };
    word(one);
    run(&["apply", "-y", stack], 0);
    run(&["plan", "--detailed-exitcode", stack], 0).says("No changes");

    word(two);
    run(&["plan", "--detailed-exitcode", "--json", stack], 2);
    run(&["plan", "--detailed-exitcode", stack], 2).says("hush_word-").says("ROLLING RESTART of 1 task");
    run(&["apply", "-y", stack], 0);
    run(&["plan", "--detailed-exitcode", stack], 0);
    let names = docker(host, &["secret", "ls", "--filter", "name=hush_word", "--format", "{{.Name}}"]);
    assert_eq!(names.lines().count(), 2, "{names}");

    // Back to the first: its version is still there.
    word(one);
    run(&["apply", "-y", stack], 0);
    let references = "{{range .Spec.TaskTemplate.ContainerSpec.Secrets}}{{.SecretName}}{{end}}";
    assert_eq!(docker(host, &["service", "inspect", "--format", references, "hush_web"]).trim(), "hush_word");
    run(&["rm", "-y", stack], 0);
    assert_eq!(docker(host, &["secret", "ls", "-q", "--filter", "name=hush_word"]), "");
    for text in said {
        assert!(!text.contains(one) && !text.contains(two), "{text}");
    }
}
