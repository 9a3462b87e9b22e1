//! Putting a plan together.

use std::collections::{BTreeMap, BTreeSet};

use super::content::{foreign, plan_config, plan_secret};
use super::diff::diff_network;
use super::draft::Draft;
use super::id::plan_id;
use super::impact::health;
use super::preflight::{check_drivers, check_external, check_limits, check_placement, check_ports};
use super::prune::orphans;
use super::redact::Redactor;
use super::service::{Outcome, plan_service, sections};
use super::version::references;
use super::waves::arrange;
use super::{Action, Change, Impact, Plan, PlanOptions, Preconditions, Summary, Write};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::NETWORK_DIFFERS;
use crate::swarm::{Desired, DesiredNetwork, Kind, NAMESPACE_LABEL, Snapshot, UpdateState, segments};

/// What apply would do to make the live swarm what the files want. Pure: the same inputs give the same plan.
///
/// Problems are in the plan: errors of `preflight` make it not applyable, and everything else in it is still true.
pub fn build(desired: &Desired, snapshot: &Snapshot, options: &PlanOptions) -> Plan {
    let mut draft = Draft::new(desired, snapshot, options);
    let recreated = plan_networks(&mut draft);
    for config in &desired.configs {
        plan_config(config, &mut draft);
    }
    for secret in &desired.secrets {
        plan_secret(secret, &mut draft, options.secret_key.as_ref());
    }
    let mut finals: BTreeMap<String, Outcome> = BTreeMap::new();
    for service in &desired.services {
        let selected = options.selects(&service.key);
        let mut outcome = plan_service(service, &mut draft, &recreated);
        if !selected && outcome.change.take().is_some() {
            draft.targeted = true;
            if let Some(live) = snapshot.service(&service.name) {
                outcome.spec = live.spec.clone();
            }
        }
        if let Some(change) = &outcome.change {
            draft.changes.push(change.clone());
        }
        finals.insert(service.key.clone(), outcome);
    }
    leave_out_unneeded(&finals, &mut draft);
    check_external(&mut draft);
    check_limits(&mut draft);
    check_drivers(&mut draft);
    check_placement(&mut draft);
    let (orphans, removals) = orphans(&finals, &mut draft);
    let removed: BTreeSet<String> =
        removals.iter().filter(|c| c.kind == Kind::Service).map(|c| c.name.clone()).collect();
    check_ports(&finals, &removed, &mut draft);

    let mut changes = std::mem::take(&mut draft.changes);
    changes.extend(removals);
    arrange(&mut changes, &finals, &mut draft);
    let redactor = Redactor::from(desired, snapshot);
    for change in &mut changes {
        change.fields.iter_mut().for_each(|field| redactor.field(field));
        change.content_diff = change.content_diff.take().map(|diff| redactor.scrub(&diff).into_owned());
    }
    let written = !changes.is_empty();
    Plan {
        id: plan_id(&snapshot.cluster, &desired.stack, &changes),
        stack: desired.stack.clone(),
        cluster: snapshot.cluster.clone(),
        source: options.source.clone(),
        base: options.base.clone(),
        exact: !(draft.unknown_image || (draft.unknown_content && written)),
        targeted: draft.targeted,
        summary: summary(desired, snapshot, &changes, orphans.len()),
        changes,
        orphans,
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
        health: None,
        preconditions: Preconditions { present: id.is_some(), index: None, spec_digest: None, update_state: None },
        span: network.origins.nearest(""),
        write,
    }
}

/// With `--target` only what the chosen services use is created for them.
fn leave_out_unneeded(finals: &BTreeMap<String, Outcome>, draft: &mut Draft) {
    let options = draft.options;
    if options.target.is_empty() && options.exclude.is_empty() {
        return;
    }
    let mut needed: BTreeSet<(Kind, String)> = BTreeSet::new();
    for (_, outcome) in finals.iter().filter(|(key, _)| options.selects(key)) {
        needed.extend(references(&outcome.spec));
        let networks = outcome.spec.pointer("/TaskTemplate/Networks").and_then(|n| n.as_array()).into_iter().flatten();
        needed.extend(networks.filter_map(|n| Some((Kind::Network, n.get("Target")?.as_str()?.to_owned()))));
    }
    let before = draft.changes.len();
    draft.changes.retain(|c| c.kind == Kind::Service || needed.contains(&(c.kind, c.name.clone())));
    draft.targeted |= draft.changes.len() < before;
}

fn summary(desired: &Desired, snapshot: &Snapshot, changes: &[Change], orphans: usize) -> Summary {
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
