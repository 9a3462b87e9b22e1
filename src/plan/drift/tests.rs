//! The table: what was applied, what is live, what is wanted.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::*;
use crate::plan::fixture::{desired, put, snapshot, wanted};
use crate::plan::record::{Keep, keep};
use crate::plan::tests::contents::live_secret;
use crate::plan::{Plan, PlanOptions, Write, build};
use crate::swarm::{Desired, DesiredService, Recorded, RecordedNetwork, Snapshot, UpdateState, UpdateStatus};

const REPLICAS: &str = "/Mode/Replicated/Replicas";
const ENV: &str = "/TaskTemplate/ContainerSpec/Env";

fn recorded(live: &Snapshot) -> Recorded {
    keep(Keep { live, desired: None, previous: None, untouched: &BTreeSet::new() })
}

fn replicas(n: u64) -> DesiredService {
    wanted("web", &[(REPLICAS, json!(n))])
}

/// Somebody wrote it since.
fn touched(mut live: Snapshot) -> Snapshot {
    live.services.iter_mut().for_each(|s| s.version += 1);
    live
}

fn plan(applied: u64, live: u64, want: u64) -> Plan {
    let base = snapshot(&[replicas(applied), wanted("db", &[])]);
    let mut now = snapshot(&[replicas(live), wanted("db", &[])]);
    if applied != live {
        now.services[0].version += 1;
    }
    let options = PlanOptions { recorded: Some(recorded(&base)), ..PlanOptions::default() };
    build(&desired(vec![replicas(want), wanted("db", &[])]), &now, &options)
}

#[test]
fn each_class_of_difference() {
    for (l, v, d, planned, told) in [
        (3, 3, 3, None, None),
        (3, 3, 5, Some(Origin::Yours), None),
        (3, 8, 3, Some(Origin::Drift), Some(Origin::Drift)),
        (3, 8, 5, Some(Origin::Both), Some(Origin::Both)),
        (3, 5, 5, None, Some(Origin::AlreadyLive)),
    ] {
        let plan = plan(l, v, d);
        let field = plan.changes.first().and_then(|c| c.fields.first());
        assert_eq!(field.and_then(|f| f.origin), planned, "{l} {v} {d}");
        let drift = plan.drift.first();
        assert_eq!(drift.and_then(|d| d.origin), told, "{l} {v} {d}");
        if let Some(drift) = drift {
            assert_eq!(
                (drift.path.as_str(), &drift.applied, &drift.live),
                ("/deploy/replicas", &Some(json!(l)), &Some(json!(v)))
            );
        }
    }
}

#[test]
fn what_the_cluster_owns_is_kept_and_not_told() {
    let base = snapshot(&[replicas(3)]);
    let now = touched(snapshot(&[replicas(8)]));
    let want = wanted("web", &[(REPLICAS, json!(3)), (ENV, json!(["A=1"]))]);
    let path = || vec!["deploy.replicas".to_owned()];
    for (flag, file) in [(path(), Vec::new()), (Vec::new(), path())] {
        let options = PlanOptions { recorded: Some(recorded(&base)), ignore: flag, ..PlanOptions::default() };
        let files = Desired { ignore: file, ..desired(vec![want.clone()]) };
        let plan = build(&files, &now, &options);
        assert!(plan.drift.is_empty());
        let Write::UpdateService { spec, .. } = &plan.changes[0].write else { panic!() };
        assert_eq!(spec.pointer(REPLICAS), Some(&json!(8)), "kept when something else is written");
    }
    assert!(find(&recorded(&base), &now, &["web:deploy.replicas".into()]).iter().all(|d| d.what == What::Resubmitted));
}

#[test]
fn without_a_record_there_is_no_origin() {
    let plan = build(&desired(vec![replicas(3)]), &snapshot(&[replicas(8)]), &PlanOptions::default());
    assert_eq!(plan.changes[0].fields[0].origin, None);
    assert!(plan.drift.is_empty());
}

#[test]
fn a_service_that_somebody_removed_is_told_where_it_comes_back() {
    let base = snapshot(&[replicas(3), wanted("db", &[])]);
    let now = snapshot(&[replicas(3)]);
    let options = PlanOptions { recorded: Some(recorded(&base)), ..PlanOptions::default() };
    let plan = build(&desired(vec![replicas(3), wanted("db", &[])]), &now, &options);
    assert_eq!(
        plan.drift.iter().map(|d| (d.address(), d.what)).collect::<Vec<_>>(),
        [("service/db".into(), What::Removed)]
    );
}

