//! Whether any node can take the tasks of a service. Free room is not looked at: that is the dry run's.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ports::fixed_ports;
use crate::diagnostic::code::{BAD_CONSTRAINT, DOES_NOT_FIT, START_FIRST_STUCK};
use crate::diagnostic::{Diagnostic, Span};
use crate::plan::constraint::Constraint;
use crate::plan::draft::Draft;
use crate::plan::impact::{can_take_tasks, start_first, wanted_tasks};
use crate::plan::{Action, Change, Write};
use crate::swarm::{DesiredService, Kind, Node, ServiceMode, join};

/// Checks the services that the plan writes.
pub(in crate::plan) fn check_placement(draft: &mut Draft) {
    let mut problems: Vec<(Diagnostic, Option<Span>)> = Vec::new();
    for change in draft.changes.iter().filter(|c| c.kind == Kind::Service) {
        let Some(service) = draft.desired.services.iter().find(|s| s.key == change.key) else { continue };
        let (Write::CreateService { spec } | Write::UpdateService { spec, .. } | Write::RecreateService { spec, .. }) =
            &change.write
        else {
            continue;
        };
        let found = unreadable(service, spec);
        let readable = found.is_empty();
        problems.extend(found);
        let places = matches!(change.action, Action::Create | Action::Recreate | Action::Restart | Action::Scale);
        if readable && places && wanted(spec, draft) > 0 {
            problems.extend(fit(change, service, spec, draft));
        }
    }
    for (problem, span) in problems {
        draft.refuse(problem, span);
    }
}

/// Global services want one task a node; with no node there is still something wanted.
fn wanted(spec: &Value, draft: &Draft) -> u64 {
    match ServiceMode::of(spec) {
        ServiceMode::Global | ServiceMode::GlobalJob => 1,
        _ => wanted_tasks(spec, draft.snapshot),
    }
}

fn texts(spec: &Value) -> Vec<&str> {
    let list = spec.pointer("/TaskTemplate/Placement/Constraints").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

fn at(service: &DesiredService, constraint: &str) -> Option<Span> {
    service.origins.nearest(&join("/deploy/placement/constraints", constraint))
}

fn unreadable(service: &DesiredService, spec: &Value) -> Vec<(Diagnostic, Option<Span>)> {
    let bad = texts(spec).into_iter().filter_map(|text| Some((text, Constraint::parse(text).err()?)));
    bad.map(|(text, why)| {
        let problem = Diagnostic::error(BAD_CONSTRAINT, format!("`{text}` is no constraint: {why}"))
            .help("write it as  node.labels.disk == ssd  or with  !=")
            .about(format!("service/{}", service.key));
        (problem, at(service, text))
    })
    .collect()
}

/// Why a node cannot take a task, first reason first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Reason {
    NotAvailable,
    Resources,
    Constraint(String),
    Platform,
}

impl std::fmt::Display for Reason {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotAvailable => f.write_str("drained, paused or down"),
            Self::Resources => f.write_str("smaller than what is reserved"),
            Self::Constraint(text) => write!(f, "not matching {text}"),
            Self::Platform => f.write_str("of another platform"),
        }
    }
}

