//! A snapshot as JSON and back: objects in the engine's own form, so that what reads engines reads them too.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value, json};

use super::decode::{self, Decoded};
use crate::swarm::{Cluster, Kind, LiveConfig, LiveSecret, LiveService, Snapshot, Task, UpdateStatus};

/// Everything of a snapshot but the contents of configs.
pub fn record(snapshot: &Snapshot) -> Value {
    let cluster = &snapshot.cluster;
    json!({
        "stack": snapshot.stack,
        "taken": snapshot.taken.map(|at| at.to_string()),
        "cluster": {
            "id": cluster.id, "endpoint": cluster.endpoint, "engine_version": cluster.engine_version,
            "api_version": cluster.api_version, "managers": cluster.managers, "nodes": cluster.nodes,
        },
        "services": snapshot.services.iter().map(service).collect::<Vec<_>>(),
        "tasks": snapshot.tasks.iter().map(|one| task(one)).collect::<Vec<_>>(),
        "networks": snapshot.networks.iter().map(|n| &n.raw).collect::<Vec<_>>(),
        "configs": snapshot.configs.iter().map(config).collect::<Vec<_>>(),
        "secrets": snapshot.secrets.iter().map(secret).collect::<Vec<_>>(),
        "nodes": snapshot.nodes.iter().map(|n| &n.raw).collect::<Vec<_>>(),
    })
}

/// Tasks of a recorded snapshot.
pub struct RecordedTasks(Decoded<Task>);

/// Reads what [`record`] made: the tasks at once, for they are many and little is kept of each, and the rest as it stands.
pub fn read_recorded(text: &[u8]) -> serde_json::Result<(Value, RecordedTasks)> {
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = Reading.deserialize(&mut reader)?;
    reader.end()?;
    Ok(read)
}

struct Reading;

impl<'de> DeserializeSeed<'de> for Reading {
    type Value = (Value, RecordedTasks);

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Reading {
    type Value = (Value, RecordedTasks);

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a snapshot")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let (mut rest, mut tasks) = (Map::new(), decode::Tasks::default());
        while let Some(key) = access.next_key::<String>()? {
            if key == "tasks" {
                tasks = decode::Tasks::default();
                access.next_value_seed(decode::Elements { element: decode::TASK, take: |item| tasks.add(&item) })?;
            } else {
                rest.insert(key, access.next_value()?);
            }
        }
        Ok((Value::Object(rest), RecordedTasks(tasks.done())))
    }
}

/// The snapshot. Objects that cannot be read are among the damaged ones, as those of an engine are.
pub fn recorded((mut value, tasks): (Value, RecordedTasks)) -> Snapshot {
    let text =
        |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |value: &Value, pointer: &str| value.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    let mut snapshot = Snapshot {
        cluster: Cluster {
            id: text(&value, "/cluster/id"),
            endpoint: text(&value, "/cluster/endpoint"),
            engine_version: text(&value, "/cluster/engine_version"),
            api_version: text(&value, "/cluster/api_version"),
            managers: number(&value, "/cluster/managers"),
            nodes: number(&value, "/cluster/nodes"),
        },
        stack: text(&value, "/stack"),
        taken: text(&value, "/taken").parse().ok(),
        ..Snapshot::default()
    };
    let mut list = |key: &str| match value.get_mut(key).map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    };
    let damaged = &mut snapshot.damaged;
    snapshot.services = decode::each(list("services"), Some(Kind::Service), decode::service).keep(damaged).into();
    snapshot.tasks = tasks.0.keep(damaged).into_iter().map(Arc::new).collect();
    snapshot.networks = decode::each(list("networks"), Some(Kind::Network), decode::network).keep(damaged).into();
    snapshot.configs = decode::each(list("configs"), Some(Kind::Config), decode::config).keep(damaged);
    snapshot.secrets = decode::each(list("secrets"), Some(Kind::Secret), decode::secret).keep(damaged).into();
    snapshot.nodes = decode::each(list("nodes"), None, decode::node).keep(damaged).into();
    snapshot
}

/// An object whose empty members are left out.
fn object(members: Value) -> Value {
    let Value::Object(members) = members else { return members };
    Value::Object(members.into_iter().filter(|(_, value)| !value.is_null()).collect::<Map<_, _>>())
}

