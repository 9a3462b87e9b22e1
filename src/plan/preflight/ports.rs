//! Published ports: one service of the whole cluster has an ingress port.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::diagnostic::code::PORT_TAKEN;
use crate::diagnostic::{Diagnostic, Span};
use crate::plan::draft::Draft;
use crate::plan::settled::Settled;
use crate::swarm::convert::port_key;
use crate::swarm::{Members, NAMESPACE_LABEL, join};

/// A port with a fixed number: protocol and number, and whether it is the whole cluster's.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::plan) struct FixedPort {
    pub protocol: String,
    pub published: u64,
    pub target: u64,
    pub ingress: bool,
}

impl FixedPort {
    /// Two of these cannot be in two services: host ports meet only on a node, which the scheduler sees to.
    pub fn clashes(&self, other: &Self) -> bool {
        self.published == other.published && self.protocol == other.protocol && (self.ingress || other.ingress)
    }
}

/// Ports of a spec with a fixed number.
pub(in crate::plan) fn fixed_ports(spec: &Value) -> BTreeSet<FixedPort> {
    let ports = spec.member("/EndpointSpec/Ports").and_then(Value::as_array).into_iter().flatten();
    ports
        .filter_map(|p| {
            let text = |key: &str| p.get(key).and_then(Value::as_str).filter(|t| !t.is_empty());
            Some(FixedPort {
                protocol: text("Protocol").unwrap_or("tcp").to_owned(),
                published: p.get("PublishedPort").and_then(Value::as_u64).filter(|n| *n > 0)?,
                target: p.get("TargetPort").and_then(Value::as_u64).unwrap_or(0),
                ingress: text("PublishMode") != Some("host"),
            })
        })
        .collect()
}

/// `finals` are the stack's services as they come to be, by key; `removed` the names of services that it removes.
pub(in crate::plan) fn check_ports(finals: &BTreeMap<String, Settled>, removed: &BTreeSet<String>, draft: &mut Draft) {
    if finals.values().all(|settled| settled.ports.is_empty()) {
        return;
    }
    let mut problems: Vec<(Diagnostic, Option<Span>)> = Vec::new();
    let ours: BTreeMap<&str, &str> = draft.desired.services.iter().map(|s| (s.name.as_str(), s.key.as_str())).collect();
    let others: Vec<(&str, Option<&str>, BTreeSet<FixedPort>)> = draft
        .snapshot
        .services
        .iter()
        .filter(|s| !ours.contains_key(s.name.as_str()) && !removed.contains(&s.name))
        .map(|s| (s.name.as_str(), s.label(NAMESPACE_LABEL), fixed_ports(&s.spec)))
        .filter(|(_, _, ports)| !ports.is_empty())
        .collect();
    let mut seen: BTreeMap<(String, u64), Vec<(&str, FixedPort)>> = BTreeMap::new();
    for service in &draft.desired.services {
        let Some(settled) = finals.get(&service.key) else { continue };
        for port in &settled.ports {
            let mode = if port.ingress { "ingress" } else { "host" };
            let path = join("/ports", &port_key(port.published as u32, port.target as u32, &port.protocol, mode));
            let span = service.origins.nearest(&path);
            let number = format!("port {}/{}", port.published, port.protocol);
            let address = format!("service/{}", service.key);
            let same = seen.entry((port.protocol.clone(), port.published)).or_default();
            if let Some((other, _)) = same.iter().find(|(_, p)| p.clashes(port)) {
                let problem = Diagnostic::error(
                    PORT_TAKEN,
                    format!("{number} is published by `{other}` and by `{}`", service.key),
                );
                problems.push((problem.help("give one of them another published port").about(address.clone()), span));
            }
            same.push((&service.key, port.clone()));
            if !settled.changed {
                continue; // it is live: the engine has accepted it
            }
            for (name, stack, _) in others.iter().filter(|(_, _, ports)| ports.iter().any(|p| p.clashes(port))) {
                let ours = *stack == Some(draft.snapshot.stack.as_str());
                let help = match ours {
                    true => "that service is no longer in the files: `--prune` removes it".to_owned(),
                    false => format!(
                        "publish another port, or find out who needs it:  docker service inspect --pretty {name}"
                    ),
                };
                let problem = Diagnostic::error(PORT_TAKEN, format!("{number} is taken by the service `{name}`"));
                problems.push((problem.help(help).about(address.clone()), span));
            }
        }
    }
    for (problem, span) in problems {
        draft.refuse(problem, span);
    }
}
