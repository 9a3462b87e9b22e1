//! The whole stack.

use std::collections::BTreeSet;

use super::service::EXTENSION;
use super::{file_object, network, service};
use crate::compose::model::Stack;
use crate::diagnostic::Diagnostics;
use crate::swarm::Desired;

/// The specs that the stack `name` wants. Problems that only show here (an unknown mode, a duplicate target) are added.
pub fn convert(stack: &Stack, name: &str, diagnostics: &mut Diagnostics) -> Desired {
    let (networks, mut external) = network::networks(stack, name);
    external.retain(|object| network::is_user_defined(&object.name));
    let configs = file_object::configs(&stack.configs, name, &mut external);
    let secrets = file_object::secrets(&stack.secrets, name, &mut external);
    let services = stack.services.values().map(|s| service::service(s, stack, name, diagnostics)).collect();
    Desired { stack: name.to_owned(), networks, configs, secrets, services, external, sensitive: sensitive(stack) }
}

/// Contents of secrets (whole, and line by line) and the values that `x-stackup.sensitive` names.
fn sensitive(stack: &Stack) -> BTreeSet<String> {
    let mut values = BTreeSet::new();
    for content in stack.secrets.values().filter_map(|s| s.content.as_ref()) {
        let Ok(text) = std::str::from_utf8(&content.0) else { continue };
        values.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        values.insert(text.trim().to_owned());
    }
    let named = |extensions: &crate::compose::model::Extensions| -> BTreeSet<String> {
        let list = extensions.get(EXTENSION).and_then(|x| x.value.get("sensitive")).and_then(|s| s.as_array());
        list.into_iter().flatten().filter_map(|v| v.as_str()).map(str::to_owned).collect()
    };
    let everywhere = named(&stack.extensions);
    for service in stack.services.values() {
        let here = named(&service.extensions);
        let is_named = |key: &String| everywhere.contains(key) || here.contains(key);
        values.extend(service.environment.iter().filter(|(k, _)| is_named(k)).filter_map(|(_, v)| v.value.clone()));
        let labels = service.labels.iter().chain(&service.deploy.labels);
        values.extend(labels.filter(|(k, _)| is_named(k)).map(|(_, v)| v.value.clone()));
    }
    values.retain(|v| !v.is_empty());
    values
}
