//! The only room that knows the Engine API: transport, version, raw-JSON specs, snapshots, logs and events.
//!
//! [`Reader`] has no method that changes anything; planning gets nothing else. [`Writer`] is for apply.

mod error;
mod reader;
mod writer;

pub use error::{EngineError, Refusal};
pub use reader::{LogLine, LogQuery, Reader, Wanted};
pub use writer::{Created, Writer};

use std::path::PathBuf;

/// Where the engine is and how to get in: flags, environment and the contexts store, resolved by `cli`.
#[derive(Clone, Debug, Default)]
pub struct Address {
    /// `-H`/`--host`.
    pub host: Option<String>,
    /// `--context`.
    pub context: Option<String>,
    /// DOCKER_HOST.
    pub env_host: Option<String>,
    /// DOCKER_CONTEXT.
    pub env_context: Option<String>,
    /// DOCKER_TLS_VERIFY is set and not empty.
    pub tls_verify: bool,
    /// DOCKER_CERT_PATH.
    pub cert_path: Option<PathBuf>,
    /// DOCKER_CONFIG, or `~/.docker`: `config.json` and the contexts store.
    pub config_dir: Option<PathBuf>,
    /// DOCKER_API_VERSION.
    pub api_version: Option<String>,
}

/// Finds the engine, agrees on a version and checks nothing else.
pub async fn connect(address: &Address) -> Result<Reader, EngineError> {
    let _ = address;
    todo!("being built")
}
