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
    /// It was once seen to run. A container with a health check runs, to swarm, when that succeeded.
    pub ran: bool,
    /// When its container was first and last seen to be on its way.
    starting: Option<(Timestamp, Timestamp)>,
}

/// A container without a health check is not `starting` for so long.
const STARTS_WITHIN: SignedDuration = SignedDuration::from_secs(5);

impl Sighting {
    pub fn new(task: &Task, now: Timestamp) -> Self {
        let mut sighting = Self {
            state: task.state,
            not_running: None,
            running_since: None,
            told_held: false,
            ran: false,
            starting: None,
        };
        sighting.look(task, now);
        sighting
    }

    /// Takes another look. A node's clock may be wrong: its word counts only between the looks that bracket it.
    pub fn look(&mut self, task: &Task, now: Timestamp) {
        let ran = self.state == TaskState::Running && self.running_since.is_some();
        self.state = task.state;
        self.ran |= task.state == TaskState::Running;
        if task.state == TaskState::Starting {
            let first = self.starting.map_or(now, |(first, _)| first);
            self.starting = Some((first, now));
        }
        if task.state != TaskState::Running {
            self.not_running = Some(now);
        } else if !ran {
            let earliest = self.not_running.max(task.created).unwrap_or(Timestamp::MIN).min(now);
            self.running_since = Some(task.since.unwrap_or(now).clamp(earliest, now));
            self.told_held = false;
        }
    }

    /// It had a container that swarm never called running: a health check that did not succeed, as far as that can be
    /// told without knowing whether there is one.
    pub fn waited_for_health(&self, probed: bool) -> bool {
        let long = self.starting.is_some_and(|(first, last)| last.duration_since(first) >= STARTS_WITHIN);
        !self.ran && (probed || long)
    }

    /// How long it has been running.
    pub fn held(&self, now: Timestamp) -> SignedDuration {
        self.running_since.map_or(SignedDuration::ZERO, |since| now.duration_since(since))
    }
}
