//! Where Compose files come from.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Period, Semver};

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
    /// Fetch only so many commits (default: all). What came before a commit cannot be told then.
    pub depth: Option<std::num::NonZeroU32>,
    /// Only commits that somebody of these signed are taken.
    pub verify: Option<Verify>,
    /// Private key for ssh.
    pub key_file: Option<PathBuf>,
    /// Keys of the hosts that ssh may speak to (default: those that the user's ssh knows).
    pub known_hosts: Option<PathBuf>,
    /// File with the token or password for https.
    pub token_file: Option<PathBuf>,
    /// User name that goes with `token_file`.
    pub user: Option<String>,
    /// How often this one is looked at.
    pub poll: Option<Period>,
}

/// Whose commits are taken.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Verify {
    /// File in the form of ssh-keygen's ALLOWED SIGNERS. It lies beside this file, never in the repository that it guards.
    pub allowed_signers: PathBuf,
    /// File with keys that are no longer good.
    pub revoked: Option<PathBuf>,
}

/// A folder of this machine, followed with file notifications.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The folder.
    pub path: PathBuf,
}
