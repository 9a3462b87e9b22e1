//! Waves: networks, configs and secrets in 0, services from 1, what is pruned last.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::order::{Place, levels};
use super::preflight::fixed_ports;
use super::settled::Settled;
use super::{Action, Change};
use crate::compose::model::DependsOnCondition;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::{DEPENDENCY_CIRCLE, PORT_SWAP};
use crate::swarm::{DesiredService, Kind, join};

/// Numbers the waves of `changes` and puts them in the order of execution.
pub(super) fn arrange(changes: &mut [Change], finals: &BTreeMap<String, Settled>, draft: &mut Draft) {
    let mut places: BTreeMap<String, Place> = draft
        .desired
        .services
        .iter()
        .map(|s| (s.key.clone(), Place { group: s.wave.unwrap_or(0), after: s.depends_on.keys().cloned().collect() }))
        .collect();
    gates_first(&mut places, changes, draft);
    let releases = releases(changes, finals, draft);
    let plain = levels(&places);
    for (taker, giver) in &releases {
        let group = places.get(taker).map_or(0, |p| p.group);
        places.entry(giver.clone()).or_insert_with(|| Place { group, after: BTreeSet::new() });
        if let Some(place) = places.get_mut(taker) {
            place.after.insert(giver.clone());
        }
    }
    let order = match (plain, levels(&places)) {
        (_, Ok(order)) => order,
        (Ok(order), Err(circle)) => {
            let message = format!("{} take ports from each other: no order frees one first", circle.join(" and "));
            let span = circle.first().and_then(|key| place_of(draft, key, "/ports"));
            draft.refuse(
                Diagnostic::error(PORT_SWAP, message)
                    .help("do it in two steps: let one of them publish another port first"),
                span,
            );
            order
        }
        (Err(circle), Err(_)) => {
            let mut shown = circle.clone();
            shown.extend(circle.first().cloned());
            let message = format!("services wait for each other: {}", shown.join(" -> "));
            let span = circle
                .first()
                .zip(circle.get(1).or(circle.first()))
                .and_then(|(key, next)| place_of(draft, key, &join("/depends_on", next)));
            draft.refuse(
                Diagnostic::error(DEPENDENCY_CIRCLE, message)
                    .help("remove one of the `depends_on`, or change `x-stackup.wave`"),
                span,
            );
            BTreeMap::new()
        }
    };
    number(changes, &order, &releases, draft);
    changes.sort_by(|a, b| {
        let removal =
            |c: &Change| if c.action == Action::Remove { removal_rank(c.kind) } else { creation_rank(c.kind) };
        (a.wave, removal(a), &a.key, &a.name).cmp(&(b.wave, removal(b), &b.key, &b.name))
    });
}

/// What somebody waits for to complete (a migration) comes before everything that it does not need itself: where it fails,
/// nothing else has changed. One that is not written has run, and is no gate.
fn gates_first(places: &mut BTreeMap<String, Place>, changes: &[Change], draft: &Draft) {
    let waited_for = draft.desired.services.iter().flat_map(|s| &s.depends_on);
    let completing = waited_for.filter(|(_, c)| **c == DependsOnCondition::CompletedSuccessfully).map(|(key, _)| key);
    let written =
        |key: &&String| changes.iter().any(|c| c.kind == Kind::Service && c.key == **key && c.action != Action::Remove);
    let gates: BTreeSet<String> = completing.filter(written).cloned().collect();
    let mut needed = gates.clone();
    let mut open: Vec<String> = gates.iter().cloned().collect();
    while let Some(key) = open.pop() {
        for before in places.get(&key).into_iter().flat_map(|p| &p.after) {
            if needed.insert(before.clone()) {
                open.push(before.clone());
            }
        }
    }
    for gate in &gates {
        let Some(group) = places.get(gate).map(|p| p.group) else { continue };
        // A lower `x-stackup.wave` is somebody's word; a higher one comes later anyway.
        for (_, place) in places.iter_mut().filter(|(key, place)| place.group == group && !needed.contains(*key)) {
            place.after.insert(gate.clone());
        }
    }
}

