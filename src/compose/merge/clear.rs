//! What `!reset` and `!override` of a later file take out of the earlier ones.

use std::collections::BTreeMap;

use super::clear_deploy::deploy;
use crate::compose::document::Document;
use crate::compose::model::{Healthcheck, Logging, MountType, Service, ServiceNetwork};
use crate::compose::tags::Cleared;
use crate::diagnostic::Spanned;

/// Takes every cleared path out of `base`. Paths that lead nowhere change nothing.
pub fn document(base: &mut Document, cleared: &[Cleared]) {
    for Cleared { path, .. } in cleared {
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let stack = &mut base.stack;
        match parts.as_slice() {
            ["name"] => stack.name = None,
            ["services"] => {
                stack.services.clear();
                base.profiles.clear();
            }
            ["networks"] => stack.networks.clear(),
            ["volumes"] => stack.volumes.clear(),
            ["secrets"] => stack.secrets.clear(),
            ["configs"] => stack.configs.clear(),
            [key] => drop(stack.extensions.remove(*key)),
            ["services", name] => {
                stack.services.remove(*name);
                base.profiles.remove(*name);
            }
            ["services", name, "profiles"] => drop(base.profiles.remove(*name)),
            ["services", name, inside @ ..] => {
                if let Some(base) = stack.services.get_mut(*name) {
                    service(base, inside);
                }
            }
            // A later definition takes the place of the whole; without one the object goes.
            ["networks", name] => drop(stack.networks.remove(*name)),
            ["volumes", name] => drop(stack.volumes.remove(*name)),
            ["secrets", name] => drop(stack.secrets.remove(*name)),
            ["configs", name] => drop(stack.configs.remove(*name)),
            _ => {}
        }
    }
}

/// Takes what `path` names out of a service that is extended or overridden.
pub fn service(s: &mut Service, path: &[&str]) {
    match path {
        ["image"] => s.image = None,
        ["command"] => s.command = None,
        ["entrypoint"] => s.entrypoint = None,
        // Values of files keep the place that names the file.
        ["environment"] => {
            let files = &s.env_file;
            s.environment.retain(|_, v| files.iter().any(|f| f.span == v.span));
        }
        ["environment", name] => drop(s.environment.remove(*name)),
        ["env_file"] => {
            let files = std::mem::take(&mut s.env_file);
            s.environment.retain(|_, v| !files.iter().any(|f| f.span == v.span));
        }
        ["labels", inside @ ..] => keys(&mut s.labels, inside),
        ["sysctls", inside @ ..] => keys(&mut s.sysctls, inside),
        ["ulimits", inside @ ..] => keys(&mut s.ulimits, inside),
        ["depends_on", inside @ ..] => keys(&mut s.depends_on, inside),
        ["hostname"] => s.hostname = None,
        ["domainname"] => s.domainname = None,
        ["user"] => s.user = None,
        ["group_add"] => s.group_add.clear(),
        ["working_dir"] => s.working_dir = None,
        ["tty"] => s.tty = None,
        ["stdin_open"] => s.stdin_open = None,
        ["read_only"] => s.read_only = None,
        ["init"] => s.init = None,
        ["isolation"] => s.isolation = None,
        ["stop_signal"] => s.stop_signal = None,
        ["stop_grace_period"] => s.stop_grace_period = None,
        ["extra_hosts"] => s.extra_hosts.clear(),
        ["extra_hosts", name] => s.extra_hosts.retain(|h| h.value.0 != *name),
        ["dns"] => s.dns.clear(),
        ["dns_search"] => s.dns_search.clear(),
        ["cap_add"] => s.cap_add.clear(),
        ["cap_drop"] => s.cap_drop.clear(),
        ["oom_score_adj"] => s.oom_score_adj = None,
        ["credential_spec", ..] => s.credential_spec = None,
        ["restart"] => s.restart = None,
        ["ports"] => s.ports.clear(),
        // Only the short form of `tmpfs` has a target for all it says.
        ["volumes"] => s.mounts.retain(|m| m.kind == MountType::Tmpfs && m.target.span == m.span),
        ["tmpfs"] => s.mounts.retain(|m| m.kind != MountType::Tmpfs || m.target.span != m.span),
        ["secrets"] => s.secrets.clear(),
        ["configs"] => s.configs.clear(),
        ["networks"] => s.networks = None,
        ["networks", name, inside @ ..] => networks(s.networks.as_mut(), name, inside),
        ["healthcheck"] => s.healthcheck = None,
        ["healthcheck", key] => inside(&mut s.healthcheck, |h| healthcheck(h, key)),
        ["logging"] => s.logging = None,
        ["logging", rest @ ..] => inside(&mut s.logging, |l| logging(l, rest)),
        ["deploy", rest @ ..] => deploy(&mut s.deploy, rest),
        [key] => {
            s.extensions.remove(*key);
            s.ignored.remove(*key);
        }
        _ => {}
    }
}

/// All, or one by its key.
pub(super) fn keys<V>(map: &mut BTreeMap<String, V>, path: &[&str]) {
    match path {
        [] => map.clear(),
        [key] => drop(map.remove(*key)),
        _ => {}
    }
}

pub(super) fn inside<T>(section: &mut Option<Spanned<T>>, clear: impl FnOnce(&mut T)) {
    if let Some(section) = section {
        clear(&mut section.value);
    }
}

fn networks(map: Option<&mut BTreeMap<String, Spanned<ServiceNetwork>>>, name: &str, path: &[&str]) {
    let Some(map) = map else { return };
    let Some(network) = map.get_mut(name) else { return };
    match path {
        [] => drop(map.remove(name)),
        ["aliases"] => network.value.aliases.clear(),
        ["driver_opts", rest @ ..] => keys(&mut network.value.driver_opts, rest),
        ["ipv4_address"] => network.value.ipv4_address = None,
        ["ipv6_address"] => network.value.ipv6_address = None,
        _ => {}
    }
}

fn healthcheck(h: &mut Healthcheck, key: &str) {
    match key {
        "test" => h.test = None,
        "interval" => h.interval = None,
        "timeout" => h.timeout = None,
        "retries" => h.retries = None,
        "start_period" => h.start_period = None,
        "start_interval" => h.start_interval = None,
        "disable" => h.disable = None,
        _ => {}
    }
}

fn logging(l: &mut Logging, path: &[&str]) {
    match path {
        ["driver"] => l.driver = None,
        ["options", rest @ ..] => keys(&mut l.options, rest),
        _ => {}
    }
}
