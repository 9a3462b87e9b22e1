//! What is pruned, what is not, and a stack that is removed and made again at once.

use serde_json::Value;

use crate::bench::Bench;

fn full(version: u8) -> String {
    format!(
        "services:\n  web:\n    image: IMAGE\n    environment: {{V: \"{version}\"}}\n    networks: [net]\n    \
         configs: [conf]\n    secrets: [word]\n    volumes: [data:/data]\n    stop_grace_period: 1s\n    \
         deploy: {{replicas: 2, update_config: {{monitor: 1s}}}}\n"
    ) + "networks: {net: {}}\nvolumes: {data: {}}\nconfigs: {conf: {file: ./conf}}\nsecrets: {word: {file: ./word}}\n"
}

/// Names of the stack's own objects of a kind.
fn own(bench: &Bench, kind: &str) -> Vec<String> {
    let label = format!("label=com.docker.stack.namespace={}", bench.stack);
    let names = bench.docker(&[kind, "ls", "--filter", &label, "--format", "{{.Name}}"]);
    let prefix = format!("{}_", bench.stack);
    let mut names: Vec<String> = names.lines().map(|n| n.trim_start_matches(&prefix).to_owned()).collect();
    names.sort();
    names
}

fn events(bench: &Bench) -> Vec<Value> {
    let events = std::fs::read_to_string(bench.path().join("events")).unwrap();
    events.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn removed_and_applied_again_at_once() {
    let Some(bench) = Bench::new("again") else { return };
    bench.write("conf", "x\n");
    bench.write("word", "some-word");
    for round in 0..3 {
        bench.compose(&full(round));
        bench.run(&["apply", "-y"], 0);
        bench.run(&["rm", "-y", "--json-into", "events"], 0);
        for kind in ["service", "network", "config", "secret"] {
            assert_eq!(own(&bench, kind), [""; 0], "{kind} after rm, round {round}");
        }
        let said = events(&bench);
        let exit = said.last().unwrap();
        assert_eq!((&exit["type"], &exit["changed"]), (&"exit".into(), &true.into()));
        let ledger = said.iter().rfind(|e| e["type"] == "ledger").unwrap();
        let web = ledger["ledger"].as_array().unwrap().iter().find(|e| e["address"] == "service/web").unwrap();
        assert_eq!((&web["action"], &web["fate"]), (&"remove".into(), &"done".into()));
    }
    // Swarm and engine keep volumes, and so do we.
    assert_eq!(own(&bench, "volume"), ["data"]);
    bench.run(&["rm", "-y", "--json-into", "events"], 0);
    assert_eq!(events(&bench).last().unwrap()["changed"], false, "nothing was there");
    forget_volume(&bench);
}

/// The engine keeps it until the last container that had it is gone.
fn forget_volume(bench: &Bench) {
    let name = bench.name("data");
    bench.until("the end of the volume", |b| {
        crate::support::run::try_docker(b.host(), &["volume", "rm", &name]).is_ok()
    });
}

#[test]
fn prune_takes_what_no_file_names_last_and_never_a_volume() {
    let Some(bench) = Bench::new("prune") else { return };
    bench.write("conf", "x\n");
    bench.write("word", "some-word");
    bench.compose(&full(1));
    bench.run(&["apply", "-y"], 0);

    bench.compose("services:\n  other:\n    image: IMAGE\n    deploy: {update_config: {monitor: 1s}}\n");
    bench.run(&["plan"], 0).says("use --prune to remove");
    bench.run(&["apply", "-y"], 0);
    assert_eq!(own(&bench, "service"), ["other", "web"], "without --prune it is only shown");
    bench.run(&["apply", "-y", "--prune", "--json-into", "events"], 0);
    assert_eq!(own(&bench, "service"), ["other"]);
    assert_eq!(own(&bench, "network"), ["default"], "a file without networks has the default one");
    assert_eq!(own(&bench, "volume"), ["data"]);
    let removed: Vec<String> = events(&bench)
        .iter()
        .filter(|e| e["type"] == "apply_complete" && e["action"] == "remove")
        .map(|e| e["address"].as_str().unwrap().to_owned())
        .collect();
    let place = |kind: &str| removed.iter().position(|a| a.starts_with(kind));
    assert_eq!(place("service/"), Some(0), "{removed:?}");
    assert!(place("network/") > place("service/"), "{removed:?}");
    // Release 1 needs them to be gone back to.
    assert_eq!((own(&bench, "config"), own(&bench, "secret")), (vec!["conf".to_owned()], vec!["word".to_owned()]));

    bench.compose("services: {}\n");
    bench.run(&["plan", "--prune"], 9).says("name no service");
    bench.run(&["apply", "-y", "--prune"], 9);
    assert_eq!(own(&bench, "service"), ["other"]);
    forget_volume(&bench);
}

#[test]
fn scale_waits_for_nobody_who_holds_the_stack() {
    let Some(bench) = Bench::new("scale") else { return };
    bench.compose("services:\n  web:\n    image: IMAGE\n    deploy: {replicas: 0}\n");
    bench.run(&["apply", "-y"], 0);
    let scale = |code: i32| {
        let wish = format!("{}=1", bench.name("web"));
        let args = ["scale", "-y", "--detach", "--json-into", "events", &wish];
        crate::support::run::stackup(bench.host(), bench.path(), &args).exits(code)
    };
    bench.run(&["lock", "acquire", "-m", "frozen"], 0);
    scale(5).says("frozen").says("stackup lock release");
    assert_eq!(events(&bench).last().unwrap()["changed"], false);
    bench.run(&["lock", "release"], 0);
    scale(0);
    assert_eq!(events(&bench).last().unwrap()["changed"], true);
    bench.run(&["lock", "status"], 0).says("is not locked");
}
