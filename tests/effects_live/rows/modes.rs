//! Global services, jobs, and the way from one mode to another.

use serde_json::{Value, json};

use crate::row::{Mode, Must, Row, row};

pub fn rows() -> Vec<Row> {
    [global(), jobs(), modes()].concat()
}

fn constraints(list: Value) -> Value {
    json!({"deploy": {"placement": {"constraints": list}}})
}

fn global() -> Vec<Row> {
    const CONSTRAINTS: &str = "/TaskTemplate/Placement/Constraints/-";
    let on = |change: &str, before: Value, after: Value| {
        row("deploy.placement.constraints", change, &[CONSTRAINTS]).from(constraints(before)).to(constraints(after))
    };
    let all = vec![
        row("environment", "a variable added", &["/TaskTemplate/ContainerSpec/Env/-"])
            .to(json!({"environment": {"A": "1"}}))
            .core(),
        row("image", "another image", &["/TaskTemplate/ContainerSpec/Image"]).to(json!({"image": "OTHER"})),
        row("labels", "added", &["/TaskTemplate/ContainerSpec/Labels/*"]).to(json!({"labels": {"a": "1"}})),
        row("deploy.labels", "added", &["/Labels/*"]).to(json!({"deploy": {"labels": {"a": "1"}}})).core(),
        row("deploy.update_config.order", "changed", &["/UpdateConfig/Order"])
            .to(json!({"deploy": {"update_config": {"order": "start-first"}}})),
        row("deploy.resources.limits.pids", "added", &["/TaskTemplate/Resources/Limits/Pids"])
            .to(json!({"deploy": {"resources": {"limits": {"pids": 50}}}})),
        row("ports", "host mode, added", &["/EndpointSpec/Ports/-/PublishedPort"])
            .on_overlay()
            .to(json!({"ports": [super::network::host("PORT")]})),
        row("--replace", "asked for", &["/TaskTemplate/ForceUpdate"]).replaced().must(Must::Replace),
        on("all nodes meet it", json!([]), json!(["node.role==manager"])).core(),
        on("one of two nodes meets it", json!([]), json!(["node.hostname==n1"])),
        on("no node meets it", json!([]), json!(["node.labels.none==such"])).core(),
        on("removed", json!(["node.hostname==n1"]), json!([])),
        on("for one that the other node meets", json!(["node.hostname==n1"]), json!(["node.hostname==n2"])),
        on("one of two nodes meets it, and a variable", json!([]), json!(["node.hostname==n1"]))
            .to(json!({"environment": {"A": "1"}})),
        on("both nodes meet it, and a port", json!([]), json!(["node.role==manager"]))
            .on_overlay()
            .to(json!({"ports": [super::network::host("PORT")]}))
            .must(Must::Replace),
        row(
            "deploy.placement.preferences",
            "added",
            &["/TaskTemplate/Placement/Preferences/-/Spread/SpreadDescriptor"],
        )
        .to(json!({"deploy": {"placement": {"preferences": [{"spread": "node.labels.zone"}]}}})),
    ];
    all.into_iter().map(|row| row.mode(Mode::Global)).collect()
}

/// Whatever is written, the job runs again; so what means the same must not be written.
fn jobs() -> Vec<Row> {
    let mut all = Vec::new();
    for mode in [Mode::ReplicatedJob, Mode::GlobalJob] {
        let of = |row: Row| row.mode(mode);
        all.extend([
            of(row("deploy.labels", "added", &["/Labels/*"]).to(json!({"deploy": {"labels": {"a": "1"}}})).core()),
            of(row("labels", "added", &["/TaskTemplate/ContainerSpec/Labels/*"]).to(json!({"labels": {"a": "1"}}))),
            of(row("environment", "a variable added", &["/TaskTemplate/ContainerSpec/Env/-"])
                .to(json!({"environment": {"A": "1"}}))),
            of(row("environment", "in another order", &[])
                .from(json!({"environment": ["A=1", "B=2"]}))
                .to(json!({"environment": ["B=2", "A=1"]}))
                .must(Must::NotWrite)
                .core()),
            of(row("image", "another image", &["/TaskTemplate/ContainerSpec/Image"]).to(json!({"image": "OTHER"}))),
            of(row("deploy.placement.constraints", "all nodes meet it", &["/TaskTemplate/Placement/Constraints/-"])
                .to(constraints(json!(["node.role==manager"])))),
            of(row("deploy.restart_policy.window", "added", &["/TaskTemplate/RestartPolicy/Window"])
                .to(json!({"deploy": {"restart_policy": {"window": "9s"}}}))),
            of(row("deploy.resources.limits.memory", "added", &["/TaskTemplate/Resources/Limits/MemoryBytes"])
                .to(json!({"deploy": {"resources": {"limits": {"memory": "64M"}}}}))),
            of(row("deploy.rollback_config", "added", &["/RollbackConfig/Parallelism"])
                .to(json!({"deploy": {"rollback_config": {"parallelism": 2}}}))),
            of(row("--replace", "asked for", &["/TaskTemplate/ForceUpdate"]).replaced()),
            of(row("deploy.labels", "added while it runs", &["/Labels/*"])
                .from(json!({"command": ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"]}))
                .to(json!({"deploy": {"labels": {"a": "1"}}}))),
        ]);
    }
    let replicas = |change: &str, before: u64, after: u64| {
        let covers = ["/Mode/ReplicatedJob/MaxConcurrent", "/Mode/ReplicatedJob/TotalCompletions"];
        row("deploy.replicas", change, &covers)
            .mode(Mode::ReplicatedJob)
            .from(json!({"deploy": {"replicas": before}}))
            .to(json!({"deploy": {"replicas": after}}))
    };
    all.extend([replicas("1 to 2", 1, 2), replicas("2 to 1", 2, 1)]);
    all
}

/// Swarm cannot change the mode of a service.
fn modes() -> Vec<Row> {
    let mode = |from: Mode, to: Mode, covers: &[&'static str], deploy: Value| {
        row("deploy.mode", &format!("to {}", to.word()), covers).mode(from).to(json!({"deploy": deploy}))
    };
    let updated = json!({"parallelism": 0, "monitor": "1s"});
    let job = |mode: &str| json!({"mode": mode, "replicas": null, "update_config": null, "restart_policy": {"condition": "none"}});
    vec![
        mode(Mode::Replicated, Mode::Global, &["/Mode/Global"], json!({"mode": "global", "replicas": null})).core(),
        mode(Mode::Replicated, Mode::ReplicatedJob, &["/Mode/ReplicatedJob"], job("replicated-job"))
            .to(json!({"command": ["/bin/sh", "-c", "exit 0"]})),
        mode(Mode::Replicated, Mode::GlobalJob, &["/Mode/GlobalJob"], job("global-job"))
            .to(json!({"command": ["/bin/sh", "-c", "exit 0"]})),
        mode(Mode::Global, Mode::Replicated, &["/Mode/Replicated"], json!({"mode": "replicated"})),
        mode(
            Mode::ReplicatedJob,
            Mode::Replicated,
            &["/Mode/Replicated"],
            json!({"mode": "replicated", "restart_policy": {"condition": "any"}, "update_config": updated}),
        )
        .to(json!({"command": ["/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"]})),
    ]
}
