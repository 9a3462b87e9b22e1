//! Digests: of specs, of contents.

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::SecretKey;

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Hex SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// Hex HMAC-SHA-256: says whether two secrets are the same and nothing else.
pub fn keyed(key: &SecretKey, bytes: &[u8]) -> String {
    match Hmac::<Sha256>::new_from_slice(&key.0) {
        Ok(mac) => hex(&mac.chain_update(bytes).finalize().into_bytes()),
        Err(_) => String::new(), // HMAC takes keys of any length
    }
}

/// `sha256:…` of a spec, the same whatever the order of its keys.
pub fn spec_digest(spec: &Value) -> String {
    let mut text = String::new();
    canonical(spec, &mut text);
    format!("sha256:{}", sha256(text.as_bytes()))
}

/// JSON with sorted keys and no spaces.
pub(super) fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(object) => {
            let mut keys: Vec<&String> = object.keys().collect();
            keys.sort();
            out.push('{');
            for (i, key) in keys.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push(':');
                if let Some(value) = object.get(key) {
                    canonical(value, out);
                }
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                canonical(item, out);
            }
            out.push(']');
        }
        other => out.push_str(&other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn order_of_keys_means_nothing() {
        assert_eq!(
            spec_digest(&json!({"a": 1, "b": [{"c": 2, "d": 3}]})),
            spec_digest(&json!({"b": [{"d": 3, "c": 2}], "a": 1}))
        );
        assert_ne!(spec_digest(&json!([1, 2])), spec_digest(&json!([2, 1])));
    }

    #[test]
    fn known_answers() {
        assert!(sha256(b"abc").starts_with("ba7816bf"));
        let key = SecretKey(b"key".to_vec());
        assert!(keyed(&key, b"The quick brown fox jumps over the lazy dog").starts_with("f7bc83f430538424"));
    }
}
