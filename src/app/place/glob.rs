//! Patterns of paths: `*` and `?` within one part, `**` over any number of parts.

use crate::plan::glob;

/// A pattern of paths from the top of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glob(Vec<String>);

impl Glob {
    pub fn new(pattern: &str) -> Self {
        Self(pattern.split('/').filter(|part| !part.is_empty() && *part != ".").map(str::to_owned).collect())
    }

    pub fn matches(&self, path: &str) -> bool {
        self.reached(path).last().copied().unwrap_or(false)
    }

    /// Something below this folder may match.
    pub fn reaches_below(&self, folder: &str) -> bool {
        self.reached(folder).iter().take(self.0.len()).any(|reached| *reached)
    }

    /// Which prefixes of the pattern the whole path can be, by their length.
    fn reached(&self, path: &str) -> Vec<bool> {
        let parts: Vec<&str> = path.split('/').collect();
        // Of the parts so far: no pattern takes more than length times length.
        let mut reached = vec![false; self.0.len() + 1];
        if let Some(first) = reached.first_mut() {
            *first = true;
        }
        self.skip_stars(&mut reached);
        for part in parts {
            let mut next = vec![false; self.0.len() + 1];
            for (i, pattern) in self.0.iter().enumerate() {
                if !reached.get(i).copied().unwrap_or(false) {
                    continue;
                }
                let to = if pattern == "**" { i } else { i + 1 };
                if let Some(slot) = next.get_mut(to).filter(|_| pattern == "**" || one(pattern, part)) {
                    *slot = true;
                }
            }
            self.skip_stars(&mut next);
            reached = next;
        }
        reached
    }

    /// `**` may stand for nothing.
    fn skip_stars(&self, reached: &mut [bool]) {
        for (i, pattern) in self.0.iter().enumerate() {
            if pattern == "**"
                && reached.get(i).copied().unwrap_or(false)
                && let Some(slot) = reached.get_mut(i + 1)
            {
                *slot = true;
            }
        }
    }
}

/// One part. A star does not stand for the dot of a hidden name.
fn one(pattern: &str, text: &str) -> bool {
    (pattern.starts_with('.') || !text.starts_with('.')) && glob(pattern, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_of_paths() {
        for (pattern, path, matches) in [
            ("stacks/*/compose.yaml", "stacks/web/compose.yaml", true),
            ("stacks/*/compose.yaml", "stacks/a/b/compose.yaml", false),
            ("stacks/*/compose.yaml", "stacks/compose.yaml", false),
            ("stacks/*/compose.yaml", "stacks/.git/compose.yaml", false),
            ("**/compose.yaml", "compose.yaml", true),
            ("**/compose.yaml", "a/b/compose.yaml", true),
            ("**/compose.yaml", "a/.b/compose.yaml", true),
            ("a/**", "a/b/c", true),
            ("./*.yml", "web.yml", true),
            ("*.yml", "a/web.yml", false),
            ("a/**/b/*.y?ml", "a/x/b/y/b/c.yaml", true),
            ("", "a", false),
        ] {
            assert_eq!(Glob::new(pattern).matches(path), matches, "{pattern} {path}");
        }
    }

    #[test]
    fn folders_that_may_hold_a_match() {
        for (pattern, folder, may) in [
            ("stacks/*/compose.yaml", "stacks", true),
            ("stacks/*/compose.yaml", "stacks/web", true),
            ("stacks/*/compose.yaml", "stacks/web/deep", false),
            ("stacks/*/compose.yaml", "vendor", false),
            ("**/compose.yaml", "vendor/lib", true),
            ("compose.yaml", "vendor", false),
        ] {
            assert_eq!(Glob::new(pattern).reaches_below(folder), may, "{pattern} {folder}");
        }
    }

    #[test]
    fn no_pattern_takes_for_ever() {
        let pattern = Glob::new(&format!("{}x", "**/*a*a*a*a/".repeat(40)));
        assert!(!pattern.matches(&format!("{}y", "aaaaaaaaaaaaaaaa/".repeat(200))));
    }
}
