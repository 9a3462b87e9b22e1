//! What is easy to get wrong: two changes in one write, forms that mean the same, and what nobody here knows.

use serde_json::{Value, json};

use crate::row::{Must, Row, row};

pub fn rows() -> Vec<Row> {
    [together(), same(), same_by_hand()].concat()
}

fn together() -> Vec<Row> {
    let constrained = || json!({"deploy": {"placement": {"constraints": ["node.role==manager"]}}});
    let both = |change: &str, more: Value| {
        row("deploy.placement.constraints", change, &["/TaskTemplate/Placement/Constraints/-"])
            .to(constrained())
            .to(more)
    };
    let scaled = |change: &str, before: u64, after: u64, more: Value| {
        row("deploy.replicas", change, &["/Mode/Replicated/Replicas"])
            .from(json!({"deploy": {"replicas": before}}))
            .to(json!({"deploy": {"replicas": after}}))
            .to(more)
    };
    let variable = || json!({"environment": {"A": "1"}});
    let waits = || json!({"deploy": {"replicas": 2, "placement": {"constraints": ["node.hostname==n1"], "max_replicas_per_node": 1}}});
    vec![
        // Swarm looks no further than the placement: without a forced update the port is never published.
        both("with an ingress port", json!({"ports": ["PORT:80"]})).on_overlay().must(Must::Replace).core(),
        both("with a host port", json!({"ports": [super::network::host("PORT")]})).on_overlay().must(Must::Replace),
        both("with endpoint_mode", json!({"deploy": {"endpoint_mode": "dnsrr"}})).on_overlay().must(Must::Replace),
        both("with a container label", json!({"labels": {"a": "1"}})).must(Must::Replace).core(),
        both("with a service label", json!({"deploy": {"labels": {"a": "1"}}})).must(Must::Keep),
        both("with replicas 1 to 2", json!({"deploy": {"replicas": 2}})),
        scaled("2 to 3, with a variable", 2, 3, variable()).core(),
        scaled("3 to 2, with a variable", 3, 2, variable()).core(),
        scaled("2 to 3, with a service label", 2, 3, json!({"deploy": {"labels": {"a": "1"}}})),
        scaled("2 to 3, with update_config", 2, 3, json!({"deploy": {"update_config": {"order": "start-first"}}})),
        row("environment", "with update_config", &["/TaskTemplate/ContainerSpec/Env/-"])
            .to(variable())
            .to(json!({"deploy": {"update_config": {"order": "start-first"}}})),
        // Swarm forgets a task that waits when its service is written; so all are replaced.
        row("deploy.labels", "while a task waits for a node", &["/Labels/*"])
            .from(waits())
            .to(json!({"deploy": {"labels": {"a": "1"}}}))
            .must(Must::Replace),
        row(
            "deploy.placement.max_replicas_per_node",
            "for a task that waits",
            &["/TaskTemplate/Placement/MaxReplicas"],
        )
        .from(waits())
        .to(json!({"deploy": {"placement": {"max_replicas_per_node": 2}}})),
    ]
}

