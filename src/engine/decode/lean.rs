//! JSON that is read and let go: texts stay where they came from, and objects are lists of their members.

use std::borrow::Cow;

use serde_json::{Number, Value};

/// A value of which little is kept. Of ten thousand tasks a tree of maps would be most of what a plan costs.
#[derive(Clone, Debug, PartialEq)]
pub enum Lean<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    List(Vec<Lean<'a>>),
    Object(Vec<(Cow<'a, str>, Lean<'a>)>),
}

impl<'a> Lean<'a> {
    /// Of members with one name the last counts, as everywhere.
    pub fn get(&self, key: &str) -> Option<&Lean<'a>> {
        let Self::Object(members) = self else { return None };
        members.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Self::Number(number) => number.as_u64(),
            _ => None,
        }
    }

    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// To keep.
    pub fn to_value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(bool) => Value::Bool(*bool),
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => Value::from(&**text),
            Self::List(items) => items.iter().map(Self::to_value).collect(),
            Self::Object(members) => {
                Value::Object(members.iter().map(|(key, value)| (key.clone().into_owned(), value.to_value())).collect())
            }
        }
    }

    /// `value` says the same.
    pub fn is(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Null, Value::Null) => true,
            (Self::Bool(a), Value::Bool(b)) => a == b,
            (Self::Number(a), Value::Number(b)) => a == b,
            (Self::Text(a), Value::String(b)) => a == b,
            (Self::List(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.is(b)),
            (Self::Object(a), Value::Object(b)) => {
                a.len() == b.len() && a.iter().all(|(key, a)| b.get(&**key).is_some_and(|b| a.is(b)))
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Pick;
    use super::*;

    #[test]
    fn what_is_kept_says_the_same() {
        let text = r#"{"a": {"b": [1, -2, 2.5, true, null, "x", "\u00fc"]}, "c": 1, "c": 2}"#;
        let lean = Pick::Whole.from(text.as_bytes()).unwrap();
        let value: Value = serde_json::from_str(text).unwrap();
        assert_eq!(lean.to_value(), value);
        assert_eq!(lean.get("c").and_then(Lean::as_u64), Some(2));
        assert!(lean.get("a").unwrap().is(&value["a"]) && !lean.get("a").unwrap().is(&json!({"b": [1], "c": 1})));
        assert!(!lean.get("a").unwrap().is(&json!({"x": value["a"]["b"]})));
    }
}
