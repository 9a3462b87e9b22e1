//! The id of a decision, and what makes an approved plan stale.

use super::contents::{config, live_config, uses};
use super::*;
use crate::plan::{Approved, Freshness, SecretKey, Stale, freshness};

const ENV: &str = "/TaskTemplate/ContainerSpec/Env";

fn keyed_options(key: &str) -> PlanOptions {
    PlanOptions { secret_key: Some(SecretKey(key.as_bytes().to_vec())), ..never() }
}

fn with_env(lines: Value) -> Vec<DesiredService> {
    vec![wanted("web", &[(ENV, lines)])]
}

fn judge(then: &Plan, wish: &Desired, live: &Snapshot, options: &PlanOptions) -> Freshness {
    freshness(&Approved::of(then), &build(wish, live, options))
}

fn stale(freshness: Freshness) -> Vec<Stale> {
    match freshness {
        Freshness::Stale(stale) => stale,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_sensitive_value_is_in_the_id_under_the_key_and_nowhere_else() {
    let live = snapshot(&with_env(json!(["DB_PASSWORD=old"])));
    let planned = |value: &str, options: &PlanOptions| {
        build(&desired(with_env(json!([format!("DB_PASSWORD={value}")]))), &live, options)
    };
    let (one, two) = (planned("hunter1x", &keyed_options("k")), planned("hunter2x", &keyed_options("k")));
    assert_ne!(one.id, two.id);
    assert_eq!(one.decision.keyless_id, two.decision.keyless_id);
    assert_ne!(one.id, planned("hunter1x", &keyed_options("other")).id);
    assert!(one.exact && !format!("{:?}{:?}", one.decision, one.changes[0].fields).contains("hunter"));

    // Without a key it is left out, and said; the same decision is known again when the key is there.
    let blind = planned("hunter1x", &never());
    assert_eq!((blind.id.as_str(), blind.exact), (one.decision.keyless_id.as_str(), false));
    assert!(blind.diagnostics.iter().any(|d| d.code.id == "SU0710"));
    assert!(blind.decision.is(&one.decision) && !one.decision.is(&two.decision));
}

#[test]
fn a_volatile_tag_is_not_decided_and_a_digest_is() {
    let live = snapshot(&[wanted("web", &[])]);
    let planned = |image: &str, volatile: bool| {
        let mut wish = desired(vec![wanted("web", &[("/TaskTemplate/ContainerSpec/Image", json!(image))])]);
        wish.volatile_tags.extend(volatile.then(|| "web".to_owned()));
        build(&wish, &live, &never()).id
    };
    let (a, b) = ("reg:5000/acme/web:ab12@sha256:1", "reg:5000/acme/web:cd34@sha256:1");
    assert_eq!(planned(a, true), planned(b, true));
    assert_ne!(planned(a, false), planned(b, false));
    for other in ["reg:5000/acme/web:ab12@sha256:2", "reg:5000/acme/api:ab12@sha256:1", "reg:5000/acme/web:ab12"] {
        assert_ne!(planned(a, true), planned(other, true), "{other}");
    }
    // Only the tag says which image it is.
    assert_ne!(planned("reg:5000/acme/web:ab12", true), planned("reg:5000/acme/web:cd34", true));
    assert_eq!(planned("reg:5000/acme/web:ab12@sha256:1", true), planned("reg:5000/acme/web@sha256:1", true));
}

#[test]
fn what_has_nothing_sensitive_has_one_id() {
    let live = snapshot(&with_env(json!(["LEVEL=info"])));
    let wish = desired(with_env(json!(["LEVEL=debug"])));
    let (blind, keyed) = (build(&wish, &live, &never()), build(&wish, &live, &keyed_options("k")));
    assert!(blind.exact);
    assert_eq!((blind.id.as_str(), blind.id.as_str()), (keyed.id.as_str(), keyed.decision.keyless_id.as_str()));
}

#[test]
fn what_a_release_holds_has_no_say_in_the_id() {
    let wish = desired(with_env(json!(["FOLDER=/run/hunter1x/a"])));
    let service = wanted("web", &[(ENV, json!(["DB_PASSWORD=hunter1x"]))]);
    let service = RecordedService {
        key: service.key,
        name: service.name,
        id: "id".into(),
        index: 1,
        update_started: None,
        spec: service.spec,
        depends_on: BTreeMap::new(),
        wave: None,
    };
    let release = crate::swarm::Recorded { services: vec![service], ..Default::default() };
    let knowing = PlanOptions { recorded: Some(release), ..keyed_options("k") };
    let live = snapshot(&[wanted("web", &[])]);
    let (plain, knowing) = (build(&wish, &live, &keyed_options("k")), build(&wish, &live, &knowing));
    // An apply that has taken the lock does not look at the release.
    assert_eq!(plain.id, knowing.id);
    assert!(!format!("{:?}", knowing.changes[0].fields).contains("hunter1x"));
}

#[test]
fn a_part_of_a_value_that_is_hidden_is_in_the_id_too() {
    let live = snapshot(&[wanted("web", &[])]);
    let planned = |password: &str| {
        let url = json!([format!("--db=postgres://me:{password}@db/x")]);
        build(&desired(vec![wanted("web", &[("/TaskTemplate/ContainerSpec/Args", url)])]), &live, &keyed_options("k"))
    };
    let (one, two) = (planned("hunter1x"), planned("hunter2x"));
    assert_eq!(one.changes[0].fields, two.changes[0].fields, "nobody sees a difference");
    assert_ne!(one.id, two.id);
}

#[test]
fn a_marked_config_shows_neither_diff_nor_digest() {
    let mut live = snapshot(&[uses("st_conf")]);
    live.configs.push(live_config("st_conf", "old\n"));
    let mut wish = desired(vec![uses("st_conf")]);
    wish.configs.push(config("new\n"));
    wish.sensitive_names.insert("conf".to_owned());
    let first = build(&wish, &live, &keyed_options("k"));
    let change = &first.changes[0];
    assert_eq!((&change.content_diff, change.fields[0].sensitive, &change.fields[0].after), (&None, true, &None));
    wish.configs[0] = config("newer\n");
    assert_ne!(build(&wish, &live, &keyed_options("k")).id, first.id);
}

#[test]
fn an_index_alone_is_no_reason_and_a_spec_is_one() {
    let before = with_env(json!(["LEVEL=info"]));
    let (mut live, wish) = (snapshot(&before), desired(with_env(json!(["LEVEL=debug"]))));
    let then = build(&wish, &live, &never());
    assert_eq!(judge(&then, &wish, &live, &never()), Freshness::Fits { moved: vec![] });

    live.services[0].version += 5;
    let moved = vec!["service st_web was written since, and is the same".to_owned()];
    assert_eq!(judge(&then, &wish, &live, &never()), Freshness::Fits { moved });

    put(live.services[0].spec_mut(), "/Labels/by", json!("hand"));
    let found = stale(judge(&then, &wish, &live, &never()));
    assert_eq!((found.len(), found[0].address.as_str()), (1, "service/web"));
    assert!(found[0].why.contains("was changed by somebody"));
    let [field] = &found[0].fields[..] else { panic!("{:?}", found[0].fields) };
    assert_eq!(
        (field.path.as_str(), &field.when_planned, &field.now),
        ("/deploy/labels/by", &None, &Some(json!("hand")))
    );
}

#[test]
fn what_the_cluster_owns_may_change() {
    let before = with_env(json!(["LEVEL=info"]));
    let (mut live, mut wish) = (snapshot(&before), desired(with_env(json!(["LEVEL=debug"]))));
    wish.ignore = vec!["deploy.replicas".to_owned()];
    let then = build(&wish, &live, &never());
    put(live.services[0].spec_mut(), "/Mode", json!({"Replicated": {"Replicas": 4}}));
    let moved = vec!["service/web was changed since, and what is done to it is the same".to_owned()];
    assert_eq!(judge(&then, &wish, &live, &never()), Freshness::Fits { moved });
    let fresh = build(&wish, &live, &never());
    assert_eq!(written(&fresh.changes[0])["Mode"]["Replicated"]["Replicas"], json!(4), "and is not set back");
}

#[test]
fn what_came_went_or_is_another_is_stale_whatever_would_be_done() {
    type Meddle = fn(&mut Snapshot);
    let cases: [(&str, Meddle); 6] = [
        ("service/web is gone; when planned it was there", |live| live.services.clear()),
        ("service/web was removed and created again since it was planned", |live| live.services[0].id = "other".into()),
        ("network/st_default was removed and created again since it was planned", |live| {
            live.networks[0].id = "other".into();
            live.services[0].spec_mut()["TaskTemplate"]["Networks"][0]["Target"] = json!("other");
        }),
        ("service/st_more carries the stack's label; when planned it was not there", |live| {
            let mut more = live.services[0].clone();
            (more.id, more.name) = ("more".into(), "st_more".into());
            live.services.push(more);
        }),
        ("service/api exists now; when planned it did not", |live| {
            let mut api = live.services[0].clone();
            (api.id, api.name) = ("api".into(), "st_api".into());
            live.services.push(api);
        }),
        ("cluster is another one: the plan is for swarm cluster (), this is swarm elsewhere ()", |live| {
            live.cluster.id = "elsewhere".into();
        }),
    ];
    for (said, meddle) in cases {
        let mut live = snapshot(&with_env(json!(["LEVEL=info"])));
        let mut services = with_env(json!(["LEVEL=debug"]));
        services.push(wanted("api", &[]));
        let wish = desired(services);
        let then = build(&wish, &live, &never());
        meddle(&mut live);
        let found: Vec<String> =
            stale(judge(&then, &wish, &live, &never())).iter().map(|s| format!("{} {}", s.address, s.why)).collect();
        assert!(found.iter().any(|line| line == said), "{said}: {found:?}");
    }
}

#[test]
fn what_is_live_already_is_done() {
    let wish = desired(with_env(json!(["LEVEL=debug"])));
    let then = build(&wish, &snapshot(&with_env(json!(["LEVEL=info"]))), &never());
    let live = snapshot(&with_env(json!(["LEVEL=debug"])));
    assert_eq!(judge(&then, &wish, &live, &never()), Freshness::Done);
}

#[test]
fn an_approval_from_before_the_key_holds_when_the_key_is_there() {
    let live = snapshot(&with_env(json!(["DB_PASSWORD=old"])));
    let wish = |value: &str| desired(with_env(json!([format!("DB_PASSWORD={value}")])));
    let blind = build(&wish("new"), &live, &never());
    assert_eq!(judge(&blind, &wish("new"), &live, &keyed_options("k")), Freshness::Fits { moved: vec![] });
    let keyed = build(&wish("new"), &live, &keyed_options("k"));
    let found = stale(judge(&keyed, &wish("newer"), &live, &keyed_options("k")));
    assert!(found[0].fields.iter().any(|f| f.path == "/environment/DB_PASSWORD" && f.sensitive), "{found:?}");
}
