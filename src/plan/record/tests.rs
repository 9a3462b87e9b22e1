//! There and back: a live stack, its record, and what going back to it wants.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;
use crate::compose::model::Content;
use crate::plan::fixture::{desired, put, snapshot, wanted};
use crate::plan::tests::contents::{config, live_config, live_secret};
use crate::plan::{Action, DIGEST_LABEL, Plan, PlanOptions, ResolveImage, Write, build};
use crate::swarm::{Desired, Kind, List, Recorded, Snapshot};

const ENV: &str = "/TaskTemplate/ContainerSpec/Env";
const CONFIGS: &str = "/TaskTemplate/ContainerSpec/Configs";
const SECRETS: &str = "/TaskTemplate/ContainerSpec/Secrets";

fn recorded(desired: Option<&Desired>, live: &Snapshot) -> Recorded {
    keep(Keep { live, desired, previous: None, untouched: &BTreeSet::new() })
}

fn back(recorded: &Recorded, live: &Snapshot) -> Plan {
    let options =
        PlanOptions { resolve: ResolveImage::Always, resolved: pinned_images(recorded), ..PlanOptions::default() };
    build(&wish(recorded), live, &options)
}

fn codes(plan: &Plan) -> Vec<&'static str> {
    plan.preflight.iter().map(|d| d.code.id).collect()
}

fn file(name: &str) -> Value {
    json!([{"ConfigName": name, "ConfigID": "", "File": {"Name": "conf", "UID": "0", "GID": "0", "Mode": 292}}])
}

fn secret(name: &str) -> Value {
    json!([{"SecretName": name, "SecretID": "", "File": {"Name": "pw", "UID": "0", "GID": "0", "Mode": 292}}])
}

