//! What holds for every stack: apply then plan is empty, waves are sound.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::document::Document;
use super::document::sample::document;
use super::fixture::*;
use super::tests::{CONSTRAINTS, ENV, PORTS, REPLICAS, never, plan, port, written};
use super::*;
use crate::compose::model::DependsOnCondition;
use crate::swarm::*;

/// Parts of specs in every form that a file can give them.
fn any_changes() -> impl Strategy<Value = Vec<(&'static str, Value)>> {
    let part = |pointer: &'static str, values: Vec<Value>| {
        prop::option::of(prop::sample::select(values)).prop_map(move |v| v.map(|v| (pointer, v)))
    };
    let parts = vec![
        part(ENV, vec![json!(["A=1"]), json!(["A=", "B"]), json!(["Z=1", "A=x=y"])]),
        part("/TaskTemplate/ContainerSpec/Args", vec![json!(["a"]), json!(["a", "b"])]),
        part("/TaskTemplate/ContainerSpec/Init", vec![json!(true), json!(false)]),
        part(
            "/TaskTemplate/ContainerSpec/Healthcheck",
            vec![json!({}), json!({"Test": ["NONE"]}), json!({"Interval": 5})],
        ),
        part("/TaskTemplate/ContainerSpec/StopGracePeriod", vec![json!(0), json!(10_000_000_000_i64)]),
        part(
            "/TaskTemplate/ContainerSpec/Mounts",
            vec![
                json!([{"Type": "volume", "Target": "/a"}, {"Type": "tmpfs", "Target": "/t", "TmpfsOptions": {"SizeBytes": 9}}]),
            ],
        ),
        part("/TaskTemplate/ContainerSpec/DNSConfig", vec![json!({"Nameservers": ["1.1.1.1", "8.8.8.8"]})]),
        part("/TaskTemplate/ContainerSpec/CapabilityAdd", vec![json!(["CAP_KILL", "CAP_CHOWN"])]),
        part(
            "/TaskTemplate/RestartPolicy",
            vec![json!({}), json!({"Condition": "none"}), json!({"Delay": 0, "MaxAttempts": 3})],
        ),
        part("/TaskTemplate/LogDriver", vec![json!({}), json!({"Name": "json-file", "Options": {"max-size": "1m"}})]),
        part(
            "/TaskTemplate/Resources",
            vec![json!({"Limits": {}}), json!({"Limits": {"Pids": 3}, "Reservations": {"MemoryBytes": 5}})],
        ),
        part(CONSTRAINTS, vec![json!(["node.role==manager"]), json!(["node.role == manager", "node.id!=x"])]),
        part(
            "/UpdateConfig",
            vec![
                json!({"Parallelism": 0, "MaxFailureRatio": 0.25, "Order": ""}),
                json!({"Parallelism": 1, "MaxFailureRatio": 0, "Order": "start-first"}),
            ],
        ),
        part(
            PORTS,
            vec![port(80), json!([{"TargetPort": 80}, {"TargetPort": 80, "PublishedPort": 53, "Protocol": "udp"}])],
        ),
        part("/EndpointSpec/Mode", vec![json!("vip"), json!("dnsrr")]),
        part(
            "/Mode",
            vec![json!({"Global": {}}), json!({"Replicated": {"Replicas": 0}}), json!({"Replicated": {"Replicas": 4}})],
        ),
        part("/Labels/x", vec![json!("1"), json!("")]),
    ];
    parts.prop_map(|parts| parts.into_iter().flatten().collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// What was created as planned is what the files want.
    #[test]
    fn create_then_plan_is_empty(changes in any_changes()) {
        let wish = desired(vec![wanted("web", &changes)]);
        let plan = plan(&wish, &snapshot(&wish.services));
        prop_assert!(plan.is_empty(), "{:?}", plan.changes);
    }

    /// What was updated as planned is what the files want, whatever was there before.
    #[test]
    fn update_then_plan_is_empty(before in any_changes(), after in any_changes()) {
        let mut live = snapshot(&[wanted("web", &before)]);
        let wish = desired(vec![wanted("web", &after)]);
        let first = plan(&wish, &live);
        for change in &first.changes {
            live.services[0].spec = stored(written(change)).into();
        }
        let again = plan(&wish, &live);
        prop_assert!(again.is_empty(), "{:?}", again.changes);
    }

    /// A plan that is kept and read again is the same plan, and so is every form of it.
    #[test]
    fn a_document_survives_json(before in any_changes(), after in any_changes()) {
        let live = snapshot(&[wanted("web", &before), wanted("gone", &before)]);
        let plan = plan(&desired(vec![wanted("web", &after), wanted("new", &after)]), &live);
        let written = document(&plan);
        let read: Document = serde_json::from_str(&serde_json::to_string(&written).unwrap()).unwrap();
        prop_assert_eq!(read, written);
    }

    /// Waves follow dependencies, removals come last.
    #[test]
    fn waves_are_sound(edges in prop::collection::vec((0usize..8, 0usize..8), 0..20), live in 0usize..8) {
        let mut services: Vec<DesiredService> = (0..8).map(|i| wanted(&format!("s{i}"), &[(REPLICAS, json!(2))])).collect();
        for (a, b) in edges {
            if a < b {
                services[b].depends_on.insert(format!("s{a}"), DependsOnCondition::Healthy);
            }
        }
        let gone = wanted("gone", &[]);
        let mut there: Vec<DesiredService> = services.iter().take(live).cloned().collect();
        there.push(gone);
        let plan = build(&desired(services.clone()), &snapshot(&there), &PlanOptions { prune: true, ..never() });
        let wave: BTreeMap<&str, u32> = plan.changes.iter().map(|c| (c.key.as_str(), c.wave)).collect();
        prop_assert_eq!(plan.changes.len(), 8 - live + 1);
        for service in &services {
            for before in service.depends_on.keys() {
                if let (Some(a), Some(b)) = (wave.get(before.as_str()), wave.get(service.key.as_str())) {
                    prop_assert!(a < b);
                }
            }
        }
        let last = plan.changes.last().unwrap();
        prop_assert!(last.key == "gone" && plan.changes.iter().filter(|c| c.key != "gone").all(|c| c.wave < last.wave));
    }
}
