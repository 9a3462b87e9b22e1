//! What decides how the same files and the same swarm are planned.

use std::collections::BTreeMap;

use super::diff::{ResolveImage, ResolvedImage};
use super::{Base, Source};

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
    /// `None`: contents of live secrets cannot be compared and count as unchanged.
    pub secret_key: Option<SecretKey>,
    /// Codes whose preflight errors become warnings.
    pub skip_preflight: Vec<String>,
    /// Carried into the plan as it is.
    pub source: Source,
    /// Carried into the plan as it is.
    pub base: Base,
}

/// `*` is any run of characters, `?` is one.
pub(super) fn glob(pattern: &str, text: &str) -> bool {
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
    /// The service is wanted by `--target` and not left out by `--exclude`.
    pub(super) fn selects(&self, key: &str) -> bool {
        let any = |globs: &[String]| globs.iter().any(|g| glob(g, key));
        (self.target.is_empty() || any(&self.target)) && !any(&self.exclude)
    }

    pub(super) fn replaces(&self, key: &str) -> bool {
        self.replace.iter().any(|g| glob(g, key))
    }

    /// The cluster owns `path` (a JSON pointer) of the service.
    pub(super) fn ignores(&self, key: &str, path: &str) -> bool {
        self.ignore.iter().any(|entry| {
            let (service, dotted) = entry.split_once(':').unwrap_or(("*", entry));
            let pointer = format!("/{}", dotted.trim_start_matches('/').replace('.', "/"));
            glob(service, key)
                && (path == pointer || path.strip_prefix(&pointer).is_some_and(|rest| rest.starts_with('/')))
        })
    }
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
    fn ignored_paths() {
        let options =
            PlanOptions { ignore: vec!["deploy.replicas".into(), "web:environment".into()], ..PlanOptions::default() };
        assert!(options.ignores("db", "/deploy/replicas") && options.ignores("web", "/environment/A"));
        assert!(!options.ignores("db", "/environment/A") && !options.ignores("db", "/deploy/replicas_x"));
    }
}
