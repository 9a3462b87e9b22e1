//! Where named files lie: anywhere on this machine, or in a source that no path leads out of.

mod folder;
mod glob;
mod repository;

pub use folder::Folder;
pub use glob::Glob;
pub use repository::Repository;

use std::fmt::Debug;
use std::path::Path;
use std::sync::Arc;

use super::files::Disk;
use crate::compose::{FileError, Files};
use crate::git::State;

/// Files that belong together. None of them leads to one that does not belong to them.
pub trait Within: Debug + Send + Sync {
    /// Bytes of a file by its path from the top, `/` between parts.
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError>;

    /// Paths of all files from the top, in order. What lies elsewhere is looked into where `enters` says so of its path. A
    /// sentence says why not.
    fn list(&self, enters: &dyn Fn(&str) -> bool) -> Result<Vec<String>, String>;

    /// What the top is called in absolute paths.
    fn root(&self) -> &Path;

    /// A folder of this machine: mounts of its parts can mean something.
    fn is_folder(&self) -> bool;

    /// At which commit these files are; paths from the top.
    fn state(&self, paths: &[&str]) -> Option<State>;
}

/// Where named files lie.
#[derive(Clone, Debug, Default)]
pub enum Place {
    /// Relative paths start at the process's folder.
    #[default]
    Disk,
    /// Relative paths start at the top of it.
    Within(Arc<dyn Within>),
}

impl Place {
    /// The absolute form of a path as named.
    pub fn absolute(&self, path: &Path) -> std::path::PathBuf {
        match self {
            Self::Disk => std::path::absolute(path).unwrap_or_else(|_| std::path::PathBuf::from(".")),
            Self::Within(within) => within.root().join(path),
        }
    }

    /// There is a file of this absolute path.
    pub fn has(&self, path: &Path) -> bool {
        match self {
            Self::Disk => path.is_file(),
            Self::Within(_) => self.read(path).is_ok(),
        }
    }
}

/// The words for a path that leads out.
pub const OUTSIDE: &str = "it leaves the source";

impl Files for Place {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let Self::Within(within) = self else { return Disk.read(path) };
        let inside = match path.is_absolute() {
            true => path.strip_prefix(within.root()).map_err(|_| FileError::Unreadable(OUTSIDE.to_owned()))?,
            false => path,
        };
        match inside.to_str() {
            Some(inside) => within.read(inside),
            None => Err(FileError::Missing),
        }
    }
}
