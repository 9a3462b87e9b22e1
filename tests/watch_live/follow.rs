//! A watcher that runs.

use crate::bench::Bench;

fn compose(command: &str) -> String {
    format!(
        "services:\n  web:\n    image: IMAGE\n    command: [{command}]\n    deploy:\n      replicas: 1\n      \
         update_config: {{monitor: 2s, failure_action: rollback, order: start-first}}\n      \
         restart_policy: {{condition: any, delay: 1s}}\n"
    )
}

#[test]
fn a_push_goes_out_a_bad_one_is_tried_once_and_a_hand_is_put_right() {
    let Some(bench) = Bench::new("follow") else { return };
    bench.settings(", self_heal: true");
    let good = "sh, -c, \"while true; do sleep 1; done\"";
    bench.push(&compose(good));
    let mut watcher = bench.watch();
    watcher.is("applying");
    let synced = watcher.is("synced");
    assert_eq!(synced["source"], "ops", "{synced}");

    // A commit that cannot run: rolled back, and not tried again however often it is looked at.
    bench.push(&compose("sh, -c, \"exit 7\""));
    let failed = watcher.is("quarantined");
    assert!(failed["plan_id"].is_string(), "{failed}");
    let releases =
        || bench.docker(&["config", "ls", "-q", "--filter", &format!("label=stackup.stack={}", bench.stack)]);
    let before = releases();
    watcher.until("another look at the quarantined", |line| {
        line["type"] == "sync" && line["msg"].as_str().is_some_and(|msg| msg.contains("its rollout failed"))
    });
    assert_eq!(releases().lines().count(), before.lines().count(), "{}", watcher.said());

    // The next one that is good goes out.
    bench.push(&compose("sh, -c, \"while true; do sleep 2; done\""));
    watcher.is("applying");
    watcher.is("synced");

    // By hand, and put right.
    bench.docker(&["service", "update", "--detach", "--env-add", "BY=hand", &bench.name("web")]);
    watcher.is("applying");
    watcher.is("synced");
    assert!(!bench.service("web", "{{json .Spec.TaskTemplate.ContainerSpec.Env}}").contains("hand"));

    // The settings change while it runs: nothing that makes no sense is followed.
    std::fs::write(bench.path().join("stackup.yaml"), "sources: nonsense\n").unwrap();
    watcher.until("a complaint about the settings", |line| {
        line["type"] == "refresh" && line["msg"].as_str().is_some_and(|msg| msg.contains("makes no sense"))
    });
    bench.settings(", auto_apply: false");
    watcher.until("new settings", |line| {
        line["type"] == "refresh" && line["msg"].as_str().is_some_and(|msg| msg.contains("followed as it is now"))
    });
    bench.push(&compose(good));
    let held = watcher.is("held");
    assert!(held["msg"].as_str().unwrap().contains("auto_apply is off"), "{held}");
    assert_eq!(watcher.stop(), 0);
}
