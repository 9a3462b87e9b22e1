//! One rollout that is being followed.

use std::time::Instant;

use tokio::task::JoinHandle;

use crate::rollout::{Rollout, Witness};

/// Which way a service is going.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Forward,
    /// To the spec that the plan saw.
    Back,
}

/// One rollout that is being followed.
#[derive(Debug)]
pub(super) struct Flight {
    /// Index in `plan.changes`.
    pub change: usize,
    pub direction: Direction,
    pub rollout: Rollout,
    pub started: Instant,
    /// When people last heard of it.
    pub told: Instant,
    /// Being found out: the task, and what will be known of it.
    pub witnesses: Vec<(String, JoinHandle<Witness>)>,
    /// Its end was dealt with.
    pub closed: bool,
}

impl Flight {
    pub fn new(change: usize, direction: Direction, rollout: Rollout) -> Self {
        let now = Instant::now();
        Self { change, direction, rollout, started: now, told: now, witnesses: Vec::new(), closed: false }
    }

    /// Takes what has come; with `all`, waits for the rest (each has a time limit of its own).
    pub async fn hear(&mut self, all: bool) {
        let mut waiting = Vec::new();
        for (task, handle) in std::mem::take(&mut self.witnesses) {
            if all || handle.is_finished() {
                let witness = handle.await.unwrap_or_default();
                self.rollout.attach(&task, witness);
            } else {
                waiting.push((task, handle));
            }
        }
        self.witnesses = waiting;
    }
}
