//! `deploy` → mode, update configs, resources, restart policy, placement.

use serde_json::{Value, json};

use super::json::{Object, list};
use super::trail::Trail;
use crate::compose::model::{Deploy, Nanos, Service, Text, UpdateConfig};
use crate::diagnostic::code::{CONTRADICTION, UNKNOWN_MODE};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned, closest};

const MODES: [&str; 4] = ["replicated", "global", "replicated-job", "global-job"];

/// `Mode`. No `replicas` leaves the number to the engine, which makes it 1.
pub(super) fn mode(deploy: &Deploy, trail: &mut Trail, diagnostics: &mut Diagnostics) -> Value {
    trail.maybe("/deploy/mode", deploy.mode.as_ref());
    trail.maybe("/deploy/replicas", deploy.replicas.as_ref());
    let replicas = deploy.replicas.as_ref().map(|r| r.value);
    let mode = deploy.mode.as_ref().map(|m| m.value.as_str()).unwrap_or_default();
    if let (Some(replicas), "global" | "global-job") = (&deploy.replicas, mode) {
        diagnostics.push(
            Diagnostic::error(
                CONTRADICTION,
                format!("`replicas` does not go with mode `{mode}`: it runs one task a node"),
            )
            .at(replicas.span)
            .help("remove `replicas`, or use mode `replicated`"),
        );
    }
    let mut inner = Object::default();
    let word = match mode {
        "" | "replicated" => {
            inner.put_some("Replicas", replicas);
            "Replicated"
        }
        "global" => "Global",
        "replicated-job" => {
            inner.put_some("MaxConcurrent", replicas).put_some("TotalCompletions", replicas);
            "ReplicatedJob"
        }
        "global-job" => "GlobalJob",
        other => {
            let mut problem = Diagnostic::error(UNKNOWN_MODE, format!("unknown mode `{other}`"));
            problem = match closest(other, MODES) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("one of {}", MODES.join(", "))),
            };
            diagnostics.push(match &deploy.mode {
                Some(mode) => problem.at(mode.span),
                None => problem,
            });
            "Replicated"
        }
    };
    json!({word: inner.into_value()})
}

/// `UpdateConfig` or `RollbackConfig`. One task at a time unless the file says otherwise; 0 is all at once.
pub(super) fn update_config(config: &Spanned<UpdateConfig>, path: &str, trail: &mut Trail) -> Value {
    trail.at(path, config.span);
    let at = |leaf: &str| format!("{path}/{leaf}");
    trail.maybe(&at("parallelism"), config.parallelism.as_ref());
    trail.maybe(&at("delay"), config.delay.as_ref());
    trail.maybe(&at("failure_action"), config.failure_action.as_ref());
    trail.maybe(&at("monitor"), config.monitor.as_ref());
    trail.maybe(&at("max_failure_ratio"), config.max_failure_ratio.as_ref());
    trail.maybe(&at("order"), config.order.as_ref());
    let mut spec = Object::default();
    spec.put("Parallelism", config.parallelism.as_ref().map_or(1, |p| p.value))
        .put_full("Delay", nanos(&config.delay).unwrap_or(0))
        .put_full("FailureAction", text(&config.failure_action))
        .put_full("Monitor", nanos(&config.monitor).unwrap_or(0))
        .put("MaxFailureRatio", config.max_failure_ratio.as_ref().map_or(json!(0), |r| json!(r.value)))
        .put("Order", text(&config.order));
    spec.into_value()
}

