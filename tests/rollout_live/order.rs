//! Waves, what hangs on what, and a stack that was removed a moment ago.

use serde_json::json;
use stackup::app::event::Event;
use stackup::app::exit::ExitCode;
use stackup::app::ledger::Fate;
use stackup::compose::model::DependsOnCondition;
use stackup::plan::{Action, Write};
use stackup::swarm::Kind;

use crate::bench::{Bench, STAYS, after};

#[tokio::test(flavor = "multi_thread")]
async fn waves_wait_and_dependents_of_a_failure_are_skipped() {
    let Some(bench) = Bench::new("waves").await else { return };
    let db = bench.create("db", bench.spec("db", STAYS, 1));
    let web = after(bench.create("web", bench.spec("web", STAYS, 1)), "db", DependsOnCondition::Healthy, 2);
    let (outcome, events) = bench.apply(vec![db, web]).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    let at = |wanted: &dyn Fn(&Event) -> bool| events.0.iter().position(|(_, e)| wanted(e)).unwrap();
    let verified = at(&|e| matches!(e, Event::ApplyComplete { address, .. } if address == "service/db"));
    let started = at(&|e| matches!(e, Event::ApplyStart { address, .. } if address == "service/web"));
    assert!(verified < started);
    bench.remove().await;

    let mut spec = bench.spec("db", "exit 1", 1);
    spec["TaskTemplate"]["RestartPolicy"] = json!({"Condition": "none"});
    let db = bench.create("db", spec);
    let web = after(bench.create("web", bench.spec("web", STAYS, 1)), "db", DependsOnCondition::Healthy, 2);
    let (outcome, _) = bench.apply(vec![db, web]).await;
    assert_eq!(outcome.exit, ExitCode::Failed);
    assert_eq!(outcome.ledger.get("service/web").unwrap().why, "depends on db");
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn removed_and_at_once_applied_again() {
    let Some(bench) = Bench::new("again").await else { return };
    let changes = || {
        let mut spec = bench.spec("web", "while :; do sleep 0.1; done", 2);
        spec["TaskTemplate"]["Networks"] = json!([{"Target": bench.name("net")}]);
        vec![bench.network("net"), bench.create("web", spec)]
    };
    assert_eq!(bench.apply(changes()).await.0.exit, ExitCode::Ok);
    for round in 0..3 {
        bench.remove().await;
        // What a plan would say at this moment: a network that is still listed is taken for unchanged.
        let listed = bench.snapshot().await.network(&bench.name("net")).is_some();
        let mut changes = changes();
        if listed {
            changes.retain(|c| c.kind != Kind::Network);
        }
        let (outcome, _) = bench.apply(changes).await;
        assert_eq!(outcome.exit, ExitCode::Ok, "round {round}, network listed: {listed}");
        println!("round {round}: network listed after rm: {listed}");
        assert_eq!(bench.running("web").await.len(), 2);
    }
    bench.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn recreated_and_pruned() {
    let Some(bench) = Bench::new("prune").await else { return };
    let old = bench.create("old", bench.spec("old", STAYS, 1));
    let (outcome, _) =
        bench.apply(vec![bench.config("conf", "x"), bench.create("web", bench.spec("web", STAYS, 1)), old]).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    let live = bench.snapshot().await;
    let id = |key: &str| live.service(&bench.name(key)).map(|s| s.id.clone()).unwrap();
    let config = live.config(&bench.name("conf")).unwrap().id.clone();
    let mut spec = bench.spec("web", STAYS, 1);
    spec["Mode"] = json!({"Global": {}});
    let change = |kind, key: &str, action, id: String, write| bench.change(kind, key, action, Some(id), write);
    let changes = vec![
        change(Kind::Config, "conf", Action::Remove, config.clone(), Write::RemoveConfig { id: config }),
        change(Kind::Service, "old", Action::Remove, id("old"), Write::RemoveService { id: id("old") }),
        change(Kind::Service, "web", Action::Recreate, id("web"), Write::RecreateService { id: id("web"), spec }),
    ];
    let (outcome, _) = bench.apply(changes).await;
    assert_eq!(outcome.exit, ExitCode::Ok);
    assert_eq!(outcome.ledger.count(Fate::Done), 3);
    let now = bench.snapshot().await;
    assert_eq!((now.own_services().count(), now.own_configs().count()), (1, 0));
    bench.remove().await;
}
