//! `ports` and `deploy.endpoint_mode` → `EndpointSpec`.

use serde_json::Value;

use super::json::Object;
use super::trail::Trail;
use crate::compose::model::{Port, Service};
use crate::swarm::join;

/// Always sent, empty or not. Ports are sorted: the order that swarm stores decides whether tasks restart.
pub(super) fn endpoint(service: &Service, trail: &mut Trail) -> Value {
    let mut spec = Object::default();
    let mode = service.deploy.endpoint_mode.as_ref();
    trail.maybe("/deploy/endpoint_mode", mode);
    spec.put_full("Mode", mode.map(|m| m.to_lowercase()).unwrap_or_default());

    for port in &service.ports {
        let port_path = port_key(port.published, port.target, &port.protocol, &port.mode);
        trail.at(&join("/ports", &port_path), port.span);
    }
    let mut ports: Vec<&Port> = service.ports.iter().map(|p| &p.value).collect();
    ports.sort_by_key(|p| (p.published, p.target, p.protocol.as_str(), p.mode.as_str()));
    spec.put_full("Ports", ports.into_iter().map(port).collect::<Vec<_>>());
    spec.into_value()
}

fn port(port: &Port) -> Value {
    let mut spec = Object::default();
    spec.put_full("Protocol", port.protocol.as_str())
        .put_full("TargetPort", port.target)
        .put_full("PublishedPort", port.published)
        .put_full("PublishMode", port.mode.as_str());
    spec.into_value()
}

/// A port as the short form writes it: `8080:80`, `53:53/udp`, `80` (swarm picks), `443:443 (host)`.
pub fn port_key(published: u32, target: u32, protocol: &str, mode: &str) -> String {
    let mut key = if published == 0 { target.to_string() } else { format!("{published}:{target}") };
    if !matches!(protocol, "" | "tcp") {
        key = format!("{key}/{protocol}");
    }
    if mode == "host" {
        key.push_str(" (host)");
    }
    key
}
