//! Which stacks a source makes.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use crate::app::files::DEFAULT_NAMES;
use crate::app::load::{Request, load};
use crate::app::name;
use crate::app::place::{Glob, Place, Within};
use crate::app::unseal::Unseal;
use crate::compose::Environment;
use crate::watch::assignment::Assignment;
use crate::watch::settings::{Discovered, Named, Policy};

/// Stacks by name, with what leads to each.
#[derive(Debug, Default)]
pub struct Found {
    stacks: BTreeMap<String, Vec<(Assignment, String)>>,
    problems: Vec<String>,
}

impl Found {
    /// `from` is what people are told that it came from.
    pub fn add(&mut self, assignment: Assignment, from: &str) {
        self.stacks.entry(assignment.name.clone()).or_default().push((assignment, from.to_owned()));
    }

    /// Stacks that are one each, and a sentence for those that are not. Neither of two is taken, for the one would undo
    /// the other.
    pub fn apart(self) -> (Vec<Assignment>, Vec<String>) {
        let (mut stacks, mut problems) = (Vec::new(), self.problems);
        for (name, mut all) in self.stacks {
            if all.len() > 1 {
                let files: Vec<&str> = all.iter().map(|(_, from)| from.as_str()).collect();
                problems.push(format!("`{name}` comes from {}: none of them is deployed", files.join(" and ")));
            } else if let Some((assignment, _)) = all.pop() {
                stacks.push(assignment);
            }
        }
        (stacks, problems)
    }
}

/// A stack with a name in the settings.
pub fn named(named: &Named, defaults: &Policy, place: &Place, unseal: &Unseal) -> Assignment {
    let folder = named.path.as_deref().unwrap_or_default();
    let inside = |file: &String| Path::new(folder).join(file).to_string_lossy().into_owned();
    let mut files: Vec<String> = named.compose.iter().map(inside).collect();
    if files.is_empty() {
        let candidates = DEFAULT_NAMES.map(|file| inside(&file.to_owned()));
        let there = candidates.iter().find(|file| place.has(&place.absolute(Path::new(file))));
        // Without any, the first is what the complaint is about.
        files.extend(there.or(candidates.first()).cloned());
    }
    Assignment {
        name: named.name.clone(),
        files,
        env_files: named.env_file.iter().map(inside).collect(),
        after: named.after.clone(),
        policy: named.policy.over(defaults),
        place: place.clone(),
        unseal: unseal.clone(),
    }
}

