//! From settings to sources that can be read.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::follow::{Follow, Origin};
use crate::git::{Access, Address, GitError, Limits, Mirror, Program, Reference, Remote, Signers};
use crate::watch::settings::{Repository, Settings, Source, is_relative_path};

/// One source of the settings. `base` is the folder of stackup.yaml, `state` is ours.
pub fn open(name: &str, settings: &Settings, base: &Path, state: &Path, program: &Program) -> Result<Follow, GitError> {
    let Some(source) = settings.sources.get(name) else {
        return Err(GitError::Local(format!("there is no source `{name}`")));
    };
    let at = |path: &Path| base.join(path);
    let origin = match source {
        Source::Folder(folder) => Origin::Folder(at(&folder.path)),
        Source::Repository(repository) => Origin::Repository {
            mirror: Box::new(mirror(repository, base, state, program)?),
            signers: repository.verify.as_ref().map(|verify| Signers {
                allowed: at(&verify.allowed_signers),
                revoked: verify.revoked.as_deref().map(at),
            }),
        },
    };
    let stacks: Vec<_> = settings.stacks.iter().filter(|stack| stack.source() == name).cloned().collect();
    // Other settings are another revision: what failed under the old ones may go now.
    let shape = format!("{source:?}{stacks:?}{:?}", settings.defaults);
    let shape: String = Sha256::digest(shape.as_bytes()).iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    Ok(Follow { name: name.to_owned(), origin, stacks, defaults: settings.defaults.clone(), shape })
}

fn mirror(repository: &Repository, base: &Path, state: &Path, program: &Program) -> Result<Mirror, GitError> {
    let text = match is_relative_path(&repository.git) {
        true => base.join(&repository.git).to_string_lossy().into_owned(),
        false => repository.git.clone(),
    };
    let at = |path: &Option<PathBuf>| path.as_ref().map(|path| base.join(path));
    let reference = match (&repository.semver, &repository.reference) {
        (Some(range), _) => range.0.clone(),
        (None, Some(name)) => Reference::parse(name)?,
        (None, None) => Reference::Default,
    };
    let remote = Remote {
        address: Address::parse(&text)?,
        access: Access {
            key_file: at(&repository.key_file),
            known_hosts: at(&repository.known_hosts),
            token_file: at(&repository.token_file),
            user: repository.user.clone(),
        },
        reference,
        depth: repository.depth.map(NonZeroU32::get),
        limits: Limits::default(),
    };
    Mirror::new(program.clone(), state, remote)
}
