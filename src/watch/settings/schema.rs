//! The file as a JSON Schema, made from the types.

use serde_json::{Value, json};

use super::Settings;

/// JSON Schema 2020-12.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(Settings).to_value();
    if let Some(root) = schema.as_object_mut() {
        root.insert("$id".to_owned(), json!("urn:stackup:config:1"));
    }
    tidy(&mut schema);
    schema
}

/// `additionalProperties` is what editors know; a key that may be left out is not one that may be empty.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            if let Some(closed) = object.remove("unevaluatedProperties") {
                object.insert("additionalProperties".to_owned(), closed);
            }
            if let Some(Value::Array(kinds)) = object.get_mut("type") {
                kinds.retain(|kind| kind != "null");
                if let [only] = kinds.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(branches)) = object.get_mut("anyOf") {
                branches.retain(|branch| branch.get("type").is_none_or(|kind| kind != "null"));
                if let [only] = branches.as_slice() {
                    let only = only.clone();
                    object.remove("anyOf");
                    object.extend(only.as_object().cloned().into_iter().flatten());
                }
            }
            object.values_mut().for_each(tidy);
        }
        Value::Array(items) => items.iter_mut().for_each(tidy),
        _ => {}
    }
}
