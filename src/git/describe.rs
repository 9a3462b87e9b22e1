//! At which commit files are, and whether they differ from it.

use std::ffi::OsStr;
use std::path::Path;

use git2::{Repository, Status};

/// Where the work tree of some files stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    /// Short id of HEAD.
    pub commit: String,
    /// One of the files differs from HEAD, or git does not know it.
    pub dirty: bool,
}

/// `None` where the first file is in no repository, or in one without a commit. Only the named files are looked at: a
/// whole work tree can take seconds.
pub fn describe(paths: &[&str]) -> Option<State> {
    let first = std::path::absolute(paths.first()?).ok()?;
    let repository = Repository::discover(first.parent()?).ok()?;
    let head = repository.head().ok()?.peel_to_commit().ok()?;
    let commit = head.as_object().short_id().ok()?.as_str().ok()?.to_owned();
    let dirty = paths.iter().any(|path| is_dirty(&repository, Path::new(path)));
    Some(State { commit, dirty })
}

fn is_dirty(repository: &Repository, path: &Path) -> bool {
    let (Some(root), Ok(path)) = (repository.workdir(), path.canonicalize()) else { return true };
    let Ok(root) = root.canonicalize() else { return true };
    match path.strip_prefix(root) {
        Ok(inside) => {
            // As git writes paths, whatever this system puts between their parts.
            let parts: Vec<_> = inside.iter().collect();
            !matches!(repository.status_file(Path::new(&parts.join(OsStr::new("/")))), Ok(Status::CURRENT))
        }
        // A file of another place is at no commit of this one.
        Err(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_commit_and_dirt() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.yml");
        std::fs::write(&file, "a: 1\n").unwrap();
        let path = file.to_str().unwrap();
        let repository = Repository::init(folder.path()).unwrap();
        assert_eq!(describe(&[path]), None);

        let mut index = repository.index().unwrap();
        index.add_path(Path::new("a.yml")).unwrap();
        index.write().unwrap();
        let tree = repository.find_tree(index.write_tree().unwrap()).unwrap();
        let who = git2::Signature::now("a", "a@example.org").unwrap();
        let id = repository.commit(Some("HEAD"), &who, &who, "m", &tree, &[]).unwrap();

        let state = describe(&[path]).unwrap();
        assert!(id.to_string().starts_with(&state.commit) && state.commit.len() >= 7);
        assert!(!state.dirty);
        std::fs::write(&file, "a: 2\n").unwrap();
        assert!(describe(&[path]).unwrap().dirty);
        let other = folder.path().join("new.yml");
        std::fs::write(&other, "").unwrap();
        std::fs::write(&file, "a: 1\n").unwrap();
        assert!(describe(&[path, other.to_str().unwrap()]).unwrap().dirty);
        assert_eq!(describe(&[]), None);
    }
}