fn time(at: Option<Timestamp>) -> Value {
    at.map_or(Value::Null, |at| Value::from(at.to_string()))
}

fn service(service: &LiveService) -> Value {
    let update = |update: &UpdateStatus| {
        object(json!({
            "State": update.state.as_str(), "StartedAt": time(update.started),
            "CompletedAt": time(update.completed), "Message": update.message,
        }))
    };
    object(json!({
        "ID": service.id,
        "Version": {"Index": service.version},
        "CreatedAt": time(service.created),
        "UpdatedAt": time(service.updated),
        "Spec": *service.spec,
        "Endpoint": {"Ports": service.ports},
        "UpdateStatus": service.update.as_ref().map(update),
        "ServiceStatus": object(json!({
            "RunningTasks": service.running, "DesiredTasks": service.wanted, "CompletedTasks": service.completed,
        })),
        "JobStatus": service.job_iteration.map(|index| json!({"JobIteration": {"Index": index}})),
    }))
}

fn task(task: &Task) -> Value {
    object(json!({
        "ID": task.id,
        "ServiceID": task.service,
        "Slot": task.slot,
        "NodeID": task.node,
        "DesiredState": task.desired.as_str(),
        "CreatedAt": time(task.created),
        "Spec": *task.spec,
        "JobIteration": task.job_iteration.map(|index| json!({"Index": index})),
        "Status": object(json!({
            "State": task.state.as_str(), "Timestamp": time(task.since), "Message": task.message, "Err": task.error,
            "ContainerStatus": object(json!({"ContainerID": task.container, "ExitCode": task.exit_code})),
            "PortStatus": {"Ports": task.ports},
        })),
    }))
}

fn config(config: &LiveConfig) -> Value {
    object(json!({
        "ID": config.id, "Version": {"Index": config.version}, "Spec": config.spec,
        "CreatedAt": time(config.created), "UpdatedAt": time(config.updated),
    }))
}

fn secret(secret: &LiveSecret) -> Value {
    object(json!({
        "ID": secret.id, "Version": {"Index": secret.version}, "Spec": secret.spec,
        "CreatedAt": time(secret.created), "UpdatedAt": time(secret.updated),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was_recorded() {
        let when = "2026-11-21T13:00:00Z";
        let engine = json!({
            "stack": "st", "taken": when,
            "cluster": {"id": "c", "endpoint": "unix:///s", "engine_version": "20.10.24", "api_version": "1.41",
                "managers": 1, "nodes": 2},
            "services": [{"ID": "s", "Version": {"Index": 7}, "Spec": {"Name": "st_web", "X": [1]}, "CreatedAt": when,
                "UpdatedAt": when, "Endpoint": {"Ports": [{"PublishedPort": 80}]},
                "UpdateStatus": {"State": "completed", "StartedAt": when, "CompletedAt": when, "Message": "m"},
                "ServiceStatus": {"RunningTasks": 1, "DesiredTasks": 2, "CompletedTasks": 0},
                "JobStatus": {"JobIteration": {"Index": 3}}}],
            "tasks": [{"ID": "t", "ServiceID": "s", "Slot": 1, "NodeID": "n", "DesiredState": "running",
                "CreatedAt": when, "Spec": {"Runtime": "container"}, "JobIteration": {"Index": 3},
                "Status": {"State": "failed", "Timestamp": when, "Message": "started", "Err": "e",
                    "ContainerStatus": {"ContainerID": "k", "ExitCode": 1}, "PortStatus": {"Ports": [{"A": 1}]}}}],
            "networks": [{"Id": "w", "Name": "net", "Labels": {}}],
            "configs": [{"ID": "g", "Version": {"Index": 1}, "Spec": {"Name": "c"}, "CreatedAt": when,
                "UpdatedAt": when}],
            "secrets": [{"ID": "h", "Version": {"Index": 1}, "Spec": {"Name": "d"}, "CreatedAt": when,
                "UpdatedAt": when}],
            "nodes": [{"ID": "n", "Spec": {"Availability": "active", "Role": "manager"}, "Status": {"State": "ready"}}],
        });
        let snapshot = recorded(read_recorded(engine.to_string().as_bytes()).unwrap());
        assert!(snapshot.damaged.is_empty(), "{:?}", snapshot.damaged);
        assert_eq!(record(&snapshot), engine);
    }
}
