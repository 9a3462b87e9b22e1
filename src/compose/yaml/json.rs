//! A tree without places, for what is kept but not looked into.

use serde_json::{Map, Number, Value};

use super::{Kind, Node};

pub fn json(node: &Node) -> Value {
    match &node.kind {
        Kind::Null => Value::Null,
        Kind::Bool(b) => Value::Bool(*b),
        Kind::Int(i) => match (i64::try_from(*i), u64::try_from(*i)) {
            (Ok(i), _) => Value::Number(i.into()),
            (_, Ok(u)) => Value::Number(u.into()),
            _ => Value::Null,
        },
        Kind::Float(f) => Number::from_f64(*f).map_or(Value::Null, Value::Number),
        Kind::Text(text) => Value::String(text.clone()),
        Kind::List(items) => Value::Array(items.iter().map(json).collect()),
        Kind::Map(map) => {
            Value::Object(map.entries.iter().map(|e| (e.key.value.clone(), json(&e.value))).collect::<Map<_, _>>())
        }
    }
}
