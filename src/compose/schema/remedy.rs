//! What to type where a value is of another kind.

use super::shape::{K_BOOL, K_INT, K_MAP, K_TEXT, Shape};
use crate::compose::yaml::{Kind, Node};

/// Keys whose numbers need a unit.
const DURATIONS: &[&str] =
    &["delay", "monitor", "window", "interval", "timeout", "start_period", "start_interval", "stop_grace_period"];
/// Keys that take `NAME=value` in a list and `NAME: value` in a mapping.
const PAIRS: &[&str] = &["environment", "labels", "sysctls", "extra_hosts", "args", "driver_opts"];
/// A float that is larger holds no whole number exactly.
const MOST: f64 = 9e15;

/// `key` is the last one of the path, `item` whether the value is one of its list.
pub(super) fn remedy(key: &str, item: bool, node: &Node, shape: &Shape) -> String {
    let nouns = shape.nouns();
    match &node.kind {
        Kind::Null => "give it a value (indented beneath it), or take the key out".to_owned(),
        Kind::Int(n) if !item && DURATIONS.contains(&key) => format!("write it with a unit: {n}s"),
        Kind::Float(f) if f.abs() >= MOST => "write a smaller number".to_owned(),
        Kind::Bool(_) | Kind::Int(_) | Kind::Float(_) if shape.kinds & (K_TEXT | K_BOOL | K_INT) == K_TEXT => {
            "put the value between quotes".to_owned()
        }
        Kind::Text(_) if shape.items.is_some() => "write it as a list: one line for each, after `- `".to_owned(),
        Kind::Text(text) if shape.kinds & K_MAP != 0 => colon(text).unwrap_or_else(|| format!("write {nouns}")),
        Kind::List(_) => format!("write {nouns} without `- `"),
        // The value may be secret.
        Kind::Map(map) if item && PAIRS.contains(&key) && map.entries.len() == 1 => {
            let name = map.entries.first().map_or("", |e| e.key.value.as_str());
            format!("write `- {name}=…`, or leave the `- ` off all of these lines")
        }
        _ => format!("write {nouns}"),
    }
}

/// `image acme/web` and `image:acme/web` were to be `image: acme/web`.
fn colon(text: &str) -> Option<String> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))?;
    let (key, rest) = text.split_at_checked(end)?;
    let first = rest.chars().next().filter(|c| !key.is_empty() && (*c == ' ' || *c == ':'))?;
    let what = if first == ' ' { "a colon" } else { "a space" };
    let after = if first == ' ' { format!("`{key}`") } else { format!("`{key}:`") };
    Some(format!("{what} is missing behind {after}"))
}
