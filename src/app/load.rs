//! From files on a disk to a checked stack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::files;
use super::place::Place;
use crate::compose::model::{MountType, Stack};
use crate::compose::{self, Environment, FileError, Files, Input, Layers, Options};
use crate::diagnostic::{Diagnostic, Diagnostics, Sources, code};
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
    /// Where all of these lie, and what they name.
    pub place: Place,
}

/// What came of it. Without errors in `diagnostics` there is a stack.
#[derive(Debug)]
pub struct Loaded {
    pub stack: Option<Stack>,
    pub diagnostics: Diagnostics,
    pub sources: Sources,
    /// What each file said, for the labels of problems that are found later.
    pub layers: Layers,
    /// Files, digests, commit.
    pub source: Source,
    pub working_dir: PathBuf,
    /// Every file that was read, by path.
    pub read: Vec<ReadFile>,
    /// Compose files that were named and could not be read.
    pub missing: Vec<String>,
}

/// One file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadFile {
    /// As named, or absolute.
    pub path: String,
    pub sha256: [u8; 32],
    pub role: Role,
}

/// What a file is read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A Compose file, or one that it includes or extends.
    Compose,
    /// A config or a secret.
    Content,
    /// Variables.
    Variables,
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
    let place = &request.place;
    let inputs = files::inputs(&request.files, place, &mut diagnostics);
    let missing =
        request.files.iter().filter(|named| inputs.iter().all(|input| input.path != **named)).cloned().collect();
    let working_dir = files::working_dir(&inputs, place);
    let disk = Recorder { place: place.clone(), read: Mutex::default() };
    let default = files::default_variables(&request.env_files, &working_dir, place);
    let environment = files::environment(&request.variables, &request.env_files, default, &disk, &mut diagnostics);
    let source = source(&inputs, place);
    let mut sources = Sources::default();
    // A file that is missing would make others look wrong.
    if diagnostics.has_errors() {
        let (read, layers) = (Vec::new(), Layers::default());
        return Loaded { stack: None, diagnostics, sources, layers, source, working_dir, read, missing };
    }
    let options = Options {
        working_dir: working_dir.clone(),
        environment,
        home: request.home.clone(),
        interpolate: request.interpolate,
        contents: request.contents,
    };
    let loaded = compose::load(&inputs, &options, &disk, &mut sources);
    diagnostics.extend(loaded.diagnostics);
    let read = roles(&inputs, disk, &sources, loaded.stack.as_ref());
    let (stack, layers) = (loaded.stack, loaded.layers);
    if let (Place::Within(within), Some(stack)) = (place, &stack)
        && !within.is_folder()
    {
        diagnostics.extend(mounts_of_a_repository(stack, within.root()));
    }
    Loaded { stack, diagnostics, sources, layers, source, working_dir, read, missing }
}

/// Nodes have no copy of a repository: a task that mounts a part of it would be refused by every one of them.
fn mounts_of_a_repository(stack: &Stack, root: &Path) -> Vec<Diagnostic> {
    let mounts = stack.services.iter().flat_map(|(key, service)| service.mounts.iter().map(move |mount| (key, mount)));
    let binds = mounts.filter(|(_, mount)| mount.value.kind == MountType::Bind);
    binds
        .filter_map(|(key, mount)| {
            let source = mount.value.source.as_ref()?;
            let inside = Path::new(&source.value).strip_prefix(root).ok()?;
            let message = format!("`{key}` mounts `{}` of the repository, which no node has", inside.display());
            let problem = Diagnostic::error(code::SOURCE_MOUNT, message).at(source.span);
            Some(problem.help("make it a config or a secret, or mount an absolute path of the nodes"))
        })
        .collect()
}

/// Reads, and remembers the digest of what it read.
struct Recorder {
    place: Place,
    read: Mutex<BTreeMap<PathBuf, [u8; 32]>>,
}

impl Files for Recorder {
    fn read(&self, path: &Path) -> Result<Vec<u8>, FileError> {
        let bytes = self.place.read(path)?;
        let digest = Sha256::digest(&bytes).into();
        self.read.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned(), digest);
        Ok(bytes)
    }
}

/// The files that were named, and those that they led to.
fn roles(inputs: &[Input], disk: Recorder, sources: &Sources, stack: Option<&Stack>) -> Vec<ReadFile> {
    let file = |path: &str, sha256: [u8; 32], role: Role| ReadFile { path: path.to_owned(), sha256, role };
    let mut all: Vec<ReadFile> =
        inputs.iter().map(|input| file(&input.path, Sha256::digest(&input.bytes).into(), Role::Compose)).collect();
    let objects = stack.iter().flat_map(|stack| stack.configs.values().chain(stack.secrets.values()));
    let contents: BTreeSet<&str> = objects.filter_map(|object| Some(object.file.as_ref()?.value.as_str())).collect();
    // What is a Compose file has its text among the sources, by whichever name.
    let compose: BTreeSet<[u8; 32]> =
        sources.iter().map(|source| Sha256::digest(source.text.as_bytes()).into()).collect();
    for (path, digest) in disk.read.into_inner().unwrap_or_else(PoisonError::into_inner) {
        let path = path.to_string_lossy();
        let role = match &*path {
            path if contents.contains(path) => Role::Content,
            _ if compose.contains(&digest) => Role::Compose,
            _ => Role::Variables,
        };
        all.push(file(&path, digest, role));
    }
    all
}

fn source(inputs: &[Input], place: &Place) -> Source {
    let files = inputs
        .iter()
        .map(|input| SourceDigest { path: input.path.clone(), sha256: hex(&Sha256::digest(&input.bytes)) })
        .collect();
    let paths: Vec<&str> = inputs.iter().map(|input| input.path.as_str()).filter(|path| *path != "-").collect();
    let state = match place {
        Place::Disk => git::describe(&paths),
        Place::Within(within) => within.state(&paths),
    };
    Source {
        files,
        release: None,
        commit: state.as_ref().map(|state| state.commit.clone()),
        dirty: state.is_some_and(|state| state.dirty),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
