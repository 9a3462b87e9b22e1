//! Objects in lists: what tells them apart, what they mean, how Compose says them.

use serde_json::{Value, json};

use super::edit::says_nothing;
use super::names::Names;
use super::rule::{Keyed, Show};
use super::show::compose_words;
use crate::swarm::convert::port_key;
use crate::swarm::{Kind, Members};

pub(super) const PORTS: Keyed =
    Keyed { key: |p, _| key_of_port(p), canonical: |p, _| port(p), show: |p, _| say_port(p) };
pub(super) const MOUNTS: Keyed =
    Keyed { key: |m, _| text(m, "Target"), canonical: |m, _| mount(m), show: |m, _| say_mount(m) };
pub(super) const NETWORKS: Keyed = Keyed { key: key_of_network, canonical: network, show: say_network };
pub(super) const FILES: Keyed = Keyed { key: key_of_file, canonical: file, show: |f, _| say_file(f) };
pub(super) const ULIMITS: Keyed =
    Keyed { key: |u, _| text(u, "Name"), canonical: |u, _| ulimit(u), show: |u, _| say_ulimit(u) };
pub(super) const GENERIC: Keyed =
    Keyed { key: |g, _| kind_of(g), canonical: |g, _| full(g), show: |g, _| say_generic(g) };

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number(value: &Value, key: &str) -> u32 {
    value.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok()).unwrap_or(0)
}

fn or(value: String, default: &str) -> String {
    if value.is_empty() { default.to_owned() } else { value }
}

/// The value without what says nothing.
fn full(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let kept = object.iter().map(|(k, v)| (k, full(v))).filter(|(_, v)| !says_nothing(v));
            Value::Object(kept.map(|(k, v)| (k.clone(), v)).collect())
        }
        other => other.clone(),
    }
}

fn key_of_port(p: &Value) -> String {
    let mode = or(text(p, "PublishMode"), "ingress");
    port_key(number(p, "PublishedPort"), number(p, "TargetPort"), &or(text(p, "Protocol"), "tcp"), &mode)
}

fn port(p: &Value) -> Value {
    json!([
        number(p, "PublishedPort"),
        number(p, "TargetPort"),
        or(text(p, "Protocol"), "tcp"),
        or(text(p, "PublishMode"), "ingress"),
    ])
}

fn say_port(p: &Value) -> Value {
    Value::from(key_of_port(p))
}

/// Defaults that the engine writes out, or leaves out, are left out; so is what no engine keeps.
fn mount(m: &Value) -> Value {
    let mut m = full(m);
    if let Value::Object(object) = &mut m {
        object.shift_remove("Consistency");
    }
    for (parent, key, default) in [("/BindOptions", "Propagation", "rprivate"), ("", "Type", "volume")] {
        if let Some(Value::Object(object)) = m.member_mut(parent)
            && object.get(key).is_some_and(|v| v == default)
        {
            object.shift_remove(key);
        }
    }
    full(&m)
}

fn say_mount(m: &Value) -> Value {
    let kind = or(text(m, "Type"), "volume");
    let plain = mount(m);
    let known = ["Type", "Source", "Target", "ReadOnly"];
    let only_known = plain.as_object().is_some_and(|o| {
        o.iter().all(|(k, v)| {
            let of_stack = k == "VolumeOptions" && v.as_object().is_some_and(|o| o.keys().all(|k| k == "Labels"));
            known.contains(&k.as_str()) || of_stack
        })
    });
    if only_known && matches!(kind.as_str(), "volume" | "bind") {
        let source = text(m, "Source");
        let mut said = if source.is_empty() { text(m, "Target") } else { format!("{source}:{}", text(m, "Target")) };
        if m.get("ReadOnly").and_then(Value::as_bool) == Some(true) {
            said.push_str(":ro");
        }
        return Value::from(said);
    }
    let mut said = serde_json::Map::new();
    said.insert("type".into(), kind.into());
    for (key, name) in [("Source", "source"), ("Target", "target"), ("ReadOnly", "read_only")] {
        if let Some(value) = plain.get(key) {
            said.insert(name.into(), value.clone());
        }
    }
    let options = [
        ("/BindOptions/Propagation", "propagation", Show::Plain),
        ("/VolumeOptions/NoCopy", "nocopy", Show::Plain),
        ("/VolumeOptions/Subpath", "subpath", Show::Plain),
        ("/VolumeOptions/DriverConfig", "driver", Show::Plain),
        ("/ImageOptions/Subpath", "subpath", Show::Plain),
        ("/TmpfsOptions/SizeBytes", "size", Show::Bytes),
    ];
    for (pointer, name, show) in options {
        if let Some(value) = plain.member(pointer) {
            said.insert(name.into(), compose_words(value, show));
        }
    }
    if let Some(mode) = plain.member("/TmpfsOptions/Mode").and_then(Value::as_u64) {
        said.insert("mode".into(), Value::from(format!("0{mode:o}")));
    }
    Value::Object(said)
}

