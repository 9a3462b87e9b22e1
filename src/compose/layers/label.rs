//! Adds to each problem of a value the places that a person needs beside it.

use std::collections::BTreeMap;

use super::Layers;
use super::find::{self, Found, Path};
use crate::compose::yaml::{Kind, Node, Style};
use crate::diagnostic::{Diagnostic, Diagnostics, Span, code};

/// Other files that are named for one value.
const MOST: usize = 3;

/// Where a problem stands in a tree.
struct Place {
    path: Path,
    /// The alias through which it is read there.
    alias: Option<Span>,
    /// The problem is that of a key, or of a value as a whole.
    key: bool,
    weak: bool,
}

impl Layers {
    /// Names for each value that is complained of the alias that leads to it, what it overrides, and what overrides it.
    pub fn label(&self, diagnostics: &mut Diagnostics) {
        let mut wanted: BTreeMap<Span, Vec<Place>> =
            diagnostics.iter().filter_map(|d| Some((d.primary.as_ref()?.span, Vec::new()))).collect();
        if wanted.is_empty() {
            return;
        }
        for layer in &self.layers {
            let spans = || wanted.keys().filter(|span| span.file == layer.file);
            let Some(first) = spans().map(|span| span.start).min() else { continue };
            let last = spans().map(|span| span.end).max().unwrap_or(first);
            Walk { wanted: &mut wanted, within: (first, last), path: Vec::new() }.node(&layer.tree);
        }
        for diagnostic in diagnostics.iter_mut() {
            let Some(span) = diagnostic.primary.as_ref().map(|l| l.span) else { continue };
            let Some(place) = wanted.get(&span).and_then(|places| best(places, diagnostic)) else { continue };
            if let Some(alias) = place.alias {
                add(diagnostic, alias, "read through this alias");
            }
            let type_conflict = diagnostic.code == code::WRONG_TYPE;
            if place.key && !type_conflict {
                continue;
            }
            for other in self.others(span.file, &place.path).into_iter().take(MOST) {
                match type_conflict && other.is_collection() {
                    true => add(diagnostic, other.key, &format!("{} here", other.node.noun())),
                    false if other.is_collection() => {}
                    false => add(diagnostic, other.node.span, other.word(place.weak)),
                }
            }
        }
    }
}

/// The place that the problem speaks of; else one that a service has, for notes (`x-…`) are read through aliases.
fn best<'p>(places: &'p [Place], diagnostic: &Diagnostic) -> Option<&'p Place> {
    let address = diagnostic.address.as_deref().and_then(|a| a.split_once('/'));
    let spoken_of = |p: &&Place| {
        let (kind, name) = (p.path.first(), p.path.get(1));
        address
            .is_some_and(|(k, n)| kind.is_some_and(|s| s.strip_suffix('s') == Some(k)) && name.is_some_and(|s| s == n))
    };
    let of_note = |p: &&Place| p.path.first().is_some_and(|s| s.starts_with("x-"));
    places.iter().find(spoken_of).or_else(|| places.iter().find(|p| !of_note(p))).or_else(|| places.first())
}

fn add(diagnostic: &mut Diagnostic, span: Span, text: &str) {
    let known = diagnostic.primary.iter().chain(&diagnostic.secondary).any(|label| label.span == span);
    if !known {
        *diagnostic = diagnostic.clone().also(span, text);
    }
}

impl Found<'_> {
    fn is_collection(&self) -> bool {
        self.node.style == Style::Collection
    }

    /// What it is to the value that is complained of, which may be `weak`.
    fn word(&self, weak: bool) -> &'static str {
        match self.beneath {
            true if weak => "also written here",
            true => "it overrides this",
            false if is_weak(self.node) => "also written here",
            false => "overridden here",
        }
    }
}

/// Empty texts and zeros override nothing at many places.
fn is_weak(node: &Node) -> bool {
    match &node.kind {
        Kind::Null | Kind::Int(0) => true,
        Kind::Float(number) => *number == 0.0,
        Kind::Text(text) => text.is_empty() || find::pair(node).is_some() && text.ends_with('='),
        _ => false,
    }
}

/// Finds the wanted places in one tree.
struct Walk<'a> {
    wanted: &'a mut BTreeMap<Span, Vec<Place>>,
    /// The first and the last byte of what is wanted in this file.
    within: (u32, u32),
    path: Vec<Step<'a>>,
}

#[derive(Clone, Copy)]
enum Step<'a> {
    Key(&'a str),
    Item(usize),
}

impl<'a> Walk<'a> {
    fn node(&mut self, node: &'a Node) {
        match &node.kind {
            Kind::List(items) => {
                for (i, item) in items.iter().enumerate() {
                    self.path.push(find::pair(item).map_or(Step::Item(i), Step::Key));
                    self.node(item);
                    self.path.pop();
                }
            }
            Kind::Map(map) => {
                for entry in &map.entries {
                    self.path.push(Step::Key(&entry.key.value));
                    // The keys of an anchor are read through its alias; the key that stands before an alias is not.
                    let alias = entry.value.alias.filter(|a| node.alias == Some(*a));
                    self.note(entry.key.span, alias, true, false);
                    self.node(&entry.value);
                    self.path.pop();
                }
            }
            _ => self.note(node.span, node.alias, false, is_weak(node)),
        }
    }

    /// Whatever stands in `span` is here: a variable inside a text too.
    fn note(&mut self, span: Span, alias: Option<Span>, key: bool, weak: bool) {
        if span.end < self.within.0 || span.start > self.within.1 {
            return;
        }
        let first = Span { end: span.start, ..span };
        let last = Span { start: span.end, end: u32::MAX, ..span };
        for (_, places) in self.wanted.range_mut(first..=last).filter(|(s, _)| s.end <= span.end) {
            let path = self.path.iter().map(|step| match step {
                Step::Key(key) => (*key).to_owned(),
                Step::Item(item) => item.to_string(),
            });
            places.push(Place { path: path.collect(), alias, key, weak });
        }
    }
}
