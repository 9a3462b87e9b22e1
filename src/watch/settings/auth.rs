//! Who may use the API.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// Who may use what `listen` serves.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Auth {
    /// File with the token that requests carry (`Authorization: Bearer TOKEN`): for whatever changes something, and for
    /// reading too unless `listen` is a loopback address.
    pub token_file: PathBuf,
}
