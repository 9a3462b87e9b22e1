//! How swarm runs it: `deploy` and logging of a replicated service, and what asks for a restart.

use serde_json::{Value, json};

use crate::row::{Must, Row, row};

/// A value under `deploy`, by its path.
fn deploy(path: &str, covers: &[&'static str], before: Value, after: Value) -> Row {
    let nest = |value: Value| path.rsplit('.').fold(value, |inner, key| json!({key: inner}));
    let change = if before.is_null() { "added" } else { "changed" };
    row(&format!("deploy.{path}"), change, covers)
        .from(json!({"deploy": nest(before)}))
        .to(json!({"deploy": nest(after)}))
}

pub fn rows() -> Vec<Row> {
    [resources(), restart_policy(), placement(), settings(), scale()].concat()
}

fn resources() -> Vec<Row> {
    let null = || Value::Null;
    vec![
        deploy("resources.limits.cpus", &["/TaskTemplate/Resources/Limits/NanoCPUs"], null(), json!("0.5")),
        deploy("resources.limits.memory", &["/TaskTemplate/Resources/Limits/MemoryBytes"], null(), json!("64M")),
        deploy("resources.limits.pids", &["/TaskTemplate/Resources/Limits/Pids"], null(), json!(50)),
        deploy(
            "resources.reservations.cpus",
            &["/TaskTemplate/Resources/Reservations/NanoCPUs"],
            null(),
            json!("0.01"),
        ),
        deploy(
            "resources.reservations.memory",
            &["/TaskTemplate/Resources/Reservations/MemoryBytes"],
            null(),
            json!("5M"),
        ),
        deploy(
            "resources.reservations.generic_resources",
            &[
                "/TaskTemplate/Resources/Reservations/GenericResources/-/DiscreteResourceSpec/Kind",
                "/TaskTemplate/Resources/Reservations/GenericResources/-/DiscreteResourceSpec/Value",
            ],
            null(),
            json!([{"discrete_resource_spec": {"kind": "gpu", "value": 1}}]),
        ),
        row("logging.driver", "added", &["/TaskTemplate/LogDriver/Name"])
            .to(json!({"logging": {"driver": "json-file"}})),
        row("logging.options", "changed", &["/TaskTemplate/LogDriver/Options/*"])
            .from(json!({"logging": {"driver": "json-file", "options": {"max-size": "1m"}}}))
            .to(json!({"logging": {"options": {"max-size": "2m"}}})),
    ]
}

fn restart_policy() -> Vec<Row> {
    vec![
        deploy(
            "restart_policy.condition",
            &["/TaskTemplate/RestartPolicy/Condition"],
            json!("any"),
            json!("on-failure"),
        ),
        deploy("restart_policy.delay", &["/TaskTemplate/RestartPolicy/Delay"], json!("5s"), json!("7s")),
        deploy("restart_policy.max_attempts", &["/TaskTemplate/RestartPolicy/MaxAttempts"], json!(9), json!(8)),
        deploy("restart_policy.window", &["/TaskTemplate/RestartPolicy/Window"], json!("9s"), json!("8s")),
        row("deploy.restart_policy", "added", &["/TaskTemplate/RestartPolicy/Condition"])
            .to(json!({"deploy": {"restart_policy": {"condition": "on-failure"}}})),
        row("deploy.restart_policy", "removed", &["/TaskTemplate/RestartPolicy/Condition"])
            .from(json!({"deploy": {"restart_policy": {"condition": "on-failure"}}}))
            .to(json!({"deploy": {"restart_policy": null}})),
    ]
}

/// Two tasks, one on each of two nodes, or both on the one that there is.
fn two(row: Row) -> Row {
    row.from(json!({"deploy": {"replicas": 2}}))
}

fn placement() -> Vec<Row> {
    const CONSTRAINTS: &str = "/TaskTemplate/Placement/Constraints/-";
    let constrained = |change: &str, before: Value, after: Value| {
        two(row("deploy.placement.constraints", change, &[CONSTRAINTS]))
            .from(json!({"deploy": {"placement": {"constraints": before}}}))
            .to(json!({"deploy": {"placement": {"constraints": after}}}))
    };
    vec![
        constrained("all nodes meet it", json!([]), json!(["node.role==manager"])).core(),
        constrained("one of two nodes meets it", json!([]), json!(["node.hostname==n1"])),
        constrained("no node meets it", json!([]), json!(["node.labels.none==such"])).core(),
        constrained("removed", json!(["node.hostname==n1"]), json!([])),
        constrained("for one that the other node meets", json!(["node.hostname==n1"]), json!(["node.hostname==n2"])),
        two(row(
            "deploy.placement.preferences",
            "added",
            &["/TaskTemplate/Placement/Preferences/-/Spread/SpreadDescriptor"],
        ))
        .to(json!({"deploy": {"placement": {"preferences": [{"spread": "node.labels.zone"}]}}})),
        two(row("deploy.placement.max_replicas_per_node", "met", &["/TaskTemplate/Placement/MaxReplicas"]))
            .to(json!({"deploy": {"placement": {"max_replicas_per_node": 2}}})),
        two(row("deploy.placement.max_replicas_per_node", "not met", &["/TaskTemplate/Placement/MaxReplicas"]))
            .from(json!({"deploy": {"placement": {"constraints": ["node.hostname==n1"]}}}))
            .to(json!({"deploy": {"placement": {"max_replicas_per_node": 1}}}))
            .must(Must::Keep),
    ]
}

fn settings() -> Vec<Row> {
    let mut all = vec![
        row("deploy.labels", "added", &["/Labels/*"]).to(json!({"deploy": {"labels": {"a": "1"}}})).core(),
        row("deploy.labels", "changed", &["/Labels/*"])
            .from(json!({"deploy": {"labels": {"a": "1"}}}))
            .to(json!({"deploy": {"labels": {"a": "2"}}})),
        row("deploy.update_config", "removed", &["/UpdateConfig/Parallelism"])
            .to(json!({"deploy": {"update_config": null}})),
        row("deploy.rollback_config", "added", &["/RollbackConfig/Parallelism"])
            .to(json!({"deploy": {"rollback_config": {"parallelism": 2}}})),
        row("--replace", "asked for", &["/TaskTemplate/ForceUpdate"]).replaced().must(Must::Replace).core(),
    ];
    let parts: [(&str, [&'static str; 2], Value); 6] = [
        ("parallelism", ["/UpdateConfig/Parallelism", "/RollbackConfig/Parallelism"], json!(2)),
        ("delay", ["/UpdateConfig/Delay", "/RollbackConfig/Delay"], json!("3s")),
        ("failure_action", ["/UpdateConfig/FailureAction", "/RollbackConfig/FailureAction"], json!("continue")),
        ("monitor", ["/UpdateConfig/Monitor", "/RollbackConfig/Monitor"], json!("2s")),
        ("max_failure_ratio", ["/UpdateConfig/MaxFailureRatio", "/RollbackConfig/MaxFailureRatio"], json!(0.3)),
        ("order", ["/UpdateConfig/Order", "/RollbackConfig/Order"], json!("start-first")),
    ];
    for (part, covers, value) in parts {
        for (config, covers) in ["update_config", "rollback_config"].into_iter().zip(covers) {
            let changed = row(&format!("deploy.{config}.{part}"), "changed", &[covers])
                .from(json!({"deploy": {config: {"parallelism": 0, "monitor": "1s"}}}))
                .to(json!({"deploy": {config: {part: value}}}));
            all.push(if part == "order" && config == "update_config" { changed.core() } else { changed });
        }
    }
    all
}

fn scale() -> Vec<Row> {
    let replicas = |change: &str, before: u64, after: u64| {
        row("deploy.replicas", change, &["/Mode/Replicated/Replicas"])
            .from(json!({"deploy": {"replicas": before}}))
            .to(json!({"deploy": {"replicas": after}}))
    };
    vec![replicas("2 to 3", 2, 3).core(), replicas("3 to 2", 3, 2), replicas("2 to 0", 2, 0), replicas("0 to 2", 0, 2)]
}
