//! Remembering where each part of a spec was written.

use std::collections::BTreeMap;

use crate::compose::model::Text;
use crate::diagnostic::{Span, Spanned};
use crate::swarm::{Origins, join};

/// Collects [`Origins`] while a spec is built.
pub(super) struct Trail(BTreeMap<String, Span>);

impl Trail {
    /// For the object at `span`.
    pub fn new(span: Span) -> Self {
        Self(BTreeMap::from([(String::new(), span)]))
    }

    /// `path` was written at `span`; a section that nobody placed yet starts at its first part.
    pub fn at(&mut self, path: &str, span: Span) {
        self.0.insert(path.to_owned(), span);
        let mut path = path;
        while let Some(end) = path.rfind('/').filter(|end| *end > 0) {
            path = path.split_at(end).0;
            // What is placed has all that it stands in placed.
            if self.0.contains_key(path) {
                break;
            }
            self.0.insert(path.to_owned(), span);
        }
    }

    pub fn maybe<T>(&mut self, path: &str, value: Option<&Spanned<T>>) {
        if let Some(value) = value {
            self.at(path, value.span);
        }
    }

    /// Every entry of a map under its key.
    pub fn map<'a, T: 'a>(&mut self, path: &str, map: impl IntoIterator<Item = (&'a String, &'a Spanned<T>)>) {
        for (key, value) in map {
            self.at(&join(path, key), value.span);
        }
    }

    /// A list under the list's own path: order or membership of it changes as a whole.
    pub fn list(&mut self, path: &str, items: &[Text]) {
        if let Some(first) = items.first() {
            self.at(path, first.span);
        }
        for item in items {
            self.at(&join(path, &item.value), item.span);
        }
    }

    pub fn finish(self) -> Origins {
        Origins(self.0)
    }
}
