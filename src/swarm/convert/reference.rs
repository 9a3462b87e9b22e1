//! A service's `configs`, `secrets` and `credential_spec` → references by name, with empty ids.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::file_object::object_name;
use super::trail::Trail;
use crate::compose::model::{FileObject, FileReference, Service, Stack};
use crate::diagnostic::code::{CONTRADICTION, DUPLICATE_TARGET, UNDEFINED_REFERENCE};
use crate::diagnostic::{Diagnostic, Diagnostics, Spanned, closest};
use crate::swarm::{Kind, join};

/// Permission bits of a file that says nothing: 0444.
const DEFAULT_MODE: u32 = 0o444;

/// `ContainerSpec.Configs` or `.Secrets`, sorted by object name.
pub(super) fn references(
    kind: Kind,
    service: &Service,
    stack: &Stack,
    name: &str,
    trail: &mut Trail,
    diagnostics: &mut Diagnostics,
) -> Vec<Value> {
    let (entries, objects, section, word) = match kind {
        Kind::Secret => (&service.secrets, &stack.secrets, "/secrets", "Secret"),
        _ => (&service.configs, &stack.configs, "/configs", "Config"),
    };
    let address = format!("service/{}", service.name.value);
    let mut all: Vec<(String, Value)> = Vec::new();
    let mut targets = BTreeSet::new();
    for entry in entries {
        let key = &entry.source.value;
        trail.at(&join(section, key), entry.span);
        let Some(object) = objects.get(key) else {
            diagnostics.push(undefined(kind, entry, objects).about(address.clone()));
            continue;
        };
        let target = entry.target.as_ref().map(|t| t.value.as_str()).filter(|t| !t.is_empty()).unwrap_or(key);
        if !targets.insert(target.to_owned()) {
            let message = format!("two {}s of `{}` have the target `{target}`", kind.as_str(), service.name.value);
            diagnostics.push(
                Diagnostic::error(DUPLICATE_TARGET, message)
                    .at(entry.span)
                    .help("give one of them another `target`")
                    .about(address.clone()),
            );
            continue;
        }
        let object = object_name(object, key, name);
        let file = json!({
            "Name": target,
            "UID": entry.uid.as_ref().map_or("0", |u| u.value.as_str()),
            "GID": entry.gid.as_ref().map_or("0", |g| g.value.as_str()),
            "Mode": entry.mode.as_ref().map_or(DEFAULT_MODE, |m| m.value),
        });
        let spec = json!({"File": file, format!("{word}ID"): "", format!("{word}Name"): object.clone()});
        all.push((object, spec));
    }
    if let (Kind::Config, Some(object)) = (kind, credential_config(service, stack, name)) {
        all.push((object.clone(), json!({"Runtime": {}, "ConfigID": "", "ConfigName": object})));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    all.into_iter().map(|(_, spec)| spec).collect()
}

fn undefined(kind: Kind, entry: &Spanned<FileReference>, objects: &BTreeMap<String, FileObject>) -> Diagnostic {
    let (word, key) = (kind.as_str(), &entry.source.value);
    let help = match closest(key, objects.keys().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("declare it:  {word}s: {{{key}: {{file: ./{key}}}}}"),
    };
    Diagnostic::error(UNDEFINED_REFERENCE, format!("undefined {word} `{key}`")).at(entry.source.span).help(help)
}

fn credential_config(service: &Service, stack: &Stack, name: &str) -> Option<String> {
    let key = &service.credential_spec.as_ref()?.config.as_ref()?.value;
    stack.configs.get(key).map(|object| object_name(object, key, name))
}

/// `Privileges.CredentialSpec`; `Config` holds a name where swarm wants an id.
pub(super) fn credential_spec(
    service: &Service,
    stack: &Stack,
    name: &str,
    trail: &mut Trail,
    diagnostics: &mut Diagnostics,
) -> Value {
    let Some(spec) = &service.credential_spec else { return Value::Null };
    trail.at("/credential_spec", spec.span);
    let written = [("config", &spec.config), ("file", &spec.file), ("registry", &spec.registry)];
    let set: Vec<&str> = written.iter().filter(|(_, v)| v.is_some()).map(|(k, _)| *k).collect();
    if set.len() > 1 {
        let message =
            format!("`credential_spec` has more than one of `config`, `file`, `registry`: {}", set.join(", "));
        diagnostics.push(Diagnostic::error(CONTRADICTION, message).at(spec.span).help("keep one"));
    }
    if let Some(config) = spec.config.as_ref().filter(|c| !stack.configs.contains_key(&c.value)) {
        diagnostics.push(
            Diagnostic::error(UNDEFINED_REFERENCE, format!("undefined config `{}`", config.value))
                .at(config.span)
                .help(format!("declare it:  configs: {{{0}: {{file: ./{0}}}}}", config.value)),
        );
    }
    let text = |value: &Option<crate::compose::model::Text>| value.as_ref().map_or(String::new(), |t| t.value.clone());
    json!({
        "Config": credential_config(service, stack, name).unwrap_or_default(),
        "File": text(&spec.file),
        "Registry": text(&spec.registry),
    })
}
