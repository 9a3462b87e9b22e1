//! What runs: `TaskTemplate.ContainerSpec`.

use serde_json::{Value, json};

use super::json::{Object, labels_of, list, strings};
use super::reference::{credential_spec, references};
use super::trail::Trail;
use super::{capability, health, image, mount};
use crate::compose::model::{Service, Stack, Text};
use crate::diagnostic::{Diagnostics, Spanned};
use crate::swarm::{Kind, NAMESPACE_LABEL};

pub(super) fn container(
    service: &Service,
    stack: &Stack,
    name: &str,
    trail: &mut Trail,
    diagnostics: &mut Diagnostics,
) -> Value {
    remember(service, trail);
    let (cap_add, cap_drop) = capability::effective(&service.cap_add, &service.cap_drop);
    let mut privileges = Object::default();
    privileges
        .put("CredentialSpec", credential_spec(service, stack, name, trail, diagnostics))
        .put("SELinuxContext", Value::Null)
        .put("NoNewPrivileges", false);

    let mut spec = Object::default();
    spec.put("Image", service.image.as_ref().map(|i| image::familiar(&i.value)).unwrap_or_default())
        .put("Labels", labels_of(&service.labels, &[(NAMESPACE_LABEL, name)]))
        .put_full("Command", words(&service.entrypoint))
        .put_full("Args", words(&service.command))
        .put_full("Hostname", text(&service.hostname))
        .put_full("Env", environment(service))
        .put_full("Dir", text(&service.working_dir))
        .put_full("User", text(&service.user))
        .put_full("Groups", list(&service.group_add))
        .put("Privileges", privileges.into_value())
        .put_some("Init", service.init.as_ref().map(|i| i.value))
        .put_full("StopSignal", text(&service.stop_signal))
        .put_full("TTY", flag(&service.tty))
        .put_full("OpenStdin", flag(&service.stdin_open))
        .put_full("ReadOnly", flag(&service.read_only))
        .put_full("Mounts", mount::mounts(service, stack, name, trail, diagnostics))
        .put_some("StopGracePeriod", service.stop_grace_period.as_ref().map(|g| g.value.0))
        .put_some("Healthcheck", service.healthcheck.as_ref().map(|h| health::healthcheck(h, trail, diagnostics)))
        .put_full("Hosts", hosts(service))
        .put_full("DNSConfig", dns(service))
        .put_full("Secrets", references(Kind::Secret, service, stack, name, trail, diagnostics))
        .put_full("Configs", references(Kind::Config, service, stack, name, trail, diagnostics))
        .put_full("Isolation", text(&service.isolation))
        .put_full("Sysctls", strings(&service.sysctls))
        .put_full("CapabilityAdd", cap_add)
        .put_full("CapabilityDrop", cap_drop)
        .put_full("Ulimits", ulimits(service))
        .put_full("OomScoreAdj", service.oom_score_adj.as_ref().map_or(0, |o| o.value));
    spec.into_value()
}

fn remember(service: &Service, trail: &mut Trail) {
    trail.maybe("/image", service.image.as_ref());
    trail.maybe("/command", service.command.as_ref());
    trail.maybe("/entrypoint", service.entrypoint.as_ref());
    trail.map("/environment", &service.environment);
    trail.map("/labels", &service.labels);
    trail.map("/sysctls", &service.sysctls);
    trail.map("/ulimits", &service.ulimits);
    trail.maybe("/hostname", service.hostname.as_ref());
    trail.maybe("/user", service.user.as_ref());
    trail.maybe("/working_dir", service.working_dir.as_ref());
    trail.maybe("/tty", service.tty.as_ref());
    trail.maybe("/stdin_open", service.stdin_open.as_ref());
    trail.maybe("/read_only", service.read_only.as_ref());
    trail.maybe("/init", service.init.as_ref());
    trail.maybe("/isolation", service.isolation.as_ref());
    trail.maybe("/stop_signal", service.stop_signal.as_ref());
    trail.maybe("/stop_grace_period", service.stop_grace_period.as_ref());
    trail.maybe("/extra_hosts", service.extra_hosts.first());
    trail.maybe("/oom_score_adj", service.oom_score_adj.as_ref());
    for (path, items) in [
        ("/group_add", &service.group_add),
        ("/dns", &service.dns),
        ("/dns_search", &service.dns_search),
        ("/cap_add", &service.cap_add),
        ("/cap_drop", &service.cap_drop),
    ] {
        trail.list(path, items);
    }
}

/// `NAME=value` in byte order; a bare `NAME` where there is no value anywhere.
fn environment(service: &Service) -> Vec<String> {
    let mut all: Vec<String> = service
        .environment
        .iter()
        .map(|(key, value)| match &value.value {
            Some(value) => format!("{key}={value}"),
            None => key.clone(),
        })
        .collect();
    all.sort();
    all
}

/// `IP name`, in file order.
fn hosts(service: &Service) -> Vec<String> {
    service.extra_hosts.iter().map(|host| format!("{} {}", host.value.1, host.value.0)).collect()
}

fn dns(service: &Service) -> Value {
    let mut spec = Object::default();
    spec.put_full("Nameservers", list(&service.dns)).put_full("Search", list(&service.dns_search));
    spec.into_value()
}

fn ulimits(service: &Service) -> Vec<Value> {
    let limit = |(name, limit): (&String, &Spanned<crate::compose::model::Ulimit>)| json!({"Name": name, "Hard": limit.hard, "Soft": limit.soft});
    service.ulimits.iter().map(limit).collect()
}

fn words(list: &Option<Spanned<Vec<String>>>) -> Vec<String> {
    list.as_ref().map(|l| l.value.clone()).unwrap_or_default()
}

fn text(value: &Option<Text>) -> String {
    value.as_ref().map(|t| t.value.clone()).unwrap_or_default()
}

fn flag(value: &Option<Spanned<bool>>) -> bool {
    value.as_ref().is_some_and(|v| v.value)
}
