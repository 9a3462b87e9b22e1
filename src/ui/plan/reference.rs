//! A service's reference to a network, config or secret, as a person would say it.

use serde_json::{Map, Value};

use crate::plan::document::Change;
use crate::swarm::scoped;
use crate::ui::plan::value::{flow, pairs};

/// `target: /etc/app.conf, mode: 0444`. `key` is what the line shows already, such as `conf` or `conf at /etc/app.conf`:
/// what follows from it is left out. Empty where nothing is left.
pub fn news(map: &Map<String, Value>, key: &str, change: &Change, stack: &str) -> String {
    let (key, target) = key.split_once(" at ").unwrap_or((key, ""));
    let own_name = scoped(stack, key);
    let said = |name: &str, value: &str| match name {
        "name" | "source" => value == own_name || value == key,
        "target" => value == key || value == target || value.strip_prefix('/') == Some(key),
        _ => false,
    };
    let mut left = map.clone();
    left.retain(|name, value| !value.as_str().is_some_and(|value| said(name, value)));
    if let Some(Value::Array(aliases)) = left.get_mut("aliases") {
        aliases.retain(|alias| alias.as_str() != Some(change.key()));
        if aliases.is_empty() {
            left.remove("aliases");
        }
    }
    pairs(&left)
}

/// Before and after, without what both say: `shop_conf` and `shop_conf-7d3a09ff`.
pub fn change(before: &Map<String, Value>, after: &Map<String, Value>) -> Vec<String> {
    let (mut old, mut new) = (before.clone(), after.clone());
    old.retain(|name, value| after.get(name) != Some(value));
    new.retain(|name, value| before.get(name) != Some(value));
    let only = |name: &str| old.len() == 1 && new.len() == 1 && old.contains_key(name) && new.contains_key(name);
    if only("source") || only("name") {
        return old.values().chain(new.values()).map(flow).collect();
    }
    let shown = |map: &Map<String, Value>| if map.is_empty() { "(not set)".to_owned() } else { pairs(map) };
    vec![shown(&old), shown(&new)]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::plan::document::sample::{document, everything};

    #[test]
    fn a_reference_says_only_what_its_name_does_not() {
        let plan = document(&everything());
        let new = plan.changes.iter().find(|change| change.key() == "new").unwrap();
        for (key, value, left) in [
            ("net", json!({"name": "getstartedlab_net", "aliases": ["new"]}), ""),
            ("net", json!({"name": "edge", "aliases": ["new", "n\u{1b}2"]}), "name: edge, aliases: [n\\u{1b}2]"),
            ("conf", json!({"source": "getstartedlab_conf", "target": "/conf"}), ""),
            ("s at /run/s", json!({"source": "getstartedlab_s", "target": "/run/s", "mode": "0400"}), "mode: 0400"),
        ] {
            assert_eq!(change(value.as_object().unwrap(), &Map::new()).last().unwrap(), "(not set)");
            assert_eq!(news(value.as_object().unwrap(), key, new, &plan.stack), left);
        }
        let (old, now) = (json!({"source": "s_c", "target": "c"}), json!({"source": "s_c-7d3a", "target": "c"}));
        assert_eq!(change(old.as_object().unwrap(), now.as_object().unwrap()), ["s_c", "s_c-7d3a"]);
    }
}
