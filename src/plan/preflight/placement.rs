//! Constraints that swarm cannot read, and what the dry run found that does not fit.

use serde_json::Value;

use super::reasons::{free, reasons};
use crate::diagnostic::code::{BAD_CONSTRAINT, DOES_NOT_FIT, SPREAD_HANGS, START_FIRST_STUCK};
use crate::diagnostic::{Code, Diagnostic, Severity, Span};
use crate::plan::constraint::Constraint;
use crate::plan::draft::Draft;
use crate::plan::{Placement, Reason, Verdict};
use crate::swarm::{DesiredService, Kind, Members, join};

/// Takes constraints that swarm would refuse for the errors that they are: keys of services whose placement is not worth a look.
pub(in crate::plan) fn check_constraints(draft: &mut Draft) -> Vec<String> {
    let mut found: Vec<(Diagnostic, Option<Span>)> = Vec::new();
    let mut unreadable = Vec::new();
    for change in draft.changes.iter().filter(|c| c.kind == Kind::Service) {
        let (Some(service), Some(spec)) = (draft.wanted(&change.key), change.write.service_spec()) else { continue };
        let bad = texts(spec).into_iter().filter_map(|text| Some((text, Constraint::parse(text).err()?)));
        for (text, why) in bad {
            let problem = Diagnostic::error(BAD_CONSTRAINT, format!("`{text}` is no constraint: {why}"))
                .help("write it as  node.labels.disk == ssd  or with  !=")
                .about(change.address());
            found.push((problem, at(service, text)));
            unreadable.push(change.key.clone());
        }
    }
    for (problem, span) in found {
        draft.refuse(problem, span);
    }
    unreadable
}

/// What of the forecast apply must not, or had better not, go on with.
pub(in crate::plan) fn check_placement(placements: &[Placement], draft: &mut Draft) {
    for placement in placements {
        let Some(service) = draft.wanted(&placement.service) else { continue };
        if placement.hangs && is_before(&draft.snapshot.cluster.engine_version, (28, 3)) {
            let (problem, span) = hang(placement, service);
            draft.refuse(problem, span);
        }
        let Some((problem, span)) = judge(placement, service, draft) else { continue };
        draft.refuse(problem, span);
    }
}

fn hang(placement: &Placement, service: &DesiredService) -> (Diagnostic, Option<Span>) {
    let key = &placement.service;
    let message = format!(
        "the spread preference of `{key}` may hang swarm's scheduler: one branch has more than its share, the others are full"
    );
    let help = "no task of any stack is placed after that: leave the preference out, make room, or update the managers to 28.3";
    let span = service.origins.nearest("/deploy/placement/preferences");
    (Diagnostic::error(SPREAD_HANGS, message).help(help).about(format!("service/{key}")), span)
}

/// `version` is `20.10.24`; one that cannot be read is not old.
fn is_before(version: &str, (major, minor): (u32, u32)) -> bool {
    let mut parts = version.split('.').map(|part| part.parse::<u32>().ok());
    match (parts.next().flatten(), parts.next().flatten()) {
        (Some(a), Some(b)) => (a, b) < (major, minor),
        _ => false,
    }
}

fn texts(spec: &Value) -> Vec<&str> {
    let list = spec.member("/TaskTemplate/Placement/Constraints").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(Value::as_str).collect()
}

fn at(service: &DesiredService, constraint: &str) -> Option<Span> {
    service.origins.nearest(&join("/deploy/placement/constraints", constraint))
}

fn judge(placement: &Placement, service: &DesiredService, draft: &Draft) -> Option<(Diagnostic, Option<Span>)> {
    let key = &placement.service;
    let (code, severity): (Code, Severity) = match placement.verdict {
        Verdict::Fits => return None,
        Verdict::MayNotFit => (DOES_NOT_FIT, Severity::Warning),
        Verdict::DoesNotFit => (DOES_NOT_FIT, Severity::Error),
        Verdict::MayGetStuck => (START_FIRST_STUCK, Severity::Warning),
        Verdict::GetsStuck => (START_FIRST_STUCK, Severity::Error),
    };
    let everywhere = placement.refused.len() == draft.snapshot.nodes.len();
    let nowhere = everywhere && placement.placed.max == 0 && code == DOES_NOT_FIT;
    let why = reasons(&placement.refused);
    let (tasks, placed) = (placement.tasks, placement.placed);
    let message = match placement.verdict {
        Verdict::GetsStuck => {
            format!("`start-first` gets stuck: no node has room for a new task of `{key}` beside the old ones: {why}")
        }
        Verdict::MayGetStuck => format!(
            "`start-first` may get stuck: there may be no room for a new task of `{key}` beside the old ones: {why}"
        ),
        _ if nowhere => format!("no node can take a task of `{key}`: {why}"),
        Verdict::MayNotFit => {
            format!("perhaps only {} of {tasks} tasks of `{key}` fit, as swarm chooses nodes: {why}", placed.min)
        }
        _ => format!("only {} of {tasks} tasks of `{key}` fit: {why}", placed.max),
    };
    let mut help = help(placement, draft);
    if let Some(free) = free(&placement.refused) {
        help = format!("{free}; {help}");
    }
    let problem = Diagnostic { severity, ..Diagnostic::error(code, message) };
    Some((problem.help(help).about(format!("service/{key}")), place(placement, service)))
}

