//! What the engine fills in where a spec says nothing, and what it forgets.

use serde_json::{Value, json};

/// In all services of what will be stored.
pub fn fill(stored: &mut Value) {
    for service in stored["services"].as_object_mut().into_iter().flat_map(|all| all.values_mut()) {
        let task = &mut service["TaskTemplate"];
        default(task, "Runtime", "container");
        default(&mut task["ContainerSpec"], "Isolation", "default");
        if task.get("RestartPolicy").is_some() {
            default(&mut task["RestartPolicy"], "Condition", "any");
        }
        for mount in task["ContainerSpec"]["Mounts"].as_array_mut().into_iter().flatten() {
            mount.as_object_mut().unwrap().shift_remove("Consistency");
        }
        for config in ["UpdateConfig", "RollbackConfig"] {
            if service.get(config).is_some() {
                default(&mut service[config], "FailureAction", "pause");
                default(&mut service[config], "Order", "stop-first");
            }
        }
        default(&mut service["EndpointSpec"], "Mode", "vip");
        for port in service["EndpointSpec"]["Ports"].as_array_mut().into_iter().flatten() {
            default(port, "Protocol", "tcp");
            default(port, "PublishMode", "ingress");
        }
        jobs_and_replicas(&mut service["Mode"]);
    }
}

fn default(of: &mut Value, key: &str, value: &str) {
    if of[key].as_str().is_none_or(str::is_empty) {
        of[key] = value.into();
    }
}

fn jobs_and_replicas(mode: &mut Value) {
    if let Some(replicated) = mode.get_mut("Replicated") {
        let replicas = replicated.get("Replicas").cloned().unwrap_or(json!(1));
        replicated["Replicas"] = replicas;
    }
}
