//! The tree.

use crate::diagnostic::{Span, Spanned};

/// One value of a document: aliases followed, `<<` merged.
#[derive(Clone, Debug)]
pub struct Node {
    pub kind: Kind,
    /// Where it was written; for a list or mapping its first line.
    pub span: Span,
    pub style: Style,
    /// The alias through which it came here.
    pub alias: Option<Span>,
    /// The text is what a `${…}` gave.
    pub interpolated: bool,
    /// What its tag does to earlier files.
    pub directive: Option<Directive>,
}

/// Tags of the Compose specification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Directive {
    /// `!reset`: the value of earlier files goes; what is written here counts for nothing.
    Reset,
    /// `!override`: the value of earlier files goes; this one takes its place.
    Override,
}

/// How a scalar was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Quoted,
    Block,
    /// Not a scalar.
    Collection,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Null,
    Bool(bool),
    /// From `i64::MIN` to `u64::MAX`.
    Int(i128),
    Float(f64),
    Text(String),
    List(Vec<Node>),
    Map(Map),
}

/// Entries in the order of the file; keys are unique.
#[derive(Clone, Debug, Default)]
pub struct Map {
    pub entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
pub struct Entry {
    pub key: Spanned<String>,
    pub value: Node,
}

impl Node {
    pub fn new(kind: Kind, span: Span, style: Style) -> Self {
        Self { kind, span, style, alias: None, interpolated: false, directive: None }
    }

    pub fn as_map(&self) -> Option<&Map> {
        match &self.kind {
            Kind::Map(map) => Some(map),
            _ => None,
        }
    }

    pub fn as_list(&self) -> Option<&[Node]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn is_null(&self) -> bool {
        matches!(self.kind, Kind::Null)
    }

    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_map()?.get(key)
    }

    /// What it is, for a sentence.
    pub fn noun(&self) -> &'static str {
        match &self.kind {
            Kind::Null => "empty",
            Kind::Bool(_) => "true or false",
            Kind::Int(_) => "a whole number",
            Kind::Float(_) => "a number",
            Kind::Text(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }
}

impl Map {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.value)
    }

    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|e| e.key.value == key)
    }
}
