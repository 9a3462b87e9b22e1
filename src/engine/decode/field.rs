//! Taking single fields out of an object.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value};

/// An object that is being taken apart. Values move out; nothing big is copied.
pub(super) type Object = Map<String, Value>;

/// Why an element could not be decoded.
pub(super) type Why = String;

pub(super) fn object(value: Value, what: &str) -> Result<Object, Why> {
    match value {
        Value::Object(map) => Ok(map),
        _ => Err(format!("{what} is no object")),
    }
}

pub(super) fn text(map: &Object, key: &str) -> Result<String, Why> {
    match map.get(key) {
        Some(Value::String(text)) if !text.is_empty() => Ok(text.clone()),
        _ => Err(format!("`{key}` is missing")),
    }
}

pub(super) fn text_or_empty(map: &Object, key: &str) -> String {
    map.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// `Version.Index`.
pub(super) fn version(map: &Object) -> Result<u64, Why> {
    map.get("Version")
        .and_then(|v| v.get("Index"))
        .and_then(Value::as_u64)
        .ok_or("`Version.Index` is missing".to_owned())
}

/// Go's zero time stands for none.
pub(super) fn time(value: Option<&Value>) -> Option<Timestamp> {
    time_of(value?.as_str()?)
}

pub(super) fn time_of(text: &str) -> Option<Timestamp> {
    if text.starts_with("0001-01-01") { None } else { text.parse().ok() }
}

/// A list moved out; anything else is an empty one.
pub(super) fn take_list(map: &mut Object, key: &str) -> Vec<Value> {
    match map.get_mut(key).map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    }
}

pub(super) fn labels(value: Option<&Value>) -> BTreeMap<String, String> {
    let pairs = value.and_then(Value::as_object).into_iter().flatten();
    pairs.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect()
}

/// `Spec`, moved out, and the name in it.
pub(super) fn take_spec(map: &mut Object) -> Result<(Value, String), Why> {
    let spec = map.get_mut("Spec").map(Value::take).unwrap_or_default();
    let name = match spec.get("Name") {
        Some(Value::String(name)) if !name.is_empty() => name.clone(),
        _ => return Err("`Spec.Name` is missing".to_owned()),
    };
    Ok((spec, name))
}
