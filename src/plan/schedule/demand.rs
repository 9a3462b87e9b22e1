//! What one task of a service asks of a node.

use serde_json::Value;

use super::room::Catalogue;
use crate::plan::preflight::fixed_ports;
use crate::swarm::Members;

/// What a task holds while it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Demand {
    /// 10⁻⁹ of a CPU.
    pub cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// Kind by number of the catalogue, and how many.
    pub generic: Vec<(usize, i64)>,
    /// Fixed ports of the node, by number of the catalogue.
    pub ports: Vec<u32>,
}

impl Demand {
    /// What a service that the plan writes asks for. Its kinds and ports enter the catalogue.
    pub fn wanted(spec: &Value, catalogue: &mut Catalogue) -> Self {
        let task = spec.get("TaskTemplate").unwrap_or(&Value::Null);
        let generic = generics(task).map(|(kind, count)| (catalogue.kind(kind), count)).collect();
        let ports = host_ports(spec).map(|(protocol, port)| catalogue.port(&protocol, port)).collect();
        Self { generic, ports, ..Self::reserved(task) }
    }

    /// What a task that is there holds of what the catalogue knows. Its ports stand in the spec of its service.
    pub fn held(task: &Value, service: Option<&Value>, catalogue: &Catalogue) -> Self {
        let generic = generics(task).filter_map(|(kind, count)| Some((catalogue.known_kind(kind)?, count))).collect();
        let ports = service.into_iter().flat_map(host_ports);
        let ports = ports.filter_map(|(protocol, port)| catalogue.known_port(&protocol, port)).collect();
        Self { generic, ports, ..Self::reserved(task) }
    }

    fn reserved(task: &Value) -> Self {
        let number = |key: &str| {
            let reservations = task.member("/Resources/Reservations");
            reservations.and_then(|r| r.get(key)).and_then(Value::as_i64).unwrap_or(0)
        };
        Self { cpu: number("NanoCPUs"), memory: number("MemoryBytes"), generic: Vec::new(), ports: Vec::new() }
    }

    /// Swarm compares reservations at all: with none of them even a node that has less than nothing will do.
    pub fn reserves(&self) -> bool {
        self.cpu != 0 || self.memory != 0 || !self.generic.is_empty()
    }

    /// It takes nothing that could run out.
    pub fn is_nothing(&self) -> bool {
        !self.reserves() && self.ports.is_empty()
    }
}

fn generics(task: &Value) -> impl Iterator<Item = (&str, i64)> {
    let list = task.member("/Resources/Reservations/GenericResources").and_then(Value::as_array).into_iter().flatten();
    list.filter_map(|resource| {
        if let Some(named) = resource.get("NamedResourceSpec") {
            return Some((named.get("Kind")?.as_str()?, 1));
        }
        let discrete = resource.get("DiscreteResourceSpec")?;
        Some((discrete.get("Kind")?.as_str()?, discrete.get("Value").and_then(Value::as_i64).unwrap_or(0)))
    })
}

fn host_ports(spec: &Value) -> impl Iterator<Item = (String, u64)> {
    fixed_ports(spec).into_iter().filter(|port| !port.ingress).map(|port| (port.protocol, port.published))
}
