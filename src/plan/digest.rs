//! Digests: of specs, of contents.

use std::fmt::Write;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::SecretKey;

pub fn hex(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
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
            let mut members: Vec<(&String, &Value)> = object.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (i, (key, value)) in members.into_iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                quoted(key, out);
                out.push(':');
                canonical(value, out);
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
        Value::String(text) => quoted(text, out),
        other => {
            let _ = write!(out, "{other}");
        }
    }
}

/// Most texts have nothing to escape.
fn quoted(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        let _ = write!(out, "{}", Value::from(text));
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
    fn texts_are_written_as_json_writes_them() {
        for text in ["plain", "", "a\"b", "a\\b", "line\nline", "\u{1}", "\u{7f}", "ü€"] {
            let mut out = String::new();
            canonical(&json!({ text: text }), &mut out);
            assert_eq!(out, json!({ text: text }).to_string());
        }
    }

    #[test]
    fn known_answers() {
        assert!(sha256(b"abc").starts_with("ba7816bf"));
        let key = SecretKey(b"key".to_vec());
        assert!(keyed(&key, b"The quick brown fox jumps over the lazy dog").starts_with("f7bc83f430538424"));
    }
}
