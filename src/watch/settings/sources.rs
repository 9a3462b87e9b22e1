//! Where Compose files come from.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{GithubApp, Period, Semver, is_relative_path};

/// A git repository, or a folder of this machine.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
#[allow(clippy::large_enum_variant, reason = "there are a few of them, read once")]
pub enum Source {
    Repository(Repository),
    Folder(Folder),
}

/// A git repository. Its files may read files of the repository only.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Repository {
    /// Address for `git fetch`: ssh, https, http, file, or a path.
    pub git: String,
    /// Branch, tag, commit, or `refs/…` (default: the repository's own branch).
    #[serde(rename = "ref")]
    pub reference: Option<String>,
    /// Instead of `ref`: the highest tag of this range, such as `^1.4` or `>=2, <4`.
    pub semver: Option<Semver>,
    /// Fetch only so many commits each time (default: one at first, and then all that follow). Whether a history was rewritten
    /// cannot be told then.
    pub depth: Option<std::num::NonZeroU32>,
    /// Only commits that somebody of these signed are taken.
    pub verify: Option<Verify>,
    /// Private key for ssh.
    pub key_file: Option<PathBuf>,
    /// Keys of the hosts that ssh may speak to (default: those that the user's ssh knows).
    pub known_hosts: Option<PathBuf>,
    /// File with the token or password for https.
    pub token_file: Option<PathBuf>,
    /// GitHub App to read the repository with, in place of `token_file`.
    pub github_app: Option<GithubApp>,
    /// User name that goes with `token_file`.
    pub user: Option<String>,
    /// Read files in submodules too, at the commits that the repository names (default: refused).
    #[serde(default)]
    pub submodules: bool,
    /// Read files that are kept by Git LFS, too (default: refused). Takes the program `git-lfs`.
    #[serde(default)]
    pub lfs: bool,
    /// How often this one is looked at.
    pub poll: Option<Period>,
}

impl Repository {
    /// Its address; a path that is relative starts at `base`.
    pub fn located(&self, base: &Path) -> String {
        match is_relative_path(&self.git) {
            true => base.join(&self.git).to_string_lossy().into_owned(),
            false => self.git.clone(),
        }
    }
}

/// Whose commits are taken: `allowed_signers`, `allowed_pgp`, or both. The files lie beside this one, never in the repository
/// that they guard.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// Who signs with ssh: file in the form of ssh-keygen's ALLOWED SIGNERS.
    pub allowed_signers: Option<PathBuf>,
    /// File with keys of ssh that are no longer good.
    pub revoked: Option<PathBuf>,
    /// Who signs with PGP: file with public keys, as `gpg --armor --export` writes it.
    pub allowed_pgp: Option<PathBuf>,
}

/// A folder of this machine, followed with file notifications.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
}
