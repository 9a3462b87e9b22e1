//! Putting a plan together.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{foreign, plan_config, plan_secret};
use super::diff::diff_network;
use super::draft::Draft;
use super::drift;
use super::ground::ground;
use super::id::decide;
use super::impact::health;
use super::preflight::{check_constraints, check_drivers, check_external, check_limits, check_placement, check_ports};
use super::prune::orphans;
use super::redact::Redactor;
use super::schedule::forecast;
use super::service::{plan_service, sections};
use super::settled::Settled;
use super::waves::arrange;
use super::{Action, Against, Change, Impact, Plan, PlanOptions, Preconditions, Summary, Write};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::{NETWORK_DIFFERS, NO_KEY};
use crate::swarm::{Desired, DesiredNetwork, Kind, Lookup, NAMESPACE_LABEL, Snapshot, UpdateState, segments};

/// What apply would do to make the live swarm what the files want. Pure: the same inputs give the same plan.
///
/// Problems are in the plan: errors of `preflight` make it not applyable, and everything else in it is still true.
pub fn build(desired: &Desired, snapshot: &Snapshot, options: &PlanOptions) -> Plan {
    let options = &options.with_ignored(&desired.ignore);
    let snapshot = &Lookup::new(snapshot);
    let mut draft = Draft::new(desired, snapshot, options);
    let recreated = plan_networks(&mut draft);
    for config in &desired.configs {
        plan_config(config, &mut draft);
    }
    for secret in &desired.secrets {
        plan_secret(secret, &mut draft, options.secret_key.as_ref());
    }
    let mut finals: BTreeMap<String, Settled> = BTreeMap::new();
    for service in &desired.services {
        let selected = options.selects(&service.key);
        let mut outcome = plan_service(service, &mut draft, &recreated);
        if !selected && outcome.change.take().is_some() {
            draft.targeted = true;
            if let Some(live) = snapshot.service(&service.name) {
                outcome.spec = live.spec.clone();
            }
        }
        finals.insert(service.key.clone(), Settled::of(&outcome.spec, outcome.change.as_ref()));
        draft.changes.extend(outcome.change);
    }
    leave_out_unneeded(&finals, &mut draft);
    check_external(&mut draft);
    check_limits(&mut draft);
    check_drivers(&mut draft);
    let unreadable = check_constraints(&mut draft);
    let (orphans, removals) = orphans(&finals, &mut draft);
    let removed: BTreeSet<String> =
        removals.iter().filter(|c| c.kind == Kind::Service).map(|c| c.name.clone()).collect();
    check_ports(&finals, &removed, &mut draft);

    let mut changes = std::mem::take(&mut draft.changes);
    changes.extend(removals);
    arrange(&mut changes, &finals, &mut draft);
    let placement = forecast(&changes, snapshot, &unreadable);
    check_placement(&placement, &mut draft);
    let mut drift = drift::measure(&mut changes, &draft);
    let redactor = Redactor::from(desired, snapshot);
    let decision = decide(&snapshot.cluster, desired, &mut changes, &redactor, options.secret_key.as_ref());
    // What the last release holds is hidden as well, and has no say in what is decided.
    let redactor = options.recorded.iter().fold(redactor, Redactor::and_recorded);
    drift.iter_mut().for_each(|one| one.redact(&redactor));
    if options.recorded.is_some() {
        for change in &mut changes {
            change.fields.iter_mut().for_each(|field| drop(redactor.field(field)));
            change.content_diff = change.content_diff.take().map(|diff| redactor.scrub(&diff).into_owned());
        }
    }
    let written = !changes.is_empty();
    if decision.incomplete {
        let note =
            Diagnostic::note(NO_KEY, "sensitive values are not part of this plan's id: the swarm has no key yet");
        draft.note(note.help("the first apply makes it; from then on they are"), None);
    }
    Plan {
        id: decision.id.clone(),
        stack: desired.stack.clone(),
        cluster: snapshot.cluster.clone(),
        against: Against::default(),
        source: options.source.clone(),
        base: options.base.clone(),
        exact: !(draft.unknown_image || decision.incomplete || (draft.unknown_content && written)),
        targeted: draft.targeted,
        ground: ground(desired, snapshot, &changes),
        decision,
        summary: summary(desired, snapshot, &changes, orphans.len()),
        changes,
        orphans,
        drift,
        placement,
        preflight: draft.preflight,
        diagnostics: draft.diagnostics,
    }
}

