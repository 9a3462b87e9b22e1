//! Every place of many values in a text, in one pass over it.

use std::collections::BTreeMap;
use std::ops::Range;

use aho_corasick::AhoCorasick;

/// Only so much of a value is looked for; the rest is compared where that stands. A secret may have 500 KB.
const PREFIX: usize = 48;

/// Values to look for.
pub struct Sweep {
    /// Sorted, each once.
    values: Vec<String>,
    /// `None` where it cannot be built; then the values are looked for one by one.
    prefixes: Option<AhoCorasick>,
    /// The values that begin with each prefix, as places in `values`.
    by_prefix: Vec<Range<usize>>,
}

impl Sweep {
    pub fn of(mut values: Vec<String>) -> Self {
        values.sort_unstable();
        values.dedup();
        // Values of one prefix of bytes stand beside each other; one that is shorter than the prefix is a prefix itself.
        let mut ranges: BTreeMap<&[u8], Range<usize>> = BTreeMap::new();
        for (i, value) in values.iter().enumerate() {
            let bytes = value.as_bytes();
            let prefix = bytes.get(..PREFIX).unwrap_or(bytes);
            ranges.entry(prefix).and_modify(|range| range.end = i + 1).or_insert(i..i + 1);
        }
        let prefixes = AhoCorasick::new(ranges.keys()).ok();
        let by_prefix = ranges.into_values().collect();
        Self { values, prefixes, by_prefix }
    }

    pub fn all(&self) -> &[String] {
        &self.values
    }

    pub fn len(&self) -> usize {
        self.values.len()
    }

    pub fn contains(&self, text: &str) -> bool {
        self.values.binary_search_by(|value| value.as_str().cmp(text)).is_ok()
    }

    /// Where values stand that `counts`, overlapping ones as one place; in order.
    pub fn find(&self, text: &str, counts: impl Fn(Range<usize>) -> bool) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        match &self.prefixes {
            Some(prefixes) => {
                for hit in prefixes.find_overlapping_iter(text) {
                    let values = self.by_prefix.get(hit.pattern().as_usize()).cloned().unwrap_or_default();
                    let rest = text.as_bytes().get(hit.start()..).unwrap_or_default();
                    let values = self.values.get(values).unwrap_or_default();
                    let longest = values.iter().rev().filter(|value| rest.starts_with(value.as_bytes()));
                    found.extend(longest.map(|value| hit.start()..hit.start() + value.len()));
                }
            }
            None => {
                for value in &self.values {
                    let starts = text.char_indices().map(|(at, _)| at);
                    let here = |at: &usize| text.get(*at..).is_some_and(|rest| rest.starts_with(value.as_str()));
                    found.extend(starts.filter(here).map(|at| at..at + value.len()));
                }
            }
        }
        found.retain(|place| counts(place.clone()));
        found.sort_unstable_by_key(|place| (place.start, place.end));
        let mut merged: Vec<Range<usize>> = Vec::new();
        for place in found {
            match merged.last_mut() {
                Some(last) if place.start < last.end => last.end = last.end.max(place.end),
                _ => merged.push(place),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_that_overlap_or_begin_alike_are_all_found() {
        let long = "x".repeat(PREFIX);
        let values = vec!["abcdef".into(), "cdefgh".into(), format!("{long}1"), format!("{long}22"), long.clone()];
        let sweep = Sweep::of(values);
        let found = |text: &str| sweep.find(text, |_| true).first().map(|place| (place.start, place.end));
        assert_eq!(found("abcdefgh"), Some((0, 8)));
        assert_eq!(found(&format!("-{long}22-")), Some((1, PREFIX + 3)));
        assert!(sweep.find("abcde", |_| true).is_empty());
        assert!(sweep.contains("cdefgh") && !sweep.contains("cdef"));
    }

    proptest! {
        #[test]
        fn as_when_looked_for_one_by_one(values in proptest::collection::vec("[ab]{1,5}", 1..8), text in "[abc]{0,40}") {
            let sweep = Sweep::of(values.clone());
            let slow = Sweep { prefixes: None, ..Sweep::of(values) };
            prop_assert_eq!(sweep.find(&text, |r| r.len() != 3), slow.find(&text, |r| r.len() != 3));
        }
    }
}
