//! Networks, configs and secrets.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::field::{Why, labels, object, take_spec, text, time, version};
use crate::swarm::{LiveConfig, LiveNetwork, LiveSecret};

pub(in crate::engine) fn network(raw: Value) -> Result<LiveNetwork, Why> {
    let map = raw.as_object().ok_or("the network is no object")?;
    let text_of = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    Ok(LiveNetwork {
        id: text(map, "Id")?,
        name: text(map, "Name")?,
        driver: text_of("Driver"),
        scope: text_of("Scope"),
        ingress: map.get("Ingress").and_then(Value::as_bool).unwrap_or(false),
        labels: labels(map.get("Labels")),
        raw,
    })
}

pub(in crate::engine) fn config(value: Value) -> Result<LiveConfig, Why> {
    let mut map = object(value, "the config")?;
    let (id, version) = (text(&map, "ID")?, version(&map)?);
    let (mut spec, name) = take_spec(&mut map)?;
    let data = match spec.as_object_mut().and_then(|spec| spec.shift_remove("Data")) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => {
            Some(Arc::from(STANDARD.decode(text).map_err(|e| format!("`Spec.Data` is no base64: {e}"))?))
        }
        Some(_) => return Err("`Spec.Data` is no text".to_owned()),
    };
    let (created, updated) = (time(map.get("CreatedAt")), time(map.get("UpdatedAt")));
    Ok(LiveConfig { id, name, version, spec, data, created, updated })
}

pub(in crate::engine) fn secret(value: Value) -> Result<LiveSecret, Why> {
    let mut map = object(value, "the secret")?;
    let (id, version) = (text(&map, "ID")?, version(&map)?);
    let (mut spec, name) = take_spec(&mut map)?;
    // Engines never send it; should one do so, it goes no further.
    if let Some(spec) = spec.as_object_mut() {
        spec.shift_remove("Data");
    }
    let (created, updated) = (time(map.get("CreatedAt")), time(map.get("UpdatedAt")));
    Ok(LiveSecret { id, name, version, spec, created, updated })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_config_gives_up_its_bytes_and_keeps_its_spec() {
        let raw = |data: &str| json!({"ID": "c", "Version": {"Index": 1}, "Spec": {"Name": "n", "Data": data, "Labels": {"a": "b"}}});
        let read = config(raw("AP8=")).unwrap();
        assert_eq!(read.data.as_deref(), Some(&[0_u8, 255][..]));
        assert_eq!(read.spec, json!({"Name": "n", "Labels": {"a": "b"}}));
        assert!(!format!("{read:?}").contains("255"));
        assert!(config(raw("%%")).unwrap_err().contains("base64"));
    }

    #[test]
    fn a_secret_has_no_bytes_even_if_an_engine_sends_some() {
        let raw = json!({"ID": "c", "Version": {"Index": 1}, "Spec": {"Name": "n", "Data": "c2VjcmV0"}});
        assert_eq!(secret(raw).unwrap().spec, json!({"Name": "n"}));
    }
}
