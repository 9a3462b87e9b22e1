//! What a change does to running tasks, and how long it takes at least.

use serde_json::Value;

use super::constraint::Constraint;
use super::{Action, Health, Impact};
use crate::swarm::{Availability, LiveService, Node, NodeState, ServiceMode, Snapshot, TaskState};

const SECOND: u64 = 1_000_000_000;
/// Swarm waits this long before it stops a task that is on an overlay network.
const GOSSIP: u64 = 2 * SECOND;
/// Interval of health checks that name none.
const PROBE: u64 = 30 * SECOND;

/// How a service fares now.
pub(super) fn health(live: &LiveService, snapshot: &Snapshot) -> Health {
    let counted = snapshot.tasks_of(&live.id).filter(|t| is_running(t)).count() as u64;
    Health {
        running: live.running.unwrap_or(counted),
        desired: live.wanted.unwrap_or_else(|| wanted_tasks(&live.spec, snapshot)),
        update_state: live.update.as_ref().map(|u| u.state.as_str().to_owned()),
    }
}

fn is_running(task: &crate::swarm::Task) -> bool {
    task.state == TaskState::Running && task.desired == TaskState::Running
}

/// Tasks that a spec asks for.
pub(super) fn wanted_tasks(spec: &Value, snapshot: &Snapshot) -> u64 {
    match ServiceMode::of(spec) {
        ServiceMode::Replicated { replicas } => replicas,
        ServiceMode::ReplicatedJob { completions, .. } => completions,
        ServiceMode::Global | ServiceMode::GlobalJob => {
            let constraints = constraints(spec);
            let takes = |n: &&Node| can_take_tasks(n) && constraints.iter().all(|c| c.allows(n));
            snapshot.nodes.iter().filter(takes).count() as u64
        }
    }
}

pub(super) fn can_take_tasks(node: &Node) -> bool {
    node.state == NodeState::Ready && node.availability == Availability::Active
}

/// Those that swarm can read.
pub(super) fn constraints(spec: &Value) -> Vec<Constraint> {
    let list = spec.pointer("/TaskTemplate/Placement/Constraints").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|c| Constraint::parse(c.as_str()?).ok()).collect()
}

/// Running tasks whose node no longer qualifies.
pub(super) fn displaced(live: &LiveService, spec: &Value, snapshot: &Snapshot) -> u64 {
    let constraints = constraints(spec);
    let stays = |id: &Option<String>| {
        id.as_deref().and_then(|id| snapshot.node(id)).is_some_and(|n| constraints.iter().all(|c| c.allows(n)))
    };
    snapshot.tasks_of(&live.id).filter(|t| is_running(t) && !stays(&t.node)).count() as u64
}

/// Tasks that wait for a place. A write that does not replace them can strand them for ever.
pub(super) fn waiting(live: &LiveService, snapshot: &Snapshot) -> u64 {
    let waits = |t: &&crate::swarm::Task| t.desired == TaskState::Running && t.state <= TaskState::Pending;
    snapshot.tasks_of(&live.id).filter(waits).count() as u64
}

/// The numbers of one change. `displaced` counts for changes of placement alone.
pub(super) fn impact(
    action: Action,
    spec: &Value,
    live: Option<&LiveService>,
    snapshot: &Snapshot,
    only_displaced: Option<u64>,
) -> Impact {
    let before = live.map(|l| health(l, snapshot)).unwrap_or_default();
    let new = wanted_tasks(spec, snapshot);
    let job = matches!(ServiceMode::of(spec), ServiceMode::ReplicatedJob { .. } | ServiceMode::GlobalJob);
    let mut impact = Impact::default();
    match action {
        Action::Create => impact.tasks_started = new,
        Action::Update => {}
        Action::Remove => {
            impact.tasks_stopped = before.running;
            impact.downtime = before.running > 0;
        }
        Action::Recreate => {
            (impact.tasks_stopped, impact.tasks_started) = (before.running, new);
            impact.downtime = true;
        }
        Action::Scale | Action::Restart => {
            impact.tasks_stopped = before.running.saturating_sub(new);
            impact.tasks_started = new.saturating_sub(before.desired);
            if job {
                (impact.tasks_stopped, impact.tasks_started) = (before.running, new);
            } else if action == Action::Restart {
                let all = before.running.min(new);
                impact.tasks_restarted = only_displaced.map_or(all, |n| n.min(all));
                impact.downtime = all_at_once(spec, impact.tasks_restarted, all) && !start_first(spec);
            }
        }
    }
    impact.min_seconds = least_time(action, spec, &impact, snapshot, job).div_ceil(SECOND);
    impact
}

fn number(spec: &Value, pointer: &str) -> Option<u64> {
    spec.pointer(pointer).and_then(Value::as_u64)
}

pub(super) fn start_first(spec: &Value) -> bool {
    spec.pointer("/UpdateConfig/Order").is_some_and(|o| o == "start-first")
}

