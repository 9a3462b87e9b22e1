//! How a rollout ended.

use std::fmt;

/// How a rollout ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The planned spec is live, and healthy.
    Verified,
    Failed(Failure),
    /// A deadline passed; swarm goes on.
    StillGoing {
        why: String,
    },
}

/// Why a rollout failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Swarm paused the update: part of the tasks is new.
    Paused {
        message: String,
    },
    /// Swarm put the version before back. `restored`: its tasks run again.
    RolledBack {
        message: String,
        restored: bool,
    },
    RollbackPaused {
        message: String,
    },
    /// No task ran for `monitor`.
    CrashLoop,
    ImageNotFound {
        error: String,
    },
    InvalidMount {
        error: String,
    },
    /// The program cannot be started: wrong architecture, not there, not allowed.
    CannotExecute {
        error: String,
    },
    /// Swarm's sentence: `no suitable node (…)`.
    Unschedulable {
        error: String,
    },
    /// Swarm starts no more tasks in some slots.
    GaveUp {
        slots: u64,
    },
    JobFailed,
    /// Somebody else changed the service meanwhile.
    Superseded,
    /// Somebody removed the service meanwhile.
    Gone,
}

impl Failure {
    /// The version before is live again.
    pub fn is_reverted(&self) -> bool {
        matches!(self, Self::RolledBack { restored: true, .. })
    }

    /// A word for machines.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Paused { .. } => "paused",
            Self::RolledBack { .. } => "rolled_back",
            Self::RollbackPaused { .. } => "rollback_paused",
            Self::CrashLoop => "crash_loop",
            Self::ImageNotFound { .. } => "image_not_found",
            Self::InvalidMount { .. } => "invalid_mount",
            Self::CannotExecute { .. } => "cannot_execute",
            Self::Unschedulable { .. } => "unschedulable",
            Self::GaveUp { .. } => "gave_up",
            Self::JobFailed => "job_failed",
            Self::Superseded => "superseded",
            Self::Gone => "gone",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Paused { .. } => f.write_str("update PAUSED by swarm: a new task failed"),
            Self::RolledBack { restored: true, .. } => f.write_str("update ROLLED BACK by swarm"),
            Self::RolledBack { restored: false, .. } => {
                f.write_str("update ROLLED BACK by swarm, but not all tasks of the version before run again")
            }
            Self::RollbackPaused { .. } => f.write_str("update failed, and so did swarm's rollback: it is PAUSED"),
            Self::CrashLoop => f.write_str("its tasks end again and again; none ran long enough to count"),
            Self::ImageNotFound { error } => write!(f, "no node that tried has or gets the image: {error}"),
            Self::InvalidMount { error } => write!(f, "a mount cannot be made: {error}"),
            Self::CannotExecute { error } => write!(f, "the program cannot be started: {error}"),
            Self::Unschedulable { error } => write!(f, "tasks fit on no node: {error}"),
            Self::GaveUp { slots: 1 } => f.write_str("a task ended, and its restart policy starts no other"),
            Self::GaveUp { slots } => write!(f, "{slots} tasks ended, and their restart policy starts no others"),
            Self::JobFailed => f.write_str("the job failed: tasks ended without success, and none is started any more"),
            Self::Superseded => f.write_str("somebody else changed the service during the rollout"),
            Self::Gone => f.write_str("somebody removed the service during the rollout"),
        }
    }
}
