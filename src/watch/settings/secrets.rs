//! How encrypted files are opened.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// How encrypted files (`*.sops.yaml`, `*.age`) are opened: in memory only.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Secrets {
    /// File with private keys of age, one a line. It is read again for each look at a stack that has such files.
    pub age_key_file: PathBuf,
}
