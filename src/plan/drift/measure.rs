//! Who made each difference that a plan deals with.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::compare;
use super::model::{Drift, Origin, What};
use crate::plan::diff::diff_service;
use crate::plan::draft::Draft;
use crate::plan::{Action, Change};
use crate::swarm::{DesiredService, Kind, LiveService, RecordedService};

/// Gives every field of every service its origin, and lists what was changed outside. Without a record: nothing.
pub(in crate::plan) fn measure(changes: &mut [Change], draft: &Draft) -> Vec<Drift> {
    let Some(recorded) = &draft.options.recorded else { return Vec::new() };
    let then: HashMap<&str, &RecordedService> = recorded.services.iter().map(|s| (s.name.as_str(), s)).collect();
    // Nothing is left: the stack was removed, which takes no list.
    let removed_whole = !then.keys().any(|name| draft.snapshot.own_service(name).is_some());
    let mut all = Vec::new();
    let mut of_service: HashMap<String, &mut Change> = HashMap::new();
    for change in changes.iter_mut() {
        change.fields.iter_mut().for_each(|field| field.origin = Some(Origin::Yours));
        if change.kind == Kind::Service {
            of_service.entry(change.key.clone()).or_insert(change);
        }
    }
    for desired in &draft.desired.services {
        let Some(then) = then.get(desired.name.as_str()) else { continue };
        let change = of_service.remove(&desired.key);
        match draft.snapshot.own_service(&desired.name) {
            Some(now) => all.extend(changed(desired, then, now, change, draft)),
            None if !removed_whole && change.is_some_and(|c| c.action == Action::Create) => {
                let mut gone = Drift::whole(Kind::Service, &desired.key, &desired.name, What::Removed);
                gone.origin = Some(Origin::Drift);
                all.push(gone);
            }
            None => {}
        }
    }
    all
}

fn changed(
    desired: &DesiredService,
    then: &RecordedService,
    now: &LiveService,
    change: Option<&mut Change>,
    draft: &Draft,
) -> Vec<Drift> {
    if then.index == now.version {
        return Vec::new();
    }
    let key = desired.key.as_str();
    let ignored = |path: &str| draft.options.ignores(key, path);
    let moved = compare::service(then, now, &draft.names, &ignored);
    if moved.is_empty() {
        return Vec::new();
    }
    let ours = since_release(desired, then, now, draft, &ignored);
    let mut planned: BTreeSet<String> = BTreeSet::new();
    let moved_paths: BTreeSet<&str> = moved.iter().map(|f| f.path.as_str()).collect();
    for field in change.into_iter().flat_map(|c| &mut c.fields) {
        planned.insert(field.path.clone());
        if moved_paths.contains(field.path.as_str()) {
            field.origin = Some(if ours.contains(&field.path) { Origin::Both } else { Origin::Drift });
        }
    }
    let origin = |path: &str| match (planned.contains(path), ours.contains(path)) {
        (true, true) => Origin::Both,
        (true, false) => Origin::Drift,
        (false, _) => Origin::AlreadyLive,
    };
    let drift = moved.into_iter().map(|field| {
        let origin = Some(origin(&field.path));
        Drift { origin, ..Drift::field(Kind::Service, key, &desired.name, field).of_service(now) }
    });
    drift.collect()
}

/// Paths in which the files want something else than the release.
fn since_release(
    desired: &DesiredService,
    then: &RecordedService,
    now: &LiveService,
    draft: &Draft,
    ignored: &dyn Fn(&str) -> bool,
) -> BTreeSet<String> {
    let mut want = desired.spec.clone();
    draft.versions.rewire(&mut want);
    let as_it_was = LiveService { spec: then.spec.clone().into(), ..now.clone() };
    let options = draft.options;
    let resolved: &BTreeMap<_, _> = &options.resolved;
    let diff = diff_service(desired, &want, &as_it_was, &draft.names, options.resolve, resolved, ignored);
    diff.fields.into_iter().map(|field| field.path).collect()
}