/// Two forms of one thing in the file: alone nothing is written; with a service label the tasks must stay.
fn same() -> Vec<Row> {
    let mut all = Vec::new();
    let list: Vec<(&str, &str, Value, Value)> = vec![
        (
            "environment",
            "in another order",
            json!({"environment": ["A=1", "B=2"]}),
            json!({"environment": ["B=2", "A=1"]}),
        ),
        (
            "extra_hosts",
            "in another order",
            json!({"extra_hosts": ["a:10.0.0.1", "b:10.0.0.2"]}),
            json!({"extra_hosts": ["b:10.0.0.2", "a:10.0.0.1"]}),
        ),
        ("group_add", "in another order", json!({"group_add": ["7", "8"]}), json!({"group_add": ["8", "7"]})),
        ("volumes", "in another order", json!({"volumes": ["/a", "/b"]}), json!({"volumes": ["/b", "/a"]})),
        (
            "cap_add",
            "in another form",
            json!({"cap_add": ["SYS_TIME", "CHOWN"]}),
            json!({"cap_add": ["CAP_CHOWN", "sys_time"]}),
        ),
        ("healthcheck", "{} instead of nothing", json!({}), json!({"healthcheck": {}})),
        ("logging", "{} instead of nothing", json!({}), json!({"logging": {}})),
        ("logging", "nothing instead of {}", json!({"logging": {}}), json!({"logging": null})),
        (
            "deploy.resources.limits",
            "{} instead of nothing",
            json!({}),
            json!({"deploy": {"resources": {"limits": {}}}}),
        ),
        (
            "deploy.resources.limits",
            "nothing instead of {}",
            json!({"deploy": {"resources": {"limits": {}}}}),
            json!({"deploy": {"resources": {"limits": null}}}),
        ),
        ("deploy.restart_policy", "{} instead of nothing", json!({}), json!({"deploy": {"restart_policy": {}}})),
        (
            "deploy.restart_policy",
            "the defaults, written out",
            json!({}),
            json!({"deploy": {"restart_policy": {"condition": "any", "delay": "5s"}}}),
        ),
        (
            "deploy.restart_policy",
            "the defaults, no longer written",
            json!({"deploy": {"restart_policy": {"condition": "any", "delay": "5s"}}}),
            json!({"deploy": {"restart_policy": null}}),
        ),
        ("deploy.endpoint_mode", "vip instead of nothing", json!({}), json!({"deploy": {"endpoint_mode": "vip"}})),
        (
            "deploy.placement.constraints",
            "with spaces",
            json!({"deploy": {"placement": {"constraints": ["node.role==manager"]}}}),
            json!({"deploy": {"placement": {"constraints": ["node.role == manager"]}}}),
        ),
        (
            "deploy.update_config",
            "the defaults, written out",
            json!({"deploy": {"update_config": null}}),
            json!({"deploy": {"update_config": {"parallelism": 1, "order": "stop-first", "failure_action": "pause", "monitor": "5s"}}}),
        ),
        ("deploy.replicas", "nothing instead of 1", json!({}), json!({"deploy": {"replicas": null}})),
        ("stop_grace_period", "10s instead of nothing", json!({}), json!({"stop_grace_period": "10s"})),
        ("tty", "false instead of nothing", json!({}), json!({"tty": false})),
        ("isolation", "default instead of nothing", json!({}), json!({"isolation": "default"})),
    ];
    for (field, change, before, after) in list {
        let alone = row(field, change, &[]).from(before).to(after);
        let with_label = labelled(alone.clone());
        let everyday = matches!(field, "environment" | "healthcheck" | "deploy.restart_policy");
        all.push(alone.must(Must::NotWrite));
        all.push(if everyday { with_label.core() } else { with_label });
    }
    all
}

/// The same row with a service label beside it: the spec is written, and every task must stay.
fn labelled(mut row: Row) -> Row {
    row.change += ", with a service label";
    row.covers = vec!["/Labels/*"];
    row.to(json!({"deploy": {"labels": {"a": "1"}}})).must(Must::Keep)
}

/// The live spec has another form of what the file says, or holds what no file can: nothing of it may be touched.
fn same_by_hand() -> Vec<Row> {
    let hand = |field: &str, change: &str, from: Value, edit: fn(&mut Value)| {
        labelled(row(field, &format!("live {change}"), &[]).from(from).by_hand(edit))
    };
    let reversed: [fn(&mut Value); 4] = [
        |spec| reverse(spec, "/TaskTemplate/ContainerSpec/Env"),
        |spec| reverse(spec, "/TaskTemplate/ContainerSpec/Mounts"),
        |spec| reverse(spec, "/EndpointSpec/Ports"),
        |spec| reverse(spec, "/TaskTemplate/Networks"),
    ];
    vec![
        hand("environment", "in another order", json!({"environment": ["A=1", "B=2"]}), reversed[0]).core(),
        hand("volumes", "in another order", json!({"volumes": ["/a", "/b"]}), reversed[1]),
        hand("ports", "in another order", json!({"ports": ["PORT:80", "1PORT:81"]}), reversed[2]).on_overlay(),
        hand("networks", "in another order", json!({"networks": {"host": null, "left": {}, "right": {}}}), reversed[3])
            .around(json!({"networks": {"left": {"attachable": true}, "right": {"attachable": true}}})),
        hand("healthcheck", "as {}", json!({}), |spec| {
            spec["TaskTemplate"]["ContainerSpec"]["Healthcheck"] = json!({});
        }),
        hand("deploy.restart_policy", "with the defaults written out", json!({}), |spec| {
            spec["TaskTemplate"]["RestartPolicy"] =
                json!({"Condition": "any", "Delay": 5_000_000_000_u64, "MaxAttempts": 0});
        }),
        hand("SELinux context", "set by hand", json!({}), |spec| {
            spec["TaskTemplate"]["ContainerSpec"]["Privileges"]["SELinuxContext"] = json!({"Disable": true});
        }),
        hand("image", "with platforms taken away", json!({}), |spec| {
            spec["TaskTemplate"]["Placement"]["Platforms"] = Value::Null;
        }),
    ]
}

fn reverse(spec: &mut Value, path: &str) {
    spec.pointer_mut(path).and_then(Value::as_array_mut).unwrap().reverse();
}
