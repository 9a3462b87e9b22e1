//! The live state of a stack as a file without secrets.

use std::path::Path;
use std::sync::Arc;

use serde_json::{Value, json};

use super::private_file;
use crate::engine::{read_recorded, record, recorded};
use crate::plan::redact::MASK;
use crate::plan::saved::{UnpackError, pack, unpack_with};
use crate::plan::{Recorded, Redactor};
use crate::swarm::{Desired, LiveService, NAMESPACE_LABEL, Snapshot, unscoped};

/// The kind of file.
const MAGIC: &str = "stackup-snapshot";

/// What names an object, or refers to one: without it nothing could be compared.
const NAMES: &[&str] = &[
    "ID",
    "Id",
    "Name",
    "ServiceID",
    "NodeID",
    "SecretID",
    "SecretName",
    "ConfigID",
    "ConfigName",
    "Target",
    "Hostname",
    "stack",
    "id",
];
/// Names with values of anybody's choice.
const PAIRS: &[&str] = &["Labels", "Options", "Sysctls"];
/// Parts of networks and nodes that say nothing to a plan.
const NOISE: &[&str] = &["Containers", "Peers", "Services", "TLSInfo"];

/// The bytes of the file. `desired` knows what the files mark as sensitive; without files it is empty, and only names
/// that say so themselves are known.
pub fn pack_snapshot(snapshot: &Snapshot, desired: &Desired) -> Result<Vec<u8>, UnpackError> {
    let redactor = Redactor::from(desired, snapshot);
    let mut lean = snapshot.clone();
    lean.services.iter_mut().for_each(|service| strip_foreign(service, &snapshot.stack));
    let mut value = record(&lean);
    blank(&mut value, "", &redactor);
    value["contents"] = contents(snapshot, desired, &redactor);
    pack(MAGIC, value)
}

/// A sentence's end says why it cannot be read.
pub fn open(path: &Path) -> Result<Recorded, String> {
    let read = unpack_with(MAGIC, &private_file::read(path)?, read_recorded);
    let (mut value, tasks) = read.map_err(|error| error.to_string())?;
    let contents = value.get_mut("contents").map(Value::take).unwrap_or_default();
    let mut found = Recorded { snapshot: recorded((value, tasks)), ..Recorded::default() };
    for config in &mut found.snapshot.configs {
        let Some(content) = contents.get(&config.id) else { continue };
        let word = |key: &str| content.get(key).and_then(Value::as_str);
        config.data = word("text").map(|text| text.as_bytes().into());
        if let Some(digest) = word("sha256") {
            found.digests.insert(config.id.clone(), digest.to_owned());
        }
    }
    Ok(found)
}

/// Of a service of another stack only what may stand in our way is kept: its name, ports, places and references.
fn strip_foreign(service: &mut LiveService, stack: &str) {
    if service.label(NAMESPACE_LABEL) == Some(stack) {
        return;
    }
    let spec = &service.spec;
    let at = |pointer: &str| spec.pointer(pointer).cloned().unwrap_or_default();
    service.spec = Arc::new(json!({
        "Name": service.name,
        "Labels": service.label(NAMESPACE_LABEL).map_or_else(|| json!({}), |owner| json!({NAMESPACE_LABEL: owner})),
        "Mode": at("/Mode"),
        "EndpointSpec": at("/EndpointSpec"),
        "TaskTemplate": {
            "ContainerSpec": {"Configs": at("/TaskTemplate/ContainerSpec/Configs"),
                "Secrets": at("/TaskTemplate/ContainerSpec/Secrets")},
            "Networks": at("/TaskTemplate/Networks"),
            "Placement": at("/TaskTemplate/Placement"),
            "Resources": at("/TaskTemplate/Resources"),
        },
    }));
}

/// Leaves a blank where something sensitive stands. `key` is the member that holds the value.
fn blank(value: &mut Value, key: &str, redactor: &Redactor) {
    match value {
        Value::String(_) if NAMES.contains(&key) => {}
        Value::String(text) => *text = redactor.scrub(text).into_owned(),
        Value::Array(items) if key == "Env" => {
            for item in items {
                let Value::String(line) = item else { continue };
                *line = match line.split_once('=') {
                    Some((name, _)) if redactor.is_sensitive(name) => format!("{name}={MASK}"),
                    _ => redactor.scrub(line).into_owned(),
                };
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| blank(item, key, redactor)),
        Value::Object(members) => {
            members.retain(|name, _| !NOISE.contains(&name.as_str()) || !matches!(key, "networks" | "Description"));
            for (name, item) in members {
                if PAIRS.contains(&key) && item.is_string() && redactor.is_sensitive(name) {
                    *item = Value::from(MASK);
                } else {
                    // The name of a label names no object.
                    blank(item, if PAIRS.contains(&key) { "" } else { name }, redactor);
                }
            }
        }
        _ => {}
    }
}

/// Text of the stack's own configs, swept; of what is no text the digest; of marked ones nothing.
fn contents(snapshot: &Snapshot, desired: &Desired, redactor: &Redactor) -> Value {
    let marked = |name: &str| {
        let of_file = |key: &str| desired.configs.iter().any(|c| c.key == key && name.starts_with(&c.name));
        let scoped = unscoped(&snapshot.stack, name);
        desired.sensitive_names.iter().any(|key| of_file(key) || key == scoped)
    };
    let one = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => json!({"text": redactor.scrub(text)}),
        Err(_) => json!({"sha256": crate::plan::sha256(bytes)}),
    };
    let own = snapshot.own_configs().filter(|config| !marked(&config.name));
    own.filter_map(|config| Some((config.id.clone(), one(config.data.as_deref()?)))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_and_secrets_go() {
        let redactor = Redactor::of(["hunter2x".to_owned()]);
        let mut value = json!({
            "services": [{"Spec": {"Name": "hunter2x", "Labels": {"api.token": "ab", "Name": "hunter2x"},
                "TaskTemplate": {"ContainerSpec": {"Env": ["A=1", "PASSWORD=12", "URL=http://u:hunter2x@h/"],
                    "Args": ["--pw=hunter2x"], "Secrets": [{"SecretName": "st_db"}]}}}}],
            "networks": [{"Name": "n", "Containers": {"x": 1}}],
        });
        blank(&mut value, "", &redactor);
        let spec = &value["services"][0]["Spec"];
        assert_eq!((&spec["Name"], &spec["Labels"]["api.token"]), (&json!("hunter2x"), &json!(MASK)));
        assert_eq!(spec["Labels"]["Name"], json!(MASK));
        let container = &spec["TaskTemplate"]["ContainerSpec"];
        assert_eq!(container["Env"], json!(["A=1", "PASSWORD=(sensitive)", "URL=http://(sensitive)@h/"]));
        assert_eq!(container["Args"], json!(["--pw=(sensitive)"]));
        assert_eq!(container["Secrets"][0]["SecretName"], json!("st_db"));
        assert_eq!(value["networks"][0], json!({"Name": "n"}));
    }
}