/// Tasks replaced at once; all where the spec says 0.
fn parallelism(spec: &Value, tasks: u64) -> u64 {
    let written = spec.get("UpdateConfig").filter(|c| c.is_object());
    match written.map(|c| c.get("Parallelism").and_then(Value::as_u64).unwrap_or(0)) {
        None => 1,
        Some(0) => tasks.max(1),
        Some(n) => n,
    }
}

fn all_at_once(spec: &Value, restarted: u64, serving: u64) -> bool {
    serving > 0 && restarted.min(parallelism(spec, restarted)) >= serving
}

/// `ceil(D/P) × (delay + gossip + first probe) + monitor`, in nanoseconds.
fn least_time(action: Action, spec: &Value, impact: &Impact, snapshot: &Snapshot, job: bool) -> u64 {
    if job {
        return 0;
    }
    let monitor = number(spec, "/UpdateConfig/Monitor").filter(|m| *m > 0).unwrap_or(5 * SECOND);
    let probe = first_probe(spec, snapshot);
    if impact.tasks_restarted > 0 {
        let delay = number(spec, "/UpdateConfig/Delay").unwrap_or(0);
        let gossip = if start_first(spec) || !networked(spec) { 0 } else { GOSSIP };
        let rounds = impact.tasks_restarted.div_ceil(parallelism(spec, impact.tasks_restarted));
        let last = if delay < monitor { monitor } else { delay + SECOND };
        return rounds.saturating_mul(delay + gossip + probe).saturating_add(last);
    }
    let starts = impact.tasks_started > 0 && matches!(action, Action::Create | Action::Scale | Action::Restart);
    match (starts, action) {
        (true, _) => probe + monitor,
        (false, Action::Recreate) => GOSSIP + probe + monitor,
        _ => 0,
    }
}

fn networked(spec: &Value) -> bool {
    let networks = spec.pointer("/TaskTemplate/Networks").and_then(Value::as_array).into_iter().flatten();
    networks.filter_map(|n| n.get("Target")?.as_str()).any(|t| !matches!(t, "host" | "bridge" | "none"))
}

/// A task counts as running after its first good health check.
fn first_probe(spec: &Value, snapshot: &Snapshot) -> u64 {
    let Some(check) = spec.pointer("/TaskTemplate/ContainerSpec/Healthcheck") else { return 0 };
    let test = check.get("Test").and_then(Value::as_array).and_then(|t| t.first()).and_then(Value::as_str);
    if matches!(test, None | Some("NONE")) {
        return 0;
    }
    let time = |key: &str| check.get(key).and_then(Value::as_u64).filter(|n| *n > 0);
    let interval = time("Interval").unwrap_or(PROBE);
    if super::preflight::api_at_least(&snapshot.cluster.api_version, (1, 44)) && time("StartPeriod").is_some() {
        return interval.min(time("StartInterval").unwrap_or(5 * SECOND));
    }
    interval
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::fixture::{put, snapshot, wanted};

    #[test]
    fn a_lower_bound_by_the_formula() {
        let base = wanted("web", &[("/Mode/Replicated/Replicas", json!(5))]);
        let live = snapshot(std::slice::from_ref(&base));
        for (changes, seconds) in [
            (vec![], 5 * 2 + 5),
            (
                vec![("/UpdateConfig", json!({"Parallelism": 2, "Delay": 10 * SECOND, "Monitor": 30 * SECOND}))],
                3 * 12 + 30,
            ),
            (vec![("/UpdateConfig", json!({"Parallelism": 0, "Monitor": SECOND, "Order": "start-first"}))], 1),
            (vec![("/UpdateConfig", json!({"Parallelism": 5, "Delay": 6 * SECOND}))], 8 + 7),
            (
                vec![("/TaskTemplate/ContainerSpec/Healthcheck", json!({"Test": ["CMD", "x"], "Interval": SECOND}))],
                5 * 3 + 5,
            ),
        ] {
            let mut spec = base.spec.clone();
            changes.iter().for_each(|(pointer, value)| put(&mut spec, pointer, value.clone()));
            let impact = impact(Action::Restart, &spec, live.services.first(), &live, None);
            assert_eq!((impact.tasks_restarted, impact.min_seconds), (5, seconds), "{changes:?}");
        }
    }

    #[test]
    fn scaling_while_restarting() {
        let base = wanted("web", &[("/Mode/Replicated/Replicas", json!(8))]);
        let live = snapshot(std::slice::from_ref(&base));
        for (replicas, restarted, stopped, started) in [(5, 5, 3, 0), (8, 8, 0, 0), (10, 8, 0, 2)] {
            let mut spec = base.spec.clone();
            put(&mut spec, "/Mode/Replicated/Replicas", json!(replicas));
            let i = impact(Action::Restart, &spec, live.services.first(), &live, None);
            assert_eq!((i.tasks_restarted, i.tasks_stopped, i.tasks_started), (restarted, stopped, started));
        }
    }
}
