//! Where tasks go, and what keeps them away.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Scrub;
use crate::plan::{self, Verdict};

/// Where swarm will put the tasks of one service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Placement {
    /// `service/web`.
    pub address: String,
    pub verdict: Verdict,
    /// Tasks as they are wanted: for a job those that run at a time, for a global service one a node that takes them.
    pub tasks: u64,
    /// How many of them find a node.
    pub placed: Range,
    /// Tasks by node in the end, most first. `min` and `max` are the same where swarm has no choice.
    pub counts: Vec<Range>,
    /// By node, in the end.
    pub nodes: Vec<NodeTasks>,
    /// While old and new tasks run side by side; `null` where there are never more than in the end.
    pub peak: Option<Peak>,
    /// The nodes that do not take the first task that finds none.
    pub refused: Vec<Refusal>,
    /// What swarm will say of that task.
    pub swarm_says: Option<String>,
    /// Every way that swarm may go was followed. Otherwise the ranges are those of samples.
    pub exact: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Range {
    pub min: u64,
    pub max: u64,
}

/// Tasks of the service on one node.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NodeTasks {
    /// Hostname.
    pub node: String,
    pub min: u64,
    pub max: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Peak {
    pub tasks: u64,
    pub nodes: Vec<NodeTasks>,
}

/// A node that does not take the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Refusal {
    /// Hostname.
    pub node: String,
    /// `drained`, `paused`, `not_ready`, `cpu`, `memory`, `generic_resource`, `plugin`, `constraint`, `platform`, `host_port`,
    /// `max_replicas`; the first is the one that swarm blames.
    pub why: Vec<String>,
}

impl Placement {
    /// The service's Compose key.
    pub fn key(&self) -> &str {
        self.address.strip_prefix("service/").unwrap_or(&self.address)
    }

    pub fn new(placement: &plan::Placement, scrub: Scrub) -> Self {
        let nodes = |nodes: &[(String, plan::Range)]| -> Vec<NodeTasks> {
            nodes.iter().map(|(node, r)| NodeTasks { node: scrub(node), min: r.min, max: r.max }).collect()
        };
        let range = |range: &plan::Range| Range { min: range.min, max: range.max };
        Self {
            address: scrub(&format!("service/{}", placement.service)),
            verdict: placement.verdict,
            tasks: placement.tasks,
            placed: range(&placement.placed),
            counts: placement.counts.iter().map(range).collect(),
            nodes: nodes(&placement.nodes),
            peak: placement.peak.as_ref().map(|peak| Peak { tasks: peak.tasks, nodes: nodes(&peak.nodes) }),
            refused: placement
                .refused
                .iter()
                .map(|refusal| Refusal {
                    node: scrub(&refusal.hostname),
                    why: refusal.reasons.iter().map(|reason| reason.word().to_owned()).collect(),
                })
                .collect(),
            swarm_says: placement.says.as_deref().map(scrub),
            exact: placement.exact,
        }
    }
}
