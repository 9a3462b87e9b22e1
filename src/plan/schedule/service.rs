//! A service of the plan as the dry run sees it.

use std::collections::BTreeSet;

use super::demand::Demand;
use super::filter::{Filter, Needs, Site, refuses};
use super::state::Spot;
use crate::plan::{Action, Change, Effect};
use crate::swarm::{ServiceMode, Task, TaskState};

/// One service that the plan writes.
#[derive(Debug)]
pub(super) struct Service {
    /// Compose key.
    pub key: String,
    /// Swarm name.
    pub name: String,
    pub mode: ServiceMode,
    pub wave: u32,
    pub needs: Needs,
    /// Of a task as the plan wants it.
    pub demand: Demand,
    /// Of a task that is there now.
    pub held: Demand,
    /// By node.
    pub sites: Vec<Site>,
    /// `max_replicas_per_node`; 0 is no limit.
    pub most: u64,
    /// Levels of spread preferences that swarm heeds.
    pub levels: usize,
    pub start_first: bool,
    /// Slots replaced at a time; 0 is all.
    pub parallelism: u32,
    /// By node: tasks that stay as they are, and tasks that are replaced.
    pub before: Vec<Before>,
    /// Slots that wait for a node.
    pub homeless: u32,
    /// It starts anew: the tasks that are there end first.
    pub anew: bool,
    pub removed: bool,
    /// The plan does not touch it; some of its tasks wait for a node.
    pub bystander: bool,
}

/// The tasks of a service on one node before the plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Before {
    pub kept: u32,
    pub old: u32,
    /// Slot numbers, for scaling down.
    pub slots: Vec<u64>,
}

/// What a change does to the tasks that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Stay,
    /// Those stay whose node meets the constraints.
    StayWhereAllowed,
    Replaced,
}

pub(super) fn fate(change: &Change) -> Fate {
    let has = |effect: Effect| change.fields.iter().any(|field| field.effect == effect);
    match change.action {
        Action::Restart if has(Effect::ForcesRestart) => Fate::Replaced,
        Action::Restart | Action::Scale | Action::Update if has(Effect::Replacement) => Fate::StayWhereAllowed,
        Action::Restart => Fate::Replaced,
        _ => Fate::Stay,
    }
}

/// A task that its service counts on: swarm wants it, and it has not ended.
pub(super) fn lives(task: &Task) -> bool {
    task.desired <= TaskState::Complete && task.state <= TaskState::Running
}

/// The task has its node and holds room there.
pub(super) fn is_placed(task: &Task) -> bool {
    task.node.is_some() && (TaskState::Assigned..=TaskState::Running).contains(&task.state)
}

impl Service {
    pub fn replicas(&self) -> Option<u64> {
        match self.mode {
            ServiceMode::Replicated { replicas } => Some(replicas),
            ServiceMode::ReplicatedJob { concurrent, completions } => Some(concurrent.min(completions)),
            ServiceMode::Global | ServiceMode::GlobalJob => None,
        }
    }

    pub fn is_job(&self) -> bool {
        matches!(self.mode, ServiceMode::ReplicatedJob { .. } | ServiceMode::GlobalJob)
    }

    /// The first filter that refuses one more task on node `at`.
    pub fn refuses(&self, at: usize, spot: &Spot) -> Option<Filter> {
        let site = self.sites.get(at)?;
        refuses(site, &spot.room, &self.demand, spot.active(), self.most)
    }

    /// Slots that are there: two tasks of one slot are one.
    pub fn slots(&self) -> u64 {
        let numbered: BTreeSet<u64> = self.before.iter().flat_map(|b| b.slots.iter().copied()).collect();
        numbered.len() as u64 + u64::from(self.homeless)
    }

    /// A task that was told to end still matters until it has: it holds room, or the limit per node is looked at again only then.
    pub fn lingers(&self) -> bool {
        !self.held.is_nothing() || self.most > 0
    }

    /// Nothing that it takes can run out, and no node is preferred: swarm only counts its tasks.
    pub fn is_light(&self) -> bool {
        self.demand.is_nothing() && self.most == 0 && self.levels == 0
    }
}
