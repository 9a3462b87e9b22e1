//! From files on a disk to a checked stack.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::files;
use super::place::Place;
use super::unseal::{Opening, Secrets, Unseal};
use crate::compose::model::{FileObject, MountType, Stack};
use crate::compose::{self, Environment, Input, Layers, Options};
use crate::diagnostic::{Diagnostic, Diagnostics, FileId, Sources, code};
use crate::git;
use crate::plan::{Source, SourceDigest, hex};
use crate::swarm::Desired;

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
    /// What becomes of those that are encrypted.
    pub unseal: Unseal,
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
    /// What was encrypted in the files.
    pub secrets: Secrets,
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

    /// What was encrypted in the files is nobody's business in what they make either.
    pub fn mark(&self, stack: &Stack, desired: &mut Desired) {
        let sealed = |object: &FileObject| object.file.as_ref().is_some_and(|file| self.secrets.has(&file.value));
        let configs = stack.configs.iter().filter(|(_, config)| sealed(config)).map(|(key, _)| key.clone());
        desired.sensitive_names.extend(configs);
        desired.sensitive.0.extend(self.secrets.values());
        desired.sensitive_names.extend(self.secrets.names());
    }
}

/// Reads, checks and merges the files. Never fails: what is wrong is in the diagnostics.
pub fn load(request: &Request) -> Loaded {
    let mut diagnostics = Diagnostics::default();
    let place = &request.place;
    let opening = Opening::new(place.clone(), request.unseal.clone());
    let inputs = files::inputs(&request.files, place, &opening, &mut diagnostics);
    let missing =
        request.files.iter().filter(|named| inputs.iter().all(|input| input.path != **named)).cloned().collect();
    let working_dir = files::working_dir(&inputs, place);
    let default = files::default_variables(&request.env_files, &working_dir, place);
    let environment = files::environment(&request.variables, &request.env_files, default, &opening, &mut diagnostics);
    let source = source(&inputs, place, &opening);
    let mut sources = Sources::default();
    // A file that is missing would make others look wrong.
    if diagnostics.has_errors() {
        let (read, layers) = (Vec::new(), Layers::default());
        let (_, secrets) = opening.finish();
        secrets.clean(&mut diagnostics);
        return Loaded { stack: None, diagnostics, sources, layers, source, working_dir, read, missing, secrets };
    }
    let options = Options {
        working_dir: working_dir.clone(),
        environment,
        home: request.home.clone(),
        interpolate: request.interpolate,
        contents: request.contents,
    };
    let loaded = compose::load(&inputs, &options, &opening, &mut sources);
    diagnostics.extend(loaded.diagnostics);
    diagnostics.extend(opening.unopened());
    let compose: BTreeSet<[u8; 32]> = sources.iter().map(|source| stored(source.text.as_bytes(), &opening)).collect();
    let inputs = inputs.iter().map(|input| file(&input.path, stored(&input.bytes, &opening), Role::Compose)).collect();
    for (id, places) in sources.iter().map(|source| opening.places(&source.text)).enumerate().collect::<Vec<_>>() {
        if !places.is_empty() {
            sources.hide(FileId(u32::try_from(id).unwrap_or_default()), &places);
        }
    }
    let (read, secrets) = opening.finish();
    secrets.clean(&mut diagnostics);
    let read = roles(inputs, read, &compose, loaded.stack.as_ref());
    let (stack, layers) = (loaded.stack, loaded.layers);
    if let (Place::Within(within), Some(stack)) = (place, &stack)
        && !within.is_folder()
    {
        diagnostics.extend(mounts_of_a_repository(stack, within.root()));
    }
    Loaded { stack, diagnostics, sources, layers, source, working_dir, read, missing, secrets }
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

/// The files that were named, and those that they led to.
fn roles(
    inputs: Vec<ReadFile>,
    read: BTreeMap<PathBuf, [u8; 32]>,
    compose: &BTreeSet<[u8; 32]>,
    stack: Option<&Stack>,
) -> Vec<ReadFile> {
    let mut all = inputs;
    let objects = stack.iter().flat_map(|stack| stack.configs.values().chain(stack.secrets.values()));
    let contents: BTreeSet<&str> = objects.filter_map(|object| Some(object.file.as_ref()?.value.as_str())).collect();
    for (path, digest) in read {
        let path = path.to_string_lossy();
        let role = match &*path {
            path if contents.contains(path) => Role::Content,
            // What is a Compose file has its text among the sources, by whichever name.
            _ if compose.contains(&digest) => Role::Compose,
            _ => Role::Variables,
        };
        all.push(file(&path, digest, role));
    }
    all
}

fn file(path: &str, sha256: [u8; 32], role: Role) -> ReadFile {
    ReadFile { path: path.to_owned(), sha256, role }
}

/// Of a file as it is stored: a digest of what is in an encrypted one would tell something about it.
fn stored(bytes: &[u8], opening: &Opening) -> [u8; 32] {
    opening.stored(Sha256::digest(bytes).into())
}

fn source(inputs: &[Input], place: &Place, opening: &Opening) -> Source {
    let files = inputs
        .iter()
        .map(|input| SourceDigest { path: input.path.clone(), sha256: hex(&stored(&input.bytes, opening)) })
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
