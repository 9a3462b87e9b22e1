//! Which nodes of an arena aliases ask for a second time.

use std::collections::HashMap;
use std::ops::Range;

use super::arena::Index;

/// Anchored nodes with all that is in them: nodes of one collection stand beside each other.
#[derive(Default)]
pub struct Shared {
    anchored: HashMap<Index, Index>,
    /// Those that an alias names, merged and in order once `settle` has been called.
    ranges: Vec<Range<Index>>,
}

impl Shared {
    /// The anchored node `index` ends before `end`.
    pub fn anchored(&mut self, index: Index, end: Index) {
        self.anchored.insert(index, end);
    }

    pub fn alias(&mut self, target: Index) {
        let end = self.anchored.get(&target).copied().unwrap_or(target + 1);
        if self.ranges.last() != Some(&(target..end)) {
            self.ranges.push(target..end);
        }
    }

    pub fn settle(mut self) -> Self {
        self.ranges.sort_unstable_by_key(|range| (range.start, range.end));
        self.ranges.dedup_by(|next, kept| {
            let inside = next.start < kept.end;
            if inside {
                kept.end = kept.end.max(next.end);
            }
            inside
        });
        self
    }

    pub fn contains(&self, index: Index) -> bool {
        let after = self.ranges.partition_point(|range| range.start <= index);
        after.checked_sub(1).and_then(|i| self.ranges.get(i)).is_some_and(|range| index < range.end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_aliases_name_is_shared_with_all_that_is_in_it() {
        let mut shared = Shared::default();
        for (index, end) in [(10, 20), (12, 14), (30, 31)] {
            shared.anchored(index, end);
        }
        [12, 10, 30, 30].into_iter().for_each(|target| shared.alias(target));
        let shared = shared.settle();
        let all: Vec<Index> = (0..40).filter(|i| shared.contains(*i)).collect();
        assert_eq!(all, (10..20).chain(30..31).collect::<Vec<_>>());
    }
}
