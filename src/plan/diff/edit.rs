//! Setting and removing parts of a JSON document by pointer.

use crate::swarm::Members;
use serde_json::{Map, Value};

/// Null, false, 0, `""`, `[]` and `{}` say nothing; an object of nothings says nothing either.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty(),
        Value::Array(a) => a.is_empty(),
        Value::Object(o) => o.values().all(says_nothing),
    }
}

/// Puts `value` at `pointer`, making objects on the way.
pub(super) fn set(document: &mut Value, pointer: &str, value: Value) {
    let mut here = document;
    for key in pointer.split('/').skip(1) {
        if !here.is_object() {
            *here = Value::Object(Map::new());
        }
        let Value::Object(object) = here else { return };
        here = object.entry(key).or_insert(Value::Null);
    }
    *here = value;
}

/// Takes away what is at `pointer`, and the objects around it that are then empty unless `wanted` has them too.
pub(super) fn remove(document: &mut Value, pointer: &str, wanted: &Value) {
    let Some((parent, key)) = pointer.rsplit_once('/') else { return };
    if let Some(Value::Object(object)) = document.member_mut(parent) {
        object.shift_remove(key);
        let empty = object.values().all(says_nothing);
        if empty && !parent.is_empty() && wanted.member(parent).is_none_or(Value::is_null) {
            remove(document, parent, wanted);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn sets_through_null_and_removes_what_is_left_empty() {
        let mut spec = json!({"a": null});
        set(&mut spec, "/a/b/c", json!(1));
        assert_eq!(spec, json!({"a": {"b": {"c": 1}}}));
        remove(&mut spec, "/a/b/c", &json!({"a": {}}));
        assert_eq!(spec, json!({"a": {}}));
    }

    #[test]
    fn an_object_with_something_unknown_stays() {
        let mut spec = json!({"a": {"b": 1, "Newer": true}});
        remove(&mut spec, "/a/b", &json!({}));
        assert_eq!(spec, json!({"a": {"Newer": true}}));
    }
}
