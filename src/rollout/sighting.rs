//! What was seen of one task, and since when it runs.

use jiff::{SignedDuration, Timestamp};

use crate::swarm::{Task, TaskState};

/// What was seen of one task so far.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sighting {
    pub state: TaskState,
    /// The last look at which it did not run yet.
    not_running: Option<Timestamp>,
    /// When it began to run, by the swarm's clock as near as can be told.
    pub running_since: Option<Timestamp>,
    /// It was told to people that it held.
    pub told_held: bool,
}

impl Sighting {
    pub fn new(task: &Task, now: Timestamp) -> Self {
        let mut sighting = Self { state: task.state, not_running: None, running_since: None, told_held: false };
        sighting.look(task, now);
        sighting
    }

    /// Takes another look. A node's clock may be wrong: its word counts only between the looks that bracket it.
    pub fn look(&mut self, task: &Task, now: Timestamp) {
        self.state = task.state;
        if task.state < TaskState::Running {
            self.not_running = Some(now);
        } else if task.state == TaskState::Running && self.running_since.is_none() {
            let earliest = self.not_running.max(task.created).unwrap_or(Timestamp::MIN).min(now);
            self.running_since = Some(task.since.unwrap_or(now).clamp(earliest, now));
        }
    }

    /// How long it has been running.
    pub fn held(&self, now: Timestamp) -> SignedDuration {
        self.running_since.map_or(SignedDuration::ZERO, |since| now.duration_since(since))
    }
}
