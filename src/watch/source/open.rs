//! From settings to sources that can be read.

use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::follow::{Follow, Origin, digest};
use crate::app::unseal::Unseal;
use crate::git::{Access, Address, Beyond, GitError, Limits, Mirror, Program, Reference, Remote, Signers, SshSigners};
use crate::watch::github::{Lent, Need};
use crate::watch::settings::{GithubApp, Repository, Settings, Source};

/// One source of the settings. `base` is the folder of stackup.yaml, `state` is ours.
///
/// `token` is that of a GitHub App, where the source has one.
pub fn open(
    name: &str,
    settings: &Settings,
    base: &Path,
    state: &Path,
    program: &Program,
    token: Option<Arc<Lent>>,
) -> Result<Follow, GitError> {
    let Some(source) = settings.sources.get(name) else {
        return Err(GitError::Local(format!("there is no source `{name}`")));
    };
    let at = |path: &Path| base.join(path);
    let origin = match source {
        Source::Folder(folder) => Origin::Folder(at(&folder.path)),
        Source::Repository(repository) => Origin::Repository {
            mirror: Box::new(mirror(repository, base, state, program, token.as_deref())?),
            _token: token,
            beyond: Beyond { submodules: repository.submodules, lfs: repository.lfs },
            signers: repository.verify.as_ref().map(|verify| Signers {
                ssh: verify
                    .allowed_signers
                    .as_deref()
                    .map(|allowed| SshSigners { allowed: at(allowed), revoked: verify.revoked.as_deref().map(at) }),
                pgp: verify.allowed_pgp.as_deref().map(at),
            }),
        },
    };
    let stacks: Vec<_> = settings.stacks.iter().filter(|stack| stack.source() == name).cloned().collect();
    // Other settings are another revision: what failed under the old ones may go now.
    let shape = format!("{source:?}{stacks:?}{:?}", settings.defaults);
    let shape = digest(&shape, 4);
    let unseal = unseal(settings, base);
    Ok(Follow { name: name.to_owned(), origin, stacks, defaults: settings.defaults.clone(), unseal, shape })
}

/// Keys for files that are encrypted.
pub fn unseal(settings: &Settings, base: &Path) -> Unseal {
    Unseal::with(settings.secrets.as_ref().map(|secrets| base.join(&secrets.age_key_file)), None)
}

/// What a token of a GitHub App has to be good for; nothing where the source has none.
pub fn need(name: &str, settings: &Settings, base: &Path) -> Result<Option<Need>, String> {
    let Some(Source::Repository(repository)) = settings.sources.get(name) else { return Ok(None) };
    let Some(app) = &repository.github_app else { return Ok(None) };
    let address = Address::parse(&repository.git).map_err(|error| error.to_string())?;
    let app = GithubApp { private_key_file: base.join(&app.private_key_file), ..app.clone() };
    Need::of(&app, &address, ("contents", "read")).map(Some)
}

fn mirror(
    repository: &Repository,
    base: &Path,
    state: &Path,
    program: &Program,
    token: Option<&Lent>,
) -> Result<Mirror, GitError> {
    let at = |path: &Option<PathBuf>| path.as_ref().map(|path| base.join(path));
    let reference = match (&repository.semver, &repository.reference) {
        (Some(range), _) => range.0.clone(),
        (None, Some(name)) => Reference::parse(name)?,
        (None, None) => Reference::Default,
    };
    let remote = Remote {
        address: Address::parse(&repository.located(base))?,
        access: Access {
            key_file: at(&repository.key_file),
            known_hosts: at(&repository.known_hosts),
            token_file: token.map(|lent| lent.path().to_owned()).or_else(|| at(&repository.token_file)),
            user: repository.user.clone(),
        },
        reference,
        depth: repository.depth.map(NonZeroU32::get),
        limits: Limits::default(),
    };
    Mirror::new(program.clone(), state, remote)
}
