//! The few ways in which two values become one.

use std::collections::BTreeMap;

use crate::compose::model::Text;
use crate::diagnostic::Spanned;

/// The later one, where it is written.
pub fn later<T>(base: &mut Option<T>, next: Option<T>) {
    if next.is_some() {
        *base = next;
    }
}

/// The later text; an empty one overrides nothing.
pub fn later_text(base: &mut Option<Text>, next: Option<Text>) {
    if base.is_none() || next.as_ref().is_some_and(|n| !n.value.is_empty()) {
        later(base, next);
    }
}

/// The later number; zero overrides nothing.
pub fn later_unless<T>(base: &mut Option<Spanned<T>>, next: Option<Spanned<T>>, zero: impl Fn(&T) -> bool) {
    if base.is_none() || next.as_ref().is_some_and(|n| !zero(&n.value)) {
        later(base, next);
    }
}

/// The later list, unless it is empty.
pub fn later_words(base: &mut Option<Spanned<Vec<String>>>, next: Option<Spanned<Vec<String>>>) {
    if base.is_none() || next.as_ref().is_some_and(|n| !n.value.is_empty()) {
        later(base, next);
    }
}

/// The later one for each key.
pub fn by_key<V>(base: &mut BTreeMap<String, V>, next: BTreeMap<String, V>) {
    base.extend(next);
}

/// Keyed lists: a later entry takes the place of an earlier one with its key; in the order of the keys. A list that
/// stands alone keeps its order.
pub fn keyed<T, K: Ord>(base: &mut Vec<T>, next: Vec<T>, key: impl Fn(&T) -> K) {
    if base.is_empty() {
        *base = next;
        return;
    }
    let all: BTreeMap<K, T> = std::mem::take(base).into_iter().chain(next).map(|v| (key(&v), v)).collect();
    base.extend(all.into_values());
}
