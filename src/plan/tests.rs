//! Plans of small stacks on a small swarm.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::fixture::*;
use super::*;
use crate::compose::model::{Content, DependsOnCondition};
use crate::diagnostic::{Diagnostics, code};
use crate::swarm::*;

const ENV: &str = "/TaskTemplate/ContainerSpec/Env";
const CONSTRAINTS: &str = "/TaskTemplate/Placement/Constraints";
const REPLICAS: &str = "/Mode/Replicated/Replicas";
const PORTS: &str = "/EndpointSpec/Ports";

fn never() -> PlanOptions {
    PlanOptions { resolve: ResolveImage::Never, ..PlanOptions::default() }
}

fn plan(desired: &Desired, snapshot: &Snapshot) -> Plan {
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

fn written(change: &Change) -> &Value {
    match &change.write {
        Write::UpdateService { spec, .. } | Write::CreateService { spec } | Write::RecreateService { spec, .. } => spec,
        other => panic!("{other:?}"),
    }
}

fn port(published: u32) -> Value {
    json!([{"Protocol": "tcp", "TargetPort": 80, "PublishedPort": published, "PublishMode": "ingress"}])
}

fn config(content: &str) -> DesiredConfig {
    DesiredConfig {
        key: "conf".into(),
        name: "st_conf".into(),
        spec: json!({"Name": "st_conf", "Labels": {"com.docker.stack.namespace": "st"}}),
        content: Content(content.as_bytes().into()),
        origins: Origins::default(),
    }
}

fn live_config(name: &str, content: &str) -> LiveConfig {
    LiveConfig {
        id: format!("id-{name}"),
        name: name.into(),
        version: 3,
        spec: json!({"Name": name, "Labels": {"com.docker.stack.namespace": "st"}}),
        data: Some(content.as_bytes().into()),
        created: None,
        updated: None,
    }
}

fn uses(config: &str) -> DesiredService {
    let file = json!({"Name": "conf", "UID": "0", "GID": "0", "Mode": 292});
    let list = json!([{"File": file, "ConfigID": "", "ConfigName": config}]);
    wanted("web", &[("/TaskTemplate/ContainerSpec/Configs", list)])
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
    let live = Snapshot { stack: "st".into(), nodes: vec![node("n1")], ..Snapshot::default() };
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
    let cases: [(&str, Vec<(&str, Value)>, Action, &str); 10] = [
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
    live.services[0].spec["AlsoNew"] = json!(true);
    let wish = desired(vec![wanted("web", &[(ENV, json!(["A=1", "B=2"])), (REPLICAS, json!(2))])]);
    let plan = plan(&wish, &live);
    let mut expected = live.services[0].spec.clone();
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
    (live.tasks[1].state, live.tasks[1].node) = (TaskState::Pending, None);
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
fn a_config_that_changes_gets_a_new_version_and_its_services_with_it() {
    let mut live = snapshot(&[uses("st_conf")]);
    live.configs.push(live_config("st_conf", "max_fails=1\n"));
    let mut wish = desired(vec![uses("st_conf")]);
    wish.configs.push(config("max_fails=1\n"));
    assert!(plan(&wish, &live).is_empty());

    wish.configs[0] = config("max_fails=3\n");
    let first = plan(&wish, &live);
    let [created, service] = &first.changes[..] else { panic!("{:?}", first.changes) };
    assert!(created.name.starts_with("st_conf-") && created.name.len() == "st_conf-".len() + 8);
    assert_eq!((created.action, created.address().as_str()), (Action::Create, "config/conf"));
    let diff = created.content_diff.as_deref().unwrap();
    assert!(diff.contains("-max_fails=1") && diff.contains("+max_fails=3"), "{diff}");
    assert_eq!(service.fields[0].path, "/configs/conf");
    assert_eq!(written(service)["TaskTemplate"]["ContainerSpec"]["Configs"][0]["ConfigName"], json!(created.name));

    // Applied: nothing to do; the old version is an orphan, and goes with --prune.
    live.configs.push(live_config(&created.name, "max_fails=3\n"));
    live.services[0].spec = stored(written(service));
    let again = plan(&wish, &live);
    assert!(again.is_empty(), "{:?}", again.changes);
    assert_eq!(again.orphans.iter().map(|o| o.name.as_str()).collect::<Vec<_>>(), ["st_conf"]);
    let pruned = build(&wish, &live, &PlanOptions { prune: true, ..never() });
    assert_eq!(
        pruned.changes.iter().map(|c| (c.name.as_str(), c.action)).collect::<Vec<_>>(),
        [("st_conf", Action::Remove)]
    );

    // Going back uses the version that is there.
    wish.configs[0] = config("max_fails=1\n");
    let back = plan(&wish, &live);
    assert_eq!(back.changes.iter().map(Change::address).collect::<Vec<_>>(), ["service/web"]);
}

#[test]
fn a_config_made_anew_under_its_name_is_another_one() {
    let mut live = snapshot(&[uses("st_conf")]);
    live.configs.push(LiveConfig { id: "other".into(), ..live_config("st_conf", "x") });
    let mut wish = desired(vec![uses("st_conf")]);
    wish.configs.push(config("x"));
    assert_eq!(plan(&wish, &live).changes[0].reasons, ["configs"]);
}

#[test]
fn labels_of_a_config_change_in_place() {
    let mut live = snapshot(&[]);
    live.configs.push(live_config("st_conf", "x"));
    let mut wish = desired(Vec::new());
    let mut labelled = config("x");
    labelled.spec["Labels"]["a"] = json!("b");
    wish.configs.push(labelled);
    let plan = plan(&wish, &live);
    assert!(matches!(&plan.changes[0].write, Write::UpdateConfig { id, .. } if id == "id-st_conf"));
    assert_eq!(plan.changes[0].action, Action::Update);
}

fn secret(content: &str) -> DesiredSecret {
    DesiredSecret {
        key: "pw".into(),
        name: "st_pw".into(),
        spec: json!({"Name": "st_pw", "Labels": {"com.docker.stack.namespace": "st"}}),
        content: Some(Content(content.as_bytes().into())),
        origins: Origins::default(),
    }
}

#[test]
fn secrets_are_compared_only_under_the_key() {
    let mut wish = desired(Vec::new());
    wish.secrets.push(secret("hunter2"));
    let keyed = PlanOptions { secret_key: Some(SecretKey(vec![7; 32])), ..never() };
    let created = build(&wish, &snapshot(&[]), &keyed);
    let Write::CreateSecret { spec, .. } = &created.changes[0].write else { panic!() };
    let mut live = snapshot(&[]);
    live.secrets.push(LiveSecret {
        id: "s".into(),
        name: "st_pw".into(),
        version: 1,
        spec: spec.clone(),
        created: None,
        updated: None,
    });
    assert!(build(&wish, &live, &keyed).is_empty());

    wish.secrets[0] = secret("hunter3");
    let rotated = build(&wish, &live, &keyed);
    assert!(rotated.changes[0].name.starts_with("st_pw-"));
    assert!(rotated.changes[0].fields[0].sensitive);

    // Without the key nothing can be said.
    let blind = build(&wish, &live, &never());
    assert!(blind.is_empty() && blind.exact);
    assert_eq!(codes(&blind.diagnostics), [code::CONTENT_UNKNOWN.id]);
    assert!(!format!("{:?}", (&created, &rotated, &keyed)).contains("hunter"));
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
            live.services[0].spec = stored(written(change));
        }
        let again = plan(&wish, &live);
        prop_assert!(again.is_empty(), "{:?}", again.changes);
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
