//! `/info`: which swarm this is, and whether this node can speak for it.

use jiff::Timestamp;
use serde_json::Value;

use super::field::time;
use crate::engine::Refusal;
use crate::swarm::Cluster;

/// The engine's own clock.
pub(in crate::engine) fn clock(info: &Value) -> Option<Timestamp> {
    time(info.get("SystemTime"))
}

/// The swarm that the node is a manager of. What keeps it from being one is told as the engine would on any request.
pub(in crate::engine) fn cluster(info: &Value, endpoint: &str, api_version: &str) -> Result<Cluster, Refusal> {
    let swarm = info.get("Swarm");
    let at = |path: &str| swarm.and_then(|s| s.pointer(path));
    let text = |path: &str| at(path).and_then(Value::as_str).unwrap_or_default();
    let refused = |message: String| Err(Refusal { status: 503, message, request: "GET /info".to_owned() });
    let why = text("/Error").trim();
    match text("/LocalNodeState") {
        "active" if at("/ControlAvailable").and_then(Value::as_bool) == Some(true) => {}
        "active" => {
            let managers = managers(at("/RemoteManagers"));
            let known = if managers.is_empty() { String::new() } else { format!("; its managers: {managers}") };
            return refused(format!("this node is not a swarm manager but a worker{known}"));
        }
        "" | "inactive" => return refused("this node is not in a swarm".to_owned()),
        "locked" => return refused("the swarm is locked on this node".to_owned()),
        "pending" => return refused("this node is not ready: it is still joining its swarm".to_owned()),
        state if why.is_empty() => return refused(format!("this node's swarm is in state `{state}`")),
        state => return refused(format!("this node's swarm is in state `{state}`: {why}")),
    }
    Ok(Cluster {
        id: text("/Cluster/ID").to_owned(),
        endpoint: endpoint.to_owned(),
        engine_version: info.get("ServerVersion").and_then(Value::as_str).unwrap_or_default().to_owned(),
        api_version: api_version.to_owned(),
        managers: at("/Managers").and_then(Value::as_u64).unwrap_or_default(),
        nodes: at("/Nodes").and_then(Value::as_u64).unwrap_or_default(),
    })
}

fn managers(list: Option<&Value>) -> String {
    let addresses = list.and_then(Value::as_array).into_iter().flatten();
    addresses.filter_map(|m| m.get("Addr")?.as_str()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(swarm: Value) -> Result<Cluster, String> {
        cluster(&json!({"ServerVersion": "20.10.24", "Swarm": swarm}), "unix:///s", "1.41").map_err(|r| r.message)
    }

    #[test]
    fn a_manager_knows_its_swarm() {
        let swarm = json!({"LocalNodeState": "active", "ControlAvailable": true, "Managers": 3, "Nodes": 5,
            "Cluster": {"ID": "k171"}});
        let cluster = read(swarm).unwrap();
        assert_eq!((cluster.id.as_str(), cluster.managers, cluster.nodes), ("k171", 3, 5));
        assert_eq!(cluster.engine_version, "20.10.24");
    }

    #[test]
    fn others_say_why_they_cannot() {
        let worker = json!({"LocalNodeState": "active", "ControlAvailable": false,
            "RemoteManagers": [{"Addr": "10.0.0.1:2377"}, {"Addr": "10.0.0.2:2377"}]});
        let cases = [
            (worker, "not a swarm manager but a worker; its managers: 10.0.0.1:2377, 10.0.0.2:2377"),
            (json!({"LocalNodeState": "inactive"}), "not in a swarm"),
            (Value::Null, "not in a swarm"),
            (json!({"LocalNodeState": "locked"}), "locked"),
            (json!({"LocalNodeState": "pending"}), "still joining"),
            (json!({"LocalNodeState": "error", "Error": "certificate has expired"}), "certificate has expired"),
        ];
        for (swarm, words) in cases {
            let said = read(swarm.clone()).unwrap_err();
            assert!(said.contains(words), "{swarm}: {said}");
        }
    }
}
