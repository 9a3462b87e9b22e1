//! `services.NAME.deploy`.

use serde_json::{Value, json};

use super::tree::{Section, float};
use crate::compose::model::{Bytes, Deploy, Placement, Resources, RestartPolicy, UpdateConfig};
use crate::compose::parse::decimal;
use crate::diagnostic::Spanned;

pub fn deploy(d: &Deploy) -> Section {
    let mut s = Section::default();
    s.text("mode", &d.mode);
    s.value("replicas", &d.replicas);
    s.map("labels", &d.labels);
    if let Some(config) = &d.update_config {
        s.set("update_config", update_config(config));
    }
    if let Some(config) = &d.rollback_config {
        s.set("rollback_config", update_config(config));
    }
    s.section("resources", resources(&d.resources));
    if let Some(policy) = &d.restart_policy {
        s.set("restart_policy", restart_policy(policy));
    }
    s.section("placement", placement(&d.placement));
    s.text("endpoint_mode", &d.endpoint_mode);
    s
}

fn update_config(c: &UpdateConfig) -> Section {
    let mut s = Section::default();
    s.value("parallelism", &c.parallelism);
    s.duration("delay", &c.delay);
    s.text("failure_action", &c.failure_action);
    s.duration("monitor", &c.monitor);
    if let Some(ratio) = &c.max_failure_ratio {
        s.set("max_failure_ratio", float(ratio.value));
    }
    s.text("order", &c.order);
    s
}

fn resources(r: &Resources) -> Section {
    let mut s = Section::default();
    if let Some(limits) = &r.limits {
        let mut part = amounts(&limits.nano_cpus, &limits.memory);
        part.value("pids", &limits.pids);
        s.set("limits", part);
    }
    if let Some(reservations) = &r.reservations {
        let mut part = amounts(&reservations.nano_cpus, &reservations.memory);
        let generic = reservations
            .generic
            .iter()
            .map(|g| json!({"discrete_resource_spec": {"kind": g.value.kind, "value": g.value.value}}));
        part.list("generic_resources", generic.collect());
        s.set("reservations", part);
    }
    s
}

fn amounts(nano_cpus: &Option<Spanned<i64>>, memory: &Option<Spanned<Bytes>>) -> Section {
    let mut s = Section::default();
    if let Some(nano) = nano_cpus {
        let sign = if nano.value < 0 { "-" } else { "" };
        s.set("cpus", format!("{sign}{}", decimal(nano.value.unsigned_abs(), 1_000_000_000)));
    }
    if let Some(memory) = memory {
        s.set("memory", memory.value.0.to_string());
    }
    s
}

fn restart_policy(p: &RestartPolicy) -> Section {
    let mut s = Section::default();
    s.text("condition", &p.condition);
    s.duration("delay", &p.delay);
    s.value("max_attempts", &p.max_attempts);
    s.duration("window", &p.window);
    s
}

fn placement(p: &Placement) -> Section {
    let mut s = Section::default();
    s.texts("constraints", &p.constraints);
    let preferences: Vec<Value> = p.preferences.iter().map(|t| json!({"spread": t.value})).collect();
    s.list("preferences", preferences);
    s.value("max_replicas_per_node", &p.max_replicas_per_node);
    s
}
