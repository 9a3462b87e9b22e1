//! What a change does to running tasks, and how long it takes at least.

use serde_json::Value;

use super::constraint::Constraint;
use super::shape::{GOSSIP, Rollout, SECOND, Tasks, batch, first_probe, monitor, start_first};
use super::{Action, Health, Impact};
use crate::swarm::{Availability, LiveService, Lookup, Members, Node, NodeState, ServiceMode, TaskState, UpdateState};

/// How a service fares now.
pub(super) fn health(live: &LiveService, snapshot: &Lookup) -> Health {
    let counted = snapshot.tasks_of(&live.id).filter(|t| is_running(t)).count() as u64;
    Health {
        running: live.running.unwrap_or(counted),
        desired: live.wanted.unwrap_or_else(|| wanted_tasks(&live.spec, snapshot)),
        update_state: live.update.as_ref().map(|u| u.state.as_str().to_owned()),
        going_for: going_for(live, snapshot),
    }
}

fn going_for(live: &LiveService, snapshot: &Lookup) -> Option<u64> {
    let update = live.update.as_ref()?;
    let goes_on = matches!(update.state, UpdateState::Updating | UpdateState::RollbackStarted);
    let (started, now) = (update.started.filter(|_| goes_on)?, snapshot.taken?);
    u64::try_from(now.duration_since(started).as_secs()).ok()
}

fn is_running(task: &crate::swarm::Task) -> bool {
    task.state == TaskState::Running && task.desired == TaskState::Running
}

/// Tasks that a spec asks for.
pub(super) fn wanted_tasks(spec: &Value, snapshot: &Lookup) -> u64 {
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
    let list = spec.member("/TaskTemplate/Placement/Constraints").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|c| Constraint::parse(c.as_str()?).ok()).collect()
}

/// Running tasks whose node no longer qualifies.
pub(super) fn displaced(live: &LiveService, spec: &Value, snapshot: &Lookup) -> u64 {
    let constraints = constraints(spec);
    let stays = |id: &Option<String>| {
        id.as_deref().and_then(|id| snapshot.node(id)).is_some_and(|n| constraints.iter().all(|c| c.allows(n)))
    };
    snapshot.tasks_of(&live.id).filter(|t| is_running(t) && !stays(&t.node)).count() as u64
}

/// Tasks that wait for a place. A write that does not replace them can strand them for ever.
pub(super) fn waiting(live: &LiveService, snapshot: &Lookup) -> u64 {
    let waits = |t: &&crate::swarm::Task| t.desired == TaskState::Running && t.state <= TaskState::Pending;
    snapshot.tasks_of(&live.id).filter(waits).count() as u64
}

/// What a change of placement does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moved {
    /// Running tasks whose node no longer qualifies.
    pub tasks: u64,
    /// Nothing else of the task changes, so the others stay.
    pub alone: bool,
}

/// The numbers of one change, and its course where tasks are replaced.
pub(super) fn impact(
    action: Action,
    spec: &Value,
    live: Option<&LiveService>,
    snapshot: &Lookup,
    moved: Moved,
) -> (Impact, Option<Rollout>) {
    let before = live.map(|l| health(l, snapshot)).unwrap_or_default();
    let new = wanted_tasks(spec, snapshot);
    let job = matches!(ServiceMode::of(spec), ServiceMode::ReplicatedJob { .. } | ServiceMode::GlobalJob);
    let global = matches!(ServiceMode::of(spec), ServiceMode::Global);
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
        Action::Scale | Action::Restart if global => {
            // A task belongs to its node: where that no longer qualifies it ends, and none takes its place elsewhere.
            impact.tasks_stopped = moved.tasks.min(before.running);
            impact.tasks_started = new.saturating_sub(before.desired.saturating_sub(moved.tasks));
            let all = before.running.saturating_sub(moved.tasks);
            impact.tasks_restarted = if moved.alone { 0 } else { all };
            impact.downtime = all_at_once(spec, impact.tasks_restarted, all) && !start_first(spec);
        }
        Action::Scale | Action::Restart => {
            impact.tasks_stopped = before.running.saturating_sub(new);
            impact.tasks_started = new.saturating_sub(before.desired);
            if job {
                (impact.tasks_stopped, impact.tasks_started) = (before.running, new);
            } else if action == Action::Restart {
                let all = before.running.min(new);
                impact.tasks_restarted = if moved.alone { moved.tasks.min(all) } else { all };
                impact.downtime = all_at_once(spec, impact.tasks_restarted, all) && !start_first(spec);
            }
        }
    }
    let start_interval = knows_start_interval(snapshot);
    let rolled = action == Action::Restart && !job;
    let rollout = rolled.then(|| {
        let tasks = Tasks { running: before.running, wanted: new, replaced: impact.tasks_restarted };
        Rollout::of(spec, tasks, start_interval)
    });
    impact.min_seconds = match &rollout {
        Some(rollout) if impact.tasks_restarted > 0 => rollout.shape.least_ms / 1000,
        _ if job => 0,
        _ => least_start(action, spec, &impact, start_interval) / SECOND,
    };
    (impact, rollout)
}

/// Least time until what is started has stood its monitor, in nanoseconds.
fn least_start(action: Action, spec: &Value, impact: &Impact, start_interval: bool) -> u64 {
    let starts = impact.tasks_started > 0 && matches!(action, Action::Create | Action::Scale | Action::Restart);
    match (starts, action) {
        (true, _) => first_probe(spec, start_interval) + monitor(spec),
        (false, Action::Recreate) => GOSSIP + first_probe(spec, start_interval) + monitor(spec),
        _ => 0,
    }
}

/// Engines before it take a health check's `start_interval` for nothing.
fn knows_start_interval(snapshot: &Lookup) -> bool {
    super::preflight::api_at_least(&snapshot.cluster.api_version, (1, 44))
}

fn all_at_once(spec: &Value, restarted: u64, serving: u64) -> bool {
    serving > 0 && restarted.min(batch(spec, restarted)) >= serving
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
            let (impact, _) =
                impact(Action::Restart, &spec, live.services.first(), &Lookup::new(&live), Moved::default());
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
            let (i, _) = impact(Action::Restart, &spec, live.services.first(), &Lookup::new(&live), Moved::default());
            assert_eq!((i.tasks_restarted, i.tasks_stopped, i.tasks_started), (restarted, stopped, started));
        }
    }
}
