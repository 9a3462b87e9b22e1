//! Small swarms: what goes where, and what does not.

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Placement, Range, Reason, Verdict};
use crate::plan::fixture::{desired, live_network, live_service, node, put, stored, task, wanted};
use crate::plan::{PlanOptions, ResolveImage, build};
use crate::swarm::*;

const REPLICAS: &str = "/Mode/Replicated/Replicas";
const PLACEMENT: &str = "/TaskTemplate/Placement";
const RESERVATIONS: &str = "/TaskTemplate/Resources/Reservations";
const PORTS: &str = "/EndpointSpec/Ports";
const ENV: &str = "/TaskTemplate/ContainerSpec/Env";

type Changes = Vec<(&'static str, Value)>;

fn cpus(cpus: f64) -> (&'static str, Value) {
    (RESERVATIONS, json!({"NanoCPUs": (cpus * 1e9) as i64}))
}

fn host_port(port: u32) -> (&'static str, Value) {
    (PORTS, json!([{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": port, "PublishMode": "host"}]))
}

fn update(order: &str, parallelism: u64) -> (&'static str, Value) {
    ("/UpdateConfig", json!({"Order": order, "Parallelism": parallelism}))
}

/// Nodes of two CPUs and 8 GiB, zones a, a, b.
fn swarm(nodes: usize) -> Snapshot {
    let mut snapshot = Snapshot { stack: "st".into(), ..Snapshot::default() };
    snapshot.cluster.api_version = "1.41".into();
    snapshot.networks.push(live_network("st_default"));
    for number in 1..=nodes {
        let mut node = node(&format!("n{number}"));
        let zone = if number <= 2 { "a" } else { "b" };
        node.labels.insert("zone".into(), zone.into());
        snapshot.nodes.push(node);
    }
    snapshot
}

/// A service with tasks on nodes as `counts` say.
fn running(snapshot: &mut Snapshot, service: &DesiredService, counts: &[u64]) {
    let id = format!("id-{}", service.name);
    snapshot.services.push(live_service(&id, &service.name, stored(&service.spec)));
    let mut slot = 0;
    for (at, count) in counts.iter().enumerate() {
        for _ in 0..*count {
            slot += 1;
            let node = Some(format!("n{}", at + 1));
            let spec = service.spec["TaskTemplate"].clone().into();
            snapshot.tasks.push(Task { node, spec, ..task(&id, slot) }.into());
        }
    }
}

fn placements(snapshot: &Snapshot, services: Vec<DesiredService>, prune: bool) -> Vec<Placement> {
    let options = PlanOptions { resolve: ResolveImage::Never, prune, ..PlanOptions::default() };
    build(&desired(services), snapshot, &options).placement
}

/// A new service on an idle swarm.
fn created(snapshot: &Snapshot, changes: &[(&str, Value)]) -> Placement {
    placements(snapshot, vec![wanted("web", changes)], false).remove(0)
}

/// A service that runs as `counts` say, and is changed.
fn changed(before: &[(&str, Value)], counts: &[u64], after: &[(&str, Value)]) -> Placement {
    let mut snapshot = swarm(counts.len());
    let total: u64 = counts.iter().sum();
    let mut live = wanted("web", before);
    put(&mut live.spec, REPLICAS, json!(total));
    running(&mut snapshot, &live, counts);
    let mut want = wanted("web", &[before, after].concat());
    if want.spec.pointer(REPLICAS).is_none() {
        put(&mut want.spec, REPLICAS, json!(total));
    }
    placements(&snapshot, vec![want], false).remove(0)
}

/// `3,1-2,0-1`.
fn counts(placement: &Placement) -> String {
    let one = |r: &Range| if r.min == r.max { r.min.to_string() } else { format!("{}-{}", r.min, r.max) };
    placement.counts.iter().map(one).collect::<Vec<_>>().join(",")
}

/// How swarm fills nodes: measured on three idle nodes.
#[test]
fn scaling_up_is_no_true_spread() {
    for (before, replicas, expected) in [
        (vec![0, 0, 0], 7, "3,2,2"),
        (vec![1, 1, 1], 5, "2,2,1"),
        (vec![3, 0, 0], 6, "3,2,1"),
        (vec![3, 0, 0], 8, "4,3,1"),
        (vec![3, 0, 0], 9, "4,4,1"),
        (vec![0, 0, 0, 0, 6], 16, "7,6,1,1,1"),
    ] {
        let placement = changed(&[], &before, &[(REPLICAS, json!(replicas))]);
        assert_eq!((counts(&placement).as_str(), placement.exact), (expected, true), "{before:?} to {replicas}");
    }
}

#[test]
fn preferences_come_before_nodes() {
    let zone = json!([{"Spread": {"SpreadDescriptor": "node.labels.zone"}}]);
    let rack = json!([{"Spread": {"SpreadDescriptor": "NODE.labels.zone"}}, {"Spread": {"SpreadDescriptor": "node.labels.rack"}}]);
    let unheeded = json!([{"Spread": {"SpreadDescriptor": "node.hostname"}}]);
    let most = json!({"Preferences": zone, "MaxReplicas": 1});
    for (replicas, placement, cpu, expected) in [
        (6, json!({"Preferences": zone}), 0.0, "3,2,1"),
        (4, json!({"Preferences": zone}), 0.0, "2,1,1"),
        (5, json!({"Preferences": zone}), 0.0, "2-3,1-2,1"),
        (8, json!({"Preferences": rack}), 0.0, "4,2,2"),
        (3, most, 0.0, "1,1,1"),
        (8, json!({"Preferences": zone}), 0.6, "3,3,2"),
        (6, json!({"Preferences": unheeded}), 0.0, "2,2,2"),
    ] {
        let placement = created(&swarm(3), &[(REPLICAS, json!(replicas)), (PLACEMENT, placement), cpus(cpu)]);
        assert_eq!((counts(&placement).as_str(), placement.verdict), (expected, Verdict::Fits), "{replicas}");
    }
}

#[test]
fn tasks_of_others_count() {
    for (there, replicas, expected) in [(1, 1, "n2 n3"), (4, 4, "n1 n2 n3"), (7, 7, "n1 n2 n3")] {
        let mut snapshot = swarm(3);
        let mut other = wanted("other", &[(REPLICAS, json!(there))]);
        other.spec["Labels"] = json!({});
        running(&mut snapshot, &other, &[there]);
        let placement = created(&snapshot, &[(REPLICAS, json!(replicas))]);
        let nodes: Vec<&str> = placement.nodes.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(nodes.join(" "), expected, "{there}");
        assert!(placement.nodes.iter().all(|(name, r)| name != "n1" || r.max == replicas / 3), "{placement:?}");
    }
    let mut snapshot = swarm(3);
    let mut other = wanted("other", &[(REPLICAS, json!(1)), cpus(1.5)]);
    other.spec["Labels"] = json!({});
    running(&mut snapshot, &other, &[1]);
    for (replicas, expected, verdict) in
        [(6, "3,2,1", Verdict::Fits), (9, "4,4,1", Verdict::Fits), (10, "4,4,1", Verdict::DoesNotFit)]
    {
        let placement = created(&snapshot, &[(REPLICAS, json!(replicas)), cpus(0.5)]);
        assert_eq!((counts(&placement).as_str(), placement.verdict), (expected, verdict), "{replicas}");
    }
}

/// Every filter, with what swarm says of it.
#[test]
fn what_keeps_tasks_away() {
    type Arrange = fn(&mut Snapshot);
    let nothing: Arrange = |_| {};
    let most = |n: u64| (PLACEMENT, json!({"MaxReplicas": n}));
    let constraint = |text: &str| (PLACEMENT, json!({"Constraints": [text]}));
    let mount =
        json!([{"Type": "volume", "Source": "v", "Target": "/v", "VolumeOptions": {"DriverConfig": {"Name": "nfs"}}}]);
    let gpu = json!({"GenericResources": [{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 1}}]});
    let cases: Vec<(Arrange, Changes, &str, &str)> = vec![
        (|s| s.nodes[0].availability = Availability::Drain, vec![], "drained", "1 node not available for new tasks"),
        (|s| s.nodes[0].availability = Availability::Pause, vec![], "paused", "1 node not available for new tasks"),
        (|s| s.nodes[0].state = NodeState::Down, vec![], "not_ready", "1 node not available for new tasks"),
        (nothing, vec![cpus(2.1)], "cpu", "insufficient resources on 1 node"),
        (
            nothing,
            vec![(RESERVATIONS, json!({"MemoryBytes": 1_i64 << 34}))],
            "memory",
            "insufficient resources on 1 node",
        ),
        (nothing, vec![(RESERVATIONS, gpu.clone())], "generic_resource", "insufficient resources on 1 node"),
        (
            nothing,
            vec![constraint("node.labels.disk==ssd")],
            "constraint",
            "scheduling constraints not satisfied on 1 node",
        ),
        (
            nothing,
            vec![(PLACEMENT, json!({"Platforms": [{"OS": "windows", "Architecture": "amd64"}]}))],
            "platform",
            "unsupported platform on 1 node",
        ),
        (nothing, vec![("/TaskTemplate/ContainerSpec/Mounts", mount)], "plugin", "missing plugin on 1 node"),
        (nothing, vec![("/TaskTemplate/LogDriver", json!({"Name": "nosuch"}))], "plugin", "missing plugin on 1 node"),
        (nothing, vec![(REPLICAS, json!(2)), host_port(80)], "host_port", "host-mode port already in use on 1 node"),
        (nothing, vec![(REPLICAS, json!(2)), most(1)], "max_replicas", "max replicas per node limit exceed"),
    ];
    for (arrange, changes, word, sentence) in cases {
        let mut snapshot = swarm(1);
        snapshot.nodes[0].raw = json!({"Description": {"Engine": {"Plugins": [
            {"Type": "Volume", "Name": "local"}, {"Type": "Log", "Name": "json-file"}]}}});
        arrange(&mut snapshot);
        let placement = created(&snapshot, &changes);
        let words: Vec<&str> = placement.refused[0].reasons.iter().map(Reason::word).collect();
        assert_eq!((placement.verdict, words), (Verdict::DoesNotFit, vec![word]), "{changes:?}");
        assert_eq!(placement.says.as_deref(), Some(format!("no suitable node ({sentence})").as_str()));
    }
    // Swarm blames the first thing in the way; the plan knows the others too.
    let mut snapshot = swarm(3);
    snapshot.nodes[0].availability = Availability::Drain;
    let placement = created(&snapshot, &[constraint("node.hostname == n1"), cpus(9.0)]);
    assert_eq!(placement.refused[0].reasons.len(), 2);
    assert_eq!(
        placement.says.as_deref(),
        Some("no suitable node (insufficient resources on 2 nodes; 1 node not available for new tasks)")
    );
}

#[test]
fn generic_resources_by_number_and_by_name() {
    let gpu = (RESERVATIONS, json!({"GenericResources": [{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 2}}]}));
    for (resources, verdict) in [
        (json!([{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 4}}]), Verdict::Fits),
        (json!([{"DiscreteResourceSpec": {"Kind": "gpu", "Value": 3}}]), Verdict::DoesNotFit),
        (
            json!([{"NamedResourceSpec": {"Kind": "gpu", "Value": "a"}}, {"NamedResourceSpec": {"Kind": "gpu", "Value": "b"}},
            {"NamedResourceSpec": {"Kind": "gpu", "Value": "c"}}, {"NamedResourceSpec": {"Kind": "gpu", "Value": "d"}}]),
            Verdict::Fits,
        ),
        (json!([{"DiscreteResourceSpec": {"Kind": "GPU", "Value": 9}}]), Verdict::DoesNotFit),
    ] {
        let mut snapshot = swarm(1);
        snapshot.nodes[0].raw = json!({"Description": {"Resources": {"GenericResources": resources}}});
        assert_eq!(created(&snapshot, &[(REPLICAS, json!(2)), gpu.clone()]).verdict, verdict, "{resources}");
    }
}

#[test]
fn updates() {
    let replace = (ENV, json!(["A=1"]));
    let most = (PLACEMENT, json!({"MaxReplicas": 1}));
    type Case<'a> = (Changes, Vec<u64>, Changes, &'a str, Verdict, u64);
    let cases: Vec<Case> = vec![
        // Stop-first evens out, start-first does the contrary.
        (vec![], vec![2, 3, 2], vec![update("stop-first", 1)], "3,2,2", Verdict::Fits, 0),
        (vec![], vec![2, 1, 0], vec![update("stop-first", 1)], "1,1,1", Verdict::Fits, 0),
        (vec![], vec![1, 1, 1], vec![update("start-first", 1)], "1-2,1,0-1", Verdict::Fits, 4),
        (vec![], vec![1, 1, 1], vec![update("start-first", 0)], "1,1,1", Verdict::Fits, 6),
        (vec![], vec![2, 2, 2], vec![update("start-first", 9)], "2,2,2", Verdict::Fits, 12),
        // One new task must fit beside the old ones.
        (vec![host_port(80)], vec![1, 1, 1], vec![update("start-first", 1)], "1,1,1", Verdict::GetsStuck, 0),
        (vec![host_port(80)], vec![1, 1, 1], vec![update("stop-first", 1)], "1,1,1", Verdict::Fits, 0),
        (vec![host_port(80)], vec![1, 0, 0], vec![update("start-first", 1)], "1", Verdict::Fits, 2),
        (vec![most.clone()], vec![1, 1, 1], vec![update("start-first", 1)], "1,1,1", Verdict::GetsStuck, 0),
        (vec![most.clone()], vec![1, 1, 0], vec![update("start-first", 1)], "1,1", Verdict::Fits, 3),
        (vec![most], vec![1, 1, 1], vec![update("stop-first", 1)], "1,1,1", Verdict::Fits, 0),
        (vec![cpus(1.5)], vec![1, 1, 1], vec![update("start-first", 1)], "1,1,1", Verdict::GetsStuck, 0),
        (vec![cpus(1.5)], vec![1, 1, 1], vec![update("stop-first", 1)], "1,1,1", Verdict::Fits, 0),
        (vec![cpus(1.0)], vec![2, 2, 1], vec![update("start-first", 1)], "2,2,1", Verdict::Fits, 6),
        (vec![], vec![1, 1, 1], vec![cpus(2.5), update("start-first", 1)], "1,1,1", Verdict::DoesNotFit, 0),
        // A node too small for the new ones.
        (vec![], vec![1, 1, 1], vec![cpus(2.5), update("stop-first", 1)], "1,1", Verdict::DoesNotFit, 0),
    ];
    for (before, there, after, expected, verdict, peak) in cases {
        let what = format!("{before:?} {there:?} {after:?}");
        let placement = changed(&before, &there, &[after, vec![replace.clone()]].concat());
        assert_eq!((counts(&placement).as_str(), placement.verdict), (expected, verdict), "{what}");
        assert_eq!(placement.peak.map_or(0, |peak| peak.tasks), peak, "{what}");
        assert!(placement.exact);
    }
}

#[test]
fn scaling_down_takes_from_the_fullest_node() {
    for (there, replicas, expected) in
        [(vec![4, 1, 1], 3, "1,1,1"), (vec![3, 3, 3], 5, "2,2,1"), (vec![5, 1, 0], 4, "3,1")]
    {
        assert_eq!(counts(&changed(&[], &there, &[(REPLICAS, json!(replicas))])), expected, "{there:?}");
    }
}

#[test]
fn only_tasks_that_lose_their_place_move() {
    let away = (PLACEMENT, json!({"Constraints": ["node.hostname != n1"]}));
    let placement = changed(&[], &[2, 2, 2], &[away]);
    assert_eq!((counts(&placement).as_str(), placement.verdict), ("3,3", Verdict::Fits));
}

#[test]
fn global_services() {
    let global = ("/Mode", json!({"Global": {}}));
    let mut snapshot = swarm(3);
    snapshot.nodes[2].availability = Availability::Drain;
    assert_eq!(counts(&created(&snapshot, std::slice::from_ref(&global))), "1,1");

    let full = wanted("full", &[(REPLICAS, json!(1)), cpus(1.5)]);
    running(&mut snapshot, &full, &[0, 1]);
    let placement = placements(&snapshot, vec![full, wanted("web", &[global.clone(), cpus(1.0)])], false).remove(0);
    assert_eq!((counts(&placement).as_str(), placement.verdict), ("1", Verdict::DoesNotFit));
    assert_eq!(placement.says.as_deref(), Some("insufficient resources on 1 node"));

    for (order, verdict) in [("start-first", Verdict::GetsStuck), ("stop-first", Verdict::Fits)] {
        let mut snapshot = swarm(2);
        let live = wanted("web", &[global.clone(), host_port(80), update(order, 1)]);
        running(&mut snapshot, &live, &[1, 1]);
        let want = wanted("web", &[global.clone(), host_port(80), update(order, 1), (ENV, json!(["A=1"]))]);
        assert_eq!(placements(&snapshot, vec![want], false).remove(0).verdict, verdict, "{order}");
    }
}

#[test]
fn a_job_goes_on_with_the_nodes_that_it_has() {
    let job = |n: u64| ("/Mode", json!({"ReplicatedJob": {"MaxConcurrent": n, "TotalCompletions": 9}}));
    let one_each = (PLACEMENT, json!({"MaxReplicas": 1}));
    let placement = created(&swarm(3), &[job(4), one_each]);
    assert_eq!((placement.verdict, placement.placed.max), (Verdict::Fits, 3));
    assert_eq!(created(&swarm(3), &[job(1), cpus(3.0)]).verdict, Verdict::DoesNotFit);
}

#[test]
fn services_of_one_plan_compete_and_make_room() {
    let heavy = |key: &str, cpu: f64, replicas: u64| wanted(key, &[(REPLICAS, json!(replicas)), cpus(cpu)]);
    // Two nodes: either can have it, not both.
    let both = placements(&swarm(1), vec![heavy("a", 1.5, 1), heavy("b", 1.5, 1)], false);
    assert_eq!(both.iter().map(|p| p.verdict).collect::<Vec<_>>(), [Verdict::MayNotFit; 2]);
    // The wave decides.
    let mut later = heavy("b", 1.5, 1);
    later.wave = Some(1);
    let both = placements(&swarm(1), vec![heavy("a", 1.5, 1), later], false);
    assert_eq!(both.iter().map(|p| p.verdict).collect::<Vec<_>>(), [Verdict::Fits, Verdict::DoesNotFit]);
    // What is scaled down makes room, and what is pruned comes too late.
    let mut snapshot = swarm(1);
    running(&mut snapshot, &heavy("a", 0.5, 4), &[4]);
    let room = placements(&snapshot, vec![heavy("a", 0.5, 1), heavy("b", 1.5, 1)], false);
    assert_eq!(room.iter().map(|p| p.verdict).collect::<Vec<_>>(), [Verdict::Fits, Verdict::Fits]);
    let pruned = placements(&snapshot, vec![heavy("b", 1.5, 1)], true);
    assert_eq!(pruned[0].verdict, Verdict::DoesNotFit);
}

/// What the plan frees is there for everybody: a task of another stack that waits may be quicker.
#[test]
fn whoever_waits_takes_what_becomes_free() {
    let heavy = |key: &str, replicas: u64, env: &str| {
        wanted(key, &[(REPLICAS, json!(replicas)), cpus(1.0), update("stop-first", 1), (ENV, json!([env]))])
    };
    let mut snapshot = swarm(1);
    running(&mut snapshot, &heavy("web", 2, "A=1"), &[2]);
    let mut other = heavy("other", 1, "A=1");
    other.spec["Labels"] = json!({});
    running(&mut snapshot, &other, &[1]);
    let waiting = Arc::make_mut(snapshot.tasks.last_mut().unwrap());
    (waiting.node, waiting.state) = (None, TaskState::Pending);
    let verdicts = |services: Vec<DesiredService>| {
        placements(&snapshot, services, false).iter().map(|p| p.verdict).collect::<Vec<_>>()
    };
    assert_eq!(verdicts(vec![heavy("web", 2, "A=2")]), [Verdict::MayNotFit]);
    assert_eq!(verdicts(vec![heavy("new", 1, "A=1"), heavy("web", 1, "A=1")]), [Verdict::MayNotFit, Verdict::Fits]);
    snapshot.tasks.pop();
    let alone = placements(&snapshot, vec![heavy("web", 2, "A=2")], false);
    assert_eq!((alone[0].verdict, counts(&alone[0]).as_str()), (Verdict::Fits, "2"));
}

/// What one rollout frees on its way another may take before it goes on: no order of whole rollouts leads there.
#[test]
fn rollouts_of_one_wave_go_beside_each_other() {
    type Rolling = (f64, &'static str, u64, &'static [u64], u64);
    let told = |last: i64, services: &[Rolling]| {
        let mut snapshot = swarm(3);
        snapshot.nodes[2].nano_cpus = last * 1_000_000_000;
        let mut wishes = Vec::new();
        for (number, (cpu, order, parallelism, there, replicas)) in services.iter().enumerate() {
            let key = format!("s{number}");
            let base = [cpus(*cpu), update(order, *parallelism), (REPLICAS, json!(there.iter().sum::<u64>()))];
            running(&mut snapshot, &wanted(&key, &base), there);
            wishes.push(wanted(&key, &[&base[..], &[(REPLICAS, json!(replicas)), (ENV, json!(["A=1"]))]].concat()));
        }
        let told = placements(&snapshot, wishes, false);
        told.iter().map(|p| (p.verdict, counts(p), p.exact)).collect::<Vec<_>>()
    };
    let fits = |counts: &str| (Verdict::Fits, counts.to_owned(), true);
    // A task of the first may find n2 less busy than n1 while tasks of the second are on their way.
    let two = told(1, &[(0.5, "stop-first", 0, &[1, 1, 0], 2), (0.5, "start-first", 0, &[0, 2, 2], 4)]);
    assert_eq!(two, [fits("1-2,0-1"), fits("2-3,1-2,0-1")]);
    // While the first moves, it may hold the room that the second needs beside its old tasks.
    let three = told(
        2,
        &[
            (0.5, "start-first", 1, &[1, 0, 0], 1),
            (0.7, "start-first", 0, &[0, 1, 1], 5),
            (0.3, "start-first", 2, &[0, 0, 1], 1),
        ],
    );
    assert_eq!(three, [fits("1"), (Verdict::MayGetStuck, "2,2,1".into(), true), fits("1")]);
    // Room for all of them at every moment: nobody is in anybody's way.
    let roomy = told(2, &[(0.1, "stop-first", 1, &[1, 1, 0], 2), (0.1, "start-first", 1, &[0, 1, 1], 2)]);
    assert!(roomy.iter().all(|(verdict, _, exact)| *verdict == Verdict::Fits && *exact), "{roomy:?}");
}

#[test]
fn a_preference_that_hangs_old_schedulers_is_found() {
    // Zone a has more than its share, zone b is full.
    let spread = (PLACEMENT, json!({"Preferences": [{"Spread": {"SpreadDescriptor": "node.labels.zone"}}]}));
    let placement = changed(&[spread, cpus(0.5)], &[4, 3, 0], &[(REPLICAS, json!(9))]);
    assert!(!placement.hangs && placement.verdict == Verdict::Fits, "{placement:?}");
    let mut snapshot = swarm(3);
    snapshot.nodes[2].nano_cpus = 0;
    let preference = json!({"Preferences": [{"Spread": {"SpreadDescriptor": "node.labels.zone"}}]});
    let live = wanted("web", &[(REPLICAS, json!(2)), cpus(0.5), (PLACEMENT, preference.clone())]);
    running(&mut snapshot, &live, &[1, 1, 0]);
    let more = wanted("web", &[(REPLICAS, json!(3)), cpus(0.5), (PLACEMENT, preference)]);
    let placement = placements(&snapshot, vec![more], false).remove(0);
    assert!(!placement.hangs || placement.verdict != Verdict::Fits, "{placement:?}");
}

#[test]
fn a_big_plan_is_quick_and_still_sure_where_there_is_no_choice() {
    let mut snapshot = swarm(50);
    let mut services = Vec::new();
    for number in 0..100 {
        let key = format!("s{number:03}");
        let live = wanted(&key, &[(REPLICAS, json!(10))]);
        let spots: Vec<u64> = (0..50).map(|at| u64::from((at + number) % 5 == 0)).collect();
        running(&mut snapshot, &live, &spots);
        services.push(wanted(&key, &[(REPLICAS, json!(10)), (ENV, json!(["A=1"]))]));
    }
    for placement in placements(&snapshot, services, false) {
        assert_eq!((counts(&placement).as_str(), placement.exact), ("1,1,1,1,1,1,1,1,1,1", true));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Never more than may be on a node, never on one that is filtered out, and what is told adds up.
    #[test]
    fn limits_hold(
        replicas in 1u64..12, most in 0u64..4, cpu in 0i64..5, closed in 0usize..4,
        there in prop::collection::vec(0u64..3, 3), first in any::<bool>(), parallelism in 0u64..4, replace in any::<bool>(),
    ) {
        let mut snapshot = swarm(3);
        let placement = json!({"MaxReplicas": most, "Constraints": ["node.labels.closed != yes"]});
        if let Some(node) = snapshot.nodes.get_mut(closed) {
            node.labels.insert("closed".into(), "yes".into());
        }
        let order = if first { "start-first" } else { "stop-first" };
        let base = [(PLACEMENT, placement), cpus(cpu as f64 * 0.3), update(order, parallelism)];
        let open: Vec<u64> = there.iter().enumerate().map(|(at, n)| if at == closed { 0 } else { *n }).collect();
        let within = |n: &u64| (most == 0 || *n <= most) && *n as i64 * cpu * 3 <= 20;
        prop_assume!(open.iter().all(within) && open.iter().sum::<u64>() > 0);
        let mut live = wanted("web", &base);
        put(&mut live.spec, REPLICAS, json!(open.iter().sum::<u64>()));
        running(&mut snapshot, &live, &open);
        let mut want = wanted("web", &base);
        put(&mut want.spec, REPLICAS, json!(replicas));
        put(&mut want.spec, ENV, if replace { json!(["A=1"]) } else { Value::Null });
        let told = placements(&snapshot, vec![want], false);
        let Some(told) = told.first() else { return Ok(()) };
        for (name, range) in &told.nodes {
            prop_assert!(most == 0 || range.max <= most, "{told:?}");
            prop_assert!(range.max as i64 * cpu * 3 <= 20, "{told:?}");
            prop_assert!(closed > 2 || *name != format!("n{}", closed + 1), "{told:?}");
        }
        let (least, greatest) = (told.counts.iter().map(|r| r.min).sum::<u64>(), told.counts.iter().map(|r| r.max).sum::<u64>());
        if told.verdict == Verdict::Fits {
            prop_assert!(least <= replicas && replicas <= greatest, "{told:?}");
            prop_assert_eq!((told.placed.min, told.placed.max), (replicas, replicas));
        } else {
            prop_assert!(!told.refused.is_empty() && told.says.is_some(), "{told:?}");
        }
    }

    /// More room never makes a new service unfit.
    #[test]
    fn more_room_is_no_worse(
        replicas in 1u64..10, memory in prop::collection::vec(1i64..6, 3), more in prop::collection::vec(0i64..4, 3), wants in 1i64..4,
    ) {
        let with = |sizes: Vec<i64>| {
            let mut snapshot = swarm(3);
            snapshot.nodes.iter_mut().zip(sizes).for_each(|(node, size)| node.memory = size);
            created(&snapshot, &[(REPLICAS, json!(replicas)), (RESERVATIONS, json!({"MemoryBytes": wants}))])
        };
        let small = with(memory.clone());
        let large = with(memory.iter().zip(&more).map(|(a, b)| a + b).collect());
        prop_assert!(small.verdict != Verdict::Fits || large.verdict == Verdict::Fits);
        prop_assert!(large.placed.min >= small.placed.max);
    }
}

/// 1,000 services, 10,000 tasks, 50 nodes: the dry run is a small part of half a second.
#[test]
#[ignore = "a measurement: cargo test --release --lib thousand -- --ignored --nocapture"]
#[allow(clippy::print_stdout, reason = "it says what it measured")]
fn a_thousand_services() {
    for (what, cpu, order) in
        [("light", 0.0, "stop-first"), ("heavy", 0.01, "stop-first"), ("start-first", 0.0, "start-first")]
    {
        let mut snapshot = swarm(50);
        let mut services = Vec::new();
        for number in 0..1000 {
            let key = format!("s{number:04}");
            let base = [(REPLICAS, json!(10)), cpus(cpu), update(order, 1 + number as u64 % 3)];
            let spots: Vec<u64> = (0..50).map(|at| u64::from((at + number) % 5 == 0)).collect();
            running(&mut snapshot, &wanted(&key, &base), &spots);
            services.push(wanted(&key, &[&base[..], &[(ENV, json!(["A=1"]))]].concat()));
        }
        let wish = desired(services);
        let options = PlanOptions { resolve: ResolveImage::Never, ..PlanOptions::default() };
        let started = std::time::Instant::now();
        let plan = build(&wish, &snapshot, &options);
        let all = started.elapsed();
        let started = std::time::Instant::now();
        let told = super::forecast(&plan.changes, &snapshot, &[]);
        let exact = told.iter().filter(|p| p.exact).count();
        println!(
            "{what}: the plan {all:?}, of which the dry run {:?}; {exact} of {} sure",
            started.elapsed(),
            told.len()
        );
        let bound = if cfg!(debug_assertions) { 60.0 } else { 0.5 };
        assert!(all.as_secs_f64() < bound, "{all:?}");
    }
}