/// Names of the networks that are removed and created again.
fn plan_networks(draft: &mut Draft) -> Vec<String> {
    let mut recreated = Vec::new();
    for network in &draft.desired.networks {
        let Some(live) = draft.snapshot.network(&network.name) else {
            let write = Write::CreateNetwork { body: network.body.clone() };
            draft.changes.push(network_change(network, Action::Create, None, Vec::new(), write));
            continue;
        };
        let owner = live.labels.get(NAMESPACE_LABEL).map(String::as_str);
        if owner != Some(draft.snapshot.stack.as_str()) {
            draft.refuse(foreign(Kind::Network, &network.key, &network.name, owner), network.origins.nearest(""));
            continue;
        }
        let fields = diff_network(network, live);
        if fields.is_empty() {
            continue;
        }
        if draft.options.recreate_networks {
            recreated.push(network.name.clone());
            let write = Write::RecreateNetwork { id: live.id.clone(), body: network.body.clone() };
            draft.changes.push(network_change(network, Action::Recreate, Some(&live.id), fields, write));
            continue;
        }
        let what: Vec<String> = fields.iter().map(|f| segments(&f.path).collect::<Vec<_>>().join(".")).collect();
        let span = fields.first().and_then(|f| f.span);
        let problem =
            Diagnostic::error(NETWORK_DIFFERS, format!("network `{}` differs from the live one: {}", network.key, what.join(", ")))
                .help("swarm cannot change a network: `--recreate-networks` removes and creates it, with downtime of its services")
                .about(format!("network/{}", network.key));
        draft.refuse(problem, span);
    }
    recreated
}

fn network_change(
    network: &DesiredNetwork,
    action: Action,
    id: Option<&str>,
    fields: Vec<super::FieldChange>,
    write: Write,
) -> Change {
    Change {
        kind: Kind::Network,
        key: network.key.clone(),
        name: network.name.clone(),
        id: id.map(str::to_owned),
        action,
        wave: 0,
        after: BTreeMap::new(),
        reasons: sections(&fields),
        fields,
        content_diff: None,
        impact: Impact { downtime: action == Action::Recreate, ..Impact::default() },
        rollout: None,
        health: None,
        preconditions: Preconditions { present: id.is_some(), index: None, spec_digest: None, update_state: None },
        span: network.origins.nearest(""),
        write,
    }
}

/// With `--target` only what the chosen services use is created for them.
fn leave_out_unneeded(finals: &BTreeMap<String, Settled>, draft: &mut Draft) {
    let options = draft.options;
    if options.target.is_empty() && options.exclude.is_empty() {
        return;
    }
    let mut needed: BTreeSet<(Kind, String)> = BTreeSet::new();
    for (_, settled) in finals.iter().filter(|(key, _)| options.selects(key)) {
        needed.extend(settled.files.iter().cloned());
        needed.extend(settled.networks.iter().map(|name| (Kind::Network, name.clone())));
    }
    let before = draft.changes.len();
    draft.changes.retain(|c| c.kind == Kind::Service || needed.contains(&(c.kind, c.name.clone())));
    draft.targeted |= draft.changes.len() < before;
}

fn summary(desired: &Desired, snapshot: &Lookup, changes: &[Change], orphans: usize) -> Summary {
    let mut summary = Summary { orphan: orphans as u64, services: desired.services.len() as u64, ..Summary::default() };
    for change in changes {
        *match change.action {
            Action::Create => &mut summary.create,
            Action::Update => &mut summary.update,
            Action::Scale => &mut summary.scale,
            Action::Restart => &mut summary.restart,
            Action::Recreate => &mut summary.recreate,
            Action::Remove => &mut summary.remove,
        } += 1;
        summary.tasks_restarted += change.impact.tasks_restarted;
        summary.tasks_stopped += change.impact.tasks_stopped;
        summary.tasks_started += change.impact.tasks_started;
    }
    let changed: BTreeSet<(Kind, &str)> =
        changes.iter().filter(|c| c.action != Action::Remove).map(|c| (c.kind, c.key.as_str())).collect();
    let all = desired.networks.iter().map(|n| (Kind::Network, n.key.as_str()));
    let all = all.chain(desired.configs.iter().map(|c| (Kind::Config, c.key.as_str())));
    let all = all.chain(desired.secrets.iter().map(|s| (Kind::Secret, s.key.as_str())));
    let all = all.chain(desired.services.iter().map(|s| (Kind::Service, s.key.as_str())));
    summary.unchanged = all.filter(|address| !changed.contains(address)).count() as u64;
    for service in snapshot.own_services() {
        match service.update.as_ref().map(|update| &update.state) {
            Some(UpdateState::Updating | UpdateState::RollbackStarted) => summary.updating += 1,
            Some(UpdateState::Paused | UpdateState::RollbackPaused) => summary.paused += 1,
            _ => {}
        }
        let health = health(service, snapshot);
        summary.tasks_running += health.running;
        summary.tasks_desired += health.desired;
    }
    summary
}
