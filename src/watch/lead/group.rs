//! Which watchers belong together: those that follow the same, whatever else their settings say.

use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::watch::settings::{Settings, Source, Stack, is_relative_path};

/// `group:` of the settings, or else a digest of which stacks they follow, and of where those come from.
pub fn group(settings: &Settings, base: &Path) -> String {
    if let Some(group) = &settings.group {
        return format!("group {group}");
    }
    let whole = |path: &Path| {
        let path = base.join(path);
        std::path::absolute(&path).unwrap_or(path).to_string_lossy().into_owned()
    };
    let sources = settings.sources.iter().map(|(name, source)| match source {
        Source::Repository(repository) if is_relative_path(&repository.git) => {
            json!([name, whole(Path::new(&repository.git))])
        }
        Source::Repository(repository) => json!([name, repository.git]),
        Source::Folder(folder) => json!([name, whole(&folder.path)]),
    });
    let stacks = settings.stacks.iter().map(|stack| match stack {
        Stack::Named(stack) => json!([stack.source, "name", stack.name]),
        Stack::Discovered(stacks) => json!([stacks.source, "discover", stacks.discover]),
    });
    let mut all: Vec<String> = sources.chain(stacks).map(|part: Value| part.to_string()).collect();
    all.sort_unstable();
    let digest = Sha256::digest(all.join("\n").as_bytes());
    let digest: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("follows {digest}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Sources;
    use crate::watch::settings::read;

    fn of(text: &str, base: &str) -> String {
        let (settings, problems) = read("stackup.yaml", text.as_bytes(), &mut Sources::default());
        group(&settings.unwrap_or_else(|| panic!("{problems:#?}")), Path::new(base))
    }

    #[test]
    fn those_who_follow_the_same_belong_together() {
        let text = "sources: {ops: {git: \"git@example.org:ops.git\"}}\nstacks: [{name: web, source: ops}]\n";
        let one = of(text, "/a");
        assert_eq!(one, of(&format!("listen: 127.0.0.1:1\nstate: other\npoll: 3s\n{text}"), "/b"));
        assert_eq!(one, of(&text.replace("source: ops}", "source: ops, self_heal: true}"), "/a"));
        for other in [text.replace("web", "db"), text.replace("ops.git", "shop.git")] {
            assert_ne!(one, of(&other, "/a"), "{other}");
        }
        // A folder is another one in another place.
        let folder = "sources: {lab: {path: x}}\nstacks: [{discover: \"*/compose.yaml\", source: lab}]\n";
        assert_ne!(of(folder, "/a"), of(folder, "/b"));
        // Unless somebody says so.
        let named = |text: &str| of(&format!("group: shop\n{text}"), "/a");
        assert_eq!(named(text), named(folder));
        assert_ne!(named(text), one);
    }
}
