//! `services.NAME.deploy`.

use serde_json::json;

use super::tree::{Piece, Section, float};
use crate::compose::model::{Bytes, Deploy, Placement, Resources, RestartPolicy, UpdateConfig};
use crate::compose::parse::decimal;
use crate::diagnostic::Spanned;

pub fn deploy(d: &Deploy) -> Section {
    let mut s = Section::default();
    s.text("mode", &d.mode);
    s.value("replicas", &d.replicas);
    s.map("labels", &d.labels);
    if let Some(config) = &d.update_config {
        s.set("update_config", Piece::from(update_config(config)).at(config.span));
    }
    if let Some(config) = &d.rollback_config {
        s.set("rollback_config", Piece::from(update_config(config)).at(config.span));
    }
    s.section("resources", resources(&d.resources));
    if let Some(policy) = &d.restart_policy {
        s.set("restart_policy", Piece::from(restart_policy(policy)).at(policy.span));
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
        s.set("max_failure_ratio", Piece::from(float(ratio.value)).at(ratio.span));
    }
    s.text("order", &c.order);
    s
}

fn resources(r: &Resources) -> Section {
    let mut s = Section::default();
    if let Some(limits) = &r.limits {
        let mut part = amounts(&limits.nano_cpus, &limits.memory);
        part.value("pids", &limits.pids);
        s.set("limits", Piece::from(part).at(limits.span));
    }
    if let Some(reservations) = &r.reservations {
        let mut part = amounts(&reservations.nano_cpus, &reservations.memory);
        let generic = reservations.generic.iter().map(|g| {
            Piece::from(json!({"discrete_resource_spec": {"kind": g.value.kind, "value": g.value.value}})).at(g.span)
        });
        part.list("generic_resources", generic);
        s.set("reservations", Piece::from(part).at(reservations.span));
    }
    s
}

fn amounts(nano_cpus: &Option<Spanned<i64>>, memory: &Option<Spanned<Bytes>>) -> Section {
    let mut s = Section::default();
    if let Some(nano) = nano_cpus {
        let sign = if nano.value < 0 { "-" } else { "" };
        let cpus = format!("{sign}{}", decimal(nano.value.unsigned_abs(), 1_000_000_000));
        s.set("cpus", Piece::from(cpus).at(nano.span));
    }
    if let Some(memory) = memory {
        s.set("memory", Piece::from(memory.value.0.to_string()).at(memory.span));
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
    s.list("preferences", p.preferences.iter().map(|t| Piece::from(json!({"spread": t.value})).at(t.span)));
    s.value("max_replicas_per_node", &p.max_replicas_per_node);
    s
}