fn key_of_network(n: &Value, names: &Names) -> String {
    let target = text(n, "Target");
    names.key(Kind::Network, names.network(&target)).to_owned()
}

fn network(n: &Value, names: &Names) -> Value {
    let mut aliases: Vec<String> = n
        .get("Aliases")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|a| a.as_str())
        .map(str::to_owned)
        .collect();
    aliases.sort();
    aliases.dedup();
    let options = n.get("DriverOpts").map(full).filter(|o| !says_nothing(o)).unwrap_or_default();
    json!([names.network(&text(n, "Target")), aliases, options])
}

fn say_network(n: &Value, names: &Names) -> Value {
    let aliases = n.get("Aliases").cloned().unwrap_or_default();
    let name = names.network(&text(n, "Target")).to_owned();
    let mut said = json!({"name": name});
    if !says_nothing(&aliases) {
        said["aliases"] = aliases;
    }
    if let Some(options) = n.get("DriverOpts").filter(|o| !says_nothing(o)) {
        said["driver_opts"] = options.clone();
    }
    said
}

/// The name and the id of what a reference refers to.
fn referred(f: &Value) -> (Kind, String, String) {
    match f.get("SecretName") {
        Some(_) => (Kind::Secret, text(f, "SecretName"), text(f, "SecretID")),
        None => (Kind::Config, text(f, "ConfigName"), text(f, "ConfigID")),
    }
}

fn file_target(f: &Value) -> String {
    f.member("/File/Name").and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The Compose key; its target too where that is another (one object may be mounted twice).
fn key_of_file(f: &Value, names: &Names) -> String {
    let (kind, name, _) = referred(f);
    let key = names.key(kind, &name);
    let target = file_target(f);
    match f.get("Runtime").filter(|r| !r.is_null()) {
        Some(_) => format!("{key} (runtime)"),
        None if target.is_empty() || target == key => key.to_owned(),
        None => format!("{key} at {target}"),
    }
}

/// By name; an object made anew under an old name is another object.
fn file(f: &Value, names: &Names) -> Value {
    let (_, name, id) = referred(f);
    let part = |key: &str, default: &str| {
        or(f.member(&format!("/File/{key}")).and_then(Value::as_str).unwrap_or_default().to_owned(), default)
    };
    let mode = f.member("/File/Mode").and_then(Value::as_u64).unwrap_or(0);
    let runtime = f.get("Runtime").is_some_and(|r| !r.is_null());
    json!([name, names.alive(&id), file_target(f), part("UID", "0"), part("GID", "0"), mode, runtime])
}

fn say_file(f: &Value) -> Value {
    let (_, name, _) = referred(f);
    let mut said = json!({"source": name});
    if f.get("File").is_some_and(Value::is_object) {
        said["target"] = Value::from(file_target(f));
        for (key, name, default) in [("UID", "uid", "0"), ("GID", "gid", "0")] {
            let value = f.member(&format!("/File/{key}")).and_then(Value::as_str).unwrap_or(default);
            if value != default {
                said[name] = Value::from(value);
            }
        }
        let mode = f.member("/File/Mode").and_then(Value::as_u64).unwrap_or(0);
        if mode != 0o444 {
            said["mode"] = Value::from(format!("0{mode:o}"));
        }
    }
    said
}

fn ulimit(u: &Value) -> Value {
    json!([u.get("Soft").and_then(Value::as_i64).unwrap_or(0), u.get("Hard").and_then(Value::as_i64).unwrap_or(0)])
}

fn say_ulimit(u: &Value) -> Value {
    let (soft, hard) = (u.get("Soft").cloned().unwrap_or(json!(0)), u.get("Hard").cloned().unwrap_or(json!(0)));
    if soft == hard { soft } else { json!({"soft": soft, "hard": hard}) }
}

fn kind_of(g: &Value) -> String {
    let spec = g.get("DiscreteResourceSpec").or_else(|| g.get("NamedResourceSpec"));
    spec.map(|s| text(s, "Kind")).unwrap_or_default()
}

fn say_generic(g: &Value) -> Value {
    let spec = g.get("DiscreteResourceSpec").or_else(|| g.get("NamedResourceSpec"));
    spec.and_then(|s| s.get("Value")).cloned().unwrap_or_default()
}
