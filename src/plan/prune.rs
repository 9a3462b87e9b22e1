//! What carries the stack's label and no file names: orphans, removed with `--prune`.

use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::digest::spec_digest;
use super::draft::Draft;
use super::impact::{Moved, health, impact};
use super::service::preconditions;
use super::settled::{Settled, networks as attached};
use super::version::{is_version_of, references};
use super::{Action, Change, Health, Impact, Orphan, Preconditions, Write};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::EMPTY_STACK;
use crate::swarm::{Desired, Kind, Lookup, unscoped};

/// One candidate.
struct Found {
    orphan: Orphan,
    preconditions: Preconditions,
    write: Write,
    impact: Impact,
}

/// Services in name order first, then configs, secrets, networks: nothing is removed while something uses it.
pub(super) fn orphans(finals: &BTreeMap<String, Settled>, draft: &mut Draft) -> (Vec<Orphan>, Vec<Change>) {
    let mut services = services(draft);
    let everything = finals.is_empty() && !services.is_empty();
    let mut prune = draft.options.prune;
    if prune && everything && !draft.options.allow_empty {
        let problem =
            Diagnostic::error(EMPTY_STACK, "the files name no service, and `--prune` would remove all of the stack")
                .help(format!("to remove the stack:  stackup rm {}", draft.snapshot.stack));
        draft.refuse(problem, None);
        prune = false;
    }
    let selected = |found: &Found| draft.options.selects(unscoped(&draft.desired.stack, &found.orphan.name));
    let removed: BTreeSet<String> = match prune {
        true => services.iter().filter(|f| selected(f)).map(|f| f.orphan.id.clone()).collect(),
        false => BTreeSet::new(),
    };
    // What others use is asked for only where something is to go: they may be thousands.
    let used = LazyCell::new(|| used(finals, &removed, draft.snapshot, prune));
    services.extend(files(draft, &|key| used.contains(key)));
    services.extend(networks(draft));
    let (mut kept, mut changes) = (Vec::new(), Vec::new());
    for found in services {
        let whole_stack = draft.options.target.is_empty();
        let goes = match found.orphan.kind {
            Kind::Service => removed.contains(&found.orphan.id),
            kind => prune && whole_stack && !used.contains(&(kind, found.orphan.name.clone())),
        };
        if goes {
            changes.push(removal(found, draft.desired));
        } else {
            kept.push(found.orphan);
        }
    }
    (kept, changes)
}

fn removal(found: Found, desired: &Desired) -> Change {
    let Found { orphan, preconditions, write, impact } = found;
    let key = unscoped(&desired.stack, &orphan.name);
    // The first version of a config that the files still name, say: two objects have not one address.
    let key = if is_named(desired, orphan.kind, key) { &orphan.name } else { key };
    Change {
        kind: orphan.kind,
        key: key.to_owned(),
        name: orphan.name,
        id: Some(orphan.id),
        action: Action::Remove,
        wave: 0,
        after: BTreeMap::new(),
        reasons: Vec::new(),
        fields: Vec::new(),
        content_diff: None,
        impact,
        rollout: None,
        health: orphan.health,
        preconditions,
        span: None,
        write,
    }
}

/// The files call another object so.
fn is_named(desired: &Desired, kind: Kind, key: &str) -> bool {
    match kind {
        Kind::Config => desired.configs.iter().any(|c| c.key == key),
        Kind::Secret => desired.secrets.iter().any(|s| s.key == key),
        Kind::Network => desired.networks.iter().any(|n| n.key == key),
        Kind::Service => desired.services.iter().any(|s| s.key == key),
    }
}

fn services(draft: &Draft) -> Vec<Found> {
    let named: BTreeSet<&str> = draft.desired.services.iter().map(|s| s.name.as_str()).collect();
    let mut all: Vec<Found> = draft
        .snapshot
        .own_services()
        .filter(|s| !named.contains(s.name.as_str()))
        .filter(|s| !draft.options.kept.contains(&(Kind::Service, s.name.clone())))
        .map(|s| Found {
            orphan: orphan(Kind::Service, &s.name, &s.id, Some(health(s, draft.snapshot)), s.created),
            preconditions: preconditions(s),
            write: Write::RemoveService { id: s.id.clone() },
            impact: impact(Action::Remove, &s.spec, Some(s), draft.snapshot, Moved::default()).0,
        })
        .collect();
    all.sort_by(|a, b| a.orphan.name.cmp(&b.orphan.name));
    all
}