#[test]
fn drift_needs_no_file() {
    let base = snapshot(&[replicas(3), wanted("db", &[]), wanted("api", &[])]);
    let mut record = recorded(&base);
    assert_eq!(find(&record, &base, &[]), []);
    record.networks.push(RecordedNetwork {
        key: "extra".into(),
        name: "st_extra".into(),
        ..record.networks[0].clone()
    });
    let mut now = touched(snapshot(&[replicas(8), wanted("api", &[]), wanted("new", &[])]));
    put(now.services[0].spec_mut(), ENV, json!(["DB_PASSWORD=hunter2"]));
    let all = find(&record, &now, &[]);
    let shown: Vec<_> = all.iter().map(|d| (d.address(), d.what, d.path.as_str())).collect();
    let expected = [
        ("service/api", What::Resubmitted, ""),
        ("service/db", What::Removed, ""),
        ("service/web", What::Changed, "/environment/DB_PASSWORD"),
        ("service/web", What::Changed, "/deploy/replicas"),
        ("network/extra", What::Removed, ""),
        ("service/new", What::Unmanaged, ""),
    ];
    let expected: Vec<_> = expected.iter().map(|(a, w, p)| ((*a).to_owned(), *w, *p)).collect();
    assert_eq!(shown, expected);

    let redactor = crate::plan::Redactor::default().and_recorded(&record);
    let secret = all.into_iter().find(|d| d.path.starts_with("/environment")).map(|mut d| {
        d.redact(&redactor);
        d
    });
    assert_eq!(secret.map(|d| (d.sensitive, d.live)), Some((true, None)));
}

#[test]
fn the_state_of_an_update_is_no_write() {
    let at = |minute: &str| format!("2026-11-20T12:{minute}:00Z").parse::<Timestamp>().ok();
    let status = |started: Option<Timestamp>| {
        Some(UpdateStatus { state: UpdateState::Completed, started, completed: None, message: String::new() })
    };
    for (then, now, told) in [
        (status(at("00")), status(at("00")), false),
        (None, status(at("00")), false),
        (status(at("00")), status(at("05")), true),
        (status(at("00")), None, true),
        (None, None, true),
    ] {
        let mut base = snapshot(&[replicas(3)]);
        base.services[0].update = then.clone();
        let mut live = touched(snapshot(&[replicas(3)]));
        live.services[0].update = now.clone();
        let found = find(&recorded(&base), &live, &[]);
        assert_eq!(found.iter().any(|d| d.what == What::Resubmitted), told, "{then:?} {now:?}");
    }
}

#[test]
fn another_tool_writes_everything() {
    let base = snapshot(&[replicas(3), wanted("db", &[])]);
    let record = recorded(&base);
    let other = |change: &dyn Fn(&mut Snapshot)| {
        let mut now = snapshot(&[replicas(3), wanted("db", &[])]);
        change(&mut now);
        deployed_by_other(&record, &now)
    };
    let label = |now: &mut Snapshot| put(now.services[0].spec_mut(), "/Labels/a", json!("b"));
    assert!(!other(&|_| {}));
    assert!(
        !other(&|now| {
            label(now);
            now.services[0].version += 1;
        }),
        "one service, by hand"
    );
    assert!(!other(&|now| now.services.iter_mut().for_each(|s| s.version += 1)), "the same again");
    let all = |now: &mut Snapshot| {
        label(now);
        now.services.iter_mut().for_each(|s| s.version += 1);
    };
    assert!(other(&all));
    let missing = |now: &mut Snapshot| {
        all(now);
        now.services.truncate(1);
    };
    assert!(!other(&missing), "it would have made the other again");
}

#[test]
fn in_a_stack_of_one_service_a_secret_tells() {
    let reference: Value =
        json!([{"SecretName": "st_pw", "SecretID": "", "File": {"Name": "pw", "UID": "0", "GID": "0", "Mode": 292}}]);
    let web = || wanted("web", &[("/TaskTemplate/ContainerSpec/Secrets", reference.clone())]);
    let with = |version: u64| {
        let mut live = snapshot(&[web()]);
        live.secrets.push(live_secret("st_pw", Some("x")));
        live.secrets[0].version = version;
        live
    };
    let record = recorded(&with(3));
    for (secret, other) in [(3, false), (4, true)] {
        let mut now = touched(with(secret));
        put(now.services[0].spec_mut(), "/Labels/a", json!("b"));
        assert_eq!(deployed_by_other(&record, &now), other);
    }
}
