//! `status`: how a stack is, worst first.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::{ago_between, natural_cmp, node_name, short_image, task_name};
use crate::swarm::{LiveService, Node, ServiceMode, Task, TaskState, UpdateState, unscoped};

/// How a service is, from worst to best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    /// Its tasks fail, and nothing runs.
    Down,
    /// Swarm stopped an update in the middle.
    Paused,
    /// Fewer run than wanted, and some failed.
    Failing,
    /// Fewer run than wanted, none has failed.
    Starting,
    Updating,
    /// The last update was taken back; what ran before runs.
    RolledBack,
    Healthy,
    /// A job that is done, or a service of no tasks.
    Done,
    Idle,
}

impl Health {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Paused => "paused",
            Self::Failing => "failing",
            Self::Starting => "starting",
            Self::Updating => "updating",
            Self::RolledBack => "rolled back",
            Self::Healthy => "healthy",
            Self::Done => "done",
            Self::Idle => "idle",
        }
    }

    /// Somebody should look.
    pub fn is_bad(self) -> bool {
        self < Self::Starting
    }
}

/// Tasks of one service that say the same is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The newest of them: `web.2`, or the service where tasks have no slots.
    pub task: String,
    pub node: String,
    /// `failed`, `rejected`, `pending`.
    pub state: TaskState,
    pub since: Option<Timestamp>,
    pub error: String,
    /// How many tasks say so.
    pub tasks: usize,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceStatus {
    /// Without the stack's name.
    pub name: String,
    pub mode: &'static str,
    pub running: u64,
    /// Tasks that should run; for a job, completions.
    pub wanted: u64,
    pub health: Health,
    pub image: String,
    /// Its state and when it got there.
    pub update: Option<(UpdateState, Option<Timestamp>)>,
    /// Swarm's words about an update that stopped.
    pub update_message: String,
    pub troubles: Vec<Trouble>,
}

/// A stack, worst services first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackStatus {
    pub stack: String,
    pub services: Vec<ServiceStatus>,
}

impl StackStatus {
    /// Tasks that run, and that should.
    pub fn tasks(&self) -> (u64, u64) {
        self.services.iter().fold((0, 0), |(running, wanted), s| (running + s.running, wanted + s.wanted))
    }

    pub fn bad(&self) -> usize {
        self.services.iter().filter(|s| s.health.is_bad()).count()
    }
}

/// Shapes what the engine said about one stack.
pub fn status(stack: &str, services: &[LiveService], tasks: &[Task], nodes: &[Node]) -> StackStatus {
    let one = |service: &LiveService| {
        let own: Vec<&Task> = tasks.iter().filter(|t| t.service == service.id).collect();
        service_status(stack, service, &own, nodes)
    };
    let mut rows: Vec<ServiceStatus> = services.iter().map(one).collect();
    rows.sort_by(|a, b| a.health.cmp(&b.health).then_with(|| natural_cmp(&a.name, &b.name)));
    StackStatus { stack: stack.to_owned(), services: rows }
}

fn service_status(stack: &str, service: &LiveService, tasks: &[&Task], nodes: &[Node]) -> ServiceStatus {
    let name = unscoped(stack, &service.name).to_owned();
    let live = service.running.unwrap_or_default();
    let (running, wanted) = match service.mode() {
        ServiceMode::ReplicatedJob { completions, .. } => (service.completed.unwrap_or_default(), completions),
        ServiceMode::GlobalJob => {
            let completed = service.completed.unwrap_or_default();
            (completed, completed + service.wanted.unwrap_or_default())
        }
        _ => (live, service.wanted.unwrap_or_default()),
    };
    let settled = running >= wanted && !is_updating(service);
    let troubles = if settled { Vec::new() } else { troubles(&name, tasks, nodes) };
    let update = service.update.as_ref();
    ServiceStatus {
        mode: service.mode().as_str(),
        health: health(service, running, wanted, &troubles),
        image: short_image(service.image()),
        update: update.map(|u| (u.state.clone(), u.completed.or(u.started))),
        update_message: update
            .filter(|u| matches!(u.state, UpdateState::Paused | UpdateState::RollbackPaused))
            .map(|u| u.message.clone())
            .unwrap_or_default(),
        name,
        running,
        wanted,
        troubles,
    }
}

fn is_updating(service: &LiveService) -> bool {
    let state = service.update.as_ref().map(|u| &u.state);
    matches!(state, Some(UpdateState::Updating | UpdateState::RollbackStarted))
}

fn health(service: &LiveService, running: u64, wanted: u64, troubles: &[Trouble]) -> Health {
    let job = matches!(service.mode(), ServiceMode::ReplicatedJob { .. } | ServiceMode::GlobalJob);
    let failed = troubles.iter().any(|t| t.state.is_over() || !t.error.is_empty());
    let state = service.update.as_ref().map(|u| &u.state);
    match state {
        Some(UpdateState::Paused | UpdateState::RollbackPaused) => Health::Paused,
        _ if running < wanted && failed && running == 0 && !job => Health::Down,
        _ if running < wanted && failed => Health::Failing,
        Some(UpdateState::Updating | UpdateState::RollbackStarted) => Health::Updating,
        _ if running < wanted => Health::Starting,
        _ if job => Health::Done,
        _ if wanted == 0 => Health::Idle,
        Some(UpdateState::RollbackCompleted) => Health::RolledBack,
        _ => Health::Healthy,
    }
}

