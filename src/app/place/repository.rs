//! The files of a commit.

use std::path::{Path, PathBuf};

use super::{OUTSIDE, Within};
use crate::compose::FileError;
use crate::git::{ReadError, State, Tree};

/// Length of a commit's id for people, in hex digits.
const SHORT: usize = 12;

/// The files of a commit. They are in no folder of any machine.
#[derive(Debug)]
pub struct Repository {
    tree: Tree,
    root: PathBuf,
}

impl Repository {
    /// `name` is what messages call it.
    pub fn new(name: &str, tree: Tree) -> Self {
        // No folder of a node is called so: what a file mounts from here can be told from what it mounts from there.
        Self { tree, root: Path::new("/.stackup").join(name) }
    }

    pub fn tree(&self) -> &Tree {
        &self.tree
    }
}

impl Within for Repository {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        self.tree.read(path).map_err(|error| match error {
            ReadError::Missing => FileError::Missing,
            ReadError::Outside => FileError::Unreadable(OUTSIDE.to_owned()),
            other => FileError::Unreadable(other.to_string()),
        })
    }

    fn list(&self, enters: &dyn Fn(&str) -> bool) -> Result<Vec<String>, String> {
        self.tree.files(enters).map_err(|error| match error {
            ReadError::TooLarge => "the repository has too many files to look through".to_owned(),
            other => other.to_string(),
        })
    }

    fn root(&self) -> &Path {
        &self.root
    }

    fn is_folder(&self) -> bool {
        false
    }

    fn state(&self, _: &[&str]) -> Option<State> {
        let commit = self.tree.commit();
        Some(State { commit: commit.get(..SHORT).unwrap_or(&commit).to_owned(), dirty: false })
    }
}
