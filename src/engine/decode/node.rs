//! Nodes.

use serde_json::Value;

use super::field::{Why, labels};
use crate::swarm::{Availability, Members, Node, NodeState};

pub(in crate::engine) fn node(raw: Value) -> Result<Node, Why> {
    let at = |path: &str| raw.member(path);
    let text = |path: &str| at(path).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |path: &str| at(path).and_then(Value::as_i64).unwrap_or_default();
    let id = Some(text("/ID")).filter(|id| !id.is_empty()).ok_or("`ID` is missing")?;
    let availability = match text("/Spec/Availability").as_str() {
        "active" => Availability::Active,
        "pause" => Availability::Pause,
        "drain" => Availability::Drain,
        other => return Err(format!("`{other}` is no availability that stackup knows")),
    };
    let state = match text("/Status/State").as_str() {
        "ready" => NodeState::Ready,
        "down" => NodeState::Down,
        "disconnected" => NodeState::Disconnected,
        _ => NodeState::Unknown,
    };
    Ok(Node {
        id,
        hostname: text("/Description/Hostname"),
        manager: text("/Spec/Role") == "manager",
        leader: at("/ManagerStatus/Leader").and_then(Value::as_bool).unwrap_or(false),
        availability,
        state,
        address: text("/Status/Addr"),
        labels: labels(at("/Spec/Labels")),
        engine_labels: labels(at("/Description/Engine/Labels")),
        os: text("/Description/Platform/OS"),
        architecture: text("/Description/Platform/Architecture"),
        nano_cpus: number("/Description/Resources/NanoCPUs"),
        memory: number("/Description/Resources/MemoryBytes"),
        raw,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_a_node_and_names_what_it_does_not_know() {
        let mut raw = json!({
            "ID": "n1", "Spec": {"Role": "manager", "Availability": "drain", "Labels": {"disk": "ssd"}},
            "Description": {"Hostname": "box", "Platform": {"OS": "linux", "Architecture": "x86_64"},
                "Resources": {"NanoCPUs": 2_000_000_000, "MemoryBytes": 4096}, "Engine": {"Labels": {"zone": "a"}}},
            "Status": {"State": "ready", "Addr": "10.0.0.1"}, "ManagerStatus": {"Leader": true},
        });
        let read = node(raw.clone()).unwrap();
        assert!(read.manager && read.leader);
        assert_eq!((read.availability, read.state), (Availability::Drain, NodeState::Ready));
        assert_eq!((read.labels["disk"].as_str(), read.engine_labels["zone"].as_str()), ("ssd", "a"));
        assert_eq!((read.nano_cpus, read.memory), (2_000_000_000, 4096));

        raw["Spec"]["Availability"] = json!("sleeping");
        assert!(node(raw).unwrap_err().contains("`sleeping`"));
    }
}
