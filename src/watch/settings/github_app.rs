//! A GitHub App in place of a token.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// A GitHub App that is installed where the repository is. Tokens are fetched with its key, each for one repository and one
/// right, and live an hour.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GithubApp {
    /// Its App ID, a number.
    pub app_id: u64,
    /// The number at the end of the address of its installation.
    pub installation_id: u64,
    /// File with its private key, as GitHub hands it out.
    pub private_key_file: PathBuf,
    /// Address of the API (default: that of the source's host), such as `https://github.example.org/api/v3`.
    pub api: Option<String>,
}
