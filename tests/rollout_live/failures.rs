//! Rollouts that fail, and what is told of them.

use serde_json::json;
use stackup::app::apply::{ApplyOptions, OnFailure};
use stackup::app::exit::ExitCode;
use stackup::app::ledger::Fate;
use stackup::plan::Action;
use stackup::swarm::TaskState;

use crate::bench::{Bench, STAYS, command};

const BROKEN: &str = "echo cannot go on; exit 7";

#[tokio::test(flavor = "multi_thread")]
async fn paused_by_swarm() {
    let Some(bench) = Bench::new("pause").await else { return };
    bench.apply(vec![bench.create("web", bench.spec("web", STAYS, 2))]).await;
    let (outcome, _) = bench.apply(vec![bench.update("web", Action::Restart, |s| command(s, BROKEN)).await]).await;
    assert_eq!(outcome.exit, ExitCode::Failed);
    let failure = &outcome.failures[0];
    assert_eq!(failure.reason, "paused");
    let example = &failure.evidence[0].example;
    assert_eq!((example.state, example.exit_code), (TaskState::Failed, Some(7)));
    assert_eq!(example.log, ["cannot go on"]);
    assert!(example.node.is_some() && example.name.starts_with("web."));
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rolled_back_by_swarm_is_no_success() {
    let Some(bench) = Bench::new("rollback").await else { return };
    let mut spec = bench.spec("web", STAYS, 2);
    spec["UpdateConfig"]["FailureAction"] = "rollback".into();
    spec["RollbackConfig"] = json!({"Parallelism": 0, "Monitor": 2_000_000_000u64});
    bench.apply(vec![bench.create("web", spec)]).await;
    let before = bench.reader.service(&bench.name("web")).await.unwrap().unwrap().spec;
    let (outcome, _) = bench.apply(vec![bench.update("web", Action::Restart, |s| command(s, BROKEN)).await]).await;
    assert_eq!(outcome.exit, ExitCode::RolledBack);
    assert_eq!(outcome.ledger.get("service/web").unwrap().fate, Fate::Reverted);
    assert_eq!(outcome.failures[0].evidence[0].example.exit_code, Some(7));
    assert_eq!(bench.reader.service(&bench.name("web")).await.unwrap().unwrap().spec, before);
    assert_eq!(bench.running("web").await.len(), 2);
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn we_put_back_what_swarm_left_paused() {
    let Some(bench) = Bench::new("back").await else { return };
    bench.apply(vec![bench.create("web", bench.spec("web", STAYS, 2))]).await;
    let before = bench.reader.service(&bench.name("web")).await.unwrap().unwrap().spec;
    let options = ApplyOptions { on_failure: OnFailure::Rollback, ..ApplyOptions::default() };
    let change = bench.update("web", Action::Restart, |s| command(s, BROKEN)).await;
    let (outcome, _) = bench.apply_with(vec![change], &options).await;
    assert_eq!(outcome.exit, ExitCode::RolledBack);
    assert_eq!(bench.reader.service(&bench.name("web")).await.unwrap().unwrap().spec, before);
    assert_eq!(bench.running("web").await.len(), 2);
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_nobody_has() {
    let Some(bench) = Bench::new("image").await else { return };
    let mut spec = bench.spec("web", STAYS, 1);
    spec["TaskTemplate"]["ContainerSpec"]["Image"] = "10.99.0.1:5000/nothing:1".into();
    let began = std::time::Instant::now();
    let (outcome, _) = bench.apply(vec![bench.create("web", spec)]).await;
    assert_eq!((outcome.exit, outcome.failures[0].reason), (ExitCode::Failed, "image_not_found"));
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mount_that_is_not_there() {
    let Some(bench) = Bench::new("mount").await else { return };
    let mut spec = bench.spec("web", STAYS, 1);
    spec["TaskTemplate"]["ContainerSpec"]["Mounts"] =
        json!([{"Type": "bind", "Source": "/no/such/place", "Target": "/x"}]);
    let (outcome, _) = bench.apply(vec![bench.create("web", spec)]).await;
    assert_eq!((outcome.exit, outcome.failures[0].reason), (ExitCode::Failed, "invalid_mount"));
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_crash_loop_at_create_is_judged_by_time() {
    let Some(bench) = Bench::new("loop").await else { return };
    let (outcome, _) = bench.apply(vec![bench.create("web", bench.spec("web", BROKEN, 1))]).await;
    assert_eq!((outcome.exit, outcome.failures[0].reason), (ExitCode::Failed, "crash_loop"));
    assert!((60..70).contains(&outcome.elapsed.as_secs()), "{:?}", outcome.elapsed);
    assert!(outcome.failures[0].evidence[0].tasks > 10);
    assert_eq!(outcome.failures[0].evidence[0].example.log, ["cannot go on"]);
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_node_fits() {
    let Some(bench) = Bench::new("fit").await else { return };
    bench.apply(vec![bench.create("web", bench.spec("web", STAYS, 2))]).await;
    let options = ApplyOptions { on_failure: OnFailure::Rollback, ..ApplyOptions::default() };
    let change = bench
        .update("web", Action::Restart, |s| {
            s["TaskTemplate"]["Resources"] = json!({"Reservations": {"NanoCPUs": 500_000_000_000u64}});
        })
        .await;
    let (outcome, _) = bench.apply_with(vec![change], &options).await;
    assert_eq!((outcome.exit, outcome.failures[0].reason), (ExitCode::RolledBack, "unschedulable"));
    assert!(outcome.failures[0].what.contains("insufficient resources"), "{}", outcome.failures[0].what);
    assert_eq!(bench.running("web").await.len(), 2);
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_used_up() {
    let Some(bench) = Bench::new("attempts").await else { return };
    let mut spec = bench.spec("web", BROKEN, 1);
    spec["TaskTemplate"]["RestartPolicy"]["MaxAttempts"] = 2.into();
    let (outcome, _) = bench.apply(vec![bench.create("web", spec)]).await;
    assert_eq!((outcome.exit, outcome.failures[0].reason), (ExitCode::Failed, "gave_up"));
    assert_eq!(outcome.failures[0].evidence[0].tasks, 3);
    bench.remove().await;
}
