//! Plans of small stacks on a small swarm.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::fixture::*;
use super::*;
use crate::compose::model::{Content, DependsOnCondition};
use crate::diagnostic::{Diagnostics, code};
use crate::swarm::*;

pub(in crate::plan) mod contents;
mod fresh;
mod gates;

use contents::{config, live_config};

pub(super) const ENV: &str = "/TaskTemplate/ContainerSpec/Env";
pub(super) const CONSTRAINTS: &str = "/TaskTemplate/Placement/Constraints";
pub(super) const REPLICAS: &str = "/Mode/Replicated/Replicas";
pub(super) const PORTS: &str = "/EndpointSpec/Ports";

pub(super) fn never() -> PlanOptions {
    PlanOptions { resolve: ResolveImage::Never, ..PlanOptions::default() }
}

pub(super) fn plan(desired: &Desired, snapshot: &Snapshot) -> Plan {
    build(desired, snapshot, &never())
}

fn codes(diagnostics: &Diagnostics) -> Vec<&'static str> {
    diagnostics.iter().map(|d| d.code.id).collect()
}

/// The change of one service that was `before` and is to be `after`.
fn one(before: &[(&str, Value)], after: &[(&str, Value)]) -> Change {
    let live = snapshot(&[wanted("web", before)]);
    let plan = plan(&desired(vec![wanted("web", after)]), &live);
    assert_eq!(plan.changes.len(), 1, "{:?}", plan.changes);
    plan.changes.into_iter().next().unwrap()
}

pub(super) fn written(change: &Change) -> &Value {
    match &change.write {
        Write::UpdateService { spec, .. } | Write::CreateService { spec } | Write::RecreateService { spec, .. } => spec,
        other => panic!("{other:?}"),
    }
}