/// What keeps slots from running: of each slot that does not run, the newest task with an error, same errors together.
fn troubles(service: &str, tasks: &[&Task], nodes: &[Node]) -> Vec<Trouble> {
    let mut slots: BTreeMap<(Option<u64>, Option<&str>), Vec<&Task>> = BTreeMap::new();
    for task in tasks {
        // A task without a slot is its node's, and waits for none while it has no node.
        let node = if task.slot.is_none() { task.node.as_deref() } else { None };
        slots.entry((task.slot, node)).or_default().push(task);
    }
    let mut found: Vec<Trouble> = Vec::new();
    for slot in slots.values_mut() {
        slot.sort_by_key(|t| std::cmp::Reverse(t.created));
        if slot.iter().any(|t| matches!(t.state, TaskState::Running | TaskState::Complete)) {
            continue;
        }
        let Some(task) = slot.iter().find(|t| !t.error.is_empty()).or_else(|| slot.first()) else { continue };
        let id = task.node.as_deref().unwrap_or_default();
        let trouble = Trouble {
            task: task.slot.map_or_else(|| service.to_owned(), |_| task_name(service, task)),
            node: nodes.iter().find(|n| n.id == id).map_or(id, node_name).to_owned(),
            state: task.state,
            since: task.since,
            error: words(task),
            tasks: 1,
        };
        match found.iter_mut().find(|t| t.state == trouble.state && t.error == trouble.error) {
            Some(same) => {
                let tasks = same.tasks + 1;
                if trouble.since > same.since {
                    *same = trouble;
                }
                same.tasks = tasks;
            }
            None => found.push(trouble),
        }
    }
    found.sort_by_key(|t| std::cmp::Reverse(t.tasks));
    found
}

/// A task's error on one line.
fn words(task: &Task) -> String {
    task.error.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}

impl Trouble {
    /// `web.2 failed 9 seconds ago on node-1: task: non-zero exit (3)  (2 tasks)`
    pub fn line(&self, now: Timestamp) -> String {
        let when = ago_between(self.since, now).map(|ago| format!(" {ago}")).unwrap_or_default();
        let place = if self.node.is_empty() { String::new() } else { format!(" on {}", self.node) };
        let error = if self.error.is_empty() { String::new() } else { format!(": {}", self.error) };
        let more = if self.tasks > 1 { format!("  ({} tasks)", self.tasks) } else { String::new() };
        format!("{} {}{when}{place}{error}{more}", self.task, self.state.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, node, service, task};
    use super::*;
    use crate::swarm::UpdateStatus;

    fn failed(id: &str, slot: u64, ago: i64) -> Task {
        let mut one = task(id, "id-s_web", slot, "n1");
        (one.state, one.desired, one.since) = (TaskState::Failed, TaskState::Shutdown, Some(at(ago)));
        one.error = "task: non-zero exit (3)".into();
        one
    }

    fn one(service: LiveService, tasks: &[Task]) -> ServiceStatus {
        status("s", &[service], tasks, &[node("n1")]).services.remove(0)
    }

    fn with_update(state: UpdateState) -> LiveService {
        let mut web = service("s_web");
        web.update =
            Some(UpdateStatus { state, started: Some(at(60)), completed: None, message: "update paused".into() });
        web
    }

    #[test]
    fn the_worst_stands_first() {
        let (mut down, mut starting) = (service("s_web"), service("s_slow"));
        (down.running, starting.running) = (Some(0), Some(0));
        let whole = status("s", &[service("s_ok"), starting, down], &[failed("t", 1, 9)], &[node("n1")]);
        let shown: Vec<_> = whole.services.iter().map(|s| (s.name.as_str(), s.health)).collect();
        assert_eq!(shown, [("web", Health::Down), ("slow", Health::Starting), ("ok", Health::Healthy)]);
        assert_eq!((whole.tasks(), whole.bad()), ((1, 3), 1));
    }

    #[test]
    fn same_errors_are_said_once() {
        let mut web = service("s_web");
        (web.running, web.wanted) = (Some(1), Some(3));
        let tasks = [failed("a", 1, 20), failed("b", 2, 9), task("c", "id-s_web", 3, "n1")];
        let shown = one(web, &tasks);
        assert_eq!((shown.health, shown.troubles.len()), (Health::Failing, 1));
        assert_eq!(
            shown.troubles[0].line(at(0)),
            "web.2 failed 9 seconds ago on host-n1: task: non-zero exit (3)  (2 tasks)"
        );
    }

    #[test]
    fn updates_show() {
        let paused = one(with_update(UpdateState::Paused), &[]);
        assert_eq!((paused.health, paused.update_message.as_str()), (Health::Paused, "update paused"));
        assert_eq!(one(with_update(UpdateState::Updating), &[]).health, Health::Updating);
        assert_eq!(one(with_update(UpdateState::RollbackCompleted), &[]).health, Health::RolledBack);
        let done = one(with_update(UpdateState::Completed), &[]);
        assert_eq!((done.health, done.update_message.as_str()), (Health::Healthy, ""));
    }

    #[test]
    fn jobs_count_completions() {
        let mut job = service("s_job");
        job.spec_mut()["Mode"] = serde_json::json!({"ReplicatedJob": {"MaxConcurrent": 1, "TotalCompletions": 2}});
        (job.running, job.wanted, job.completed) = (Some(0), Some(0), Some(2));
        let shown = one(job, &[]);
        assert_eq!((shown.running, shown.wanted, shown.health), (2, 2, Health::Done));
    }

    #[test]
    fn what_waits_says_why() {
        let mut web = service("s_web");
        web.running = Some(0);
        let mut waiting = task("a", "id-s_web", 1, "");
        (waiting.state, waiting.error) = (TaskState::Pending, "no suitable node".into());
        let shown = one(web, &[waiting]);
        assert_eq!(shown.troubles[0].line(at(0)), "web.1 pending 5 seconds ago: no suitable node");
        assert_eq!(shown.health, Health::Down);
    }
}
