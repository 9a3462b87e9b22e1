//! Counting the tasks of a service, by its mode.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::expectation::constraints;
use super::sighting::Sighting;
use super::{Expectation, Observation, Slot, eligible};
use crate::swarm::{LiveService, NodeState, ServiceMode, Task, TaskState};

/// The counts of one observation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub wanted: u64,
    /// Up-to-date tasks that run, or did their work.
    pub running: u64,
    /// Those that ran for `monitor`, or did their work.
    pub held: u64,
    /// Tasks that swarm still means to run, of any version.
    pub active: u64,
    /// Tasks of the version before that run.
    pub old: u64,
    /// Everything wanted holds and nothing is too much.
    pub settled: bool,
    /// Slots in which nothing runs or will.
    pub dead: BTreeSet<Slot>,
}

/// What the counting needs to know.
pub(super) struct Counting<'a> {
    pub expectation: &'a Expectation,
    pub observation: &'a Observation<'a>,
    pub service: &'a LiveService,
    pub seen: &'a BTreeMap<String, Sighting>,
}

impl Counting<'_> {
    /// Counts by the mode that is live: after a rollback that is the one before.
    pub fn tally(&self, monitor: SignedDuration) -> Tally {
        match self.service.mode() {
            ServiceMode::Replicated { replicas } => self.replicated(replicas, monitor),
            ServiceMode::Global => self.global(monitor),
            ServiceMode::ReplicatedJob { completions, .. } => self.replicated_job(completions),
            ServiceMode::GlobalJob => self.global_job(),
        }
    }

    fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.observation.tasks.iter().copied()
    }

    fn current(&self, task: &Task) -> bool {
        self.observation.is_up_to_date(task)
    }

    fn runs(&self, task: &Task) -> bool {
        task.state == TaskState::Running && task.desired == TaskState::Running && self.on_ready_node(task)
    }

    /// A task on a node that is down still says `running`.
    fn on_ready_node(&self, task: &Task) -> bool {
        let nodes = &self.observation.nodes;
        nodes.iter().any(|n| Some(&n.id) == task.node.as_ref() && n.state == NodeState::Ready)
    }

    fn holds(&self, task: &Task, monitor: SignedDuration) -> bool {
        self.runs(task) && self.seen.get(&task.id).is_some_and(|s| s.held(self.observation.now) >= monitor)
    }

    /// A one-shot task that exited 0.
    fn did_its_work(&self, task: &Task) -> bool {
        self.expectation.one_shot()
            && task.state == TaskState::Complete
            && task.exit_code.unwrap_or_default() == 0
            && self.current(task)
    }

    fn slots(&self, global: bool) -> BTreeMap<Slot, Vec<&Task>> {
        let mut slots: BTreeMap<Slot, Vec<&Task>> = BTreeMap::new();
        for task in self.tasks() {
            slots.entry(Slot::of(task, global)).or_default().push(task);
        }
        slots
    }

    fn count(&self, tasks: &[&Task], monitor: SignedDuration, into: &mut Tally) {
        let active = tasks.iter().filter(|t| is_active(t)).count() as u64;
        let old = tasks.iter().filter(|t| !self.current(t) && self.runs(t)).count() as u64;
        let runs = tasks.iter().any(|t| self.current(t) && self.runs(t));
        let holds = tasks.iter().any(|t| self.current(t) && self.holds(t, monitor));
        let did = active == 0 && newest(tasks).is_some_and(|t| self.did_its_work(t));
        into.active += active;
        into.old += old;
        into.running += u64::from(runs || did);
        into.held += u64::from(holds || did);
    }

    fn replicated(&self, wanted: u64, monitor: SignedDuration) -> Tally {
        let mut tally = Tally { wanted, ..Tally::default() };
        for (slot, tasks) in self.slots(false) {
            self.count(&tasks, monitor, &mut tally);
            self.note_dead(slot, &tasks, &mut tally);
        }
        tally.running = tally.running.min(wanted);
        tally.held = tally.held.min(wanted);
        tally.settled = tally.held == wanted && tally.active <= wanted;
        tally
    }

    fn global(&self, monitor: SignedDuration) -> Tally {
        let mut tally = Tally::default();
        let constraints = constraints(&self.service.spec);
        let mut slots = self.slots(true);
        for node in self.observation.nodes {
            let tasks = slots.remove(&Slot::Node(node.id.clone())).unwrap_or_default();
            if eligible(node, &constraints) {
                tally.wanted += 1;
                self.count(&tasks, monitor, &mut tally);
                self.note_dead(Slot::Node(node.id.clone()), &tasks, &mut tally);
            }
        }
        tally.settled = tally.held == tally.wanted;
        tally
    }

    fn replicated_job(&self, wanted: u64) -> Tally {
        let mut tally = Tally { wanted, ..Tally::default() };
        for (slot, tasks) in self.slots(false) {
            let tasks: Vec<_> = tasks.into_iter().filter(|t| self.this_run(t)).collect();
            self.count_job(slot, &tasks, &mut tally);
        }
        tally.settled = tally.held >= wanted;
        tally
    }

    fn global_job(&self) -> Tally {
        let mut tally = Tally::default();
        let constraints = constraints(&self.service.spec);
        let mut slots = self.slots(true);
        for node in self.observation.nodes {
            let slot = Slot::Node(node.id.clone());
            let tasks = slots.remove(&slot).unwrap_or_default();
            let tasks: Vec<_> = tasks.into_iter().filter(|t| self.this_run(t)).collect();
            if eligible(node, &constraints) || !tasks.is_empty() {
                tally.wanted += 1;
                self.count_job(slot, &tasks, &mut tally);
            }
        }
        tally.settled = tally.held >= tally.wanted;
        tally
    }

    fn count_job(&self, slot: Slot, tasks: &[&Task], into: &mut Tally) {
        let done = tasks.iter().any(|t| t.desired == TaskState::Complete && t.state == TaskState::Complete);
        let active = tasks.iter().filter(|t| is_active(t)).count() as u64;
        into.active += active;
        into.held += u64::from(done);
        into.running += u64::from(done || tasks.iter().any(|t| t.state == TaskState::Running));
        if !done && active == 0 && !tasks.is_empty() {
            into.dead.insert(slot);
        }
    }

    /// Each write of a job starts another run of it.
    fn this_run(&self, task: &Task) -> bool {
        task.job_iteration.unwrap_or_default() == self.service.job_iteration.unwrap_or_default()
    }

    fn note_dead(&self, slot: Slot, tasks: &[&Task], into: &mut Tally) {
        let over = newest(tasks).is_some_and(|t| t.state.is_over() && self.current(t) && !self.did_its_work(t));
        if over && !tasks.iter().any(|t| is_active(t)) {
            into.dead.insert(slot);
        }
    }
}

/// Swarm means it to run (or to complete), and it can.
fn is_active(task: &Task) -> bool {
    matches!(task.desired, TaskState::Ready | TaskState::Running | TaskState::Complete) && !task.state.is_over()
}

fn newest<'a>(tasks: &[&'a Task]) -> Option<&'a Task> {
    tasks.iter().copied().max_by_key(|t| (t.created.unwrap_or(Timestamp::MIN), !t.state.is_over()))
}
