//! Pushes that forges announce.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::Deserialize;

/// Who may say at `/hooks/NAME` that there is something new. A hook only makes stackup look.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// GitHub: `X-Hub-Signature-256`.
    pub github: Option<SecretHook>,
    /// GitLab: the secret token of the hook.
    pub gitlab: Option<TokenHook>,
    /// Gitea and Forgejo: `X-Gitea-Signature`, `X-Forgejo-Signature`.
    pub gitea: Option<SecretHook>,
    /// Anybody else, as Standard Webhooks says.
    pub generic: Option<HmacHook>,
}

/// Signed with a secret.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SecretHook {
    /// File with the secret that the forge signs with.
    pub secret_file: PathBuf,
}

/// Proven by a token.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TokenHook {
    /// File with the token that the forge sends.
    pub token_file: PathBuf,
}

/// Signed with HMAC-SHA-256.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HmacHook {
    /// File with the key, `whsec_…`.
    pub hmac_sha256_file: PathBuf,
}
