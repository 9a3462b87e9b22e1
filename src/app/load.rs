//! From files on a disk to a checked stack.

use std::path::PathBuf;

use sha2::{Digest, Sha256};

use super::files::{self, Disk};
use crate::compose::model::Stack;
use crate::compose::{self, Environment, Input, Options};
use crate::diagnostic::{Diagnostics, Sources};
use crate::git;
use crate::plan::{Source, SourceDigest};

/// What to read, and with which variables.
#[derive(Clone, Debug)]
pub struct Request {
    /// As named with `-c`; empty for the default names.
    pub files: Vec<String>,
    pub env_files: Vec<String>,
    /// The process's environment.
    pub variables: Environment,
    pub home: Option<String>,
    /// Read the contents of configs and secrets.
    pub contents: bool,
    /// Replace `${…}`; `false` keeps it as written.
    pub interpolate: bool,
}

/// What came of it. Without errors in `diagnostics` there is a stack.
#[derive(Debug)]
pub struct Loaded {
    pub stack: Option<Stack>,
    pub diagnostics: Diagnostics,
    pub sources: Sources,
    /// Files, digests, commit.
    pub source: Source,
    pub working_dir: PathBuf,
}

impl Loaded {
    /// The stack, if nothing is wrong.
    pub fn stack(&self) -> Option<&Stack> {
        self.stack.as_ref().filter(|_| !self.diagnostics.has_errors())
    }
}

/// Reads, checks and merges the files. Never fails: what is wrong is in the diagnostics.
pub fn load(request: &Request) -> Loaded {
    let mut diagnostics = Diagnostics::default();
    let inputs = files::inputs(&request.files, &mut diagnostics);
    let working_dir = files::working_dir(&inputs);
    let environment = files::environment(&request.variables, &request.env_files, &working_dir, &mut diagnostics);
    let source = source(&inputs);
    let mut sources = Sources::default();
    // A file that is missing would make others look wrong.
    if diagnostics.has_errors() {
        return Loaded { stack: None, diagnostics, sources, source, working_dir };
    }
    let options = Options {
        working_dir: working_dir.clone(),
        environment,
        home: request.home.clone(),
        interpolate: request.interpolate,
        contents: request.contents,
    };
    let loaded = compose::load(&inputs, &options, &Disk, &mut sources);
    diagnostics.extend(loaded.diagnostics);
    Loaded { stack: loaded.stack, diagnostics, sources, source, working_dir }
}

fn source(inputs: &[Input]) -> Source {
    let files = inputs
        .iter()
        .map(|input| SourceDigest { path: input.path.clone(), sha256: hex(&Sha256::digest(&input.bytes)) })
        .collect();
    let paths: Vec<&str> = inputs.iter().map(|input| input.path.as_str()).filter(|path| *path != "-").collect();
    let state = git::describe(&paths);
    Source {
        files,
        commit: state.as_ref().map(|state| state.commit.clone()),
        dirty: state.is_some_and(|state| state.dirty),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