fn fit(change: &Change, service: &DesiredService, spec: &Value, draft: &Draft) -> Vec<(Diagnostic, Option<Span>)> {
    let nodes = &draft.snapshot.nodes;
    if nodes.is_empty() {
        return Vec::new(); // nothing is known of nodes: a snapshot without them
    }
    let refused: Vec<(&Node, Reason)> = nodes.iter().filter_map(|n| Some((n, refuses(n, spec)?))).collect();
    let eligible = (nodes.len() - refused.len()) as u64;
    let key = &service.key;
    let mut problems = Vec::new();
    let mut say = |message: String, help: String, span: Option<Span>| {
        problems.push((Diagnostic::error(DOES_NOT_FIT, message).help(help).about(format!("service/{key}")), span));
    };
    if eligible == 0 {
        let why: BTreeSet<&Reason> = refused.iter().map(|(_, reason)| reason).collect();
        let constraint = why.iter().find_map(|r| match r {
            Reason::Constraint(text) => Some(text.as_str()),
            _ => None,
        });
        let parts: Vec<String> = why
            .iter()
            .map(|r| {
                let names: Vec<&str> =
                    refused.iter().filter(|(_, x)| *x == **r).map(|(n, _)| n.hostname.as_str()).collect();
                format!("{r}: {}", short_list(&names))
            })
            .collect();
        let message = format!("no node can take a task of `{key}`: {}", parts.join("; "));
        let span = match (constraint, why.contains(&Reason::Resources)) {
            (Some(text), _) => at(service, text),
            (None, true) => service.origins.nearest("/deploy/resources/reservations"),
            _ => service.origins.nearest(""),
        };
        let unknown = constraint.and_then(|c| Constraint::parse(c).ok()).is_some_and(|c| !c.is_known());
        let help = match constraint.and_then(label_of) {
            _ if unknown => {
                "swarm knows no such key, so it matches no node: node.id, .hostname, .ip, .role, .platform.os, .platform.arch, .labels.*, engine.labels.*".to_owned()
            }
            Some((label, value)) => format!("label a node:  docker node update --label-add {label}={value} NODE"),
            None if why.contains(&Reason::NotAvailable) => {
                "make a node active:  docker node update --availability active NODE".to_owned()
            }
            None => "change the constraint, the reservation or the image, or add a node".to_owned(),
        };
        say(message, help, span);
        return problems;
    }
    let replicas = match ServiceMode::of(spec) {
        ServiceMode::Replicated { replicas } => replicas,
        _ => return problems,
    };
    let most = spec.pointer("/TaskTemplate/Placement/MaxReplicas").and_then(Value::as_u64).unwrap_or(0);
    if most > 0 && replicas > most.saturating_mul(eligible) {
        let message = format!(
            "only {} of {replicas} tasks of `{key}` fit: {most} a node on {eligible} of {} nodes",
            most * eligible,
            nodes.len()
        );
        let span = service.origins.nearest("/deploy/placement/max_replicas_per_node");
        say(message, "raise `max_replicas_per_node`, lower `replicas`, or add nodes".to_owned(), span);
    }
    let host = fixed_ports(spec).into_iter().find(|p| !p.ingress);
    if let Some(port) = &host
        && replicas > eligible
    {
        let message = format!(
            "only {eligible} of {replicas} tasks of `{key}` fit: each needs port {} of its node",
            port.published
        );
        say(
            message,
            "lower `replicas`, or publish the port in mode ingress".to_owned(),
            service.origins.nearest("/ports"),
        );
    }
    let per_node = if host.is_some() { 1 } else { most };
    if change.action == Action::Restart && start_first(spec) && per_node > 0 && replicas >= per_node * eligible {
        let what = if host.is_some() { "a fixed port of the node" } else { "`max_replicas_per_node`" };
        let message =
            format!("`start-first` and {what}: no node has room for a new task of `{key}` beside the old ones");
        let problem = Diagnostic::warning(START_FIRST_STUCK, message)
            .help("the rollout would wait for ever: use `order: stop-first`")
            .about(format!("service/{key}"));
        problems.push((problem, service.origins.nearest("/deploy/update_config/order")));
    }
    problems
}

/// `node.labels.disk == ssd` in two parts.
fn label_of(constraint: &str) -> Option<(&str, &str)> {
    let (key, value) = constraint.split_once("==")?;
    Some((key.trim().strip_prefix("node.labels.")?, value.trim()))
}

fn short_list(names: &[&str]) -> String {
    match names {
        [a, b, c, d, rest @ ..] if !rest.is_empty() => format!("{a}, {b}, {c}, {d} and {} more", rest.len()),
        all => all.join(", "),
    }
}

fn refuses(node: &Node, spec: &Value) -> Option<Reason> {
    if !can_take_tasks(node) {
        return Some(Reason::NotAvailable);
    }
    let reserved = |key: &str| {
        spec.pointer(&format!("/TaskTemplate/Resources/Reservations/{key}")).and_then(Value::as_i64).unwrap_or(0)
    };
    if reserved("NanoCPUs") > node.nano_cpus || reserved("MemoryBytes") > node.memory {
        return Some(Reason::Resources);
    }
    let unmet = texts(spec).into_iter().find(|t| Constraint::parse(t).is_ok_and(|c| !c.allows(node)));
    if let Some(text) = unmet {
        return Some(Reason::Constraint(text.to_owned()));
    }
    let platforms = spec.pointer("/TaskTemplate/Placement/Platforms").and_then(Value::as_array);
    let matches = |p: &Value| {
        let part = |key: &str| p.get(key).and_then(Value::as_str).unwrap_or_default();
        let (os, architecture) = (part("OS"), part("Architecture"));
        (os.is_empty() || os == node.os)
            && (architecture.is_empty() || normal(architecture) == normal(&node.architecture))
    };
    let fits = platforms.is_none_or(|list| list.is_empty() || list.iter().any(matches));
    (!fits).then_some(Reason::Platform)
}

fn normal(architecture: &str) -> &str {
    match architecture {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
