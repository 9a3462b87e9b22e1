//! An update that waits for a node that died.
//!
//! Swarm's updater waits without end for each new task to run. A task that was on its way when its node went down never
//! does: it is replaced elsewhere, and the update goes on waiting for it (measured on 20.10.24). Another update of the
//! service makes swarm begin again, with the tasks that are not up to date.

use jiff::{SignedDuration, Timestamp};

use super::Observation;
use crate::swarm::{NodeState, Task, TaskState};

/// How long a task must have been lost before swarm is helped: a node may only be away for a moment.
const LOST_FOR: SignedDuration = SignedDuration::from_secs(5);
/// The new update needs some time to show what it does.
const AGAIN_AFTER: SignedDuration = SignedDuration::from_secs(30);

/// Since when an update waits, and when it was last begun again.
#[derive(Clone, Debug, Default)]
pub(super) struct Stranded {
    since: Option<Timestamp>,
    helped: Option<Timestamp>,
}

impl Stranded {
    /// The node whose death the update waits out, when it is time to do something about it.
    pub fn look(&mut self, lost: Option<&Task>, observation: &Observation<'_>) -> Option<String> {
        let now = observation.now;
        let Some(task) = lost else {
            self.since = None;
            return None;
        };
        let since = *self.since.get_or_insert(now);
        let rested = self.helped.is_none_or(|at| now.duration_since(at) >= AGAIN_AFTER);
        if now.duration_since(since) < LOST_FOR || !rested {
            return None;
        }
        self.helped = Some(now);
        observation.node_name(task)
    }
}

/// It never ran, is no longer wanted, and its node is not there to say that it ended.
pub(super) fn is_lost(task: &Task, observation: &Observation<'_>) -> bool {
    let down = |id: &String| observation.nodes.iter().any(|n| n.id == *id && n.state == NodeState::Down);
    task.state < TaskState::Running && task.desired >= TaskState::Shutdown && task.node.as_ref().is_some_and(down)
}
