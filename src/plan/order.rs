//! In which order services are written.

use std::collections::{BTreeMap, BTreeSet};

/// What must come before a service.
#[derive(Clone, Debug, Default)]
pub struct Place {
    /// Explicit wave, 0 where none is written.
    pub group: u32,
    /// Keys of services that come first.
    pub after: BTreeSet<String>,
}

/// Services in levels from 0, or the keys of a circle.
pub fn levels(places: &BTreeMap<String, Place>) -> Result<BTreeMap<String, u32>, Vec<String>> {
    let groups: BTreeSet<u32> = places.values().map(|p| p.group).collect();
    let mut done: BTreeMap<String, u32> = BTreeMap::new();
    let mut base = 0;
    for group in groups {
        let mut walk = Walk { places, group, base, done: &mut done, path: Vec::new() };
        for (key, place) in places {
            if place.group == group {
                walk.visit(key)?;
            }
        }
        base = done.values().max().map_or(0, |level| level + 1);
    }
    Ok(done)
}

struct Walk<'a> {
    places: &'a BTreeMap<String, Place>,
    group: u32,
    base: u32,
    done: &'a mut BTreeMap<String, u32>,
    path: Vec<String>,
}

impl Walk<'_> {
    /// Depth first, with a stack of its own: a chain may be as long as the stack has services.
    fn visit(&mut self, start: &str) -> Result<(), Vec<String>> {
        let mut stack = vec![(start.to_owned(), false)];
        while let Some((key, leaving)) = stack.pop() {
            let Some(place) = self.places.get(&key) else { continue };
            let before = place.after.iter().filter(|k| self.places.contains_key(*k));
            if leaving {
                let level = before.filter_map(|k| self.done.get(k)).map(|level| level + 1).max().unwrap_or(0);
                self.done.insert(key.clone(), level.max(self.base));
                self.path.pop();
                continue;
            }
            if self.done.contains_key(&key) {
                continue;
            }
            if let Some(at) = self.path.iter().position(|k| *k == key) {
                return Err(self.path.split_off(at));
            }
            if place.group > self.group {
                // Asked for by a service of a lower wave: both cannot be true.
                return Err(vec![self.path.last().cloned().unwrap_or_default(), key]);
            }
            self.path.push(key.clone());
            stack.push((key.clone(), true));
            stack.extend(before.map(|k| (k.clone(), false)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn places(list: &[(&str, u32, &str)]) -> BTreeMap<String, Place> {
        list.iter()
            .map(|(key, group, after)| {
                let after = after.split_whitespace().map(str::to_owned).collect();
                ((*key).to_owned(), Place { group: *group, after })
            })
            .collect()
    }

    #[test]
    fn dependencies_and_waves() {
        let levels = levels(&places(&[
            ("web", 0, "app db"),
            ("app", 0, "db"),
            ("db", 0, ""),
            ("late", 1, ""),
            ("other", 0, ""),
        ]));
        let expected = [("app", 1), ("db", 0), ("late", 3), ("other", 0), ("web", 2)];
        assert_eq!(levels.unwrap(), expected.map(|(k, l)| (k.to_owned(), l)).into());
    }

    #[test]
    fn circles_are_named() {
        assert_eq!(levels(&places(&[("a", 0, "b"), ("b", 0, "c"), ("c", 0, "b")])), Err(vec!["b".into(), "c".into()]));
        assert_eq!(levels(&places(&[("a", 0, "a")])), Err(vec!["a".into()]));
        assert_eq!(levels(&places(&[("a", 0, "b"), ("b", 1, "")])), Err(vec!["a".into(), "b".into()]));
    }

    proptest! {
        #[test]
        fn who_comes_first_is_in_a_lower_level(edges in prop::collection::vec((0usize..12, 0usize..12), 0..40)) {
            let mut all: BTreeMap<String, Place> = (0..12).map(|i| (format!("s{i}"), Place::default())).collect();
            for (a, b) in edges {
                if a < b {
                    all.get_mut(&format!("s{b}")).unwrap().after.insert(format!("s{a}"));
                }
            }
            let levels = levels(&all).unwrap();
            prop_assert_eq!(levels.len(), 12);
            for (key, place) in &all {
                for before in &place.after {
                    prop_assert!(levels[before] < levels[key]);
                }
            }
        }
    }
}
