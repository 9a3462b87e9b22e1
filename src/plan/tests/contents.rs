//! Configs and secrets: compared, rotated, relabelled.

use super::*;

pub(in crate::plan) fn config(content: &str) -> DesiredConfig {
    DesiredConfig {
        key: "conf".into(),
        name: "st_conf".into(),
        spec: json!({"Name": "st_conf", "Labels": {"com.docker.stack.namespace": "st"}}),
        content: Content(content.as_bytes().into()),
        exact: false,
        origins: Origins::default(),
    }
}

pub(in crate::plan) fn live_config(name: &str, content: &str) -> LiveConfig {
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

pub(super) fn uses(config: &str) -> DesiredService {
    let file = json!({"Name": "conf", "UID": "0", "GID": "0", "Mode": 292});
    let list = json!([{"File": file, "ConfigID": "", "ConfigName": config}]);
    wanted("web", &[("/TaskTemplate/ContainerSpec/Configs", list)])
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
    live.services[0].spec = stored(written(service)).into();
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
        exact: false,
        origins: Origins::default(),
    }
}

pub(in crate::plan) fn live_secret(name: &str, digest: Option<&str>) -> LiveSecret {
    let mut spec = json!({"Name": name, "Labels": {"com.docker.stack.namespace": "st"}});
    if let Some(digest) = digest {
        spec["Labels"][DIGEST_LABEL] = json!(digest);
    }
    LiveSecret { id: format!("id-{name}"), name: name.into(), version: 3, spec, created: None, updated: None }
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
fn a_secret_of_a_driver_needs_its_plugin() {
    let mut wish = desired(vec![]);
    let mut driven = secret("x");
    driven.content = None;
    driven.spec["Driver"] = json!({"Name": "vault"});
    wish.secrets.push(driven);
    let mut live = snapshot(&[]);
    let found = |live: &Snapshot| build(&wish, live, &never()).preflight.iter().map(|d| d.code.id).collect::<Vec<_>>();
    assert_eq!(found(&live), [""; 0], "nothing is known of plugins");
    for (plugin, expected) in [("local", vec!["SU0508"]), ("vault:latest", vec![]), ("vault", vec![])] {
        live.nodes[0].raw = json!({"Description": {"Engine": {"Plugins": [{"Type": "x", "Name": plugin}]}}});
        assert_eq!(found(&live), expected, "{plugin}");
    }
}
