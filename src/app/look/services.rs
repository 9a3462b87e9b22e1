//! `services`: the services of a stack.

use serde_json::Value;

use super::ports::service_ports;
use super::row::{Field, Row};
use super::{natural_cmp, short_image};
use crate::app::event::RowKind;
use crate::swarm::{LiveService, ServiceMode};

/// One service, every cell as docker shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceRow {
    /// The whole id; tables show its first 12 characters.
    pub id: String,
    pub name: String,
    /// `replicated`, `global`, `replicated job`, `global job`.
    pub mode: String,
    /// `2/3`, `2/3 (max 4 per node)`, `0/2 (1/2 completed)`.
    pub replicas: String,
    pub image: String,
    pub ports: String,
}

impl Row for ServiceRow {
    const FIELDS: &'static [Field] = &[
        Field { name: "ID", head: "ID" },
        Field { name: "Name", head: "NAME" },
        Field { name: "Mode", head: "MODE" },
        Field { name: "Replicas", head: "REPLICAS" },
        Field { name: "Image", head: "IMAGE" },
        Field { name: "Ports", head: "PORTS" },
    ];
    const KIND: RowKind = RowKind::Service;
    const RAW: bool = true;

    fn values(&self) -> Vec<String> {
        let id = self.id.chars().take(12).collect();
        let rest = [&self.name, &self.mode, &self.replicas, &self.image, &self.ports];
        std::iter::once(id).chain(rest.into_iter().cloned()).collect()
    }
}

/// Rows by name.
pub fn service_rows(services: &[LiveService]) -> Vec<ServiceRow> {
    let row = |s: &LiveService| ServiceRow {
        id: s.id.clone(),
        name: s.name.clone(),
        mode: s.mode().as_str().replace('-', " "),
        replicas: replicas(s),
        image: short_image(s.image()),
        ports: service_ports(&s.ports),
    };
    let mut rows: Vec<ServiceRow> = services.iter().map(row).collect();
    rows.sort_by(|a, b| natural_cmp(&a.name, &b.name));
    rows
}

fn replicas(service: &LiveService) -> String {
    let [running, wanted, completed] =
        [service.running, service.wanted, service.completed].map(Option::unwrap_or_default);
    match service.mode() {
        ServiceMode::ReplicatedJob { completions, .. } => {
            format!("{running}/{wanted} ({completed}/{completions} completed)")
        }
        ServiceMode::GlobalJob => format!("{running}/{wanted} ({completed}/{} completed)", wanted + completed),
        ServiceMode::Replicated { .. } | ServiceMode::Global => match max_per_node(service) {
            Some(max) => format!("{running}/{wanted} (max {max} per node)"),
            None => format!("{running}/{wanted}"),
        },
    }
}

fn max_per_node(service: &LiveService) -> Option<u64> {
    let max = service.spec.pointer("/TaskTemplate/Placement/MaxReplicas").and_then(Value::as_u64)?;
    (max > 0).then_some(max)
}

#[cfg(test)]
mod tests {
    use super::super::testing::service;
    use super::*;
    use rstest::rstest;
    use serde_json::json;

    #[rstest]
    #[case(json!({"Replicated": {"Replicas": 3}}), 0, "replicated", "2/3")]
    #[case(json!({"Replicated": {"Replicas": 3}}), 4, "replicated", "2/3 (max 4 per node)")]
    #[case(json!({"Global": {}}), 0, "global", "2/3")]
    #[case(json!({"ReplicatedJob": {"MaxConcurrent": 2, "TotalCompletions": 9}}), 0, "replicated job", "2/3 (5/9 completed)")]
    #[case(json!({"GlobalJob": {}}), 0, "global job", "2/3 (5/8 completed)")]
    fn counts_as_docker(#[case] mode: Value, #[case] max: u64, #[case] word: &str, #[case] cell: &str) {
        let mut one = service("s_web");
        one.spec_mut()["Mode"] = mode;
        one.spec_mut()["TaskTemplate"]["Placement"] = json!({"MaxReplicas": max});
        (one.running, one.wanted, one.completed) = (Some(2), Some(3), Some(5));
        let row = &service_rows(&[one])[0];
        assert_eq!((row.mode.as_str(), row.replicas.as_str(), row.image.as_str()), (word, cell, "acme/web:1"));
    }

    #[test]
    fn by_name() {
        let rows = service_rows(&[service("s_web-10"), service("s_web-2")]);
        assert_eq!(rows.iter().map(|r| r.name.as_str()).collect::<Vec<_>>(), ["s_web-2", "s_web-10"]);
    }
}
