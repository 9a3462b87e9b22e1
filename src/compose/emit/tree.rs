//! Building blocks: JSON values that keep the order in which keys are set.

use std::collections::BTreeMap;

use serde_json::{Map, Number, Value};

use crate::compose::model::{Extensions, Nanos, Text};
use crate::compose::parse::go_duration;
use crate::diagnostic::Spanned;

/// A mapping that grows by what is written; what is not leaves no key.
#[derive(Default)]
pub struct Section(Map<String, Value>);

impl Section {
    pub fn set(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    pub fn text(&mut self, key: &str, value: &Option<Text>) {
        if let Some(text) = value {
            self.set(key, text.value.clone());
        }
    }

    pub fn value<T: Copy + Into<Value>>(&mut self, key: &str, value: &Option<Spanned<T>>) {
        if let Some(value) = value {
            self.set(key, value.value);
        }
    }

    pub fn duration(&mut self, key: &str, value: &Option<Spanned<Nanos>>) {
        if let Some(value) = value {
            self.set(key, go_duration(value.value.0));
        }
    }

    pub fn texts(&mut self, key: &str, values: &[Text]) {
        if !values.is_empty() {
            self.set(key, values.iter().map(|t| t.value.clone()).collect::<Vec<_>>());
        }
    }

    pub fn words(&mut self, key: &str, words: &Option<Spanned<Vec<String>>>) {
        if let Some(words) = words {
            self.set(key, words.value.clone());
        }
    }

    pub fn map(&mut self, key: &str, values: &BTreeMap<String, Text>) {
        if !values.is_empty() {
            self.set(key, values.iter().map(|(k, v)| (k.clone(), Value::from(v.value.clone()))).collect::<Map<_, _>>());
        }
    }

    pub fn section(&mut self, key: &str, section: Section) {
        if !section.0.is_empty() {
            self.set(key, section);
        }
    }

    pub fn list(&mut self, key: &str, values: Vec<Value>) {
        if !values.is_empty() {
            self.set(key, values);
        }
    }

    pub fn extensions(&mut self, extensions: &Extensions) {
        for (key, value) in extensions {
            self.set(key, value.value.clone());
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Section> for Value {
    fn from(section: Section) -> Self {
        Value::Object(section.0)
    }
}

/// A float as a number; whole ones without a point.
pub fn float(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