/// The line that matters most.
fn place(placement: &Placement, service: &DesiredService) -> Option<Span> {
    if matches!(placement.verdict, Verdict::GetsStuck | Verdict::MayGetStuck) {
        return service.origins.nearest("/deploy/update_config/order");
    }
    let all = || placement.refused.iter().flat_map(|refusal| &refusal.reasons);
    let first = |wanted: fn(&Reason) -> bool| all().find(|reason| wanted(reason));
    if let Some(Reason::Constraint(text)) = first(|r| matches!(r, Reason::Constraint(_)))
        && placement.placed.max == 0
    {
        return at(service, text);
    }
    let path = match () {
        () if first(|r| matches!(r, Reason::Cpu { .. } | Reason::Memory { .. } | Reason::Generic { .. })).is_some() => {
            "/deploy/resources/reservations"
        }
        () if first(|r| matches!(r, Reason::HostPort(_))).is_some() => "/ports",
        () if first(|r| matches!(r, Reason::MaxReplicas(_))).is_some() => "/deploy/placement/max_replicas_per_node",
        () => "",
    };
    service.origins.nearest(path)
}

/// What to do about it: about the reason that keeps most nodes away.
fn help(placement: &Placement, draft: &Draft) -> String {
    if matches!(placement.verdict, Verdict::GetsStuck | Verdict::MayGetStuck) {
        return "the rollout would wait for ever: use `order: stop-first`, or make room".to_owned();
    }
    let firsts: Vec<&Reason> = placement.refused.iter().filter_map(|refusal| refusal.reasons.first()).collect();
    let all = || placement.refused.iter().flat_map(|refusal| &refusal.reasons);
    if let Some(Reason::Constraint(text)) = all().find(|r| matches!(r, Reason::Constraint(_))) {
        let unknown = Constraint::parse(text).is_ok_and(|constraint| !constraint.is_known());
        if unknown {
            return "swarm knows no such key, so it matches no node: node.id, .hostname, .ip, .role, .platform.os, .platform.arch, .labels.*, engine.labels.*".to_owned();
        }
        if let Some((label, value)) = label_of(text).filter(|_| placement.placed.max == 0) {
            return format!("label a node:  docker node update --label-add {label}={value} NODE");
        }
    }
    let has = |wanted: fn(&&Reason) -> bool| firsts.iter().copied().any(|reason| wanted(&reason));
    if has(|r| matches!(r, Reason::HostPort(_))) {
        return "lower `replicas`, or publish the port in mode ingress".to_owned();
    }
    if has(|r| matches!(r, Reason::MaxReplicas(_))) {
        return "raise `max_replicas_per_node`, lower `replicas`, or add nodes".to_owned();
    }
    if has(|r| matches!(r, Reason::Plugin { .. })) {
        return "install the plugin on the nodes, or use another driver".to_owned();
    }
    if has(|r| matches!(r, Reason::Cpu { .. } | Reason::Memory { .. } | Reason::Generic { .. })) {
        return "lower the reservation or `replicas`, or add nodes".to_owned();
    }
    let inactive = draft.snapshot.nodes.iter().any(|node| !crate::plan::impact::can_take_tasks(node));
    if inactive && has(|r| matches!(r, Reason::Drained | Reason::Paused)) {
        return "make a node active:  docker node update --availability active NODE".to_owned();
    }
    "change the constraint, the reservation or the image, or add a node".to_owned()
}

/// `node.labels.disk == ssd` in two parts.
fn label_of(constraint: &str) -> Option<(&str, &str)> {
    let (key, value) = constraint.split_once("==")?;
    Some((key.trim().strip_prefix("node.labels.")?, value.trim()))
}
