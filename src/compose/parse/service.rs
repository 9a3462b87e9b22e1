//! `services.NAME`.

use std::collections::BTreeMap;

use super::deploy::deploy;
use super::environment::{env_files, environment};
use super::file_object::{ObjectKind, file_reference};
use super::health::healthcheck;
use super::mount::{mount, tmpfs};
use super::pairs::{labels, options};
use super::port::ports;
use super::service_parts::{credential_spec, depends_on, extra_hosts, networks, ulimits, words};
use super::value::{boolean, duration, extensions, integer, printed_text, text, texts};
use crate::compose::context::Context;
use crate::compose::model::{FileReference, Logging, Service, Text};
use crate::compose::yaml::{Entry, Map, Node, json};
use crate::diagnostic::{Spanned, code};

/// A service, and what decides whether and how it comes to be.
pub struct Parsed {
    pub service: Service,
    pub profiles: Vec<Text>,
    pub extends: Option<Extends>,
}

/// `extends`: another service to begin with.
pub struct Extends {
    pub service: Text,
    /// Absolute; none is this file.
    pub file: Option<Text>,
}

pub fn service(cx: &mut Context<'_>, entry: &Entry) -> Parsed {
    let empty = Map::default();
    let map = entry.value.as_map().unwrap_or(&empty);
    let mut s = Service::new(entry.key.clone());
    let mut files = map.get("env_file").map(|n| env_files(cx, n)).unwrap_or_default();
    s.environment = environment(cx, map.get("environment"), &mut files);
    s.env_file = files.into_iter().map(|f| f.path).collect();
    s.image = map.get("image").and_then(text);
    s.command = map.get("command").and_then(|n| words(cx, n));
    s.entrypoint = map.get("entrypoint").and_then(|n| words(cx, n));
    s.labels = map.get("labels").map(labels).unwrap_or_default();
    s.deploy = map.get("deploy").map(|n| deploy(cx, n)).unwrap_or_default();
    s.hostname = map.get("hostname").and_then(text);
    s.domainname = map.get("domainname").and_then(text);
    s.user = map.get("user").and_then(text);
    s.group_add = list(map, "group_add").iter().filter_map(printed_text).collect();
    s.working_dir = map.get("working_dir").and_then(text);
    s.tty = map.get("tty").and_then(|n| boolean(cx, n));
    s.stdin_open = map.get("stdin_open").and_then(|n| boolean(cx, n));
    s.read_only = map.get("read_only").and_then(|n| boolean(cx, n));
    s.init = map.get("init").and_then(|n| boolean(cx, n));
    s.isolation = map.get("isolation").and_then(text);
    s.stop_signal = map.get("stop_signal").and_then(text);
    s.stop_grace_period = map.get("stop_grace_period").and_then(|n| duration(cx, n));
    s.extra_hosts = map.get("extra_hosts").map(|n| extra_hosts(cx, n)).unwrap_or_default();
    s.dns = map.get("dns").map(texts).unwrap_or_default();
    s.dns_search = map.get("dns_search").map(texts).unwrap_or_default();
    s.cap_add = map.get("cap_add").map(texts).unwrap_or_default();
    s.cap_drop = map.get("cap_drop").map(texts).unwrap_or_default();
    s.sysctls = map.get("sysctls").map(labels).unwrap_or_default();
    s.ulimits = map.get("ulimits").map(|n| ulimits(cx, n)).unwrap_or_default();
    s.oom_score_adj = map.get("oom_score_adj").and_then(|n| integer(cx, n));
    s.credential_spec = map.get("credential_spec").and_then(|n| credential_spec(cx, n));
    s.healthcheck = map.get("healthcheck").and_then(|n| healthcheck(cx, n));
    s.logging = map.get("logging").and_then(|n| {
        let logging = n.as_map()?;
        let options = logging.get("options").map(options).unwrap_or_default();
        Some(Spanned::new(Logging { driver: logging.get("driver").and_then(text), options }, n.span))
    });
    s.ports = list(map, "ports").iter().flat_map(|n| ports(cx, n)).collect();
    s.mounts = list(map, "volumes").iter().filter_map(|n| mount(cx, n)).collect();
    for target in map.get("tmpfs").map(texts).unwrap_or_default() {
        let mount = tmpfs(cx, &target);
        s.mounts.push(mount);
    }
    s.networks = map.get("networks").map(networks);
    s.secrets = references(cx, map, "secrets", ObjectKind::Secret);
    s.configs = references(cx, map, "configs", ObjectKind::Config);
    s.depends_on = map.get("depends_on").map(|n| depends_on(cx, n)).unwrap_or_default();
    s.restart = map.get("restart").and_then(|n| restart(cx, n));
    s.extensions = extensions(map);
    s.ignored = ignored(map);
    Parsed {
        service: s,
        profiles: map.get("profiles").map(texts).unwrap_or_default(),
        extends: map.get("extends").and_then(|n| extends(cx, n)),
    }
}

fn list<'a>(map: &'a Map, key: &str) -> &'a [Node] {
    map.get(key).and_then(Node::as_list).unwrap_or_default()
}

fn references(cx: &mut Context<'_>, map: &Map, key: &str, kind: ObjectKind) -> Vec<Spanned<FileReference>> {
    list(map, key).iter().filter_map(|n| file_reference(cx, n, kind)).collect()
}

fn extends(cx: &mut Context<'_>, node: &Node) -> Option<Extends> {
    let Some(map) = node.as_map() else {
        return text(node).map(|service| Extends { service, file: None });
    };
    let Some(service) = map.get("service").and_then(text) else {
        cx.error(code::MISSING_KEY, "`extends` does not say which service", node.span, "add service: NAME");
        return None;
    };
    let file = map.get("file").and_then(text).map(|f| Spanned::new(cx.path(&f.value), f.span));
    Some(Extends { service, file })
}

/// `no`, `always`, `unless-stopped`, `on-failure[:n]`
fn restart(cx: &mut Context<'_>, node: &Node) -> Option<Text> {
    let policy = text(node)?;
    let (word, tries) = policy.value.split_once(':').unwrap_or((&policy.value, ""));
    let good = matches!(word, "" | "no" | "always" | "unless-stopped" | "on-failure")
        && tries.bytes().all(|b| b.is_ascii_digit())
        && !policy.value.ends_with(':');
    if !good {
        let message = format!("`{}` is no restart policy", policy.value);
        let help =
            "write \"no\", always, unless-stopped, on-failure or on-failure:3; `deploy.restart_policy` says more";
        cx.error(code::BAD_WORD, message, policy.span, help);
    }
    Some(policy)
}

/// What was said to be ignored, for `config`.
const IGNORED: &[&str] = &[
    "build",
    "cgroup_parent",
    "cgroupns_mode",
    "container_name",
    "devices",
    "expose",
    "external_links",
    "ipc",
    "links",
    "mac_address",
    "network_mode",
    "pid",
    "privileged",
    "security_opt",
    "shm_size",
    "userns_mode",
];

fn ignored(map: &Map) -> BTreeMap<String, Spanned<serde_json::Value>> {
    let entries = map.entries.iter().filter(|e| IGNORED.contains(&e.key.value.as_str()));
    entries.map(|e| (e.key.value.clone(), Spanned::new(json(&e.value), e.key.span))).collect()
}
