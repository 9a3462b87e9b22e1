//! How a service is reached, what it reaches, and the networks themselves.

use serde_json::{Value, json};

use crate::row::{Row, row};

pub fn rows() -> Vec<Row> {
    [ports(), attachments(), networks()].concat()
}

fn port(change: &str, covers: &[&'static str], before: Value, after: Value) -> Row {
    row("ports", change, covers).from(json!({"ports": before})).to(json!({"ports": after})).on_overlay()
}

fn ports() -> Vec<Row> {
    vec![
        port("ingress, added", &["/EndpointSpec/Ports/-/PublishedPort"], json!([]), json!(["PORT:80"])),
        port("ingress, removed", &["/EndpointSpec/Ports/-/PublishedPort"], json!(["PORT:80"]), json!([])),
        port("published", &["/EndpointSpec/Ports/-/PublishedPort"], json!(["PORT:80"]), json!(["1PORT:80"])),
        port("target", &["/EndpointSpec/Ports/-/TargetPort"], json!(["PORT:80"]), json!(["PORT:81"])),
        port("protocol", &["/EndpointSpec/Ports/-/Protocol"], json!(["PORT:80"]), json!(["PORT:80/udp"])),
        port("host mode, added", &["/EndpointSpec/Ports/-/PublishMode"], json!([]), json!([host("PORT")])),
        port("mode", &["/EndpointSpec/Ports/-/PublishMode"], json!(["PORT:80"]), json!([host("PORT")])),
        port("chosen by swarm, added", &["/EndpointSpec/Ports/-/TargetPort"], json!([]), json!(["80"])),
        row("deploy.endpoint_mode", "dnsrr", &["/EndpointSpec/Mode"])
            .to(json!({"deploy": {"endpoint_mode": "dnsrr"}}))
            .on_overlay()
            .core(),
    ]
}

/// A port on the node itself.
pub fn host(published: &str) -> Value {
    json!({"target": 80, "published": published, "mode": "host"})
}

fn attachments() -> Vec<Row> {
    let joins = |change: &str, covers: &[&'static str], before: Value, after: Value| {
        row("networks", change, covers)
            .from(json!({"networks": before}))
            .to(json!({"networks": after}))
            .around(json!({"networks": {"left": {"attachable": true}, "right": {"attachable": true}}}))
    };
    let left = || json!({"host": null, "left": {}});
    vec![
        joins("another one", &["/TaskTemplate/Networks/-/Target"], left(), json!({"left": null, "right": {}})),
        joins("one more", &["/TaskTemplate/Networks/-/Target"], left(), json!({"right": {}})),
        joins("an alias", &["/TaskTemplate/Networks/-/Aliases/-"], left(), json!({"left": {"aliases": ["other"]}})),
        joins(
            "driver_opts",
            &["/TaskTemplate/Networks/-/DriverOpts/*"],
            left(),
            json!({"left": {"driver_opts": {"a": "1"}}}),
        ),
    ]
}

/// With `--recreate-networks`. Each row has a network of its own.
fn networks() -> Vec<Row> {
    let network = |change: &str, covers: &[&'static str], before: Value, after: Value| {
        row(&format!("networks: {change}"), "changed", covers)
            .from(json!({"networks": {"host": null, "KEY-n": {}}}))
            .around(json!({"networks": {"KEY-n": before}}))
            .around_then(json!({"networks": {"KEY-n": after}}))
    };
    vec![
        network("driver_opts", &["network:/Options/*"], json!({}), json!({"driver_opts": {"encrypted": "x"}})),
        network("internal", &["network:/Internal"], json!({}), json!({"internal": true})),
        network("attachable", &["network:/Attachable"], json!({}), json!({"attachable": true})).core(),
        network("labels", &["network:/Labels/*"], json!({}), json!({"labels": {"a": "1"}})),
        network(
            "ipam.config",
            &["network:/IPAM/Config/-/Subnet"],
            json!({}),
            json!({"ipam": {"config": [{"subnet": "10.251.7.0/24"}]}}),
        ),
        // What a file cannot say is there before: a swarm-wide network of another driver, made by hand.
        network(
            "driver",
            &["network:/Driver", "network:/IPAM/Driver"],
            json!({"external": true, "name": "fx-network_KEY-n"}),
            json!({"external": null, "name": null}),
        ),
        network("name", &["network:/Name", "/TaskTemplate/Networks/-/Target"], json!({}), json!({"name": "KEY-else"})),
    ]
}
