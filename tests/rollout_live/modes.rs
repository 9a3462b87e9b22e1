//! Global services, jobs and one-shot tasks.

use serde_json::json;
use stackup::app::exit::ExitCode;
use stackup::plan::Action;

use crate::bench::{Bench, STAYS};

#[tokio::test(flavor = "multi_thread")]
async fn global() {
    let Some(bench) = Bench::new("global").await else { return };
    let mut everywhere = bench.spec("all", STAYS, 1);
    everywhere["Mode"] = json!({"Global": {}});
    let mut nowhere = everywhere.clone();
    nowhere["Name"] = bench.name("none").into();
    nowhere["TaskTemplate"]["Placement"] = json!({"Constraints": ["node.hostname == nobody"]});
    let (outcome, _) = bench.apply(vec![bench.create("all", everywhere), bench.create("none", nowhere)]).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    let nodes = bench.reader.nodes().await.unwrap().len();
    assert_eq!((bench.running("all").await.len(), bench.running("none").await.len()), (nodes, 0));
    let update =
        bench.update("all", Action::Restart, |s| s["TaskTemplate"]["ContainerSpec"]["Env"] = json!(["A=1"])).await;
    assert_eq!(bench.apply(vec![update]).await.0.exit, ExitCode::Ok);
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs() {
    let Some(bench) = Bench::new("job").await else { return };
    let job = |key: &str, command: &str, policy| {
        let mut spec = bench.spec(key, command, 1);
        spec["Mode"] = json!({"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 3}});
        spec["TaskTemplate"]["RestartPolicy"] = policy;
        spec.as_object_mut().unwrap().remove("UpdateConfig");
        bench.create(key, spec)
    };
    let (outcome, _) = bench.apply(vec![job("good", "sleep 0.5", json!({"Condition": "on-failure"}))]).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    assert_eq!(outcome.ledger.get("service/good").unwrap().why, "3/3 complete");
    let again = bench.update("good", Action::Restart, |s| s["Labels"]["again"] = "1".into()).await;
    let (outcome, _) = bench.apply(vec![again]).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    assert!(outcome.elapsed.as_secs_f64() > 0.9, "the job ran again: {:?}", outcome.elapsed);
    let (outcome, _) = bench.apply(vec![job("bad", "exit 4", json!({"Condition": "none"}))]).await;
    assert_eq!((outcome.exit, outcome.failures[0].reason), (ExitCode::Failed, "job_failed"));
    assert_eq!(outcome.failures[0].evidence[0].example.exit_code, Some(4));
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_shot_tasks_are_done_when_they_exit_0() {
    let Some(bench) = Bench::new("oneshot").await else { return };
    for (key, condition) in [("none", "none"), ("fail", "on-failure")] {
        let mut spec = bench.spec(key, "sleep 0.3", 2);
        spec["TaskTemplate"]["RestartPolicy"] = json!({"Condition": condition});
        let (outcome, _) = bench.apply(vec![bench.create(key, spec)]).await;
        assert_eq!(outcome.exit, ExitCode::Ok, "{condition}");
        assert!(outcome.elapsed.as_secs() < 10, "{:?}", outcome.elapsed);
    }
    let mut spec = bench.spec("bad", "exit 5", 1);
    spec["TaskTemplate"]["RestartPolicy"] = json!({"Condition": "none"});
    // An engine was seen to take three seconds to notice that it had ended.
    spec["UpdateConfig"]["Monitor"] = json!(15_000_000_000_u64);
    let (outcome, _) = bench.apply(vec![bench.create("bad", spec)]).await;
    let reasons: Vec<_> = outcome.failures.iter().map(|failure| failure.reason).collect();
    assert_eq!((outcome.exit, reasons), (ExitCode::Failed, vec!["gave_up"]), "{outcome:?}");
    bench.remove().await;
}
