use serde_json::json;

use super::*;
use crate::plan::fixture::put;

/// A spec without a network, as those that were measured.
fn spec(changes: &[(&str, Value)]) -> Value {
    let mut spec = json!({"TaskTemplate": {"ContainerSpec": {}}, "UpdateConfig": {"Parallelism": 1}});
    changes.iter().for_each(|(pointer, value)| put(&mut spec, pointer, value.clone()));
    spec
}

fn seconds(n: f64) -> Value {
    json!((n * 1e9) as u64)
}

const PARALLELISM: &str = "/UpdateConfig/Parallelism";
const DELAY: &str = "/UpdateConfig/Delay";
const MONITOR: &str = "/UpdateConfig/Monitor";
const ORDER: &str = "/UpdateConfig/Order";
const GRACE: &str = "/TaskTemplate/ContainerSpec/StopGracePeriod";
const CHECK: &str = "/TaskTemplate/ContainerSpec/Healthcheck";
const NETWORKS: &str = "/TaskTemplate/Networks";
const PORTS: &str = "/EndpointSpec/Ports";

/// What a swarm of three nodes did (20.10.24), beside what is told of it: it took no less time, it did not go below the lowest
/// number of tasks and it reached it, and it had no more tasks side by side.
#[test]
fn what_was_measured_is_within_what_is_told() {
    let start = (ORDER, json!("start-first"));
    let check = |interval: f64| (CHECK, json!({"Test": ["CMD", "x"], "Interval": seconds(interval)}));
    let overlay = (NETWORKS, json!([{"Target": "net"}]));
    let port = (PORTS, json!([{"TargetPort": 80, "PublishedPort": 80, "PublishMode": "ingress"}]));
    // Name, tasks before, after, replaced, spec; then measured: seconds, fewest serving, most running; then told: seconds.
    for (name, (running, wanted, replaced), changes, (took, fewest, most), least) in [
        ("A", (6, 6, 6), vec![], (18.6, 5, 6), 5.0),
        ("B", (6, 6, 6), vec![(PARALLELISM, json!(2)), (DELAY, seconds(2.0))], (18.5, 4, 6), 11.0),
        ("C", (6, 6, 6), vec![(PARALLELISM, json!(2)), (DELAY, seconds(6.0))], (35.0, 4, 6), 25.0),
        ("D", (6, 6, 6), vec![(PARALLELISM, json!(0)), (MONITOR, seconds(2.0))], (5.7, 0, 6), 2.0),
        ("E", (4, 4, 4), vec![(MONITOR, seconds(1.0)), start.clone()], (3.5, 4, 7), 1.0),
        ("F", (4, 4, 4), vec![(MONITOR, seconds(1.0)), start.clone(), (GRACE, seconds(6.0))], (9.7, 4, 8), 1.0),
        (
            "G",
            (5, 5, 5),
            vec![(PARALLELISM, json!(3)), (DELAY, seconds(1.0)), (MONITOR, seconds(3.0))],
            (11.5, 2, 5),
            5.0,
        ),
        ("H", (3, 3, 3), vec![(MONITOR, seconds(1.0)), (GRACE, seconds(4.0))], (22.1, 2, 3), 1.0),
        ("I", (3, 3, 3), vec![(MONITOR, seconds(1.0)), check(2.0)], (13.0, 2, 3), 7.0),
        ("K", (3, 3, 3), vec![(MONITOR, seconds(0.0))], (10.4, 2, 3), 5.0),
        ("L", (3, 3, 3), vec![(MONITOR, seconds(0.001))], (5.5, 2, 3), 0.001),
        ("M", (3, 3, 3), vec![(MONITOR, seconds(1.0))], (6.9, 2, 3), 1.0),
        ("N", (3, 5, 3), vec![(MONITOR, seconds(1.0)), (DELAY, seconds(2.0))], (14.8, 2, 5), 9.0),
        ("O", (5, 3, 3), vec![(MONITOR, seconds(1.0)), (DELAY, seconds(1.0))], (10.6, 2, 5), 5.0),
        ("P", (2, 2, 2), vec![(MONITOR, seconds(1.0)), check(5.0)], (14.6, 1, 2), 11.0),
        ("Q", (3, 3, 3), vec![(MONITOR, seconds(1.0)), overlay.clone()], (16.1, 2, 3), 7.0),
        ("R", (3, 3, 3), vec![(MONITOR, seconds(1.0)), port], (16.4, 2, 3), 7.0),
        ("S", (3, 3, 3), vec![(MONITOR, seconds(1.0)), start, overlay], (2.8, 3, 6), 1.0),
    ] {
        let shape = Shape::of(&spec(&changes), Tasks { running, wanted, replaced }, false);
        assert_eq!(shape.least_ms, (least * 1000.0) as u64, "{name}");
        assert!(shape.least_ms as f64 / 1000.0 <= took, "{name}: {shape:?}");
        assert_eq!(shape.lowest, fewest, "{name}: {shape:?}");
        assert!(shape.peak <= most && most <= shape.peak_most, "{name}: {shape:?}");
    }
}

