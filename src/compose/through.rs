//! A problem inside an anchor is shown at the anchor, with the alias through which it matters.

use std::collections::HashMap;

use super::yaml::{Kind, Node};
use crate::diagnostic::{Diagnostics, Span};

/// Adds the alias to each problem from the `from`th on whose place is only read through one.
pub fn label(root: &Node, from: usize, diagnostics: &mut Diagnostics) {
    if diagnostics.len() == from {
        return;
    }
    let mut aliases = HashMap::new();
    walk(root, &mut aliases);
    if aliases.is_empty() {
        return;
    }
    for diagnostic in diagnostics.iter_mut().skip(from) {
        let Some(place) = diagnostic.primary.as_ref().map(|l| l.span) else { continue };
        if let Some(alias) = aliases.get(&place).filter(|a| diagnostic.secondary.iter().all(|l| l.span != **a)) {
            *diagnostic = diagnostic.clone().also(*alias, "read through this alias");
        }
    }
}

/// The first alias through which each key and value is read.
fn walk(node: &Node, aliases: &mut HashMap<Span, Span>) {
    if let Some(alias) = node.alias {
        aliases.entry(node.span).or_insert(alias);
    }
    match &node.kind {
        Kind::List(items) => items.iter().for_each(|item| walk(item, aliases)),
        Kind::Map(map) => {
            for entry in &map.entries {
                if let Some(alias) = entry.value.alias.filter(|a| *a != entry.value.span && node.alias == Some(*a)) {
                    aliases.entry(entry.key.span).or_insert(alias);
                }
                walk(&entry.value, aliases);
            }
        }
        _ => {}
    }
}