#[test]
fn labels_come_back_too() {
    let (configs, secrets) = ((CONFIGS, file("st_conf")), (SECRETS, secret("st_pw")));
    let mut live = snapshot(&[wanted("web", &[configs, secrets])]);
    live.configs.push(live_config("st_conf", "a"));
    live.secrets.push(live_secret("st_pw", Some("x")));
    let before = recorded(None, &live);
    put(&mut live.configs[0].spec, "/Labels/tier", json!("gold"));
    put(&mut live.secrets[0].spec, "/Labels/tier", json!("gold"));
    let plan = back(&before, &live);
    let labels = |spec: &Value| spec["Labels"].as_object().unwrap().contains_key("tier");
    let written: Vec<bool> = plan
        .changes
        .iter()
        .map(|c| match &c.write {
            Write::UpdateConfig { spec, content, .. } => labels(spec) || *content.0 != *b"a",
            Write::UpdateSecret { spec, content, .. } => {
                labels(spec) || content.is_some() || spec["Labels"][DIGEST_LABEL] != "x"
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(written, [false, false], "both lose the label, and nothing else");
}

#[test]
fn going_back_to_what_is_live_is_nothing() {
    let platforms = json!([{"Architecture": "amd64", "OS": "linux"}]);
    let web = wanted(
        "web",
        &[
            ("/TaskTemplate/ContainerSpec/Image", json!("r:5000/web:1@sha256:00")),
            ("/TaskTemplate/Placement/Platforms", platforms.clone()),
            (CONFIGS, file("st_conf-01234567")),
            (SECRETS, secret("st_pw")),
            ("/Mode", json!({"Replicated": {"Replicas": 3}})),
        ],
    );
    let mut live = snapshot(&[web]);
    live.configs.push(live_config("st_conf-01234567", "a"));
    live.secrets.push(live_secret("st_pw", Some("x")));
    let all = recorded(None, &live);
    assert!(back(&all, &live).is_empty(), "{:?}", back(&all, &live).changes);
    let needs = [(Kind::Config, "st_conf-01234567".to_owned()), (Kind::Secret, "st_pw".to_owned())];
    assert_eq!(needed(&all), needs.into_iter().collect());

    // Another image since: the recorded one comes back pinned, with its platforms.
    put(live.services[0].spec_mut(), "/TaskTemplate/ContainerSpec/Image", json!("r:5000/web:2@sha256:11"));
    put(live.services[0].spec_mut(), "/TaskTemplate/Placement/Platforms", json!([]));
    let plan = back(&all, &live);
    let Write::UpdateService { spec, .. } = &plan.changes[0].write else { panic!() };
    assert_eq!(spec.pointer("/TaskTemplate/ContainerSpec/Image").unwrap(), "r:5000/web:1@sha256:00");
    assert_eq!(spec.pointer("/TaskTemplate/Placement/Platforms").unwrap(), &platforms);
    assert!(plan.exact);
}

#[test]
fn configs_come_back_and_secrets_must_still_be_there() {
    let web = wanted("web", &[(CONFIGS, file("st_conf")), (SECRETS, secret("st_pw"))]);
    let mut live = snapshot(std::slice::from_ref(&web));
    live.configs.push(live_config("st_conf", "first"));
    live.secrets.push(live_secret("st_pw", Some("digest-1")));
    let all = recorded(None, &live);

    // The service moved on to other versions; the old ones are still there.
    let moved = |live: &mut Snapshot| {
        put(live.services[0].spec_mut(), CONFIGS, json!([]));
        put(live.services[0].spec_mut(), SECRETS, json!([]));
    };
    moved(&mut live);
    let plan = back(&all, &live);
    assert_eq!(plan.changes.iter().map(|c| c.address()).collect::<Vec<_>>(), ["service/web"]);

    // The config is gone: made again from the record, under the same name.
    live.configs.clear();
    let plan = back(&all, &live);
    let Write::CreateConfig { spec, content } = &plan.changes[0].write else { panic!("{:?}", plan.changes) };
    assert_eq!((&spec["Name"], content), (&json!("st_conf"), &Content(b"first".as_slice().into())));
    assert!(plan.applyable());

    // Somebody made another under its name: a version beside it.
    live.configs.push(live_config("st_conf", "other"));
    let plan = back(&all, &live);
    assert!(plan.changes[0].name.starts_with("st_conf-") && plan.applyable(), "{:?}", plan.changes);

    // A secret that was made anew is another secret; one that is gone is gone.
    live.secrets[0].spec["Labels"][DIGEST_LABEL] = json!("digest-2");
    assert_eq!(codes(&back(&all, &live)), ["SU0713"]);
    live.secrets.clear();
    assert_eq!(codes(&back(&all, &live)), ["SU0713"]);
}

#[test]
fn sensitive_contents_are_in_no_record() {
    let web = wanted("web", &[(CONFIGS, file("st_conf"))]);
    let mut live = snapshot(std::slice::from_ref(&web));
    live.configs.push(live_config("st_conf", "hunter2"));
    let mut wish = desired(vec![web]);
    wish.configs.push(config("hunter2"));
    wish.sensitive_names.insert("conf".into());
    let all = recorded(Some(&wish), &live);
    assert!(all.configs[0].content.is_none());
    assert!(!serde_json::to_string(&all).unwrap().contains("aHVudGVyMg"));
    assert!(back(&all, &live).is_empty());
    live.configs.clear();
    assert_eq!(codes(&back(&all, &live)), ["SU0713"]);
}

#[test]
fn what_was_left_out_stays_as_it_was_recorded() {
    let services = vec![wanted("web", &[]), wanted("db", &[])];
    let live = snapshot(&services);
    let wish = desired(services);
    let first = recorded(Some(&wish), &live);
    let mut changed = live.clone();
    for service in changed.services.iter_mut() {
        put(service.spec_mut(), ENV, json!(["A=1"]));
        service.version = 9;
    }
    let untouched = BTreeSet::from(["st_db".to_owned()]);
    let second = keep(Keep { live: &changed, desired: Some(&wish), previous: Some(&first), untouched: &untouched });
    assert_eq!(second.service("st_db"), first.service("st_db"));
    assert_eq!(second.service("st_web").unwrap().index, 9);

    // Accepted, it is as it is live.
    let third = accept(&second, &changed, &["db".to_owned()]);
    assert_eq!(third.service("st_db").unwrap().index, 9);
    assert_eq!(accept(&first, &changed, &[]).services, third.services);
}

#[test]
fn order_and_networks_come_back_too() {
    let mut web = wanted("web", &[]);
    web.depends_on.insert("db".into(), crate::compose::model::DependsOnCondition::Healthy);
    let services = vec![web, wanted("db", &[])];
    let all = recorded(Some(&desired(services.clone())), &snapshot(&services));
    let empty = Snapshot { services: List::default(), networks: List::default(), tasks: Vec::new(), ..snapshot(&[]) };
    let plan = back(&all, &empty);
    let order: Vec<_> = plan.changes.iter().map(|c| (c.address(), c.action)).collect();
    let create = |address: &str| (address.to_owned(), Action::Create);
    assert_eq!(order, [create("network/default"), create("service/db"), create("service/web")]);
}
