//! Taking out of a text what nobody may see.

use serde_json::Value;

/// Takes values that nobody may see out of a text. Foreign text passes through one before it is laid out or kept.
pub type Scrub<'a> = &'a (dyn Fn(&str) -> String + Sync);

/// For texts that hold nothing to hide.
pub fn nothing_to_hide(text: &str) -> String {
    text.to_owned()
}

/// Every string of a value, swept by itself: escaping could hide one from the sweep.
pub fn swept(value: &Value, scrub: Scrub) -> Value {
    match value {
        Value::String(text) => Value::String(scrub(text)),
        Value::Array(items) => Value::Array(items.iter().map(|item| swept(item, scrub)).collect()),
        Value::Object(map) => map.iter().map(|(key, item)| (scrub(key), swept(item, scrub))).collect(),
        other => other.clone(),
    }
}
