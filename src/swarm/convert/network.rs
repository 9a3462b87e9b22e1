//! `networks`: the ones a stack creates, and how a service joins them.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::{Object, labels_of, list, strings};
use super::trail::Trail;
use crate::compose::model::{Network, Service, ServiceNetwork, Stack};
use crate::diagnostic::code::UNDEFINED_REFERENCE;
use crate::diagnostic::{Diagnostic, Diagnostics, Span, Spanned, closest};
use crate::swarm::{DesiredNetwork, ExternalObject, Kind, NAMESPACE_LABEL, join, scoped};

/// What a service joins when it says nothing.
const DEFAULT: &str = "default";

/// Names that stand for a way of networking and are no networks of anybody's.
pub(super) fn is_user_defined(name: &str) -> bool {
    !matches!(name, "default" | "bridge" | "host" | "none" | "")
}

/// The networks that services use: to create, and to find. One that nobody uses is not created, as docker has it.
pub(super) fn networks(stack: &Stack, name: &str) -> (Vec<DesiredNetwork>, Vec<ExternalObject>) {
    let (mut ours, mut others) = (Vec::new(), Vec::new());
    for (key, joined_at) in used(stack) {
        match stack.networks.get(key) {
            Some(network) => match &network.external {
                Some(external) => others.push(ExternalObject {
                    kind: Kind::Network,
                    key: key.to_owned(),
                    name: external.name.value.clone(),
                    span: Some(network.span),
                }),
                None => ours.push(create(network, key, name)),
            },
            None if key == DEFAULT => ours.push(implicit(joined_at, name)),
            None => {} // said where a service joins it
        }
    }
    (ours, others)
}

fn used(stack: &Stack) -> BTreeMap<&str, Span> {
    let mut keys = BTreeMap::new();
    for service in stack.services.values() {
        match joined(service) {
            Some(networks) => networks.iter().for_each(|(key, how)| {
                keys.entry(key.as_str()).or_insert(how.span);
            }),
            None => {
                keys.entry(DEFAULT).or_insert(service.span());
            }
        }
    }
    keys
}

fn joined(service: &Service) -> Option<&BTreeMap<String, Spanned<ServiceNetwork>>> {
    service.networks.as_ref().filter(|networks| !networks.is_empty())
}

fn implicit(span: Span, stack: &str) -> DesiredNetwork {
    let name = scoped(stack, DEFAULT);
    let body = json!({
        "Name": name, "CheckDuplicate": true, "Driver": "overlay", "Internal": false, "Attachable": false,
        "Labels": {NAMESPACE_LABEL: stack},
    });
    DesiredNetwork { key: DEFAULT.to_owned(), name, body, origins: Trail::new(span).finish() }
}

fn create(network: &Network, key: &str, stack: &str) -> DesiredNetwork {
    let mut trail = Trail::new(network.span);
    let name = network.name.as_ref().map_or_else(|| scoped(stack, key), |n| n.value.clone());
    let driver = network.driver.as_ref().map(|d| d.value.as_str()).filter(|d| !d.is_empty()).unwrap_or("overlay");
    let mut body = Object::default();
    body.put("Name", name.clone())
        .put("CheckDuplicate", true)
        .put("Driver", driver)
        .put("Internal", network.internal.as_ref().is_some_and(|i| i.value))
        .put("Attachable", network.attachable.as_ref().is_some_and(|a| a.value))
        .put_full("Options", strings(&network.driver_opts))
        .put("Labels", labels_of(&network.labels, &[(NAMESPACE_LABEL, stack)]));
    if network.ipam_driver.is_some() || !network.subnets.is_empty() {
        let mut ipam = Object::default();
        ipam.put_full("Driver", network.ipam_driver.as_ref().map(|d| d.value.clone()).unwrap_or_default());
        ipam.put_full("Config", network.subnets.iter().map(|s| json!({"Subnet": s.value})).collect::<Vec<_>>());
        body.put("IPAM", ipam.into_value());
    }
    trail.maybe("/name", network.name.as_ref());
    trail.maybe("/driver", network.driver.as_ref());
    trail.maybe("/internal", network.internal.as_ref());
    trail.maybe("/attachable", network.attachable.as_ref());
    trail.maybe("/ipam/driver", network.ipam_driver.as_ref());
    trail.list("/ipam/config", &network.subnets);
    trail.map("/driver_opts", &network.driver_opts);
    trail.map("/labels", &network.labels);
    DesiredNetwork { key: key.to_owned(), name, body: body.into_value(), origins: trail.finish() }
}

/// `TaskTemplate.Networks`, by name, sorted by it: swarm puts ids in their place.
pub(super) fn attachments(
    service: &Service,
    stack: &Stack,
    name: &str,
    trail: &mut Trail,
    diagnostics: &mut Diagnostics,
) -> Vec<Value> {
    let plain = ServiceNetwork::default();
    let wanted: Vec<(&str, &ServiceNetwork, Span)> = match joined(service) {
        Some(networks) => networks.iter().map(|(key, how)| (key.as_str(), &how.value, how.span)).collect(),
        None => vec![(DEFAULT, &plain, service.span())],
    };
    let mut specs: BTreeMap<(String, &str), Value> = BTreeMap::new();
    for (key, how, span) in wanted {
        let network = stack.networks.get(key);
        if network.is_none() && key != DEFAULT {
            diagnostics.push(undefined(key, span, stack).about(format!("service/{}", service.name.value)));
            continue;
        }
        let target = match network {
            Some(Network { external: Some(external), .. }) => external.name.value.clone(),
            Some(Network { name: Some(name), .. }) => name.value.clone(),
            _ => scoped(name, key),
        };
        if joined(service).is_some() {
            trail.at(&join("/networks", key), span);
        }
        let mut aliases = list(&how.aliases);
        if let (true, Value::Array(aliases)) = (is_user_defined(&target), &mut aliases) {
            aliases.push(Value::from(service.name.value.clone()));
        }
        let mut spec = Object::default();
        spec.put("Target", target.clone())
            .put_full("Aliases", aliases)
            .put_full("DriverOpts", strings(&how.driver_opts));
        specs.insert((target, key), spec.into_value());
    }
    specs.into_values().collect()
}

fn undefined(key: &str, span: Span, stack: &Stack) -> Diagnostic {
    let help = match closest(key, stack.networks.keys().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it:  networks: {{{key}: {{}}}}"),
    };
    Diagnostic::error(UNDEFINED_REFERENCE, format!("undefined network `{key}`")).at(span).help(help)
}
