//! Who is told what.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{GithubApp, Wording};

/// One receiver: exactly one of `github_status`, `gitlab_status`, `gitea_status` and `webhook`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Notify {
    /// Commit status on GitHub.
    pub github_status: Option<Forge>,
    /// Commit status on GitLab.
    pub gitlab_status: Option<Forge>,
    /// Commit status on Gitea or Forgejo.
    pub gitea_status: Option<Forge>,
    /// Address that gets a JSON document by POST.
    pub webhook: Option<String>,
    /// File with the key that documents for `webhook` are signed with, as Standard Webhooks says.
    pub secret_file: Option<PathBuf>,
    /// What `webhook` gets instead of the document: a Go template over its fields, such as `{"text": {{json .message}}}`.
    pub template: Option<Wording>,
    /// What `template` makes (default `application/json`).
    pub content_type: Option<String>,
    /// What is told to `webhook` (default: all). A commit status has no choice: it goes from pending to how it ended.
    pub on: Option<Vec<Happening>>,
    /// Sources that it is about (default: all; for a commit status all that are repositories of a forge).
    pub sources: Option<Vec<String>>,
}

/// An account on a forge.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forge {
    /// File with a token that may write commit statuses.
    pub token_file: Option<PathBuf>,
    /// For GitHub, in place of `token_file`: an App that may write commit statuses.
    pub github_app: Option<GithubApp>,
    /// Address of the API (default: that of the source's host), such as `https://github.example.org/api/v3`.
    pub api: Option<String>,
    /// What stands before the stack's name in the status (default `stackup`). Another swarm that follows the same repository
    /// needs another one.
    pub context: Option<String>,
}

/// What can be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    Applied,
    Failed,
    RolledBack,
    Held,
    Quarantined,
    Drift,
}

impl Happening {
    /// As in the file, and in what is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Applied => "applied",
            Self::Failed => "failed",
            Self::RolledBack => "rolled-back",
            Self::Held => "held",
            Self::Quarantined => "quarantined",
            Self::Drift => "drift",
        }
    }
}
