//! One look at one service while it changes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::swarm::{LiveService, Node, Task};

/// One look at one service. All parts were asked for after the write was answered.
#[derive(Clone, Debug)]
pub struct Observation<'a> {
    /// The swarm's clock when the question was asked.
    pub now: Timestamp,
    /// `None` where the service is gone.
    pub service: Option<&'a LiveService>,
    /// Its tasks, of all versions and states.
    pub tasks: Vec<&'a Task>,
    /// Ids of the tasks that swarm itself calls up to date.
    pub up_to_date: &'a BTreeSet<String>,
    pub nodes: &'a [Node],
    /// The services it depends on do run; while they do not, a crash loop is nobody's fault.
    pub dependencies_run: bool,
}

impl Observation<'_> {
    pub fn is_up_to_date(&self, task: &Task) -> bool {
        self.up_to_date.contains(&task.id)
    }

    /// The node's host name, or its id where the name is not known.
    pub fn node_name(&self, task: &Task) -> Option<String> {
        let id = task.node.as_ref()?;
        Some(self.nodes.iter().find(|n| n.id == *id).map_or_else(|| id.clone(), |n| n.hostname.clone()))
    }
}
