//! What decides how the same files and the same swarm are planned.

use std::collections::{BTreeMap, BTreeSet};

use super::diff::{ResolveImage, ResolvedImage};
use super::{Base, Source};
use crate::swarm::{Kind, Recorded};

/// The swarm's own key (32 bytes), with which contents of secrets are compared. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(pub Vec<u8>);

impl std::fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// The flags of `plan` and `apply` that planning heeds.
#[derive(Clone, Debug, Default)]
pub struct PlanOptions {
    /// Remove what carries the stack's label and no file names.
    pub prune: bool,
    /// Let `prune` remove every service.
    pub allow_empty: bool,
    /// Remove and create networks that differ.
    pub recreate_networks: bool,
    /// Globs over service keys; none means all.
    pub target: Vec<String>,
    /// Globs over service keys.
    pub exclude: Vec<String>,
    /// Globs over services that are restarted whether or not they differ.
    pub replace: Vec<String>,
    /// Compose paths that the cluster owns, `deploy.replicas` or `web:deploy.replicas`: neither shown nor written.
    pub ignore: Vec<String>,
    pub resolve: ResolveImage,
    /// What registries said, by image as [`super::images_to_resolve`] names it. An image that is missing was not resolved.
    pub resolved: BTreeMap<String, ResolvedImage>,
    /// Images of which the registry says that there is none, and that are nowhere in the swarm as far as we can see.
    pub absent: BTreeSet<String>,
    /// Images whose registry the user has credentials for: services that run them unchanged get those anew.
    pub renewed: BTreeSet<String>,
    /// `None`: contents of live secrets cannot be compared and count as unchanged.
    pub secret_key: Option<SecretKey>,
    /// Codes whose preflight errors become warnings.
    pub skip_preflight: Vec<String>,
    /// The last release: by it somebody's changes are told from ours. `None`: all count as ours.
    pub recorded: Option<Recorded>,
    /// No orphans: versions of configs and secrets that a kept release needs, and whatever else must stay.
    pub kept: BTreeSet<(Kind, String)>,
    /// Carried into the plan as it is.
    pub source: Source,
    /// Carried into the plan as it is.
    pub base: Base,
}

/// `*` is any run of characters, `?` is one.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || Some(c) == text.get(t) => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(p).all(|c| *c == '*')
}

impl PlanOptions {
    /// The same, with what `x-stackup.ignore` says.
    pub(super) fn with_ignored(&self, paths: &[String]) -> Self {
        let mut options = self.clone();
        options.ignore.extend(paths.iter().cloned());
        options
    }

    /// The service is wanted by `--target` and not left out by `--exclude`.
    pub fn selects(&self, key: &str) -> bool {
        let any = |globs: &[String]| globs.iter().any(|g| glob(g, key));
        (self.target.is_empty() || any(&self.target)) && !any(&self.exclude)
    }

    /// Some flag names services.
    pub fn picks(&self) -> bool {
        !(self.target.is_empty() && self.exclude.is_empty() && self.replace.is_empty())
    }

    /// Flag and glob of the first `--target`, `--exclude` or `--replace` that names no service. What no file names
    /// (`orphans`) can be removed or left alone, and not restarted.
    pub fn unmatched(&self, wanted: &[&str], orphans: &[&str]) -> Option<(&'static str, &str)> {
        let lists: [(_, &Vec<String>, &[&str]); 3] = [
            ("--target", &self.target, orphans),
            ("--exclude", &self.exclude, orphans),
            ("--replace", &self.replace, &[]),
        ];
        lists.into_iter().find_map(|(flag, globs, more)| {
            let names = |pattern: &str| wanted.iter().chain(more).any(|key| glob(pattern, key));
            globs.iter().find(|pattern| !names(pattern)).map(|pattern| (flag, pattern.as_str()))
        })
    }

    pub(super) fn replaces(&self, key: &str) -> bool {
        self.replace.iter().any(|g| glob(g, key))
    }

    /// The cluster owns `path` (a JSON pointer) of the service.
    pub(super) fn ignores(&self, key: &str, path: &str) -> bool {
        listed(&self.ignore, key, path)
    }
}

/// One of `paths` (`deploy.replicas`, `web:deploy.replicas`) is `path` of the service, or stands around it.
pub(super) fn listed(paths: &[String], key: &str, path: &str) -> bool {
    paths.iter().any(|entry| {
        let (service, dotted) = entry.split_once(':').unwrap_or(("*", entry));
        let pointer = format!("/{}", dotted.trim_start_matches('/').replace('.', "/"));
        glob(service, key) && (path == pointer || path.strip_prefix(&pointer).is_some_and(|rest| rest.starts_with('/')))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, matches) in [
            ("web", "web", true),
            ("we*", "web", true),
            ("*b", "web", true),
            ("w?b", "web", true),
            ("w", "web", false),
            ("a*b*c", "aXbYbZc", true),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
    }

    #[test]
    fn a_glob_that_names_nothing_is_found() {
        let options = |flag: &str, pattern: &str| {
            let globs = |mine: &str| if mine == flag { vec!["w*".to_owned(), pattern.to_owned()] } else { Vec::new() };
            PlanOptions { target: globs("t"), exclude: globs("e"), replace: globs("r"), ..PlanOptions::default() }
        };
        for (flag, pattern, found) in [
            ("t", "web", None),
            ("t", "old", None),
            ("e", "o?d", None),
            ("t", "wbe", Some(("--target", "wbe"))),
            ("e", "db", Some(("--exclude", "db"))),
            ("r", "web", None),
            ("r", "old", Some(("--replace", "old"))),
        ] {
            assert_eq!(options(flag, pattern).unmatched(&["web"], &["old"]), found, "{flag} {pattern}");
        }
    }

    #[test]
    fn ignored_paths() {
        let options =
            PlanOptions { ignore: vec!["deploy.replicas".into(), "web:environment".into()], ..PlanOptions::default() };
        assert!(options.ignores("db", "/deploy/replicas") && options.ignores("web", "/environment/A"));
        assert!(!options.ignores("db", "/environment/A") && !options.ignores("db", "/deploy/replicas_x"));
    }
}