pub(super) fn port(published: u32) -> Value {
    json!([{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": published, "PublishMode": "ingress"}])
}

#[test]
fn nothing_changed_is_an_empty_plan() {
    let services = vec![wanted("web", &[(REPLICAS, json!(3)), (PORTS, port(80))]), wanted("db", &[])];
    let plan = plan(&desired(services.clone()), &snapshot(&services));
    assert!(plan.is_empty() && plan.applyable() && plan.exact, "{:?}", plan.changes);
    assert_eq!((plan.summary.unchanged, plan.summary.tasks_running), (3, 4));
}

#[test]
fn a_new_stack_is_created_in_order() {
    let mut web = wanted("web", &[(REPLICAS, json!(2))]);
    web.depends_on.insert("db".into(), DependsOnCondition::Healthy);
    let live = Snapshot { stack: "st".into(), nodes: vec![node("n1")].into(), ..Snapshot::default() };
    let mut wish = desired(vec![web, wanted("db", &[])]);
    wish.configs.push(config("x"));
    let plan = plan(&wish, &live);
    let order: Vec<_> = plan.changes.iter().map(|c| (c.address(), c.action, c.wave)).collect();
    let create = |address: &str, wave| (address.to_owned(), Action::Create, wave);
    assert_eq!(
        order,
        [create("network/default", 0), create("config/conf", 0), create("service/db", 1), create("service/web", 2)]
    );
    assert_eq!(plan.changes[3].after, BTreeMap::from([("db".into(), DependsOnCondition::Healthy)]));
    assert_eq!((plan.summary.create, plan.summary.tasks_started), (4, 3));
}

/// What restarts tasks and what does not, as measured on a live swarm.
#[test]
fn actions_follow_from_fields() {
    let label = json!({"com.docker.stack.image": "bb:1", "com.docker.stack.namespace": "st", "a": "b"});
    type Case = (&'static str, Vec<(&'static str, Value)>, Action, &'static str);
    let cases: [Case; 10] = [
        ("service label", vec![("/Labels", label)], Action::Update, "/deploy/labels/a"),
        (
            "update config",
            vec![("/UpdateConfig", json!({"Parallelism": 2, "MaxFailureRatio": 0, "Order": ""}))],
            Action::Update,
            "/deploy/update_config/parallelism",
        ),
        ("scale", vec![(REPLICAS, json!(3))], Action::Scale, "/deploy/replicas"),
        (
            "constraint still met",
            vec![(CONSTRAINTS, json!(["node.role == manager"]))],
            Action::Update,
            "/deploy/placement/constraints",
        ),
        (
            "constraint no longer met",
            vec![(CONSTRAINTS, json!(["node.role != manager"]))],
            Action::Restart,
            "/deploy/placement/constraints",
        ),
        ("environment", vec![(ENV, json!(["A=1"]))], Action::Restart, "/environment/A"),
        ("port", vec![(PORTS, port(80))], Action::Restart, "/ports/80:80"),
        (
            "container label",
            vec![("/TaskTemplate/ContainerSpec/Labels", json!({"x": "1", "com.docker.stack.namespace": "st"}))],
            Action::Restart,
            "/labels/x",
        ),
        ("mode", vec![("/Mode", json!({"Global": {}}))], Action::Recreate, "/deploy/mode"),
        (
            "limit",
            vec![("/TaskTemplate/Resources", json!({"Limits": {"MemoryBytes": 52_428_800}}))],
            Action::Restart,
            "/deploy/resources/limits/memory",
        ),
    ];
    for (what, after, action, path) in cases {
        let change = one(&[], &after);
        assert_eq!(change.action, action, "{what}");
        assert_eq!(change.fields.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), [path], "{what}");
        assert!(change.fields[0].span.is_some(), "{what} has no line");
    }
}

#[test]
fn values_are_shown_in_compose_words() {
    let change = one(
        &[("/TaskTemplate/ContainerSpec/StopGracePeriod", json!(90_000_000_000_i64))],
        &[("/TaskTemplate/Resources", json!({"Limits": {"MemoryBytes": 52_428_800, "NanoCPUs": 100_000_000}}))],
    );
    let shown: Vec<_> = change.fields.iter().map(|f| (f.path.as_str(), f.before.clone(), f.after.clone())).collect();
    assert_eq!(
        shown,
        [
            ("/stop_grace_period", Some(json!("1m30s")), Some(json!("10s"))),
            ("/deploy/resources/limits/cpus", None, Some(json!("0.1"))),
            ("/deploy/resources/limits/memory", None, Some(json!("50M"))),
        ]
    );
    assert!(written(&change).pointer("/TaskTemplate/ContainerSpec/StopGracePeriod").is_none());
}

/// Forms that mean the same: none of these may restart a task.
#[test]
fn the_same_in_another_form_is_no_change() {
    let ports = |order: [u32; 2]| json!(order.map(|p| json!({"TargetPort": p, "PublishedPort": p})));
    let cases: [(&str, &str, Value, Value); 13] = [
        ("order of variables", ENV, json!(["B=2", "A=1"]), json!(["A=1", "B=2"])),
        ("order of ports", PORTS, ports([81, 80]), ports([80, 81])),
        ("spaces in a constraint", CONSTRAINTS, json!(["node.role==manager"]), json!([" node.role == manager"])),
        (
            "default restart policy",
            "/TaskTemplate/RestartPolicy",
            json!({"Condition": "any", "Delay": 5_000_000_000_i64, "MaxAttempts": 0}),
            Value::Null,
        ),
        ("empty restart policy", "/TaskTemplate/RestartPolicy", Value::Null, json!({})),
        ("empty health check", "/TaskTemplate/ContainerSpec/Healthcheck", Value::Null, json!({})),
        ("empty log driver", "/TaskTemplate/LogDriver", json!({}), Value::Null),
        ("default stop time", "/TaskTemplate/ContainerSpec/StopGracePeriod", json!(10_000_000_000_i64), Value::Null),
        (
            "default update config",
            "/UpdateConfig",
            json!({"Parallelism": 1, "FailureAction": "pause", "Monitor": 5_000_000_000_i64, "MaxFailureRatio": 0, "Order": "stop-first"}),
            Value::Null,
        ),
        ("empty limits", "/TaskTemplate/Resources", json!({"Limits": {}}), json!({})),
        (
            "bind propagation",
            "/TaskTemplate/ContainerSpec/Mounts",
            json!([{"Type": "bind", "Source": "/a", "Target": "/a", "BindOptions": {"Propagation": "rprivate"}}]),
            json!([{"Type": "bind", "Source": "/a", "Target": "/a", "BindOptions": {}}]),
        ),
        ("digest behind the tag", "/TaskTemplate/ContainerSpec/Image", json!("bb:1@sha256:abab"), json!("bb:1")),
        ("forced update", "/TaskTemplate/ForceUpdate", json!(5), json!(0)),
    ];
    for (what, pointer, live, want) in cases {
        let live = snapshot(&[wanted("web", &[(pointer, live)])]);
        let plan = plan(&desired(vec![wanted("web", &[(pointer, want)])]), &live);
        assert!(plan.is_empty(), "{what}: {:?}", plan.changes);
    }
}

#[test]
fn live_forms_and_unknown_fields_survive_a_change() {
    let mut live = snapshot(&[wanted(
        "web",
        &[
            (ENV, json!(["B=2", "A=1"])),
            ("/TaskTemplate/ForceUpdate", json!(4)),
            ("/TaskTemplate/Placement/Platforms", json!([{"OS": "linux"}])),
            ("/TaskTemplate/ContainerSpec/Image", json!("bb:1@sha256:abab")),
            ("/TaskTemplate/ContainerSpec/FromTheFuture", json!({"x": 1})),
            ("/UpdateConfig", json!({"Parallelism": 1, "FailureAction": "pause", "Order": "stop-first"})),
        ],
    )]);
    live.services[0].spec_mut()["AlsoNew"] = json!(true);
    let wish = desired(vec![wanted("web", &[(ENV, json!(["A=1", "B=2"])), (REPLICAS, json!(2))])]);
    let plan = plan(&wish, &live);
    let mut expected = Value::clone(&live.services[0].spec);
    put(&mut expected, REPLICAS, json!(2));
    expected["TaskTemplate"]["Networks"][0]["Target"] = json!("st_default");
    assert_eq!(written(&plan.changes[0]), &expected);
    assert_eq!(plan.changes[0].action, Action::Scale);
}

#[test]
fn an_update_config_that_goes_leaves_no_part_behind() {
    let change =
        one(&[("/UpdateConfig", json!({"Parallelism": 3, "Order": "start-first", "FailureAction": "pause"}))], &[]);
    assert_eq!(written(&change).get("UpdateConfig"), None);
    let change =
        one(&[], &[("/UpdateConfig", json!({"Parallelism": 1, "Delay": 3, "MaxFailureRatio": 0, "Order": ""}))]);
    assert_eq!(written(&change)["UpdateConfig"]["Parallelism"], 1);
}

#[test]
fn what_was_set_by_hand_is_set_back() {
    let change =
        one(&[(ENV, json!(["A=1", "HAND=x"])), (REPLICAS, json!(8))], &[(ENV, json!(["A=1"])), (REPLICAS, json!(5))]);
    let paths: Vec<_> = change.fields.iter().map(|f| (f.path.as_str(), f.op)).collect();
    assert_eq!(paths, [("/environment/HAND", Op::Remove), ("/deploy/replicas", Op::Replace)]);
    assert_eq!((change.impact.tasks_restarted, change.impact.tasks_stopped), (5, 3));
}

#[test]
fn a_constraint_and_a_port_together_replace_all_tasks() {
    let change = one(&[], &[(CONSTRAINTS, json!(["node.role==manager"])), (PORTS, port(80))]);
    assert_eq!(written(&change)["TaskTemplate"]["ForceUpdate"], 1);
    assert_eq!(change.action, Action::Restart);
}

#[test]
fn waiting_tasks_are_not_stranded() {
    let mut live = snapshot(&[wanted("web", &[(REPLICAS, json!(2))])]);
    let waits = Task { state: TaskState::Pending, node: None, ..(*live.tasks[1]).clone() };
    live.tasks[1] = waits.into();
    let same = plan(&desired(vec![wanted("web", &[(REPLICAS, json!(2))])]), &live);
    assert!(same.is_empty(), "no write, nothing to strand");
    let plan = plan(&desired(vec![wanted("web", &[(REPLICAS, json!(3))])]), &live);
    assert_eq!(written(&plan.changes[0])["TaskTemplate"]["ForceUpdate"], 1);
    assert_eq!(codes(&plan.diagnostics), [code::STRANDED.id]);
}

#[test]
fn a_job_runs_again_whatever_changes_and_only_then() {
    let mode = ("/Mode", json!({"ReplicatedJob": {}}));
    let live = snapshot(&[wanted("job", std::slice::from_ref(&mode))]);
    assert!(plan(&desired(vec![wanted("job", std::slice::from_ref(&mode))]), &live).is_empty());
    let label = ("/Labels/a", json!("b"));
    let plan = plan(&desired(vec![wanted("job", &[mode, label])]), &live);
    assert_eq!(plan.changes[0].action, Action::Restart);
    let effects: Vec<_> = plan.changes[0].fields.iter().map(|f| (f.path.as_str(), f.effect)).collect();
    assert_eq!(effects, [("/deploy/labels/a", Effect::ForcesRestart)]);
}

/// Where a node no longer qualifies the task ends, and none takes its place.
#[test]
fn placement_of_a_global_service_takes_and_adds_nodes() {
    let global = |constraint: &str, more: &[(&str, Value)]| {
        let mode = ("/Mode", json!({"Global": {}}));
        wanted("web", &[&[mode, (CONSTRAINTS, json!([constraint]))], more].concat())
    };
    let env = [("/TaskTemplate/ContainerSpec/Env", json!(["A=1"]))];
    for (before, on, after, more, action, (restarted, stopped, started)) in [
        ("node.id!=x", ["n1", "n2"].as_slice(), "node.id==n1", [].as_slice(), Action::Scale, (0, 1, 0)),
        ("node.id!=x", &["n1", "n2"], "node.id==n1", &env, Action::Restart, (1, 1, 0)),
        ("node.id==n1", &["n1"], "node.id!=x", &[], Action::Scale, (0, 0, 1)),
        ("node.id==n1", &["n1"], "node.id==n2", &[], Action::Scale, (0, 1, 1)),
        ("node.id==n1", &["n1"], "node.id!=n2", &[], Action::Update, (0, 0, 0)),
    ] {
        let mut live = snapshot(&[global(before, &[])]);
        live.nodes = vec![node("n1"), node("n2")].into();
        let on_node = |n: &&str| Task { node: Some((*n).to_owned()), slot: None, ..task("id-st_web", 0) };
        live.tasks = on.iter().map(on_node).map(Into::into).collect();
        (live.services[0].running, live.services[0].wanted) = (Some(on.len() as u64), Some(on.len() as u64));
        let plan = plan(&desired(vec![global(after, more)]), &live);
        let change = &plan.changes[0];
        let i = change.impact;
        assert_eq!(change.action, action, "{before} -> {after}");
        assert_eq!((i.tasks_restarted, i.tasks_stopped, i.tasks_started), (restarted, stopped, started), "{after}");
    }
}

/// Tasks have ports in the order of `Endpoint.Ports`: in any other they would be restarted by the next write.
#[test]
fn ports_are_written_in_the_order_that_tasks_have_them_in() {
    let port = |target: u32, published: u32| json!({"Protocol": "tcp", "TargetPort": target, "PublishedPort": published, "PublishMode": "ingress"});
    let picked = json!({"Protocol": "tcp", "TargetPort": 9, "PublishMode": "ingress"});
    let mut live = snapshot(&[wanted("web", &[(PORTS, json!([port(81, 8081), port(80, 8080), picked]))])]);
    live.services[0].ports = vec![port(9, 30000), port(80, 8080), port(81, 8081)];
    let label = ("/Labels/a", json!("b"));
    let files = wanted("web", &[(PORTS, json!([picked, port(80, 8080), port(81, 8081)])), label]);
    let plan = plan(&desired(vec![files]), &live);
    assert_eq!(plan.changes[0].action, Action::Update);
    assert_eq!(written(&plan.changes[0])["EndpointSpec"]["Ports"], json!([picked, port(80, 8080), port(81, 8081)]));
}

#[test]
fn what_no_engine_keeps_of_a_mount_is_no_difference() {
    let mount =
        |consistency: &str| json!([{"Type": "bind", "Source": "/a", "Target": "/b", "Consistency": consistency}]);
    const MOUNTS: &str = "/TaskTemplate/ContainerSpec/Mounts";
    let live = snapshot(&[wanted("web", &[(MOUNTS, json!([{"Type": "bind", "Source": "/a", "Target": "/b"}]))])]);
    assert!(plan(&desired(vec![wanted("web", &[(MOUNTS, mount("cached"))])]), &live).is_empty());
}

#[test]
fn images_by_digest() {
    let resolved = |digest: &str| PlanOptions {
        resolved: BTreeMap::from([(
            "bb:1".into(),
            ResolvedImage {
                digest: digest.into(),
                platforms: vec![("amd64".into(), "linux".into()), ("arm".into(), "linux".into())],
            },
        )]),
        ..PlanOptions::default()
    };
    let live = snapshot(&[wanted("web", &[("/TaskTemplate/ContainerSpec/Image", json!("bb:1@sha256:old"))])]);
    let wish = desired(vec![wanted("web", &[])]);
    assert!(build(&wish, &live, &resolved("sha256:old")).is_empty());
    let plan = build(&wish, &live, &resolved("sha256:new"));
    let spec = written(&plan.changes[0]);
    assert_eq!(spec["TaskTemplate"]["ContainerSpec"]["Image"], "bb:1@sha256:new");
    assert_eq!(
        spec["TaskTemplate"]["Placement"]["Platforms"],
        json!([{"Architecture": "amd64", "OS": "linux"}, {"OS": "linux"}])
    );
    // A registry that is away changes nothing that runs, and the plan says that it does not know.
    let away = build(&wish, &live, &PlanOptions::default());
    assert!(away.is_empty() && !away.exact);
    assert_eq!(codes(&away.diagnostics), [code::IMAGE_UNRESOLVED.id]);
    assert_eq!(images_to_resolve(&wish, &live, ResolveImage::Changed), [] as [&str; 0]);
    assert_eq!(images_to_resolve(&wish, &live, ResolveImage::Always), ["bb:1"]);
    // Somebody's `docker service update --image` is set back.
    let drifted = snapshot(&[wanted("web", &[("/TaskTemplate/ContainerSpec/Image", json!("bb:2"))])]);
    assert_eq!(build(&wish, &drifted, &never()).changes[0].reasons, ["image"]);
}

#[test]
fn what_belongs_to_another_is_never_taken() {
    let foreign = |labels: Value| {
        let mut live = snapshot(&[]);
        live.networks.clear();
        live.services.push(live_service("x", "st_web", json!({"Name": "st_web", "Labels": labels})));
        live.configs.push(LiveConfig { spec: json!({"Name": "st_conf"}), ..live_config("st_conf", "x") });
        live.networks.push(LiveNetwork { labels: BTreeMap::new(), ..live_network("st_default") });
        live
    };
    for labels in [json!({}), json!({"com.docker.stack.namespace": "other"})] {
        let mut wish = desired(vec![wanted("web", &[])]);
        wish.configs.push(config("x"));
        let plan = plan(&wish, &foreign(labels));
        assert!(plan.is_empty() && !plan.applyable());
        assert_eq!(codes(&plan.preflight), [code::NOT_OURS.id; 3]);
    }
}

#[test]
fn a_network_that_differs_is_refused_or_recreated_with_its_services() {
    let services = vec![wanted("web", &[])];
    let mut wish = desired(services.clone());
    wish.networks[0].body["Attachable"] = json!(true);
    let refused = plan(&wish, &snapshot(&services));
    assert_eq!(codes(&refused.preflight), [code::NETWORK_DIFFERS.id]);
    let allowed = build(&wish, &snapshot(&services), &PlanOptions { recreate_networks: true, ..never() });
    let actions: Vec<_> = allowed.changes.iter().map(|c| (c.address(), c.action)).collect();
    assert_eq!(actions, [("network/default".into(), Action::Recreate), ("service/web".into(), Action::Recreate)]);
    assert!(allowed.applyable() && allowed.changes[1].impact.downtime);
}

/// As an engine answers for a moment after a network was made: seen by a plan right behind an apply that was killed.
#[test]
fn of_a_network_that_swarm_has_not_allocated_only_what_is_known_is_compared() {
    let services = vec![wanted("web", &[])];
    let mut live = snapshot(&services);
    let mut young = LiveNetwork { driver: String::new(), ..live_network("st_default") };
    (young.raw["IPAM"], young.raw["Options"]) = (json!({"Driver": "", "Config": null}), Value::Null);
    live.networks = vec![young].into();
    let mut wish = desired(services);
    wish.networks[0].body["Options"] = json!({"encrypted": ""});
    wish.networks[0].body["IPAM"] = json!({"Driver": "default", "Config": [{"Subnet": "10.9.0.0/24"}]});
    assert!(plan(&wish, &live).preflight.is_empty());
    wish.networks[0].body["Attachable"] = json!(true);
    assert_eq!(codes(&plan(&wish, &live).preflight), [code::NETWORK_DIFFERS.id]);
}

#[test]
fn orphans_are_shown_and_pruned_last() {
    let mut live = snapshot(&[wanted("web", &[]), wanted("old", &[])]);
    live.networks.push(live_network("st_gone"));
    let wish = desired(vec![wanted("web", &[(REPLICAS, json!(2))])]);
    let kept = plan(&wish, &live);
    assert_eq!(kept.orphans.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(), ["st_old", "st_gone"]);
    let pruned = build(&wish, &live, &PlanOptions { prune: true, ..never() });
    let order: Vec<_> = pruned.changes.iter().map(|c| (c.address(), c.action, c.wave)).collect();
    let remove = |address: &str| (address.to_owned(), Action::Remove, 2);
    assert_eq!(order, [("service/web".into(), Action::Scale, 1), remove("service/old"), remove("network/gone")]);
    let emptied = build(&desired(Vec::new()), &live, &PlanOptions { prune: true, ..never() });
    assert_eq!(codes(&emptied.preflight), [code::EMPTY_STACK.id]);
}

#[test]
fn a_port_moves_from_one_service_to_another_in_order() {
    let live = snapshot(&[wanted("a", &[(PORTS, port(80))]), wanted("b", &[])]);
    let moved = plan(&desired(vec![wanted("a", &[]), wanted("b", &[(PORTS, port(80))])]), &live);
    let waves: Vec<_> = moved.changes.iter().map(|c| (c.key.as_str(), c.wave)).collect();
    assert_eq!(waves, [("a", 1), ("b", 2)]);
    assert!(moved.applyable() && moved.changes[1].after.contains_key("a"));

    let live = snapshot(&[wanted("a", &[(PORTS, port(80))]), wanted("b", &[(PORTS, port(81))])]);
    let swap = plan(&desired(vec![wanted("a", &[(PORTS, port(81))]), wanted("b", &[(PORTS, port(80))])]), &live);
    assert_eq!(codes(&swap.preflight), [code::PORT_SWAP.id]);
}

#[test]
fn preflight_says_what_swarm_would_refuse() {
    let other = |live: &mut Snapshot| {
        let spec = json!({"Name": "x", "Labels": {}, "EndpointSpec": {"Ports": port(80)}});
        live.services.push(live_service("x", "x", spec));
    };
    type Arrange = Box<dyn Fn(&mut Snapshot, &mut Desired)>;
    let web = |changes: Vec<(&'static str, Value)>| -> Arrange {
        Box::new(move |_, wish| wish.services = vec![wanted("web", &changes)])
    };
    let cases: Vec<(&str, Arrange)> = vec![
        (
            code::PORT_TAKEN.id,
            Box::new(move |live, wish| {
                other(live);
                wish.services = vec![wanted("web", &[(PORTS, port(80))])];
            }),
        ),
        (
            code::EXTERNAL_MISSING.id,
            Box::new(|_, wish| {
                wish.external =
                    vec![ExternalObject { kind: Kind::Secret, key: "s".into(), name: "s".into(), span: Some(span(2)) }];
            }),
        ),
        (code::BAD_CONSTRAINT.id, web(vec![(CONSTRAINTS, json!(["node=foo"]))])),
        (code::DOES_NOT_FIT.id, web(vec![(CONSTRAINTS, json!(["node.labels.disk==ssd"]))])),
        (
            code::DOES_NOT_FIT.id,
            web(vec![("/TaskTemplate/Resources", json!({"Reservations": {"NanoCPUs": 3_000_000_000_i64}}))]),
        ),
        (code::DOES_NOT_FIT.id, web(vec![("/TaskTemplate/Placement/MaxReplicas", json!(1)), (REPLICAS, json!(2))])),
        (
            code::DOES_NOT_FIT.id,
            Box::new(|live, wish| {
                live.nodes[0].availability = Availability::Drain;
                wish.services = vec![wanted("web", &[])];
            }),
        ),
        (code::UNFIT_SIZE.id, Box::new(|_, wish| wish.configs = vec![config("")])),
        (code::UNFIT_NAME.id, Box::new(|_, wish| wish.services = vec![wanted("a.b", &[])])),
        (
            code::FIELD_TOO_NEW.id,
            web(vec![(
                "/TaskTemplate/ContainerSpec/Mounts",
                json!([{"Type": "image", "Source": "x", "Target": "/x"}]),
            )]),
        ),
    ];
    for (code, arrange) in cases {
        let (mut live, mut wish) = (snapshot(&[]), desired(Vec::new()));
        arrange(&mut live, &mut wish);
        let found = plan(&wish, &live);
        assert_eq!(codes(&found.preflight), [code]);
        assert!(found.preflight.iter().all(|d| d.help.is_some()), "{code} has no way out");
        let skip = PlanOptions { skip_preflight: vec![code.into()], ..never() };
        assert!(build(&wish, &live, &skip).applyable(), "{code} cannot be skipped");
    }
}

#[test]
fn a_field_that_the_engine_does_not_know_is_not_promised() {
    let check = json!({"Test": ["CMD", "x"], "StartInterval": 5_000_000_000_i64});
    let wish = desired(vec![wanted("web", &[("/TaskTemplate/ContainerSpec/Healthcheck", check)])]);
    let plan = plan(&wish, &snapshot(&[]));
    assert_eq!(codes(&plan.diagnostics), [code::FIELD_TOO_NEW.id]);
    assert!(written(&plan.changes[0]).pointer("/TaskTemplate/ContainerSpec/Healthcheck/StartInterval").is_none());
}

#[test]
fn targets_leave_the_rest_alone_and_say_so() {
    let live = snapshot(&[wanted("web", &[]), wanted("db", &[])]);
    let wish = desired(vec![wanted("web", &[(REPLICAS, json!(2))]), wanted("db", &[(REPLICAS, json!(2))])]);
    let some = build(&wish, &live, &PlanOptions { target: vec!["w*".into()], ..never() });
    assert_eq!(some.changes.iter().map(Change::address).collect::<Vec<_>>(), ["service/web"]);
    assert!(some.targeted);
    let replaced = build(
        &desired(vec![wanted("web", &[]), wanted("db", &[])]),
        &live,
        &PlanOptions { replace: vec!["db".into()], ..never() },
    );
    assert_eq!(replaced.changes[0].address(), "service/db");
    assert_eq!(written(&replaced.changes[0])["TaskTemplate"]["ForceUpdate"], 1);
    let ignored = build(&wish, &live, &PlanOptions { ignore: vec!["deploy.replicas".into()], ..never() });
    assert!(ignored.is_empty());
}

#[test]
fn what_the_cluster_owns_is_kept_while_the_rest_is_set() {
    let live = snapshot(&[wanted("web", &[(ENV, json!(["HAND=1", "A=1"]))])]);
    let wish = desired(vec![wanted("web", &[(ENV, json!(["A=2"]))])]);
    let plan = build(&wish, &live, &PlanOptions { ignore: vec!["web:environment.HAND".into()], ..never() });
    assert_eq!(plan.changes[0].fields.iter().map(|f| f.path.as_str()).collect::<Vec<_>>(), ["/environment/A"]);
    assert_eq!(written(&plan.changes[0])["TaskTemplate"]["ContainerSpec"]["Env"], json!(["A=2", "HAND=1"]));
}

#[test]
fn circles_are_refused_with_their_names() {
    let (mut a, mut b) = (wanted("a", &[]), wanted("b", &[]));
    a.depends_on.insert("b".into(), DependsOnCondition::Started);
    b.depends_on.insert("a".into(), DependsOnCondition::Started);
    let plan = plan(&desired(vec![a, b]), &snapshot(&[]));
    assert_eq!(codes(&plan.preflight), [code::DEPENDENCY_CIRCLE.id]);
    assert!(plan.preflight.iter().any(|d| d.message.contains("a -> b -> a")));
}

#[test]
fn no_secret_value_is_in_any_field() {
    let env = |value: &str| vec![(ENV, json!([format!("DB_PASSWORD={value}"), format!("COPY=x-{value}")]))];
    let live = snapshot(&[wanted("web", &env("hunter2old"))]);
    let plan = plan(&desired(vec![wanted("web", &env("hunter2new"))]), &live);
    let fields = format!("{:?}", plan.changes[0].fields);
    assert!(!fields.contains("hunter2"), "{fields}");
    assert!(plan.changes[0].fields.iter().any(|f| f.path == "/environment/DB_PASSWORD" && f.sensitive));
}

#[test]
fn the_id_is_of_the_decision() {
    let live = snapshot(&[wanted("web", &[])]);
    let wish = |n: u32| desired(vec![wanted("web", &[(REPLICAS, json!(n))])]);
    let id = plan(&wish(3), &live).id;
    assert!(id.len() == 34 && id.starts_with("p-"));
    let mut later = live.clone();
    later.services[0].version = 99;
    later.taken = Some(jiff::Timestamp::UNIX_EPOCH);
    assert_eq!(plan(&wish(3), &later).id, id);
    assert_ne!(plan(&wish(4), &live).id, id);
    later.cluster.id = "another".into();
    assert_ne!(plan(&wish(3), &later).id, id);
}
