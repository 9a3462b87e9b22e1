//! The same inside `deploy`.

use super::clear::{inside, keys};
use crate::compose::model::{Deploy, Limits, Placement, Reservations, Resources, RestartPolicy, UpdateConfig};

pub fn deploy(d: &mut Deploy, path: &[&str]) {
    match path {
        [] => *d = Deploy::default(),
        ["mode"] => d.mode = None,
        ["replicas"] => d.replicas = None,
        ["endpoint_mode"] => d.endpoint_mode = None,
        ["labels", rest @ ..] => keys(&mut d.labels, rest),
        ["update_config"] => d.update_config = None,
        ["update_config", key] => inside(&mut d.update_config, |u| update_config(u, key)),
        ["rollback_config"] => d.rollback_config = None,
        ["rollback_config", key] => inside(&mut d.rollback_config, |u| update_config(u, key)),
        ["resources"] => d.resources = Resources::default(),
        ["resources", "limits"] => d.resources.limits = None,
        ["resources", "limits", key] => inside(&mut d.resources.limits, |l| limits(l, key)),
        ["resources", "reservations"] => d.resources.reservations = None,
        ["resources", "reservations", key] => inside(&mut d.resources.reservations, |r| reservations(r, key)),
        ["restart_policy"] => d.restart_policy = None,
        ["restart_policy", key] => inside(&mut d.restart_policy, |r| restart_policy(r, key)),
        ["placement"] => d.placement = Placement::default(),
        ["placement", "constraints"] => d.placement.constraints.clear(),
        ["placement", "preferences"] => d.placement.preferences.clear(),
        ["placement", "max_replicas_per_node"] => d.placement.max_replicas_per_node = None,
        _ => {}
    }
}

fn update_config(u: &mut UpdateConfig, key: &str) {
    match key {
        "parallelism" => u.parallelism = None,
        "delay" => u.delay = None,
        "failure_action" => u.failure_action = None,
        "monitor" => u.monitor = None,
        "max_failure_ratio" => u.max_failure_ratio = None,
        "order" => u.order = None,
        _ => {}
    }
}

fn limits(l: &mut Limits, key: &str) {
    match key {
        "cpus" => l.nano_cpus = None,
        "memory" => l.memory = None,
        "pids" => l.pids = None,
        _ => {}
    }
}

fn reservations(r: &mut Reservations, key: &str) {
    match key {
        "cpus" => r.nano_cpus = None,
        "memory" => r.memory = None,
        "generic_resources" => r.generic.clear(),
        _ => {}
    }
}

fn restart_policy(r: &mut RestartPolicy, key: &str) {
    match key {
        "condition" => r.condition = None,
        "delay" => r.delay = None,
        "max_attempts" => r.max_attempts = None,
        "window" => r.window = None,
        _ => {}
    }
}
