//! `KEY: value` mappings and `- KEY=value` lists.

use std::collections::BTreeMap;

use super::value::{printed, printed_text};
use crate::compose::model::{Labels, Text};
use crate::compose::yaml::Node;
use crate::diagnostic::Spanned;

/// Key, value (`None` where none is written) and place, in the order of the file.
pub fn pairs(node: &Node) -> Vec<(String, Spanned<Option<String>>)> {
    if let Some(map) = node.as_map() {
        return map
            .entries
            .iter()
            .map(|e| {
                // An empty value has no width of its own.
                let span = if e.value.is_null() { e.key.span } else { e.value.span };
                (e.key.value.clone(), Spanned::new(printed(&e.value), span))
            })
            .collect();
    }
    let items = node.as_list().unwrap_or_default();
    items
        .iter()
        .filter_map(|item| {
            let text = item.as_text()?;
            let (key, value) = match text.split_once('=') {
                Some((key, value)) => (key, Some(value.to_owned())),
                None => (text, None),
            };
            Some((key.to_owned(), Spanned::new(value, item.span)))
        })
        .collect()
}

/// Labels, sysctls: no value is an empty one.
pub fn labels(node: &Node) -> Labels {
    pairs(node).into_iter().map(|(k, v)| (k, v.map(Option::unwrap_or_default))).collect()
}

/// `driver_opts`, `logging.options`.
pub fn options(node: &Node) -> BTreeMap<String, Text> {
    let Some(map) = node.as_map() else { return BTreeMap::new() };
    map.entries
        .iter()
        .map(|e| {
            let value = printed_text(&e.value).unwrap_or_else(|| Spanned::new(String::new(), e.key.span));
            (e.key.value.clone(), value)
        })
        .collect()
}
