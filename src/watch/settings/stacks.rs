//! What is kept deployed.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Policy;

/// One stack, or all that a pattern finds.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Stack {
    Named(Named),
    Discovered(Discovered),
}

impl Stack {
    pub fn source(&self) -> &str {
        match self {
            Self::Named(stack) => &stack.source,
            Self::Discovered(stacks) => &stacks.source,
        }
    }
}

/// One stack.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Named {
    /// Its name in the swarm.
    pub name: String,
    /// One of `sources`.
    pub source: String,
    /// Folder in the source (default: its top). The paths below start there.
    pub path: Option<String>,
    /// Compose files, the later over the earlier (default: the names that `stackup plan` tries).
    #[serde(default)]
    pub compose: Vec<String>,
    /// Files with variables for `${NAME}` (default: `.env` beside the first Compose file).
    #[serde(default)]
    pub env_file: Vec<String>,
    /// Stacks that must be as their files say before this one is touched.
    #[serde(default)]
    pub after: Vec<String>,
    #[serde(flatten)]
    pub policy: Policy,
}

/// A stack for each Compose file that is found, named after the file's `name:` or else its folder.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Discovered {
    /// Pattern of Compose files in the source, such as `stacks/*/compose.yaml`.
    pub discover: String,
    /// One of `sources`.
    pub source: String,
    /// Patterns of files that are none.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Stacks that must be as their files say before these are touched.
    #[serde(default)]
    pub after: Vec<String>,
    #[serde(flatten)]
    pub policy: Policy,
}
