//! Nodes that get a task of a global service.

use crate::swarm::{Availability, Node, NodeState};

/// Swarm would start a task of a global service on this node: it is ready, active, and meets the constraints.
pub fn eligible(node: &Node, constraints: &[String]) -> bool {
    node.state == NodeState::Ready
        && node.availability == Availability::Active
        && constraints.iter().all(|c| meets(node, c))
}

/// Swarm's rules: `==` is looked for first, keys and values compare without case, label keys with it, and a key that
/// swarm does not know matches no node.
fn meets(node: &Node, constraint: &str) -> bool {
    let (key, value, equal) = if let Some((key, value)) = constraint.split_once("==") {
        (key.trim(), value.trim(), true)
    } else if let Some((key, value)) = constraint.split_once("!=") {
        (key.trim(), value.trim(), false)
    } else {
        return false;
    };
    let same = |text: &str| text.eq_ignore_ascii_case(value) == equal;
    let label = |prefix: &str| {
        let head = key.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| &key[prefix.len()..]).filter(|k| !k.is_empty())
    };
    if let Some(name) = label("node.labels.") {
        return same(node.labels.get(name).map_or("", String::as_str));
    }
    if let Some(name) = label("engine.labels.") {
        return same(node.engine_labels.get(name).map_or("", String::as_str));
    }
    match key.to_ascii_lowercase().as_str() {
        "node.id" => same(&node.id),
        "node.hostname" => same(&node.hostname),
        "node.role" => same(if node.manager { "manager" } else { "worker" }),
        "node.platform.os" => same(&node.os),
        "node.platform.arch" => same(&node.architecture),
        "node.ip" => in_range(&node.address, value).is_some_and(|inside| inside == equal),
        _ => false,
    }
}

/// `None` where the value is neither an address nor a range: such a constraint matches nothing.
fn in_range(address: &str, range: &str) -> Option<bool> {
    use std::net::IpAddr;
    let bits = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => (u128::from(u32::from(ip)) << 96, 32),
        IpAddr::V6(ip) => (u128::from(ip), 128),
    };
    let (network, length) = range.split_once('/').map_or((range, None), |(n, l)| (n, Some(l)));
    let (network, width) = bits(network.parse().ok()?);
    let length = length.map_or(Some(width), |l| l.parse().ok())?;
    if length > width {
        return None;
    }
    let Ok(address) = address.parse() else { return Some(false) };
    let (address, other) = bits(address);
    let mask = if length == 0 { 0 } else { u128::MAX << (128 - length) };
    Some(width == other && address & mask == network & mask)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::rollout) fn node(id: &str) -> Node {
        Node {
            id: id.to_owned(),
            hostname: format!("host-{id}"),
            manager: false,
            leader: false,
            availability: Availability::Active,
            state: NodeState::Ready,
            address: "10.78.0.2".to_owned(),
            labels: [("Zone".to_owned(), "a".to_owned())].into(),
            engine_labels: Default::default(),
            os: "linux".to_owned(),
            architecture: "x86_64".to_owned(),
            nano_cpus: 2_000_000_000,
            memory: 1 << 30,
            raw: serde_json::Value::Null,
        }
    }

    #[test]
    fn constraints_mean_what_swarm_means() {
        let n = node("n1");
        for (constraint, expected) in [
            ("node.hostname == HOST-n1", true),
            ("NODE.ROLE!=manager", true),
            ("node.labels.Zone == A", true),
            ("node.labels.zone == a", false),
            ("node.labels.none != x", true),
            ("node.labels.none == x", false),
            ("node.platform.arch == amd64", false),
            ("node.ip == 10.78.0.2/31", true),
            ("node.ip == 10.78.0.4/31", false),
            ("node.ip != rubbish", false),
            ("node.foo != x", false),
            ("nonsense", false),
        ] {
            assert_eq!(meets(&n, constraint), expected, "{constraint}");
        }
        let mut drained = node("n2");
        drained.availability = Availability::Drain;
        assert!(eligible(&n, &[]) && !eligible(&drained, &[]));
    }
}
