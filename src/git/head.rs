//! The commit that files come from, and whether they still are as committed.

use std::path::{Path, PathBuf};

use git2::{Repository, Status, StatusOptions};

/// How many digits of the commit are shown, as git itself does in small repositories.
const SHORT: usize = 7;

/// The commit that is checked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// `4f1c2aa`.
    pub commit_short: String,
    /// Something of what was asked about is changed, staged or unknown to git.
    pub dirty: bool,
}

/// The head of the repository around `path`; dirty where `path` (a file, or anything in a folder) is. `None` outside
/// a repository, or before its first commit.
pub fn describe(path: &Path) -> Option<Head> {
    describe_files(&[path])
}

/// The same for several files: the repository is that of the first. A file outside it counts as dirty, for no commit
/// tells what is in it.
pub fn describe_files<P: AsRef<Path>>(paths: &[P]) -> Option<Head> {
    let paths: Vec<PathBuf> = paths.iter().map(|p| absolute(p.as_ref())).collect::<Option<_>>()?;
    let first = paths.first()?;
    let start = if first.is_dir() { first } else { first.parent()? };
    let repository = Repository::discover(start).ok()?;
    let commit = repository.head().ok()?.peel_to_commit().ok()?.id().to_string();
    let commit_short = commit.chars().take(SHORT).collect();
    let root = repository.workdir().and_then(absolute);
    let is_dirty = |path: &PathBuf| match root.as_ref().and_then(|root| path.strip_prefix(root).ok()) {
        Some(inside) => changed(&repository, inside),
        None => true,
    };
    Some(Head { commit_short, dirty: paths.iter().any(is_dirty) })
}

/// Links resolved, so that paths can be compared.
fn absolute(path: &Path) -> Option<PathBuf> {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    path.canonicalize().ok()
}

/// A path relative to the root of the work tree. What cannot be told is not called clean.
fn changed(repository: &Repository, path: &Path) -> bool {
    let mut options = StatusOptions::new();
    options.include_untracked(true).recurse_untracked_dirs(true).include_ignored(true).update_index(false);
    if !path.as_os_str().is_empty() {
        options.disable_pathspec_match(true).pathspec(path);
    }
    let whole_folder = repository.workdir().is_some_and(|root| root.join(path).is_dir());
    match repository.statuses(Some(&mut options)) {
        // In a folder, ignored files are nobody's business; a Compose file that is ignored is in no commit.
        Ok(statuses) => statuses
            .iter()
            .map(|entry| entry.status())
            .any(|status| status != Status::CURRENT && !(whole_folder && status == Status::IGNORED)),
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use git2::Signature;

    use super::*;

    /// A repository with one commit of `a.yml` and `.gitignore`.
    fn repository() -> (tempfile::TempDir, String) {
        let dir = tempfile::tempdir().unwrap();
        let repository = Repository::init(dir.path()).unwrap();
        fs::write(dir.path().join("a.yml"), "a: 1\n").unwrap();
        fs::write(dir.path().join(".gitignore"), "*.log\nlocal.yml\n").unwrap();
        let mut index = repository.index().unwrap();
        index.add_path(Path::new("a.yml")).unwrap();
        index.add_path(Path::new(".gitignore")).unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let who = Signature::now("t", "t@example.org").unwrap();
        let id = repository.commit(Some("HEAD"), &who, &who, "first", &tree, &[]).unwrap();
        (dir, id.to_string())
    }

    #[test]
    fn only_the_files_asked_about_matter() {
        let (dir, commit) = repository();
        let file = |name: &str| dir.path().join(name);
        fs::write(file("b.yml"), "new\n").unwrap();
        fs::write(file("local.yml"), "ignored\n").unwrap();
        let clean = describe(&file("a.yml")).unwrap();
        assert_eq!(clean, Head { commit_short: commit[..7].to_owned(), dirty: false });
        assert!(describe(&file("b.yml")).unwrap().dirty);
        assert!(describe(&file("local.yml")).unwrap().dirty);
        assert!(describe(dir.path()).unwrap().dirty);
        assert!(describe_files(&[file("a.yml"), file("b.yml")]).unwrap().dirty);

        fs::remove_file(file("b.yml")).unwrap();
        fs::write(file("x.log"), "").unwrap();
        assert!(!describe(dir.path()).unwrap().dirty);
        fs::write(file("a.yml"), "a: 2\n").unwrap();
        assert!(describe(&file("a.yml")).unwrap().dirty);
    }

    #[test]
    fn outside_a_repository_there_is_nothing_to_say() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(describe(dir.path()), None);
        assert_eq!(describe(&dir.path().join("missing.yml")), None);
        Repository::init(dir.path()).unwrap();
        assert_eq!(describe(dir.path()), None);
        let (repository, _) = repository();
        let outside = dir.path().join("o.yml");
        fs::write(&outside, "").unwrap();
        assert!(describe_files(&[repository.path().join("a.yml"), outside]).unwrap().dirty);
    }
}