/// `TaskTemplate.Resources`: always an object; a part that was written stays, even if empty.
pub(super) fn resources(deploy: &Deploy, trail: &mut Trail) -> Value {
    let mut spec = Object::default();
    if let Some(limits) = &deploy.resources.limits {
        trail.at("/deploy/resources/limits", limits.span);
        trail.maybe("/deploy/resources/limits/cpus", limits.nano_cpus.as_ref());
        trail.maybe("/deploy/resources/limits/memory", limits.memory.as_ref());
        trail.maybe("/deploy/resources/limits/pids", limits.pids.as_ref());
        let mut inner = Object::default();
        inner
            .put_full("NanoCPUs", limits.nano_cpus.as_ref().map_or(0, |c| c.value))
            .put_full("MemoryBytes", limits.memory.as_ref().map_or(0, |m| m.value.0))
            .put_full("Pids", limits.pids.as_ref().map_or(0, |p| p.value));
        spec.put("Limits", inner.into_value());
    }
    if let Some(reservations) = &deploy.resources.reservations {
        trail.at("/deploy/resources/reservations", reservations.span);
        trail.maybe("/deploy/resources/reservations/cpus", reservations.nano_cpus.as_ref());
        trail.maybe("/deploy/resources/reservations/memory", reservations.memory.as_ref());
        trail.maybe("/deploy/resources/reservations/generic_resources", reservations.generic.first());
        let generic: Vec<Value> = reservations
            .generic
            .iter()
            .map(|g| json!({"DiscreteResourceSpec": {"Kind": g.kind, "Value": g.value.value}}))
            .collect();
        let mut inner = Object::default();
        inner
            .put_full("NanoCPUs", reservations.nano_cpus.as_ref().map_or(0, |c| c.value))
            .put_full("MemoryBytes", reservations.memory.as_ref().map_or(0, |m| m.value.0))
            .put_full("GenericResources", generic);
        spec.put("Reservations", inner.into_value());
    }
    spec.into_value()
}

/// `TaskTemplate.RestartPolicy`: `deploy.restart_policy`, else what the legacy `restart` means, else nothing.
pub(super) fn restart_policy(service: &Service, trail: &mut Trail, diagnostics: &mut Diagnostics) -> Option<Value> {
    let Some(policy) = &service.deploy.restart_policy else {
        return service.restart.as_ref().and_then(|restart| legacy_restart(restart, trail, diagnostics));
    };
    trail.at("/deploy/restart_policy", policy.span);
    trail.maybe("/deploy/restart_policy/condition", policy.condition.as_ref());
    trail.maybe("/deploy/restart_policy/delay", policy.delay.as_ref());
    trail.maybe("/deploy/restart_policy/max_attempts", policy.max_attempts.as_ref());
    trail.maybe("/deploy/restart_policy/window", policy.window.as_ref());
    let mut spec = Object::default();
    spec.put_full("Condition", text(&policy.condition))
        .put_some("Delay", nanos(&policy.delay))
        .put_some("MaxAttempts", policy.max_attempts.as_ref().map(|m| m.value))
        .put_some("Window", nanos(&policy.window));
    Some(spec.into_value())
}

fn legacy_restart(restart: &Text, trail: &mut Trail, diagnostics: &mut Diagnostics) -> Option<Value> {
    trail.at("/deploy/restart_policy", restart.span);
    let (word, attempts) = match restart.value.split_once(':') {
        Some((word, count)) => (word, Some(count)),
        None => (restart.value.as_str(), None),
    };
    match (word, attempts.map(str::parse::<u64>)) {
        ("" | "no", None) => None,
        ("always" | "unless-stopped", None) => Some(json!({"Condition": "any"})),
        ("on-failure", None) => Some(json!({"Condition": "on-failure"})),
        ("on-failure", Some(Ok(attempts))) => Some(json!({"Condition": "on-failure", "MaxAttempts": attempts})),
        _ => {
            diagnostics.push(
                Diagnostic::error(UNKNOWN_MODE, format!("unknown restart policy `{}`", restart.value))
                    .at(restart.span)
                    .help("no, always, unless-stopped, on-failure or on-failure:N; better: `deploy.restart_policy`"),
            );
            None
        }
    }
}

/// `TaskTemplate.Placement`: always an object (a null one crashes the leader of some engines).
pub(super) fn placement(deploy: &Deploy, trail: &mut Trail) -> Value {
    let placement = &deploy.placement;
    trail.list("/deploy/placement/constraints", &placement.constraints);
    trail.list("/deploy/placement/preferences", &placement.preferences);
    trail.maybe("/deploy/placement/max_replicas_per_node", placement.max_replicas_per_node.as_ref());
    let preferences: Vec<Value> =
        placement.preferences.iter().map(|p| json!({"Spread": {"SpreadDescriptor": p.value}})).collect();
    let mut spec = Object::default();
    spec.put_full("Constraints", list(&placement.constraints))
        .put_full("Preferences", preferences)
        .put_full("MaxReplicas", placement.max_replicas_per_node.as_ref().map_or(0, |m| m.value));
    spec.into_value()
}

fn nanos(value: &Option<Spanned<Nanos>>) -> Option<i64> {
    value.as_ref().map(|n| n.value.0)
}

fn text(value: &Option<Text>) -> String {
    value.as_ref().map(|t| t.value.clone()).unwrap_or_default()
}
