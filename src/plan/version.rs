//! Versions of configs and secrets. Swarm cannot change their content, so other content gets another name.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::swarm::{Kind, Members, NAMESPACE_LABEL, Snapshot};

/// The longest name that swarm takes.
const LONGEST: usize = 64;
/// Digits of the digest in the name of a version.
const DIGITS: usize = 8;

/// Where specs name their configs and secrets, and by what.
const FILES: [(&str, &str, Kind); 2] = [
    ("/TaskTemplate/ContainerSpec/Configs", "ConfigName", Kind::Config),
    ("/TaskTemplate/ContainerSpec/Secrets", "SecretName", Kind::Secret),
];

/// `<name>-<8 hex of digest>`; more digits while that name is taken by other bytes.
pub(super) fn versioned(name: &str, digest: &str, taken: impl Fn(&str) -> bool) -> String {
    let mut candidate = name.to_owned();
    for digits in (DIGITS..=LONGEST / 2).step_by(4) {
        let base = shortened(name, LONGEST - 1 - digits);
        candidate = format!("{base}-{}", digest.get(..digits).unwrap_or(digest));
        if !taken(&candidate) {
            break;
        }
    }
    candidate
}

fn shortened(name: &str, longest: usize) -> &str {
    let mut end = name.len().min(longest);
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    name.get(..end).unwrap_or(name).trim_end_matches(['-', '_', '.'])
}

/// `live` is `name` or a later version of it.
pub(super) fn is_version_of(live: &str, name: &str) -> bool {
    if live == name {
        return true;
    }
    let Some((base, digits)) = live.rsplit_once('-') else { return false };
    let hex = digits.len() >= DIGITS && digits.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    hex && (base == name || (live.len() >= LONGEST - 3 && base == shortened(name, LONGEST - 1 - digits.len())))
}

/// Objects of the stack by name, in which the versions of one are found without a look at all others.
#[derive(Debug)]
pub(super) struct Family<'a, T>(BTreeMap<&'a str, T>);

impl<'a, T: Copy> Family<'a, T> {
    pub fn new(objects: impl Iterator<Item = (&'a str, T)>) -> Self {
        Self(objects.collect())
    }

    /// `name` and its later versions, by name.
    pub fn versions(&self, name: &str) -> Vec<T> {
        // The versions of a long name begin with less of it.
        let stem = shortened(name, LONGEST - 1 - LONGEST / 2);
        let alike = self.0.range(stem..).take_while(|(live, _)| live.starts_with(stem));
        alike.filter(|(live, _)| is_version_of(live, name)).map(|(_, object)| *object).collect()
    }
}

/// Which version of each object services get, by kind and the name that the files give it.
#[derive(Clone, Debug, Default)]
pub(super) struct Versions {
    by_name: BTreeMap<(Kind, String), String>,
    chosen: BTreeSet<(Kind, String)>,
}

impl Versions {
    pub fn choose(&mut self, kind: Kind, name: &str, version: &str) {
        self.by_name.insert((kind, name.to_owned()), version.to_owned());
        self.chosen.insert((kind, version.to_owned()));
    }

    pub fn chosen(&self, kind: Kind, version: &str) -> bool {
        self.chosen.contains(&(kind, version.to_owned()))
    }

    fn of<'a>(&'a self, kind: Kind, name: &'a str) -> &'a str {
        self.by_name.get(&(kind, name.to_owned())).map_or(name, String::as_str)
    }

    /// Puts the chosen versions into the references of a spec.
    pub fn rewire(&self, spec: &mut Value) {
        for (list, key, kind) in FILES {
            let Some(Value::Array(items)) = spec.member_mut(list) else { continue };
            for item in items {
                if let Some(Value::String(name)) = item.get_mut(key) {
                    *name = self.of(kind, name).to_owned();
                }
            }
        }
        let config = spec.member_mut("/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Config");
        if let Some(Value::String(name)) = config {
            *name = self.of(Kind::Config, name).to_owned();
        }
    }
}

/// Names of the configs and secrets that a spec refers to.
pub(super) fn references(spec: &Value) -> BTreeSet<(Kind, String)> {
    let mut all = BTreeSet::new();
    for (list, key, kind) in FILES {
        let items = spec.member(list).and_then(Value::as_array);
        all.extend(items.into_iter().flatten().filter_map(|i| Some((kind, i.get(key)?.as_str()?.to_owned()))));
    }
    all
}

/// Another stack's service that uses the object.
pub(super) fn used_by_other<'a>(kind: Kind, name: &str, snapshot: &'a Snapshot) -> Option<&'a str> {
    let wanted = (kind, name.to_owned());
    let others = snapshot.services.iter().filter(|s| s.label(NAMESPACE_LABEL) != Some(snapshot.stack.as_str()));
    others.filter(|s| references(&s.spec).contains(&wanted)).map(|s| s.name.as_str()).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn a_family_is_found_whatever_stands_beside_it() {
        let long = "x".repeat(64);
        let later = [versioned(&long, DIGEST, |_| false), versioned("st_a", DIGEST, |n| n == "st_a-01234567")];
        let mut names = vec!["st_a", "st_a-01234567", "st_a-b", "st_a2", "st_b", "st_a-0123456", &long];
        names.extend(later.iter().map(String::as_str));
        let family = Family::new(names.iter().map(|name| (*name, name)));
        for name in ["st_a", "st_b", "st_a2", "none", &long] {
            let mut all: Vec<&str> = names.iter().copied().filter(|live| is_version_of(live, name)).collect();
            all.sort_unstable();
            assert_eq!(family.versions(name).into_iter().copied().collect::<Vec<_>>(), all, "{name}");
        }
        assert_eq!(family.versions("st_a").len(), 3);
    }

    #[test]
    fn names_of_versions() {
        assert_eq!(versioned("st_c", DIGEST, |_| false), "st_c-01234567");
        assert_eq!(versioned("st_c", DIGEST, |n| n == "st_c-01234567"), "st_c-0123456789ab");
        let long = versioned(&"x".repeat(64), DIGEST, |_| false);
        assert_eq!((long.len(), long.ends_with("-01234567")), (64, true));
        assert!(is_version_of(&long, &"x".repeat(64)));
    }

    #[test]
    fn versions_are_known_again() {
        for (live, is) in [
            ("st_c", true),
            ("st_c-01234567", true),
            ("st_c-0123", false),
            ("st_c-conf0000", false),
            ("st_cc-01234567", false),
        ] {
            assert_eq!(is_version_of(live, "st_c"), is, "{live}");
        }
    }
}