/// A stack for each file that fits, called as `name:` in it says, or else as its folder.
pub fn discovered(
    wanted: &Discovered,
    defaults: &Policy,
    place: &Place,
    within: &Arc<dyn Within>,
    unseal: &Unseal,
    found: &mut Found,
) -> Result<(), String> {
    let pattern = Glob::new(&wanted.discover);
    let excluded: Vec<Glob> = wanted.exclude.iter().map(|pattern| Glob::new(pattern)).collect();
    let files = within.list(&|folder| pattern.reaches_below(folder))?;
    for file in files.iter().filter(|file| pattern.matches(file) && !excluded.iter().any(|e| e.matches(file))) {
        let request = Request {
            files: vec![file.clone()],
            env_files: Vec::new(),
            variables: Environment::new(),
            home: None,
            contents: false,
            interpolate: true,
            place: place.clone(),
            unseal: unseal.clone(),
        };
        let loaded = load(&request);
        // A file that is wrong still has a folder to be named after, and a stack that can be shown as failed.
        let folder = match Path::new(file).parent().filter(|folder| !folder.as_os_str().is_empty()) {
            Some(folder) => place.absolute(folder),
            None => within.root().to_path_buf(),
        };
        match name::choose(None, loaded.stack.as_ref(), None, &folder) {
            Ok(name) => {
                let assignment = Assignment {
                    name: name.name,
                    files: vec![file.clone()],
                    env_files: Vec::new(),
                    after: wanted.after.clone(),
                    policy: wanted.policy.over(defaults),
                    place: place.clone(),
                    unseal: unseal.clone(),
                };
                found.add(assignment, file);
            }
            Err(error) => found.problems.push(format!("{file}: {error}")),
        }
    }
    Ok(())
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;
    use crate::app::place::Folder;

    fn source(files: &[(&str, &str)]) -> (tempfile::TempDir, Arc<dyn Within>) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let within: Arc<dyn Within> = Arc::new(Folder::open(folder.path()).unwrap());
        (folder, within)
    }

    fn discover(files: &[(&str, &str)]) -> (Vec<Assignment>, Vec<String>) {
        let (_folder, within) = source(files);
        let place = Place::Within(within.clone());
        let wanted: Discovered = serde_json::from_value(serde_json::json!({
            "discover": "stacks/*/compose.yaml", "source": "s", "exclude": ["stacks/old*/**"], "prune": true,
        }))
        .unwrap();
        let mut found = Found::default();
        discovered(&wanted, &Policy::default(), &place, &within, &Unseal::default(), &mut found).unwrap();
        found.apart()
    }

    #[test]
    fn stacks_are_called_as_their_file_or_folder_says() {
        let web = "services: {web: {image: a}}\n";
        let (stacks, problems) = discover(&[
            ("stacks/My Shop/compose.yaml", web),
            ("stacks/b/compose.yaml", "name: named\nservices: {web: {image: a}}\n"),
            ("stacks/broken/compose.yaml", "services: {web: {imagee: a}}\n"),
            ("stacks/old-one/compose.yaml", web),
            ("stacks/deep/er/compose.yaml", web),
            ("compose.yaml", web),
        ]);
        let names: Vec<(&str, &str)> = stacks.iter().map(|s| (s.name.as_str(), s.files[0].as_str())).collect();
        assert_eq!(
            names,
            [
                ("broken", "stacks/broken/compose.yaml"),
                ("myshop", "stacks/My Shop/compose.yaml"),
                ("named", "stacks/b/compose.yaml"),
            ]
        );
        assert_eq!(problems, [""; 0]);
        assert_eq!(stacks[0].policy.prune, Some(true));
    }

    #[test]
    fn of_two_of_one_name_none_is_taken() {
        let (stacks, problems) = discover(&[
            ("stacks/a/compose.yaml", "name: web\nservices: {web: {image: a}}\n"),
            ("stacks/web/compose.yaml", "services: {web: {image: a}}\n"),
            ("stacks/---/compose.yaml", "services: {web: {image: a}}\n"),
        ]);
        assert_eq!(stacks.len(), 0);
        assert!(
            problems.iter().any(|p| p.contains("stacks/a/compose.yaml and stacks/web/compose.yaml")),
            "{problems:?}"
        );
        assert!(problems.iter().any(|p| p.contains("stacks/---/compose.yaml")), "{problems:?}");
    }

    #[test]
    fn a_named_stack_reads_below_its_path() {
        let (_folder, within) = source(&[("web/docker-compose.yml", "services: {}\n")]);
        let place = Place::Within(within);
        let stack = |json: serde_json::Value| {
            named(&serde_json::from_value(json).unwrap(), &Policy::default(), &place, &Unseal::default())
        };
        let plain = stack(serde_json::json!({"name": "a", "source": "s", "path": "web"}));
        assert_eq!(plain.files, ["web/docker-compose.yml"]);
        let json = serde_json::json!({"name": "a", "source": "s", "path": "web", "compose": ["a.yml", "b.yml"],
                                      "env_file": [".env.prod"]});
        let all = stack(json);
        assert_eq!(
            (all.files, all.env_files),
            (vec!["web/a.yml".into(), "web/b.yml".into()], vec!["web/.env.prod".into()])
        );
        assert_eq!(stack(serde_json::json!({"name": "a", "source": "s"})).files, ["compose.yaml"]);
    }
}
