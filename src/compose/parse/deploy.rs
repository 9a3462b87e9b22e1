//! `services.NAME.deploy`.

use super::pairs::labels;
use super::value::{bytes, duration, integer, nano_cpus, number, text, texts, unsigned, word};
use crate::compose::context::Context;
use crate::compose::model::{
    Deploy, GenericResource, Limits, Placement, Reservations, Resources, RestartPolicy, Text, UpdateConfig,
};
use crate::compose::yaml::{Map, Node};
use crate::diagnostic::{Spanned, code};

const MODES: &[&str] = &["replicated", "global", "replicated-job", "global-job"];

pub fn deploy(cx: &mut Context<'_>, node: &Node) -> Deploy {
    let Some(map) = node.as_map() else { return Deploy::default() };
    let resources = map.get("resources");
    Deploy {
        mode: map.get("mode").and_then(|n| word_or_empty(cx, n, MODES)),
        replicas: map.get("replicas").and_then(|n| unsigned(cx, n)),
        endpoint_mode: map.get("endpoint_mode").and_then(|n| endpoint_mode(cx, n)),
        labels: map.get("labels").map(labels).unwrap_or_default(),
        update_config: map.get("update_config").and_then(|n| update_config(cx, n)),
        rollback_config: map.get("rollback_config").and_then(|n| update_config(cx, n)),
        resources: Resources {
            limits: resources.and_then(|r| r.get("limits")).and_then(|n| limits(cx, n)),
            reservations: resources.and_then(|r| r.get("reservations")).and_then(|n| reservations(cx, n)),
        },
        restart_policy: map.get("restart_policy").and_then(|n| restart_policy(cx, n)),
        placement: map.get("placement").and_then(Node::as_map).map(|m| placement(cx, m)).unwrap_or_default(),
    }
}

/// Empty is not written (a variable that is not set).
fn word_or_empty(cx: &mut Context<'_>, node: &Node, words: &[&str]) -> Option<Text> {
    if node.as_text() == Some("") { text(node) } else { word(cx, node, words) }
}

/// Case does not matter here.
fn endpoint_mode(cx: &mut Context<'_>, node: &Node) -> Option<Text> {
    let text = text(node)?;
    if !text.value.is_empty() && !["vip", "dnsrr"].contains(&text.value.to_lowercase().as_str()) {
        return word(cx, node, &["vip", "dnsrr"]);
    }
    Some(text)
}

fn update_config(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<UpdateConfig>> {
    let map = node.as_map()?;
    let ratio = map.get("max_failure_ratio").and_then(|n| number(cx, n));
    if let Some(ratio) = ratio.filter(|r| !(0.0..=1.0).contains(&r.value)) {
        let message = format!("`{}` is no ratio", ratio.value);
        cx.error(code::BAD_NUMBER, message, ratio.span, "write a number from 0 to 1: 0.25 is a quarter of the tasks");
    }
    let config = UpdateConfig {
        parallelism: map.get("parallelism").and_then(|n| unsigned(cx, n)),
        delay: map.get("delay").and_then(|n| duration(cx, n)),
        failure_action: map
            .get("failure_action")
            .and_then(|n| word_or_empty(cx, n, &["pause", "continue", "rollback"])),
        monitor: map.get("monitor").and_then(|n| duration(cx, n)),
        max_failure_ratio: ratio,
        order: map.get("order").and_then(|n| word(cx, n, &["start-first", "stop-first"])),
    };
    Some(Spanned::new(config, node.span))
}

fn restart_policy(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<RestartPolicy>> {
    let map = node.as_map()?;
    let policy = RestartPolicy {
        condition: map.get("condition").and_then(|n| word_or_empty(cx, n, &["none", "on-failure", "any"])),
        delay: map.get("delay").and_then(|n| duration(cx, n)),
        max_attempts: map.get("max_attempts").and_then(|n| unsigned(cx, n)),
        window: map.get("window").and_then(|n| duration(cx, n)),
    };
    Some(Spanned::new(policy, node.span))
}

fn limits(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<Limits>> {
    let map = node.as_map()?;
    let limits = Limits {
        nano_cpus: map.get("cpus").and_then(|n| nano_cpus(cx, n)),
        memory: map.get("memory").and_then(|n| bytes(cx, n)),
        pids: map.get("pids").and_then(|n| integer(cx, n)),
    };
    Some(Spanned::new(limits, node.span))
}

fn reservations(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<Reservations>> {
    let map = node.as_map()?;
    let generic = map.get("generic_resources").and_then(Node::as_list).unwrap_or_default();
    let reservations = Reservations {
        nano_cpus: map.get("cpus").and_then(|n| nano_cpus(cx, n)),
        memory: map.get("memory").and_then(|n| bytes(cx, n)),
        generic: generic.iter().filter_map(|n| generic_resource(cx, n)).collect(),
    };
    Some(Spanned::new(reservations, node.span))
}

fn generic_resource(cx: &mut Context<'_>, node: &Node) -> Option<Spanned<GenericResource>> {
    let discrete = node.get("discrete_resource_spec")?;
    let kind = discrete.get("kind").and_then(text)?.value;
    let value = discrete.get("value").and_then(|n| integer(cx, n))?.value;
    Some(Spanned::new(GenericResource { kind, value }, node.span))
}

fn placement(cx: &mut Context<'_>, map: &Map) -> Placement {
    let preferences = map.get("preferences").and_then(Node::as_list).unwrap_or_default();
    Placement {
        constraints: map.get("constraints").map(texts).unwrap_or_default(),
        preferences: preferences.iter().filter_map(|n| n.get("spread").and_then(text)).collect(),
        max_replicas_per_node: map.get("max_replicas_per_node").and_then(|n| unsigned(cx, n)),
    }
}
