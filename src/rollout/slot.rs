//! The place of a task within its service.

use super::Observation;
use crate::swarm::{LiveService, ServiceMode, Task};

/// The place of a task within its service: a number, or a node for global ones.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    Number(u64),
    Node(String),
}

impl Slot {
    pub fn of(task: &Task, global: bool) -> Self {
        match &task.node {
            Some(node) if global => Self::Node(node.clone()),
            // The API leaves out slot 0, which jobs have.
            _ => Self::Number(task.slot.unwrap_or_default()),
        }
    }
}

/// `web.2`, or `web.node-1` for global services.
pub(super) fn display(key: &str, task: &Task, observation: &Observation<'_>) -> String {
    let everywhere = |s: &LiveService| matches!(s.mode(), ServiceMode::Global | ServiceMode::GlobalJob);
    match observation.node_name(task).filter(|_| observation.service.is_none_or(everywhere)) {
        Some(node) if task.slot.is_none() => format!("{key}.{node}"),
        _ => format!("{key}.{}", task.slot.unwrap_or_default()),
    }
}
