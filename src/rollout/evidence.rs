//! What went wrong, kept as it happens: swarm keeps few tasks a slot, and a rollback discards them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::{Observation, Remains, Slot, Witness, hopeless, slot};
use crate::swarm::{Task, TaskState};

/// The first failure of one slot.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskFailure {
    /// Task id.
    pub task: String,
    /// `web.2`.
    pub name: String,
    /// Host name.
    pub node: Option<String>,
    pub state: TaskState,
    /// `None` where nothing was started.
    pub exit_code: Option<i64>,
    /// `Status.Err`.
    pub error: String,
    /// `Status.Message`.
    pub message: String,
    /// When it ended, by its node's clock.
    pub at: Option<Timestamp>,
    /// How long it ran, where that was seen.
    pub ran: Option<SignedDuration>,
    /// Tasks of this slot that failed so far.
    pub attempts: u64,
    /// It ended, and its health check had not succeeded.
    pub unhealthy: bool,
    /// Swarm never called it running.
    pub never_ran: bool,
    /// Its last log lines, where they could be read.
    pub log: Vec<String>,
    /// What is left of its container, where that is on the node that we speak to.
    pub container: Option<Remains>,
}

/// What a failure comes from, as far as swarm's words tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    Image,
    Mount,
    /// The program cannot be started.
    Program,
    Unhealthy,
    OutOfMemory,
    /// It ended by itself.
    Exit,
    /// Nothing was started, and swarm says why.
    Other,
}

impl TaskFailure {
    pub fn cause(&self) -> Cause {
        match hopeless::classify(self.state, &self.error) {
            Some(hopeless::Class::Image) => return Cause::Image,
            Some(hopeless::Class::Mount) => return Cause::Mount,
            Some(hopeless::Class::Execute) => return Cause::Program,
            None => {}
        }
        if self.out_of_memory() {
            Cause::OutOfMemory
        } else if self.unhealthy {
            Cause::Unhealthy
        } else if matches!(self.state, TaskState::Failed | TaskState::Complete) {
            Cause::Exit
        } else {
            Cause::Other
        }
    }

    fn out_of_memory(&self) -> bool {
        self.container.as_ref().is_some_and(|c| c.out_of_memory)
    }

    /// A few words: `exit 7 after 2s`, `rejected: No such image: x`.
    pub fn summary(&self) -> String {
        let exit = self.exit_code.filter(|_| self.state != TaskState::Rejected);
        let ran = self.ran.map(|d| format!(" after {}s", d.as_secs())).unwrap_or_default();
        let hint = match exit {
            _ if self.out_of_memory() => " (killed: out of memory)",
            Some(137) if self.unhealthy => "",
            Some(137) => " (killed: out of memory, or too slow to stop)",
            Some(139) => " (segmentation fault)",
            Some(143) => " (stopped by a signal)",
            Some(127) => " (program not found)",
            Some(126) => " (program cannot be run)",
            _ => "",
        };
        match exit {
            // Swarm repeats the code in words; a task that never started has an error worth reading.
            Some(code) if self.error.is_empty() || self.error.starts_with("task: non-zero exit") => {
                let health = match self.unhealthy {
                    true if self.error.contains("unhealthy") => ", its health check failed",
                    true => ", before its health check succeeded",
                    false => "",
                };
                format!("exit {code}{ran}{hint}{health}")
            }
            Some(code) => format!("{} (exit {code}{hint})", self.error),
            None if self.error.is_empty() => format!("{}{ran}", self.state.as_str()),
            None => format!("{}: {}", self.state.as_str(), self.error),
        }
    }

    /// Nothing could be found out about it.
    fn is_mute(&self) -> bool {
        self.log.is_empty() && self.container.is_none()
    }

    /// Failures with the same key are one failure to a person.
    fn key(&self) -> (TaskState, Option<i64>, String) {
        (self.state, self.exit_code, self.error.replace(&self.task, "…"))
    }
}

/// How far a task came before it ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Waited {
    /// Swarm called it running.
    pub ran: bool,
    /// Its health check did not succeed, as far as that can be told.
    pub for_health: bool,
}

/// Failures that are the same but for their task.
#[derive(Clone, Debug, PartialEq)]
pub struct FailureGroup {
    /// The first one seen, or the first whose log could be read.
    pub example: TaskFailure,
    /// `web.2`, `web.5`, …
    pub names: Vec<String>,
    /// Tasks, restarts counted.
    pub tasks: u64,
}

/// Everything that went wrong with one service.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    first: BTreeMap<Slot, TaskFailure>,
    counted: BTreeSet<String>,
    asked: Vec<(TaskState, Option<i64>, String)>,
}

impl Evidence {
    /// Takes note of a failed task. `Some` for the first of its slot; with `true` where its log is worth reading.
    pub(super) fn add(
        &mut self,
        key: &str,
        place: Slot,
        task: &Task,
        ran: Option<SignedDuration>,
        waited: Waited,
        observation: &Observation<'_>,
    ) -> Option<(TaskFailure, bool)> {
        if !self.counted.insert(task.id.clone()) {
            return None;
        }
        if let Some(first) = self.first.get_mut(&place) {
            first.attempts += 1;
            return None;
        }
        let failure = TaskFailure {
            task: task.id.clone(),
            name: slot::display(key, task, observation),
            node: observation.node_name(task),
            state: task.state,
            exit_code: task.exit_code.filter(|_| task.state != TaskState::Rejected),
            error: task.error.clone(),
            message: task.message.clone(),
            at: task.since,
            ran,
            attempts: 1,
            unhealthy: task.error.contains("unhealthy") || (task.state == TaskState::Complete && waited.for_health),
            never_ran: !waited.ran,
            log: Vec::new(),
            container: None,
        };
        let group = failure.key();
        let fresh = task.container.is_some() && !self.asked.contains(&group);
        if fresh {
            self.asked.push(group);
        }
        self.first.insert(place, failure.clone());
        Some((failure, fresh))
    }

    pub(super) fn attach(&mut self, task: &str, witness: Witness) {
        if let Some(failure) = self.first.values_mut().find(|f| f.task == task) {
            // The engine knows whether there is a health check; without its word that was a guess.
            if let (Some(container), TaskState::Complete) = (&witness.container, failure.state) {
                failure.unhealthy = container.probed && failure.never_ran;
            }
            (failure.log, failure.container) = (witness.log, witness.container);
        }
    }

    /// Tasks that failed.
    pub fn count(&self) -> u64 {
        self.counted.len() as u64
    }

    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// The first failure of each slot.
    pub fn failures(&self) -> impl Iterator<Item = &TaskFailure> {
        self.first.values()
    }

    /// Equal failures together, the most frequent first.
    pub fn groups(&self) -> Vec<FailureGroup> {
        let mut groups: Vec<FailureGroup> = Vec::new();
        for failure in self.first.values() {
            match groups.iter_mut().find(|g| g.example.key() == failure.key()) {
                Some(group) => {
                    if group.example.is_mute() && !failure.is_mute() {
                        group.example = failure.clone();
                    }
                    group.names.push(failure.name.clone());
                    group.tasks += failure.attempts;
                }
                None => groups.push(FailureGroup {
                    names: vec![failure.name.clone()],
                    tasks: failure.attempts,
                    example: failure.clone(),
                }),
            }
        }
        groups.sort_by_key(|g| std::cmp::Reverse(g.tasks));
        groups
    }
}
