//! Tasks.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::field::{Object, Why, object, take_list, text, text_or_empty, time};
use super::list::{Decoded, each};
use super::pick::Pick;
use crate::swarm::{Task, TaskState};

/// What [`task`] reads. Of a task's own spec that is what it runs and what it reserves.
pub(in crate::engine) const TASK: Pick = Pick::Members(&[
    ("ID", Pick::Whole),
    ("ServiceID", Pick::Whole),
    ("Slot", Pick::Whole),
    ("NodeID", Pick::Whole),
    ("DesiredState", Pick::Whole),
    ("CreatedAt", Pick::Whole),
    ("JobIteration", Pick::Whole),
    (
        "Spec",
        Pick::Members(&[
            ("ContainerSpec", Pick::Members(&[("Image", Pick::Whole)])),
            ("Resources", Pick::Members(&[("Reservations", Pick::Whole)])),
            ("Runtime", Pick::Whole),
        ]),
    ),
    (
        "Status",
        Pick::Members(&[
            ("State", Pick::Whole),
            ("Timestamp", Pick::Whole),
            ("Message", Pick::Whole),
            ("Err", Pick::Whole),
            ("ContainerStatus", Pick::Members(&[("ContainerID", Pick::Whole), ("ExitCode", Pick::Whole)])),
            ("PortStatus", Pick::Whole),
        ]),
    ),
]);

pub(in crate::engine) fn task(value: Value) -> Result<Task, Why> {
    let mut map = object(value, "the task")?;
    let desired = TaskState::parse(&text(&map, "DesiredState")?);
    let mut status = match map.get_mut("Status").map(Value::take) {
        Some(Value::Object(status)) => status,
        _ => return Err("`Status` is missing".to_owned()),
    };
    let state = TaskState::parse(&text(&status, "State")?);
    let ports = match status.get_mut("PortStatus") {
        Some(Value::Object(ports)) => take_list(ports, "Ports"),
        _ => Vec::new(),
    };
    let container = status.get("ContainerStatus").and_then(Value::as_object);
    Ok(Task {
        id: text(&map, "ID")?,
        // Tasks that attach a plain container to a network have none.
        service: text_or_empty(&map, "ServiceID"),
        slot: map.get("Slot").and_then(Value::as_u64).filter(|slot| *slot > 0),
        node: stated(&map, "NodeID"),
        desired,
        state,
        since: time(status.get("Timestamp")),
        created: time(map.get("CreatedAt")),
        message: text_or_empty(&status, "Message"),
        error: text_or_empty(&status, "Err"),
        exit_code: container.and_then(|c| c.get("ExitCode")).and_then(Value::as_i64),
        container: container.and_then(|c| stated(c, "ContainerID")),
        spec: Arc::new(map.get_mut("Spec").map(Value::take).unwrap_or_default()),
        ports,
        job_iteration: map.get("JobIteration").and_then(|j| j.get("Index")).and_then(Value::as_u64),
    })
}

/// The elements of a list of tasks. Specs that are the same are kept once.
pub(in crate::engine) fn tasks(items: Vec<Value>) -> Decoded<Task> {
    let mut known: HashMap<String, Arc<Value>> = HashMap::new();
    let mut decoded = each(items, None, task);
    for task in &mut decoded.good {
        match known.get(&task.service) {
            Some(spec) if *spec == task.spec => task.spec = spec.clone(),
            _ => drop(known.insert(task.service.clone(), task.spec.clone())),
        }
    }
    decoded
}

fn stated(map: &Object, key: &str) -> Option<String> {
    Some(text_or_empty(map, key)).filter(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tasks_of_one_spec_share_it() {
        let one = |service: &str, image: &str| {
            json!({"ID": "t", "ServiceID": service, "DesiredState": "running", "Status": {"State": "running"},
                "Spec": {"ContainerSpec": {"Image": image}}})
        };
        let tasks = tasks(vec![one("a", "1"), one("a", "1"), one("a", "2"), one("b", "1"), json!(7)]);
        let same = |a: usize, b: usize| Arc::ptr_eq(&tasks.good[a].spec, &tasks.good[b].spec);
        assert!(same(0, 1) && !same(1, 2) && !same(0, 3));
        assert_eq!((tasks.good.len(), tasks.damaged.len()), (4, 1));
    }

    #[test]
    fn reads_a_failed_task_and_a_global_one() {
        let failed = task(json!({
            "ID": "t1", "ServiceID": "s1", "Slot": 2, "NodeID": "n1", "DesiredState": "shutdown",
            "Spec": {"ForceUpdate": 1},
            "Status": {"State": "failed", "Timestamp": "2026-11-21T13:00:00Z", "Message": "started",
                "Err": "task: non-zero exit (137)", "ContainerStatus": {"ContainerID": "c", "ExitCode": 137}},
        }))
        .unwrap();
        assert_eq!((failed.state, failed.desired, failed.slot), (TaskState::Failed, TaskState::Shutdown, Some(2)));
        assert_eq!((failed.exit_code, failed.container.as_deref()), (Some(137), Some("c")));
        assert_eq!(*failed.spec, json!({"ForceUpdate": 1}));

        let global = task(json!({"ID": "t2", "DesiredState": "running", "Status": {"State": "dreaming"}})).unwrap();
        assert_eq!((global.slot, global.node, global.state), (None, None, TaskState::Unknown));
    }
}
