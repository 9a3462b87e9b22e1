//! `ls`: the stacks of a swarm, known by the label of their services.

use std::collections::BTreeMap;

use super::natural_cmp;
use super::row::{Field, Row};
use crate::app::event::RowKind;
use crate::swarm::{LiveService, NAMESPACE_LABEL};

/// One stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackRow {
    pub name: String,
    pub services: usize,
}

impl Row for StackRow {
    const FIELDS: &'static [Field] =
        &[Field { name: "Name", head: "NAME" }, Field { name: "Services", head: "SERVICES" }];
    const KIND: RowKind = RowKind::Stack;
    const RAW: bool = false;

    fn values(&self) -> Vec<String> {
        vec![self.name.clone(), self.services.to_string()]
    }
}

/// Stacks by name.
pub fn stack_rows(services: &[LiveService]) -> Vec<StackRow> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for stack in services.iter().filter_map(|s| s.label(NAMESPACE_LABEL)) {
        *counts.entry(stack).or_default() += 1;
    }
    let mut rows: Vec<StackRow> =
        counts.into_iter().map(|(name, services)| StackRow { name: name.to_owned(), services }).collect();
    rows.sort_by(|a, b| natural_cmp(&a.name, &b.name));
    rows
}

#[cfg(test)]
mod tests {
    use super::super::testing::service;
    use super::*;

    #[test]
    fn counts_services_by_label() {
        let mut alone = service("solo");
        alone.spec_mut()["Labels"] = serde_json::json!({});
        let rows = stack_rows(&[service("s-10_a"), service("s-2_a"), service("s-10_b"), alone]);
        let shown: Vec<_> = rows.iter().map(|r| (r.name.as_str(), r.services)).collect();
        assert_eq!(shown, [("s-2", 1), ("s-10", 2)]);
    }
}
