//! What one observation showed.

use jiff::SignedDuration;

use super::{TaskFailure, Verdict};
use crate::swarm::{TaskState, UpdateState};

/// What one observation showed that the ones before did not.
#[derive(Clone, Debug, PartialEq)]
pub enum Happening {
    /// `UpdateStatus.State` changed; swarm's words with it.
    Update { state: UpdateState, message: String },
    /// A task of the new version reached another state.
    Task(TaskView),
    /// The counts changed.
    Progress(Progress),
    /// A task of the new version ended as it should not.
    Failure(TaskFailure),
    /// Something to find out or to do, best at once: swarm keeps little and not for long.
    Want(Want),
    /// The end; nothing comes after it.
    Ended(Verdict),
}

/// Something to find out, or to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Want {
    /// The last log lines of a task, and what is left of its container; hand them to [`super::Rollout::attach`].
    Witness { task: String, container: Option<String> },
    /// Make swarm begin the update again: it waits for a task on this node, which is down.
    BeginAgain { node: String },
}

/// A task as people see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskView {
    pub id: String,
    /// `web.2`.
    pub name: String,
    /// Host name.
    pub node: Option<String>,
    pub state: TaskState,
    /// It ran for `monitor`.
    pub held: bool,
    /// It is older than the write, and stays as it is.
    pub kept: bool,
    /// `Status.Err`, or the message of a task that waits.
    pub message: String,
}

/// The counts of a service.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Tasks that must run, or completions of a job.
    pub wanted: u64,
    /// New tasks that run, or have done their work.
    pub running: u64,
    /// Those of them that ran for `monitor`.
    pub healthy: u64,
    /// Tasks of the version before that still run.
    pub old: u64,
    /// Tasks of the new version that failed.
    pub failures: u64,
    /// Since the write.
    pub elapsed: SignedDuration,
}

impl Progress {
    /// The same counts; time alone is no progress.
    pub(super) fn same_counts(&self, other: &Self) -> bool {
        Self { elapsed: other.elapsed, ..*self } == *other
    }
}
