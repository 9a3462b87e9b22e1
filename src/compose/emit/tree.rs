//! Building blocks: values that know where they were written, in mappings that keep the order in which keys are set.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Number, Value};

use crate::compose::model::{Extensions, Nanos, Text};
use crate::compose::parse::go_duration;
use crate::diagnostic::{Span, Spanned};

/// A value on its way to text.
pub struct Piece {
    pub form: Form,
    pub origin: Option<Origin>,
}

pub enum Form {
    /// Neither a list nor a mapping.
    Scalar(Value),
    List(Vec<Piece>),
    Map(Vec<(String, Piece)>),
}

/// Where a value came from.
#[derive(Clone)]
pub enum Origin {
    Written(Span),
    /// A line of an env_file; the place names the file.
    EnvFile {
        path: String,
        named: Span,
    },
}

impl Piece {
    /// The same, written at `span`.
    pub fn at(self, span: Span) -> Self {
        Self { origin: Some(Origin::Written(span)), ..self }
    }

    pub fn list(items: impl IntoIterator<Item = Piece>) -> Self {
        Form::List(items.into_iter().collect()).into()
    }

    pub fn map(entries: impl IntoIterator<Item = (String, Piece)>) -> Self {
        Form::Map(entries.into_iter().collect()).into()
    }
}

impl From<Form> for Piece {
    fn from(form: Form) -> Self {
        Self { form, origin: None }
    }
}

/// What JSON has a number, text or truth for, and JSON itself.
impl<T: Into<Value>> From<T> for Piece {
    fn from(value: T) -> Self {
        match value.into() {
            Value::Array(items) => Self::list(items.into_iter().map(Self::from)),
            Value::Object(map) => Self::map(map.into_iter().map(|(key, value)| (key, Self::from(value)))),
            scalar => Form::Scalar(scalar).into(),
        }
    }
}

pub fn text(text: &Text) -> Piece {
    Piece::from(text.value.as_str()).at(text.span)
}

/// A mapping that grows by what is written; what is not leaves no key.
#[derive(Default)]
pub struct Section(Vec<(String, Piece)>);

impl Section {
    pub fn set(&mut self, key: &str, value: impl Into<Piece>) {
        let value = value.into();
        match self.0.iter_mut().find(|(known, _)| known == key) {
            Some((_, old)) => *old = value,
            None => self.0.push((key.to_owned(), value)),
        }
    }

    pub fn text(&mut self, key: &str, value: &Option<Text>) {
        if let Some(value) = value {
            self.set(key, text(value));
        }
    }

    pub fn value<T: Copy + Into<Value>>(&mut self, key: &str, value: &Option<Spanned<T>>) {
        if let Some(value) = value {
            self.set(key, Piece::from(value.value).at(value.span));
        }
    }

    pub fn duration(&mut self, key: &str, value: &Option<Spanned<Nanos>>) {
        if let Some(value) = value {
            self.set(key, Piece::from(go_duration(value.value.0)).at(value.span));
        }
    }

    pub fn texts(&mut self, key: &str, values: &[Text]) {
        self.list(key, values.iter().map(text));
    }

    pub fn words(&mut self, key: &str, words: &Option<Spanned<Vec<String>>>) {
        if let Some(words) = words {
            self.set(key, Piece::from(words.value.clone()).at(words.span));
        }
    }

    pub fn map(&mut self, key: &str, values: &BTreeMap<String, Text>) {
        self.entries(key, values.iter().map(|(k, v)| (k.clone(), text(v))));
    }

    /// A mapping, where it has entries.
    pub fn entries(&mut self, key: &str, entries: impl Iterator<Item = (String, Piece)>) {
        let entries: Vec<_> = entries.collect();
        if !entries.is_empty() {
            self.set(key, Piece::map(entries));
        }
    }

    pub fn section(&mut self, key: &str, section: Section) {
        if !section.0.is_empty() {
            self.set(key, Piece::from(section));
        }
    }

    /// A list, where it has items.
    pub fn list(&mut self, key: &str, items: impl Iterator<Item = Piece>) {
        let items: Vec<_> = items.collect();
        if !items.is_empty() {
            self.set(key, Piece::list(items));
        }
    }

    /// A list in which a file may name each entry once, where several files named one.
    pub fn once(&mut self, key: &str, items: impl Iterator<Item = Piece>) {
        self.list(key, distinct(items).into_iter());
    }

    pub fn extensions(&mut self, extensions: &Extensions) {
        for (key, value) in extensions {
            self.set(key, Piece::from(value.value.clone()).at(value.span));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Section> for Piece {
    fn from(section: Section) -> Self {
        Self::map(section.0)
    }
}

/// The first of each scalar, and all else.
pub fn distinct(items: impl Iterator<Item = Piece>) -> Vec<Piece> {
    let mut seen = HashSet::new();
    let mut new = |item: &Piece| match &item.form {
        Form::Scalar(value) => seen.insert(value.to_string()),
        _ => true,
    };
    items.filter(|item| new(item)).collect()
}

/// A float as a number; whole ones without a point.
pub fn float(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() < 9e15 {
        return Value::from(value as i64);
    }
    Number::from_f64(value).map_or(Value::Null, Value::Number)
}
