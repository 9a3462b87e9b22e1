//! `--on-failure rollback-stack`: the stack as it was, and nothing of what failed.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::bench::Bench;

const FILES: &str = "networks: {net: {}}\nconfigs:\n  conf: {file: ./conf}\nsecrets:\n  word: {file: ./word}\n";

/// Five services in three waves; every one has the config, one the secret, and `e` runs this.
fn five(version: &str, last: &str) -> String {
    let mut text = String::from("services:\n");
    for (key, after) in [("a", ""), ("b", ""), ("c", "[a]"), ("d", "[b]"), ("e", "[c, d]")] {
        let after = if after.is_empty() { String::new() } else { format!("    depends_on: {after}\n") };
        let command = if key == "e" { last } else { "[/start]" };
        let secret = if key == "c" { "    secrets: [word]\n" } else { "" };
        text += &format!(
            "  {key}:\n    image: IMAGE{version}\n    command: {command}\n    environment: {{V: \"{version}\"}}\n    \
             configs: [conf]\n    networks: [net]\n{secret}{after}    stop_grace_period: 1s\n    \
             deploy: {{replicas: 1, update_config: {{monitor: 1s, parallelism: 0}}}}\n"
        );
    }
    text
}

/// What a new release brings that was not there: a service, a network, a config.
const NEW: &str = "  extra:\n    image: IMAGE\n    configs: [news]\n    networks: [more]\n    \
                   deploy: {update_config: {monitor: 1s}}\n";
const NEW_FILES: &str = "networks: {net: {}, more: {}}\nconfigs:\n  conf: {file: ./conf}\n  news: {file: ./conf}\nsecrets:\n  word: {file: ./word}\n";

/// Another image beside the bench's: the same with another variable.
fn second_image(bench: &Bench) -> String {
    let second = format!("{}-two", bench.image);
    let container = bench.docker(&["create", &bench.image]).trim().to_owned();
    bench.docker(&["commit", "--change", "ENV SECOND=yes", &container, &second]);
    bench.docker(&["rm", &container]);
    bench.docker(&["push", "--quiet", &second]);
    second
}

/// Every service's spec but for its index, what its configs hold, and names of all objects of the stack.
fn picture(bench: &Bench) -> BTreeMap<String, Value> {
    let label = format!("label=com.docker.stack.namespace={}", bench.stack);
    let mut all = BTreeMap::new();
    for kind in ["service", "config", "secret", "network"] {
        let ids = bench.docker(&[kind, "ls", "-q", "--filter", &label]);
        for id in ids.split_whitespace() {
            let found: Value = serde_json::from_str(&bench.docker(&[kind, "inspect", id])).unwrap();
            let found = &found[0];
            let (name, seen) = match kind {
                "network" => (&found["Name"], found["Labels"].clone()),
                _ => (&found["Spec"]["Name"], found["Spec"].clone()),
            };
            all.insert(format!("{kind} {}", name.as_str().unwrap()), seen);
        }
    }
    all
}

/// What a running task of the service reads from a file.
fn inside(bench: &Bench, key: &str, file: &str) -> String {
    let name = format!("name={}.1.", bench.name(key));
    let container = bench.docker(&["ps", "-q", "--filter", &name, "--filter", "status=running"]);
    let container = container.lines().next().expect("a container runs").to_owned();
    bench.docker(&["exec", &container, "cat", file])
}

#[test]
fn a_failure_in_the_third_wave_puts_five_services_back() {
    let Some(bench) = Bench::new("five") else { return };
    let second = second_image(&bench);
    let of = |text: String| text.replace("IMAGEtwo", &second).replace("IMAGEone", "IMAGE");
    bench.write("conf", "first\n");
    bench.write("word", "first-word");
    bench.compose(&of(five("one", "[/start]") + FILES));
    bench.run(&["apply", "-y"], 0);
    let before = picture(&bench);
    assert_eq!(before.keys().filter(|name| name.starts_with("service ")).count(), 5);

    bench.write("conf", "second\n");
    bench.write("word", "second-word");
    bench.compose(&of(five("two", "[sh, -c, \"echo no way; exit 7\"]") + NEW + NEW_FILES));
    let run = bench.run(&["apply", "-y", "--on-failure", "rollback-stack", "--json-into", "events"], 7);
    run.says("going back to release #1").says("release #1 is live again").says("exit 7 (rolled-back)");

    assert_eq!(picture(&bench), before, "specs, contents and names are what they were");
    assert_eq!(inside(&bench, "e", "/conf"), "first\n");
    assert_eq!(inside(&bench, "c", "/run/secrets/word"), "first-word");
    let fates = ledger(&bench);
    let reverted = [
        "service/a",
        "service/b",
        "service/c",
        "service/d",
        "service/e",
        "service/extra",
        "config/conf",
        "secret/word",
    ];
    for address in reverted.iter().chain(&["config/news", "network/more"]) {
        assert_eq!(fates.get(*address).map(String::as_str), Some("reverted"), "{address}: {fates:?}");
    }
    let results: Vec<String> = bench.history().into_iter().map(|(_, result)| result).collect();
    assert_eq!(results, ["rolled-back", "applied"]);

    // The files of release 1 have nothing left to do, and nobody sees drift.
    bench.write("conf", "first\n");
    bench.write("word", "first-word");
    bench.compose(&of(five("one", "[/start]") + FILES));
    bench.run(&["plan", "--detailed-exitcode"], 0).says("No changes");
    bench.run(&["drift", "--detailed-exitcode"], 0);
    bench.never_said(&["first-word", "second-word"]);
}

