//! How encrypted files are opened.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// How encrypted files (`*.sops.yaml`, `*.age`) are opened: in memory only.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// File with the private key of age.
    pub age_key_file: Option<PathBuf>,
}
