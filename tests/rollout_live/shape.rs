//! The course that a plan tells of a rollout, beside what swarm does: never less time, never fewer tasks.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use stackup::plan::{Rollout, Shape, Tasks};
use stackup::swarm::TaskState::Running;
use stackup::swarm::{Snapshot, Task, UpdateState};

use crate::bench::{Bench, STAYS};

const SECOND: u64 = 1_000_000_000;

/// A service and how it is rolled over.
struct Case {
    key: &'static str,
    before: u64,
    after: u64,
    config: Value,
    /// On an overlay network: swarm waits before it stops a task.
    networked: bool,
    /// With a health check each second: a task counts as running after the first.
    probed: bool,
}

fn cases() -> Vec<Case> {
    let config = |parallelism: u64, delay: u64, monitor: u64, order: &str| json!({"Parallelism": parallelism, "Delay": delay * SECOND, "Monitor": monitor * SECOND, "Order": order});
    let plain = |key, before, after, config| Case { key, before, after, config, networked: false, probed: false };
    vec![
        plain("one", 3, 3, config(1, 0, 1, "stop-first")),
        plain("two", 4, 4, config(2, 2, 3, "stop-first")),
        plain("late", 4, 4, config(2, 3, 2, "stop-first")),
        plain("all", 4, 4, config(0, 0, 2, "stop-first")),
        plain("more", 3, 5, config(1, 1, 2, "stop-first")),
        plain("fewer", 4, 2, config(1, 1, 2, "stop-first")),
        plain("first", 3, 3, config(1, 2, 3, "start-first")),
        plain("firstall", 3, 3, config(0, 0, 2, "start-first")),
        Case { networked: true, ..plain("net", 3, 3, config(1, 0, 2, "stop-first")) },
        Case { networked: true, probed: true, ..plain("netprobe", 4, 4, config(2, 1, 2, "stop-first")) },
        Case { probed: true, ..plain("probe", 3, 3, config(1, 0, 2, "stop-first")) },
        Case { networked: true, probed: true, ..plain("firstprobe", 4, 4, config(2, 0, 2, "start-first")) },
    ]
}

fn spec(bench: &Bench, case: &Case) -> Value {
    let mut spec = bench.spec(case.key, STAYS, case.before);
    if case.networked {
        spec["TaskTemplate"]["Networks"] = json!([{"Target": bench.name("net")}]);
    }
    if case.probed {
        spec["TaskTemplate"]["ContainerSpec"]["Healthcheck"] =
            json!({"Test": ["CMD", "/bin/sh", "-c", "true"], "Interval": SECOND, "Timeout": 20 * SECOND, "Retries": 3});
    }
    spec
}

/// What was seen of one service.
#[derive(Debug, Default)]
struct Seen {
    fewest: Option<u64>,
    most: u64,
    took: Option<f64>,
}

#[tokio::test(flavor = "multi_thread")]
async fn the_course_that_is_told_holds() {
    let Some(bench) = Bench::new("shape").await else { return };
    let services = cases().into_iter().map(|case| bench.create(case.key, spec(&bench, &case)));
    bench.apply(std::iter::once(bench.network("net")).chain(services).collect()).await;

    let mut told: BTreeMap<String, Shape> = BTreeMap::new();
    let began = Timestamp::now();
    for Case { key, before, after, config, .. } in cases() {
        let live = bench.reader.service(&bench.name(key)).await.unwrap().unwrap();
        let mut spec = live.spec.as_ref().clone();
        spec["UpdateConfig"] = config;
        spec["Mode"]["Replicated"]["Replicas"] = after.into();
        spec["TaskTemplate"]["ContainerSpec"]["Env"] = json!(["A=1"]);
        let tasks = Tasks { running: before, wanted: after, replaced: before.min(after) };
        told.insert(live.id.clone(), Rollout::of(&spec, tasks, false).shape);
        bench.reader.writer().update_service(&live.id, live.version, &spec, None).await.unwrap();
    }

    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    let deadline = Instant::now() + Duration::from_secs(240);
    while seen.values().filter(|seen| seen.took.is_some()).count() < told.len() {
        assert!(Instant::now() < deadline, "not all completed: {seen:?}");
        look(&bench.snapshot().await, began, &mut seen);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let end = bench.snapshot().await;
    for Case { key, after, config, .. } in cases() {
        let live = bench.reader.service(&bench.name(key)).await.unwrap().unwrap();
        let (shape, seen) = (&told[&live.id], &seen[&live.id]);
        println!("{key}: {config}: told {shape:?}, seen {seen:?}");
        let (took, fewest) = (seen.took.unwrap(), seen.fewest.unwrap());
        assert!(took * 1000.0 >= shape.least_ms as f64, "{key}: took {took} s, told {shape:?}");
        // A look every now and then can miss the moment of the fewest, and cannot see fewer than there were.
        assert!(fewest >= shape.lowest, "{key}: {fewest} ran, told {shape:?}");
        if shape.batch >= shape.tasks || shape.lowest == shape.running.min(after) {
            assert_eq!(fewest, shape.lowest, "{key}: {shape:?}");
        }
        assert!(seen.most <= shape.peak_most, "{key}: {} ran, told {shape:?}", seen.most);
        // Swarm makes the new task in the moment in which it tells the old one to end. One that failed since has another story.
        let new: Vec<_> = end.tasks_of(&live.id).filter(|t| t.created.is_some_and(|at| at > began)).collect();
        let alone = |t: &&&Task| t.state == Running && new.iter().filter(|other| other.slot == t.slot).count() == 1;
        let gap = |t: &&Task| Some(t.since?.duration_since(t.created?).as_millis());
        let gaps: Vec<i128> = new.iter().filter(alone).filter_map(gap).collect();
        assert!(gaps.iter().all(|ms| *ms >= i128::from(shape.gap_ms)), "{key}: {gaps:?} ms, told {shape:?}");
    }
    bench.remove().await;
}

fn look(snapshot: &Snapshot, began: Timestamp, seen: &mut BTreeMap<String, Seen>) {
    for service in snapshot.own_services() {
        let Some(update) = service.update.as_ref().filter(|update| update.started.is_some_and(|at| at > began)) else {
            continue;
        };
        let running = |desired: bool| {
            let counts = |t: &&stackup::swarm::Task| t.state == Running && (!desired || t.desired == Running);
            snapshot.tasks_of(&service.id).filter(counts).count() as u64
        };
        let one = seen.entry(service.id.clone()).or_default();
        one.fewest = Some(one.fewest.map_or(running(true), |fewest| fewest.min(running(true))));
        one.most = one.most.max(running(false));
        if let (UpdateState::Completed, Some(started), Some(completed)) =
            (&update.state, update.started, update.completed)
        {
            one.took = Some(completed.duration_since(started).as_secs_f64());
        }
    }
}
