//! The same place in other files.

use super::Layers;
use super::stack::Layer;
use crate::compose::yaml::{Entry, Kind, Node};
use crate::diagnostic::{FileId, Span};

/// What leads from a mapping or list to a value. `A=x` in a list is the key `A`, as in a mapping.
pub type Path = Vec<String>;

/// A value of another file at the same place.
pub struct Found<'a> {
    /// Its key, or itself in a list.
    pub key: Span,
    pub node: &'a Node,
    /// It lies beneath, so it lost.
    pub beneath: bool,
}

impl Layers {
    /// The values that lie beneath or above the one at `path` of `file`, nearest first.
    pub(super) fn others(&self, file: FileId, path: &[String]) -> Vec<Found<'_>> {
        let [section, name, rest @ ..] = path else { return Vec::new() };
        let mut found = Vec::new();
        let place = self.layers.iter().position(|l| l.file == file);
        if let Some(place) = place.filter(|p| *p < self.stacked) {
            let (beneath, above) = self.layers.split_at(self.stacked).0.split_at(place);
            let below = beneath.iter().rev().map(|l| (l, true));
            let all = below.chain(above.iter().skip(1).map(|l| (l, false)));
            found.extend(all.filter_map(|(layer, beneath)| layer.get(path, beneath)));
        }
        if section == "services" && !rest.is_empty() {
            self.extended(file, name, rest, &mut found);
        }
        found
    }

    /// What the service extends, and what extends it.
    fn extended<'a>(&'a self, file: FileId, name: &str, rest: &[String], found: &mut Vec<Found<'a>>) {
        let inside = |name: &str| {
            let mut path = vec!["services".to_owned(), name.to_owned()];
            path.extend_from_slice(rest);
            path
        };
        let layer = |file: FileId| self.layers.iter().find(|l| l.file == file);
        let (mut own, mut steps) = ((file, name.to_owned()), 0);
        while let Some(link) = self.links.iter().find(|l| l.own == own).filter(|_| steps < self.links.len()) {
            found.extend(layer(link.base.0).and_then(|l| l.get(&inside(&link.base.1), true)));
            (own, steps) = (link.base.clone(), steps + 1);
        }
        for link in self.links.iter().filter(|l| l.base.0 == file && l.base.1 == name) {
            found.extend(layer(link.own.0).and_then(|l| l.get(&inside(&link.own.1), false)));
        }
    }
}

impl Layer {
    pub fn get(&self, path: &[String], beneath: bool) -> Option<Found<'_>> {
        let mut node = &self.tree;
        let mut key = node.span;
        for step in path {
            (key, node) = inside(node, step)?;
        }
        Some(Found { key, node, beneath })
    }
}

fn inside<'a>(node: &'a Node, step: &str) -> Option<(Span, &'a Node)> {
    match &node.kind {
        Kind::Map(map) => map.entry(step).map(|Entry { key, value }| (key.span, value)),
        Kind::List(items) => items.iter().find(|i| pair(i) == Some(step)).map(|i| (i.span, i)),
        _ => None,
    }
}

/// `A` of the list item `A=x`.
pub fn pair(item: &Node) -> Option<&str> {
    item.as_text().and_then(|text| text.split_once('=')).map(|(key, _)| key)
}
