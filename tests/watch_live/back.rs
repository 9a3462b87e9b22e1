//! Going back to a release over the API.

use serde_json::Value;

use crate::bench::{Bench, ask, free_port};

const TOKEN: &str = "api-token-0d77b1ce";

fn compose(number: u32) -> String {
    format!(
        "services:\n  web:\n    image: IMAGE\n    command: [sh, -c, \"while true; do sleep {number}; done\"]\n    \
         stop_grace_period: 1s\n    deploy: {{replicas: 1, update_config: {{monitor: 1s, order: start-first}}}}\n"
    )
}

#[test]
fn a_commit_that_a_person_went_back_from_waits_for_the_next() {
    let Some(bench) = Bench::new("back") else { return };
    let port = free_port();
    std::fs::write(bench.path().join("token"), TOKEN).unwrap();
    let text = format!(
        "listen: 127.0.0.1:{port}\nauth: {{token_file: token}}\nstate: state\npoll: 1s\n\
         sources: {{ops: {{git: ./work, ref: main}}}}\nstacks: [{{name: {}, source: ops, self_heal: true}}]\n",
        bench.stack
    );
    std::fs::write(bench.path().join("stackup.yaml"), text).unwrap();
    let order = |action: &str, body: &str| {
        let line = format!("POST /api/v1/stacks/{}/{action}", bench.stack);
        let headers = format!("Authorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n");
        ask(port, &line, &headers, body.as_bytes()).0
    };
    let runs = |number: u32| {
        let command = bench.service("web", "{{json .Spec.TaskTemplate.ContainerSpec.Args}}");
        assert!(command.contains(&format!("sleep {number};")), "{number}: {command}");
    };
    bench.push(&compose(1));
    let mut watcher = bench.watch();
    watcher.is("synced");
    bench.push(&compose(2));
    watcher.is("applying");
    watcher.is("synced");
    runs(2);

    // A release that there is none of changes nothing.
    assert_eq!(order("rollback", "{\"to\": 77}"), 202);
    let no = watcher.until("a refusal", |line| line["type"] == "sync" && line["sync"] == "failed");
    assert!(no["msg"].as_str().unwrap().contains("there is no release #77; #2, #1 are kept"), "{no}");
    watcher.is("synced");

    assert_eq!(order("rollback", ""), 202);
    watcher.is("applying");
    let back = watcher.is("quarantined");
    assert_eq!(back["msg"], "rolled back by hand; waiting for another commit; release #1 is live", "{back}");
    runs(1);
    let waits = |line: &Value| line["sync"] == "quarantined" && line["msg"] != back["msg"];
    // Neither a look nor a hand nor another process takes it forward again.
    bench.docker(&["service", "update", "--detach", "--env-add", "BY=hand", &bench.name("web")]);
    watcher.until("another look", waits);
    runs(1);
    assert_eq!(watcher.stop(), 0);
    std::fs::remove_dir_all(bench.path().join("state")).unwrap();
    let mut watcher = bench.watch();
    watcher.until("another look", waits);
    runs(1);

    // The next commit does, and so would a person.
    bench.push(&compose(3));
    watcher.is("applying");
    watcher.is("synced");
    runs(3);
    assert_eq!(order("rollback", "{\"to\": 2}"), 202);
    watcher.is("quarantined");
    runs(2);
    assert_eq!(order("sync", ""), 202);
    watcher.is("applying");
    watcher.is("synced");
    runs(3);
    assert_eq!(watcher.stop(), 0);
}
