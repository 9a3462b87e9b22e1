//! Nodes that get a task of a global service.

use crate::plan::Constraint;
use crate::swarm::{Availability, Node, NodeState};

/// Swarm would start a task of a global service on this node: it is ready, active, and meets the constraints.
pub fn eligible(node: &Node, constraints: &[String]) -> bool {
    node.state == NodeState::Ready
        && node.availability == Availability::Active
        && constraints.iter().all(|c| Constraint::parse(c).is_ok_and(|c| c.allows(node)))
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
    fn ready_active_and_allowed() {
        let n = node("n1");
        for (constraints, expected) in [
            (vec![], true),
            (vec!["node.labels.Zone == a"], true),
            (vec!["node.labels.Zone == a", "node.role == manager"], false),
            (vec!["nonsense"], false),
        ] {
            let constraints: Vec<_> = constraints.into_iter().map(str::to_owned).collect();
            assert_eq!(eligible(&n, &constraints), expected, "{constraints:?}");
        }
        let mut drained = node("n2");
        drained.availability = Availability::Drain;
        let mut down = node("n3");
        down.state = NodeState::Down;
        assert!(!eligible(&drained, &[]) && !eligible(&down, &[]));
    }
}
