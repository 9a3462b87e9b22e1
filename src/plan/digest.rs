//! The digest by which two specs are the same.

use serde_json::Value;
use sha2::{Digest, Sha256};

/// `sha256:` and 64 hex digits of the JSON with its keys in order; nulls and empties count as they are.
pub fn spec_digest(spec: &Value) -> String {
    let mut text = String::new();
    canonical(spec, &mut text);
    let mut out = String::from("sha256:");
    for byte in Sha256::digest(text.as_bytes()) {
        out.push_str(&format!("{byte:02x}"));
    }
    out
}

fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut keys: Vec<_> = map.iter().collect();
            keys.sort_by(|a, b| a.0.cmp(b.0));
            out.push('{');
            for (i, (key, value)) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::String(key.clone()).to_string());
                out.push(':');
                canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for (i, value) in list.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                canonical(value, out);
            }
            out.push(']');
        }
        leaf => out.push_str(&leaf.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn order_of_keys_does_not_matter_and_values_do() {
        let a: Value = serde_json::from_str(r#"{"a":1,"b":[{"x":null,"y":""}]}"#).unwrap();
        let b: Value = serde_json::from_str(r#"{"b":[{"y":"","x":null}],"a":1}"#).unwrap();
        assert_eq!(spec_digest(&a), spec_digest(&b));
        for other in [json!({"a":1,"b":[{"y":""}]}), json!({"a":2,"b":[{"x":null,"y":""}]})] {
            assert_ne!(spec_digest(&a), spec_digest(&other));
        }
        assert_eq!(spec_digest(&json!({})).len(), 7 + 64);
    }
}
