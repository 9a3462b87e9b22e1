//! The whole stack.

use std::collections::BTreeSet;

use super::marks::Marks;
use super::{file_object, network, service};
use crate::compose::model::{Content, Stack};
use crate::diagnostic::Diagnostics;
use crate::swarm::{Desired, Sensitive};

/// A line of a marked config that is shorter says nothing by itself, and would take half of every output with it.
const SHORTEST_LINE: usize = 6;

/// The specs that the stack `name` wants. Problems that only show here (an unknown mode, a duplicate target) are added.
pub fn convert(stack: &Stack, name: &str, diagnostics: &mut Diagnostics) -> Desired {
    let (networks, mut external) = network::networks(stack, name);
    external.retain(|object| network::is_user_defined(&object.name));
    let configs = file_object::configs(&stack.configs, name, &mut external);
    let secrets = file_object::secrets(&stack.secrets, name, &mut external);
    let services = stack.services.values().map(|s| service::service(s, stack, name, diagnostics)).collect();
    let Marks { sensitive: sensitive_names, ignore, volatile_tags } = Marks::of(stack, diagnostics);
    let sensitive = sensitive(stack, &sensitive_names);
    Desired {
        stack: name.to_owned(),
        networks,
        configs,
        secrets,
        services,
        external,
        sensitive,
        sensitive_names,
        volatile_tags,
        ignore,
    }
}

/// Contents of secrets and of marked configs (whole, and line by line), and the values of marked names.
fn sensitive(stack: &Stack, names: &BTreeSet<String>) -> Sensitive {
    let mut values = BTreeSet::new();
    for content in stack.secrets.values().filter_map(|s| s.content.as_ref()) {
        values.extend(lines(content, 1));
    }
    for (_, config) in stack.configs.iter().filter(|(key, _)| names.contains(*key)) {
        values.extend(config.content.iter().flat_map(|content| lines(content, SHORTEST_LINE)));
    }
    for service in stack.services.values() {
        let environment = service.environment.iter().filter(|(key, _)| names.contains(*key));
        values.extend(environment.filter_map(|(_, v)| v.value.clone()));
        let labels = service.labels.iter().chain(&service.deploy.labels);
        values.extend(labels.filter(|(key, _)| names.contains(*key)).map(|(_, v)| v.value.clone()));
        let options = service.logging.iter().flat_map(|logging| &logging.value.options);
        values.extend(options.filter(|(key, _)| names.contains(*key)).map(|(_, v)| v.value.clone()));
    }
    values.retain(|v| !v.is_empty());
    Sensitive(values)
}

/// A text as a whole, and its lines of at least that many bytes.
fn lines(content: &Content, shortest: usize) -> Vec<String> {
    let Ok(text) = std::str::from_utf8(&content.0) else { return Vec::new() };
    let lines = text.lines().map(str::trim).filter(|line| line.len() >= shortest);
    lines.chain(std::iter::once(text.trim())).map(str::to_owned).collect()
}
