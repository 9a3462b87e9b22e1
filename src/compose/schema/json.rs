//! The key table as a JSON Schema, for editors and for whoever checks files without stackup.

use serde_json::{Map, Value, json};

use super::shape::{Fate, K_BOOL, K_FLOAT, K_INT, K_LIST, K_MAP, K_NULL, K_TEXT, Key, Section, Shape, Since};
use super::top::ROOT;

/// What the newest version may hold, as JSON Schema 2020-12. Values are not looked into: a port may be any text.
pub fn schema() -> Value {
    let mut root = Map::new();
    root.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$id".into(), json!("urn:stackup:compose:1.0"));
    root.insert("title".into(), json!("Compose file for stackup"));
    root.insert("type".into(), json!("object"));
    section(&ROOT, &mut root);
    Value::Object(root)
}

fn section(section: &Section, out: &mut Map<String, Value>) {
    let keys = section.keys.iter().filter(|k| !matches!(k.fate, Fate::Forbidden(_)));
    out.insert("properties".into(), Value::Object(keys.map(|k| (k.name.to_owned(), key(k))).collect()));
    out.insert("patternProperties".into(), json!({"^x-": {}}));
    out.insert("additionalProperties".into(), json!(false));
}

fn key(key: &Key) -> Value {
    let mut out = shape(&key.shape);
    let words = match (key.fate, key.since) {
        (Fate::Unsupported(instead), _) => Some(format!("Swarm has no such thing: {instead}.")),
        (Fate::Ignored(instead), _) => Some(format!("Means nothing to swarm: {instead}.")),
        (_, Since::Specification) => Some("Of the Compose specification; docker stack refuses it.".to_owned()),
        (_, Since::V3(0)) => None,
        (_, Since::V3(minor)) => Some(format!("Since version 3.{minor}.")),
    };
    if let Some(words) = words {
        out.insert("description".into(), json!(words));
    }
    if matches!(key.fate, Fate::Unsupported(_) | Fate::Ignored(_)) {
        out.insert("deprecated".into(), json!(true));
    }
    Value::Object(out)
}

fn shape(shape: &Shape) -> Map<String, Value> {
    let mut out = Map::new();
    // A JSON number may be whole, so `number` takes in `integer`.
    let names = [
        (K_NULL, "null"),
        (K_BOOL, "boolean"),
        (K_INT, "integer"),
        (K_FLOAT, "number"),
        (K_TEXT, "string"),
        (K_LIST, "array"),
        (K_MAP, "object"),
    ];
    let has = |kind| shape.kinds & kind != 0;
    let kinds: Vec<&str> = names.iter().filter(|(k, _)| has(*k)).map(|(_, name)| *name).collect();
    match kinds.as_slice() {
        // Anything at all.
        all if all.len() == names.len() => return out,
        [one] => out.insert("type".into(), json!(one)),
        several => out.insert("type".into(), json!(several)),
    };
    if let Some(items) = shape.items.filter(|_| has(K_LIST)) {
        out.insert("items".into(), Value::Object(self::shape(items)));
        if shape.unique {
            out.insert("uniqueItems".into(), json!(true));
        }
    }
    if let Some(keys) = shape.section {
        section(keys, &mut out);
    } else if let Some(values) = shape.values {
        if values.section.is_some() {
            out.insert("patternProperties".into(), json!({"^x-": {}}));
        }
        out.insert("additionalProperties".into(), Value::Object(self::shape(values)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_says_the_same_in_json() {
        let schema = schema();
        let service = &schema["properties"]["services"]["additionalProperties"];
        assert_eq!(service["properties"]["image"], json!({"type": "string"}));
        assert_eq!(service["properties"]["read_only"]["type"], json!(["boolean", "string"]));
        assert_eq!(service["properties"]["privileged"]["deprecated"], true);
        assert_eq!(service["properties"]["ports"]["uniqueItems"], true);
        assert_eq!(service["properties"].get("mem_limit"), None);
        assert_eq!(service["additionalProperties"], false);
    }
}