#[test]
fn rounds_follow_one_another() {
    let changes = [
        (PARALLELISM, json!(2)),
        (DELAY, seconds(10.0)),
        (MONITOR, seconds(30.0)),
        (NETWORKS, json!([{"Target": "n"}])),
    ];
    let shape = Shape::of(&spec(&changes), Tasks { running: 5, wanted: 5, replaced: 5 }, false);
    assert_eq!(shape.batches().collect::<Vec<_>>(), [(0, 2), (12_000, 2), (24_000, 1)]);
    assert_eq!((shape.rounds, shape.gap_ms, shape.low_ms(), shape.least_ms), (3, 2000, 6000, 66_000));
    assert_eq!((shape.lowest, shape.peak, shape.peak_most, shape.more_memory), (3, 5, 5, None));
}

#[test]
fn memory_is_what_the_new_tasks_reserve_beside_the_old() {
    let changes = [
        (PARALLELISM, json!(2)),
        (DELAY, seconds(20.0)),
        (ORDER, json!("start-first")),
        ("/TaskTemplate/Resources/Reservations/MemoryBytes", json!(1 << 30)),
    ];
    let shape = Shape::of(&spec(&changes), Tasks { running: 5, wanted: 6, replaced: 5 }, false);
    // A grace of ten seconds is over before the next round: never more than two beside five old ones and an added one.
    assert_eq!((shape.lowest, shape.peak, shape.peak_most, shape.more_memory), (5, 8, 8, Some(3 << 30)));
}

#[test]
fn tasks_that_are_slow_to_stop_pile_up() {
    for (delay, most) in [(0.0, 20), (3.0, 15), (11.0, 12), (13.0, 11)] {
        let changes = [(ORDER, json!("start-first")), (DELAY, seconds(delay))];
        let shape = Shape::of(&spec(&changes), Tasks { running: 10, wanted: 10, replaced: 10 }, false);
        assert_eq!((shape.peak, shape.peak_most), (11, most), "{delay}");
    }
}

#[test]
fn nothing_to_replace_takes_no_round() {
    let shape = Shape::of(&spec(&[(PARALLELISM, json!(0))]), Tasks { running: 3, wanted: 3, replaced: 0 }, false);
    assert_eq!((shape.rounds, shape.batch, shape.lowest, shape.batches().count()), (0, 0, 3, 0));
}

#[test]
fn an_engine_that_knows_start_intervals_is_sooner_sure() {
    let check = json!({"Test": ["CMD", "x"], "StartPeriod": seconds(60.0)});
    let shape =
        |newer| Shape::of(&spec(&[(CHECK, check.clone())]), Tasks { running: 1, wanted: 1, replaced: 1 }, newer);
    assert_eq!((shape(false).gap_ms, shape(true).gap_ms), (30_000, 5_000));
}

#[test]
fn settings_that_nobody_wrote_are_swarms() {
    let rollout = Rollout::of(&json!({}), Tasks::default(), false);
    assert_eq!((rollout.parallelism, rollout.order.as_str(), rollout.delay.as_str()), (1, "stop-first", "0s"));
    assert_eq!((rollout.monitor.as_str(), rollout.failure_action.as_str()), ("5s", "pause"));
    let rollout = Rollout::of(
        &json!({"UpdateConfig": {"MaxFailureRatio": 0.25, "Delay": 90_000_000_000_u64}}),
        Tasks::default(),
        false,
    );
    assert_eq!((rollout.parallelism, rollout.delay.as_str(), rollout.max_failure_ratio), (0, "1m30s", 0.25));
}
