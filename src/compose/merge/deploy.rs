//! Two `deploy` sections.

use super::rules::{by_key, later, later_text, later_unless};
use super::service::inside;
use crate::compose::model::{Deploy, Limits, Nanos, Reservations, RestartPolicy, UpdateConfig};

pub fn deploy(base: &mut Deploy, next: Deploy) {
    later_text(&mut base.mode, next.mode);
    later(&mut base.replicas, next.replicas);
    later_text(&mut base.endpoint_mode, next.endpoint_mode);
    by_key(&mut base.labels, next.labels);
    inside(&mut base.update_config, next.update_config, update_config);
    inside(&mut base.rollback_config, next.rollback_config, update_config);
    inside(&mut base.resources.limits, next.resources.limits, limits);
    inside(&mut base.resources.reservations, next.resources.reservations, reservations);
    inside(&mut base.restart_policy, next.restart_policy, restart_policy);
    let placement = &mut base.placement;
    placement.constraints.extend(next.placement.constraints);
    placement.preferences.extend(next.placement.preferences);
    later_unless(&mut placement.max_replicas_per_node, next.placement.max_replicas_per_node, |n| *n == 0);
}

fn update_config(base: &mut UpdateConfig, next: UpdateConfig) {
    later(&mut base.parallelism, next.parallelism);
    later_unless(&mut base.delay, next.delay, |d| *d == Nanos(0));
    later_text(&mut base.failure_action, next.failure_action);
    later_unless(&mut base.monitor, next.monitor, |d| *d == Nanos(0));
    later_unless(&mut base.max_failure_ratio, next.max_failure_ratio, |r| *r == 0.0);
    later_text(&mut base.order, next.order);
}

fn restart_policy(base: &mut RestartPolicy, next: RestartPolicy) {
    later_text(&mut base.condition, next.condition);
    later_unless(&mut base.delay, next.delay, |d| *d == Nanos(0));
    later(&mut base.max_attempts, next.max_attempts);
    later_unless(&mut base.window, next.window, |d| *d == Nanos(0));
}

fn limits(base: &mut Limits, next: Limits) {
    later(&mut base.nano_cpus, next.nano_cpus);
    later_unless(&mut base.memory, next.memory, |b| b.0 == 0);
    later_unless(&mut base.pids, next.pids, |n| *n == 0);
}

fn reservations(base: &mut Reservations, next: Reservations) {
    later(&mut base.nano_cpus, next.nano_cpus);
    later_unless(&mut base.memory, next.memory, |b| b.0 == 0);
    base.generic.extend(next.generic);
}
