//! What `load` is given, and what it gives back.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::layers::Layers;
use super::model::Stack;
use crate::diagnostic::{Code, Diagnostics, code};

/// The variables that `${NAME}` sees.
pub type Environment = BTreeMap<String, String>;

/// Reads the files that a Compose file names (`env_file`, `configs.file`, `secrets.file`, `include`). Implemented by `app`.
pub trait Files {
    /// `path` is absolute, or relative to the process's working folder.
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError>;
}

/// Why a file could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileError {
    /// There is none of this name.
    Missing,
    /// In words for a person: "it is a folder", "permission denied".
    Unreadable(String),
    /// It is encrypted, and cannot be opened: why, and what to do.
    Sealed { why: String, help: String },
    /// A limit of the run has been reached, and that has been said.
    Spent,
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => f.write_str("no such file"),
            Self::Unreadable(why) | Self::Sealed { why, .. } => f.write_str(why),
            Self::Spent => f.write_str("too much has been read"),
        }
    }
}

impl FileError {
    /// Of the problem that this is.
    pub fn code(&self) -> Code {
        match self {
            Self::Sealed { .. } => code::SEALED,
            _ => code::FILE_UNREADABLE,
        }
    }

    /// What to do about a file that a Compose file names.
    pub fn help(&self) -> &str {
        match self {
            Self::Sealed { help, .. } => help,
            Self::Unreadable(why) if why.contains("folder") => "name a file in it",
            _ => "create it, or correct the path (it starts at the first file's folder)",
        }
    }
}

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
    /// What each file said, for the labels of problems that are found later.
    pub layers: Layers,
}
