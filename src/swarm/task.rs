//! Tasks as swarm reports them.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

/// States in the order a task goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TaskState {
    New,
    Pending,
    Assigned,
    Accepted,
    Preparing,
    Ready,
    Starting,
    Running,
    Complete,
    Shutdown,
    Failed,
    Rejected,
    Remove,
    Orphaned,
    /// A state of a newer engine.
    Unknown,
}

impl TaskState {
    pub fn parse(state: &str) -> Self {
        match state {
            "new" | "allocated" => Self::New,
            "pending" => Self::Pending,
            "assigned" => Self::Assigned,
            "accepted" => Self::Accepted,
            "preparing" => Self::Preparing,
            "ready" => Self::Ready,
            "starting" => Self::Starting,
            "running" => Self::Running,
            "complete" => Self::Complete,
            "shutdown" => Self::Shutdown,
            "failed" => Self::Failed,
            "rejected" => Self::Rejected,
            "remove" => Self::Remove,
            "orphaned" => Self::Orphaned,
            _ => Self::Unknown,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Pending => "pending",
            Self::Assigned => "assigned",
            Self::Accepted => "accepted",
            Self::Preparing => "preparing",
            Self::Ready => "ready",
            Self::Starting => "starting",
            Self::Running => "running",
            Self::Complete => "complete",
            Self::Shutdown => "shutdown",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Remove => "remove",
            Self::Orphaned => "orphaned",
            Self::Unknown => "unknown",
        }
    }

    /// It will never run again.
    pub fn is_over(self) -> bool {
        self > Self::Running && self != Self::Unknown
    }
}

/// One task.
#[derive(Clone, Debug)]
pub struct Task {
    pub id: String,
    pub service: String,
    /// From 1; `None` for tasks of global services.
    pub slot: Option<u64>,
    pub node: Option<String>,
    pub desired: TaskState,
    pub state: TaskState,
    /// When `state` was reached.
    pub since: Option<Timestamp>,
    pub created: Option<Timestamp>,
    pub message: String,
    /// `Status.Err`, empty where there is none.
    pub error: String,
    pub exit_code: Option<i64>,
    pub container: Option<String>,
    /// Of the task's own spec its image, runtime and reservations.
    /// Tasks of one service share it.
    pub spec: Arc<Value>,
    /// `Status.PortStatus.Ports`.
    pub ports: Vec<Value>,
    /// `JobIteration.Index`.
    pub job_iteration: Option<u64>,
}