/// Old versions of an object are orphans only when nothing uses them, and no release could be gone back to with them.
fn files(draft: &Draft, used: &dyn Fn(&(Kind, String)) -> bool) -> Vec<Found> {
    let desired = draft.desired;
    let listed = |kind: Kind, name: &str| {
        let key = (kind, name.to_owned());
        let is_version = || match kind {
            Kind::Config => desired.configs.iter().any(|c| is_version_of(name, &c.name)),
            _ => desired.secrets.iter().any(|s| is_version_of(name, &s.name)),
        };
        let needed = draft.options.kept.contains(&key) || draft.versions.chosen(kind, name);
        !needed && (!used(&key) || !is_version())
    };
    let there = |version: u64, spec: &Value| Preconditions {
        present: true,
        index: Some(version),
        spec_digest: Some(spec_digest(spec)),
        update_state: None,
    };
    let configs = draft.snapshot.own_configs().filter(|c| listed(Kind::Config, &c.name)).map(|c| Found {
        orphan: orphan(Kind::Config, &c.name, &c.id, None, c.created),
        preconditions: there(c.version, &c.spec),
        write: Write::RemoveConfig { id: c.id.clone() },
        impact: Impact::default(),
    });
    let secrets = draft.snapshot.own_secrets().filter(|s| listed(Kind::Secret, &s.name)).map(|s| Found {
        orphan: orphan(Kind::Secret, &s.name, &s.id, None, s.created),
        preconditions: there(s.version, &s.spec),
        write: Write::RemoveSecret { id: s.id.clone() },
        impact: Impact::default(),
    });
    configs.chain(secrets).collect()
}

fn networks(draft: &Draft) -> Vec<Found> {
    let named: BTreeSet<&str> = draft.desired.networks.iter().map(|n| n.name.as_str()).collect();
    let own = draft.snapshot.own_networks().filter(|n| !named.contains(n.name.as_str()));
    own.filter(|n| !draft.options.kept.contains(&(Kind::Network, n.name.clone())))
        .map(|n| Found {
            orphan: orphan(Kind::Network, &n.name, &n.id, None, None),
            preconditions: Preconditions { present: true, index: None, spec_digest: None, update_state: None },
            write: Write::RemoveNetwork { id: n.id.clone() },
            impact: Impact::default(),
        })
        .collect()
}

fn orphan(kind: Kind, name: &str, id: &str, health: Option<Health>, created: Option<jiff::Timestamp>) -> Orphan {
    Orphan { kind, name: name.to_owned(), id: id.to_owned(), health, created }
}

/// What services refer to: after the plan when it prunes (they are removed last), else now and after it.
fn used(
    finals: &BTreeMap<String, Settled>,
    removed: &BTreeSet<String>,
    snapshot: &Lookup,
    prune: bool,
) -> BTreeSet<(Kind, String)> {
    let changed: BTreeSet<&str> = finals.values().filter_map(|settled| settled.id.as_deref()).collect();
    let live =
        snapshot.services.iter().filter(|s| !prune || (!removed.contains(&s.id) && !changed.contains(s.id.as_str())));
    let mut all = BTreeSet::new();
    let named = |target: &str| {
        let name = snapshot.network_by_id(target).map_or(target, |n| n.name.as_str());
        (Kind::Network, name.to_owned())
    };
    for spec in live.map(|s| &s.spec) {
        all.extend(references(spec));
        all.extend(attached(spec).map(named));
    }
    for settled in finals.values() {
        all.extend(settled.files.iter().cloned());
        all.extend(settled.networks.iter().map(|target| named(target)));
    }
    all
}