/// Fates by address, of the last ledger in the events.
fn ledger(bench: &Bench) -> BTreeMap<String, String> {
    let events = std::fs::read_to_string(bench.path().join("events")).unwrap();
    let events: Vec<Value> = events.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let ledgers: Vec<&Value> = events.iter().filter(|e| e["type"] == "ledger").collect();
    assert_eq!(ledgers.len(), 1, "one ledger, and it is the last word");
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    ledgers[0]["ledger"].as_array().unwrap().iter().map(|e| (text(&e["address"]), text(&e["fate"]))).collect()
}

#[test]
fn without_a_release_the_stack_goes_back_to_what_the_plan_saw() {
    let Some(bench) = Bench::new("unrecorded") else { return };
    let file = |value: &str, command: &str| {
        format!(
            "services:\n  web:\n    image: IMAGE\n    environment: {{V: {value}}}\n    configs: [conf]\n    \
             networks: [net]\n    deploy: {{update_config: {{monitor: 1s}}}}\n  last:\n    image: IMAGE\n    \
             command: {command}\n    depends_on: [web]\n    deploy: {{update_config: {{monitor: 1s}}}}\n\
             networks: {{net: {{}}}}\nconfigs: {{conf: {{file: ./conf}}}}\n"
        )
    };
    // docker knows no other content under the name that a file has: it is a first deploy.
    bench.write("conf", "first\n");
    bench.compose(&file("one", "[/start]"));
    let compose = bench.path().join("compose.yaml");
    bench.docker(&["stack", "deploy", "--detach=true", "-c", compose.to_str().unwrap(), &bench.stack]);
    let runs = |key: &str| {
        let states = bench.docker(&["service", "ps", "--format", "{{.CurrentState}}", &bench.name(key)]);
        states.contains("Running")
    };
    bench.until("docker's stack", |_| runs("web") && runs("last"));
    let before = picture(&bench);

    bench.write("conf", "second\n");
    bench.compose(&file("two", "[/nothing]"));
    let run = bench.run(&["apply", "-y", "--on-failure", "rollback-stack"], 7);
    run.says("going back to what was live before");
    assert_eq!(picture(&bench), before);
    assert_eq!(inside(&bench, "web", "/conf"), "first\n");
}

#[test]
fn a_first_deploy_that_fails_leaves_nothing() {
    let Some(bench) = Bench::new("nothing") else { return };
    bench.write("conf", "first\n");
    bench.compose(
        "services:\n  web:\n    image: IMAGE\n    configs: [conf]\n    networks: [net]\n    deploy: {update_config: \
         {monitor: 1s}}\n  bad:\n    image: IMAGE\n    command: [/nothing]\n    depends_on: [web]\n\
         networks: {net: {}}\nconfigs: {conf: {file: ./conf}}\n",
    );
    bench.run(&["apply", "-y", "--on-failure", "rollback-stack"], 7).says("it was not there before");
    assert_eq!(picture(&bench), BTreeMap::new());
    // It is gone, and can be made again at once.
    bench.compose(
        "services:\n  web:\n    image: IMAGE\n    configs: [conf]\n    networks: [net]\n    deploy: {update_config: \
         {monitor: 1s}}\nnetworks: {net: {}}\nconfigs: {conf: {file: ./conf}}\n",
    );
    bench.run(&["apply", "-y"], 0);
}

#[test]
fn an_apply_with_nothing_to_do_does_not_call_a_paused_rollout_done() {
    let Some(bench) = Bench::new("paused") else { return };
    let file = |command: &str, value: u8| {
        format!(
            "services:\n  web:\n    image: IMAGE\n    command: {command}\n    environment: {{V: \"{value}\"}}\n    \
             stop_grace_period: 1s\n    deploy: {{replicas: 2, restart_policy: {{delay: 1s}}, update_config: {{monitor: 1s}}}}\n"
        )
    };
    // It runs as long as nobody says otherwise.
    let as_told = "[sh, -c, \"test ! -e /data/stop && exec /start\"]";
    let with_volume = |text: String| {
        text.replace("    stop_grace", "    volumes: [data:/data]\n    stop_grace") + "volumes: {data: {}}\n"
    };
    bench.compose(&with_volume(file(as_told, 1)));
    bench.run(&["apply", "-y"], 0);
    let tell = |what: &str| {
        let name = format!("{}_data:/data", bench.stack);
        bench.docker(&["run", "--rm", "-v", &name, &bench.image, "sh", "-c", what]);
    };
    tell(": >/data/stop");
    bench.compose(&with_volume(file(as_told, 2)));
    bench.run(&["apply", "-y"], 6).says("PAUSED");
    let again = bench.run(&["apply", "-y", "--json-into", "events"], 6);
    again.says("No changes").says("PAUSED").says("--replace web").says("What is live now");
    let events = std::fs::read_to_string(bench.path().join("events")).unwrap();
    let exit: Value = serde_json::from_str(events.lines().last().unwrap()).unwrap();
    assert_eq!((&exit["exit"]["code"], &exit["changed"]), (&6.into(), &false.into()));

    // What stood in its way is gone: the command that was named does it.
    tell("busybox rm /data/stop");
    bench.run(&["apply", "-y", "--replace", "web"], 0);
    bench.run(&["apply", "-y"], 0).says("No changes");
}
