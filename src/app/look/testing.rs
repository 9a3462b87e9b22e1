//! Small objects for the tests of this room.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use crate::swarm::{Availability, LiveService, NAMESPACE_LABEL, Node, NodeState, Task, TaskState};

pub const NOW: i64 = 1_700_000_000;

pub fn at(seconds_ago: i64) -> Timestamp {
    Timestamp::from_second(NOW - seconds_ago).unwrap()
}

/// `stack_name`, replicated, 1 of 1 running.
pub fn service(name: &str) -> LiveService {
    let stack = name.split('_').next().unwrap_or_default();
    LiveService {
        id: format!("id-{name}"),
        name: name.to_owned(),
        version: 1,
        spec: json!({
            "Name": name,
            "Labels": {NAMESPACE_LABEL: stack},
            "Mode": {"Replicated": {"Replicas": 1}},
            "TaskTemplate": {"ContainerSpec": {"Image": "acme/web:1@sha256:aa"}},
        })
        .into(),
        update: None,
        created: None,
        updated: None,
        running: Some(1),
        wanted: Some(1),
        completed: Some(0),
        ports: Vec::new(),
        job_iteration: None,
    }
}

/// Runs since 5 seconds; created as many seconds ago as its slot says.
pub fn task(id: &str, service: &str, slot: u64, node: &str) -> Task {
    Task {
        id: id.to_owned(),
        service: service.to_owned(),
        slot: Some(slot).filter(|s| *s > 0),
        node: Some(node.to_owned()).filter(|n| !n.is_empty()),
        desired: TaskState::Running,
        state: TaskState::Running,
        since: Some(at(5)),
        created: Some(at(10)),
        message: String::new(),
        error: String::new(),
        exit_code: None,
        container: None,
        spec: json!({"ContainerSpec": {"Image": "acme/web:1@sha256:aa"}}).into(),
        ports: Vec::new(),
        job_iteration: None,
    }
}

/// `host-<id>`, ready.
pub fn node(id: &str) -> Node {
    Node {
        id: id.to_owned(),
        hostname: format!("host-{id}"),
        manager: false,
        leader: false,
        availability: Availability::Active,
        state: NodeState::Ready,
        address: String::new(),
        labels: BTreeMap::new(),
        engine_labels: BTreeMap::new(),
        os: "linux".into(),
        architecture: "x86_64".into(),
        nano_cpus: 0,
        memory: 0,
        raw: json!({}),
    }
}