fn place_of(draft: &Draft, key: &str, path: &str) -> Option<crate::diagnostic::Span> {
    draft.wanted(key)?.origins.nearest(path)
}

fn creation_rank(kind: Kind) -> u8 {
    match kind {
        Kind::Network => 0,
        Kind::Config => 1,
        Kind::Secret => 2,
        Kind::Service => 3,
    }
}

fn removal_rank(kind: Kind) -> u8 {
    match kind {
        Kind::Service => 4,
        Kind::Config => 5,
        Kind::Secret => 6,
        Kind::Network => 7,
    }
}

/// Consecutive numbers for the levels that have changes.
fn number(changes: &mut [Change], order: &BTreeMap<String, u32>, releases: &BTreeSet<(String, String)>, draft: &Draft) {
    let early: BTreeSet<&String> = releases.iter().map(|(_, giver)| giver).collect();
    let level = |c: &Change| order.get(&c.key).copied().unwrap_or(0);
    let in_order = |c: &Change| c.kind == Kind::Service && (c.action != Action::Remove || early.contains(&c.key));
    let used: BTreeSet<u32> = changes.iter().filter(|c| in_order(c)).map(level).collect();
    let waves: BTreeMap<u32, u32> = used.into_iter().zip(1..).collect();
    let last = waves.len() as u32 + 1;
    let written: BTreeSet<String> = changes.iter().filter(|c| in_order(c)).map(|c| c.key.clone()).collect();
    let desired: BTreeMap<&str, &DesiredService> = draft.desired.services.iter().map(|s| (s.key.as_str(), s)).collect();
    let mut givers: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
    releases.iter().for_each(|(taker, giver)| givers.entry(taker).or_default().push(giver));
    for change in changes {
        change.wave = match (in_order(change), change.action) {
            (true, _) => waves.get(&level(change)).copied().unwrap_or(1),
            (false, Action::Remove) => last,
            (false, _) => 0,
        };
        if !in_order(change) || change.action == Action::Remove {
            continue;
        }
        let depends = desired.get(change.key.as_str()).map(|s| &s.depends_on);
        let depends = depends.into_iter().flatten().filter(|(key, _)| written.contains(*key));
        change.after = depends.map(|(key, condition)| (key.clone(), *condition)).collect();
        for giver in givers.get(change.key.as_str()).into_iter().flatten() {
            change.after.entry((*giver).clone()).or_insert(DependsOnCondition::Started);
        }
    }
}

/// Who takes a port that who else gives up: (taker, giver).
fn releases(changes: &[Change], finals: &BTreeMap<String, Settled>, draft: &Draft) -> BTreeSet<(String, String)> {
    let services = || changes.iter().filter(|c| c.kind == Kind::Service);
    let live = |c: &Change| draft.snapshot.service(&c.name).map(|s| fixed_ports(&s.spec)).unwrap_or_default();
    let then = |c: &Change| match c.action {
        Action::Remove => BTreeSet::new(),
        _ => finals.get(&c.key).map(|settled| settled.ports.clone()).unwrap_or_default(),
    };
    let mut given: BTreeMap<(String, u64), Vec<String>> = BTreeMap::new();
    for change in services() {
        let after = then(change);
        for port in live(change).into_iter().filter(|p| p.ingress && !after.iter().any(|a| a.clashes(p))) {
            given.entry((port.protocol, port.published)).or_default().push(change.key.clone());
        }
    }
    let mut all = BTreeSet::new();
    for change in services().filter(|c| c.action != Action::Remove) {
        let before = live(change);
        for port in then(change).into_iter().filter(|p| !before.iter().any(|b| b.clashes(p))) {
            for giver in given.get(&(port.protocol, port.published)).into_iter().flatten() {
                if *giver != change.key {
                    all.insert((change.key.clone(), giver.clone()));
                }
            }
        }
    }
    all
}
