//! Building JSON as the engine's clients do: what is empty is left out.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::compose::model::{Labels, Text};

/// A JSON object under construction.
#[derive(Default)]
pub(super) struct Object(Map<String, Value>);

impl Object {
    /// Always there, whatever the value.
    pub fn put(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// There when it was written.
    pub fn put_some(&mut self, key: &str, value: Option<impl Into<Value>>) -> &mut Self {
        if let Some(value) = value {
            self.put(key, value);
        }
        self
    }

    /// There unless it says nothing: null, false, 0, `""`, `[]`, `{}`.
    pub fn put_full(&mut self, key: &str, value: impl Into<Value>) -> &mut Self {
        let value = value.into();
        if !says_nothing(&value) {
            self.put(key, value);
        }
        self
    }

    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.is_empty(),
    }
}

/// A map of strings without its places.
pub(super) fn strings(map: &BTreeMap<String, Text>) -> Value {
    Value::Object(map.iter().map(|(k, v)| (k.clone(), Value::from(v.value.clone()))).collect())
}

/// A list of strings without its places.
pub(super) fn list(items: &[Text]) -> Value {
    items.iter().map(|t| Value::from(t.value.clone())).collect()
}

/// Labels with the ones that make the object belong to a stack; those win over the user's.
pub(super) fn labels_of(labels: &Labels, ours: &[(&str, &str)]) -> Value {
    let mut all: BTreeMap<&str, &str> = labels.iter().map(|(k, v)| (k.as_str(), v.value.as_str())).collect();
    all.extend(ours.iter().copied());
    Value::Object(all.into_iter().map(|(k, v)| (k.to_owned(), Value::from(v))).collect())
}
