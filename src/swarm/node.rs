//! Nodes of a swarm.

use std::collections::BTreeMap;

use serde_json::Value;

/// `Spec.Availability`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Availability {
    Active,
    Pause,
    Drain,
}

/// `Status.State`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeState {
    Ready,
    Down,
    Disconnected,
    Unknown,
}

/// One node.
#[derive(Clone, Debug)]
pub struct Node {
    pub id: String,
    pub hostname: String,
    pub manager: bool,
    pub leader: bool,
    pub availability: Availability,
    pub state: NodeState,
    pub address: String,
    pub labels: BTreeMap<String, String>,
    pub engine_labels: BTreeMap<String, String>,
    /// As the node says it: `linux`, `x86_64`.
    pub os: String,
    pub architecture: String,
    pub nano_cpus: i64,
    /// Bytes.
    pub memory: i64,
    /// As the engine gave it.
    pub raw: Value,
}
