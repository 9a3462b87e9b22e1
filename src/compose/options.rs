//! What `load` is given, and what it gives back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::model::Stack;
use crate::diagnostic::Diagnostics;

/// The variables that `${NAME}` sees.
pub type Environment = BTreeMap<String, String>;

/// Reads the files that a Compose file names (`env_file`, `configs.file`, `secrets.file`, `include`). Implemented by `app`.
pub trait Files {
    /// `path` is absolute, or relative to the process's working folder.
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError>;
}

/// Why a file could not be read, in words for a person ("no such file", "it is a folder", "permission denied").
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError(pub String);

/// One Compose file named with `-c`.
#[derive(Clone, Debug)]
pub struct Input {
    /// As the person named it; `-` for standard input.
    pub path: String,
    pub bytes: Vec<u8>,
}

/// What decides how the same files are read.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder that relative paths start from: the first file's.
    pub working_dir: PathBuf,
    /// The process's environment, and what `.env` and `--env-file` add beneath it.
    pub environment: Environment,
    /// `~` in bind sources.
    pub home: Option<String>,
    /// `false` keeps `${…}` as written (`config --skip-interpolation`).
    pub interpolate: bool,
    /// Read the contents of configs and secrets too (`check` and `config` need not).
    pub contents: bool,
}

/// What came of reading: a stack unless something stood in the way, and every problem of all files.
#[derive(Debug)]
pub struct Loaded {
    pub stack: Option<Stack>,
    pub diagnostics: Diagnostics,
}
