//! Two services of one name.

use std::collections::BTreeMap;

use super::deploy::deploy;
use super::rules::{by_key, keyed, later, later_text, later_unless, later_words};
use crate::compose::model::{CredentialSpec, Healthcheck, Logging, Nanos, Service, ServiceNetwork};
use crate::diagnostic::Spanned;

/// `next` over `base`.
pub fn service(mut base: Service, next: Service) -> Service {
    later_text(&mut base.image, next.image);
    later_words(&mut base.command, next.command);
    later_words(&mut base.entrypoint, next.entrypoint);
    environment(&mut base.environment, next.environment);
    base.env_file.extend(next.env_file);
    by_key(&mut base.labels, next.labels);
    by_key(&mut base.sysctls, next.sysctls);
    by_key(&mut base.ulimits, next.ulimits);
    by_key(&mut base.extensions, next.extensions);
    by_key(&mut base.depends_on, next.depends_on);
    later_text(&mut base.hostname, next.hostname);
    later_text(&mut base.domainname, next.domainname);
    later_text(&mut base.user, next.user);
    later_text(&mut base.working_dir, next.working_dir);
    later_text(&mut base.isolation, next.isolation);
    later_text(&mut base.stop_signal, next.stop_signal);
    later_text(&mut base.restart, next.restart);
    later(&mut base.tty, next.tty);
    later(&mut base.stdin_open, next.stdin_open);
    later(&mut base.read_only, next.read_only);
    later(&mut base.init, next.init);
    later_unless(&mut base.stop_grace_period, next.stop_grace_period, |d| *d == Nanos(0));
    later_unless(&mut base.oom_score_adj, next.oom_score_adj, |n| *n == 0);
    base.group_add.extend(next.group_add);
    base.extra_hosts.extend(next.extra_hosts);
    base.dns.extend(next.dns);
    base.dns_search.extend(next.dns_search);
    base.cap_add.extend(next.cap_add);
    base.cap_drop.extend(next.cap_drop);
    inside(&mut base.credential_spec, next.credential_spec, credential_spec);
    inside(&mut base.healthcheck, next.healthcheck, healthcheck);
    inside(&mut base.logging, next.logging, logging);
    // docker's key is the published port alone: it loses tcp beside udp, and all unpublished ports but one.
    keyed(&mut base.ports, next.ports, |p| {
        let protocol = if p.protocol.is_empty() { "tcp".to_owned() } else { p.protocol.clone() };
        (p.published, if p.published == 0 { p.target } else { 0 }, protocol)
    });
    keyed(&mut base.mounts, next.mounts, |m| m.target.value.clone());
    keyed(&mut base.secrets, next.secrets, |s| s.source.value.clone());
    keyed(&mut base.configs, next.configs, |c| c.source.value.clone());
    base.networks = networks(base.networks, next.networks);
    deploy(&mut base.deploy, next.deploy);
    for (key, value) in next.ignored {
        match base.ignored.get_mut(&key) {
            Some(old) if grows(&old.value, &value.value) => json(&mut old.value, value.value),
            _ => drop(base.ignored.insert(key, value)),
        }
    }
    base
}

/// Merges inside where both are written.
pub fn inside<T>(base: &mut Option<Spanned<T>>, next: Option<Spanned<T>>, merge: impl Fn(&mut T, T)) {
    match (base.as_mut(), next) {
        (Some(base), Some(next)) => merge(&mut base.value, next.value),
        (None, next) => *base = next,
        (Some(_), None) => {}
    }
}

/// An unset or empty variable overrides nothing.
fn environment(base: &mut BTreeMap<String, Spanned<Option<String>>>, next: BTreeMap<String, Spanned<Option<String>>>) {
    for (key, value) in next {
        if !base.contains_key(&key) || value.value.as_deref().is_some_and(|v| !v.is_empty()) {
            base.insert(key, value);
        }
    }
}

fn credential_spec(base: &mut CredentialSpec, next: CredentialSpec) {
    later(&mut base.config, next.config);
    later(&mut base.file, next.file);
    later(&mut base.registry, next.registry);
}

/// docker appends to the test instead of replacing it.
fn healthcheck(base: &mut Healthcheck, next: Healthcheck) {
    // Each of the two turns the other off.
    if next.disable.is_some_and(|d| d.value) && next.test.is_none() {
        base.test = None;
    }
    if next.test.is_some() && next.disable.is_none() {
        base.disable = None;
    }
    later_words(&mut base.test, next.test);
    later_unless(&mut base.interval, next.interval, |d| *d == Nanos(0));
    later_unless(&mut base.timeout, next.timeout, |d| *d == Nanos(0));
    later(&mut base.retries, next.retries);
    later_unless(&mut base.start_period, next.start_period, |d| *d == Nanos(0));
    later_unless(&mut base.start_interval, next.start_interval, |d| *d == Nanos(0));
    later(&mut base.disable, next.disable);
}

/// Options belong to their driver.
fn logging(base: &mut Logging, next: Logging) {
    let name = |l: &Logging| l.driver.as_ref().map(|d| d.value.clone()).filter(|d| !d.is_empty());
    match (name(base), name(&next)) {
        (Some(a), Some(b)) if a != b => *base = next,
        _ => {
            later_text(&mut base.driver, next.driver);
            by_key(&mut base.options, next.options);
        }
    }
}

type Networks = BTreeMap<String, Spanned<ServiceNetwork>>;

fn networks(base: Option<Networks>, next: Option<Networks>) -> Option<Networks> {
    let (Some(mut base), Some(next)) = (base.clone(), next.clone()) else { return base.or(next) };
    for (name, network) in next {
        match base.get_mut(&name) {
            Some(old) if !is_bare(&network) => {
                if is_bare(old) {
                    *old = network;
                    continue;
                }
                // Aliases are replaced, by none as well.
                old.value.aliases = network.value.aliases;
                later_text(&mut old.value.ipv4_address, network.value.ipv4_address);
                later_text(&mut old.value.ipv6_address, network.value.ipv6_address);
            }
            Some(_) => {}
            None => drop(base.insert(name, network)),
        }
    }
    Some(base)
}

/// Joined without a word about how.
fn is_bare(network: &ServiceNetwork) -> bool {
    network.aliases.is_empty()
        && network.driver_opts.is_empty()
        && network.ipv4_address.is_none()
        && network.ipv6_address.is_none()
}

/// Two lists or two mappings become one; anything else is replaced, and so is its place.
fn grows(base: &serde_json::Value, next: &serde_json::Value) -> bool {
    base.is_array() && next.is_array() || base.is_object() && next.is_object()
}

/// What is only kept for `config`: lists grow, mappings merge, the rest is replaced.
fn json(base: &mut serde_json::Value, next: serde_json::Value) {
    use serde_json::Value;
    match (base, next) {
        (Value::Array(base), Value::Array(next)) => base.extend(next),
        (Value::Object(base), Value::Object(next)) => {
            for (key, value) in next {
                match base.get_mut(&key) {
                    Some(old) => json(old, value),
                    None => drop(base.insert(key, value)),
                }
            }
        }
        (base, next) => *base = next,
    }
}
