//! Services.

use std::sync::Arc;

use serde_json::Value;

use super::field::{Why, object, take_list, take_spec, text, text_or_empty, time, version};
use crate::swarm::{LiveService, Members, UpdateState, UpdateStatus};

pub(in crate::engine) fn service(value: Value) -> Result<LiveService, Why> {
    let mut map = object(value, "the service")?;
    let (id, version) = (text(&map, "ID")?, version(&map)?);
    let (spec, name) = take_spec(&mut map)?;
    let count = |key: &str| map.get("ServiceStatus").and_then(|s| s.get(key)).and_then(Value::as_u64);
    let (running, wanted, completed) = (count("RunningTasks"), count("DesiredTasks"), count("CompletedTasks"));
    let ports = match map.get_mut("Endpoint") {
        Some(Value::Object(endpoint)) => take_list(endpoint, "Ports"),
        _ => Vec::new(),
    };
    Ok(LiveService {
        id,
        name,
        version,
        spec: Arc::new(spec),
        update: map.get("UpdateStatus").and_then(update),
        created: time(map.get("CreatedAt")),
        updated: time(map.get("UpdatedAt")),
        running,
        wanted,
        completed,
        ports,
        job_iteration: map.get("JobStatus").and_then(|s| s.member("/JobIteration/Index")).and_then(Value::as_u64),
    })
}

/// `None` for a service that was never updated: engines send an empty object then.
fn update(value: &Value) -> Option<UpdateStatus> {
    let map = value.as_object()?;
    let state = map.get("State")?.as_str().filter(|s| !s.is_empty())?;
    Some(UpdateStatus {
        state: UpdateState::parse(state),
        started: time(map.get("StartedAt")),
        completed: time(map.get("CompletedAt")),
        message: text_or_empty(map, "Message"),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_spec_is_kept_to_the_last_field() {
        let spec = json!({
            "Name": "web", "FutureField": {"x": [1, 2.5, -3]},
            "TaskTemplate": {"ContainerSpec": {"Healthcheck": {"Interval": 9_000_000_000_000_000_001_i64}}},
        });
        let read = service(json!({
            "ID": "s1", "Version": {"Index": 12}, "Spec": spec, "CreatedAt": "2026-11-21T13:00:00.123456789Z",
            "UpdatedAt": "0001-01-01T00:00:00Z",
            "UpdateStatus": {"State": "paused", "StartedAt": "2026-11-21T13:00:01Z", "Message": "task failed"},
            "ServiceStatus": {"RunningTasks": 2, "DesiredTasks": 3, "CompletedTasks": 0},
            "Endpoint": {"Ports": [{"PublishedPort": 30000}]},
            "JobStatus": {"JobIteration": {"Index": 4}},
        }))
        .unwrap();
        assert_eq!(*read.spec, spec);
        assert_eq!((read.version, read.running, read.wanted, read.job_iteration), (12, Some(2), Some(3), Some(4)));
        assert_eq!((read.created.is_some(), read.updated), (true, None));
        assert_eq!(read.update.map(|u| (u.state, u.message)), Some((UpdateState::Paused, "task failed".to_owned())));
        assert_eq!(read.ports.len(), 1);
    }

    #[test]
    fn never_updated_is_no_update() {
        let read = service(json!({"ID": "s", "Version": {"Index": 1}, "Spec": {"Name": "w"}, "UpdateStatus": {}}));
        assert_eq!(read.unwrap().update, None);
    }
}
