//! What can go wrong between us and the engine.

use std::time::Duration;

/// Why a request did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Nobody answers at the address.
    #[error("no engine answers at {endpoint}: {why}")]
    Unreachable { endpoint: String, why: String },
    /// The address, context or certificates make no sense.
    #[error("{0}")]
    Address(String),
    /// The engine speaks no version that we speak.
    #[error("the engine at {endpoint} speaks API {theirs}; stackup needs {ours}")]
    Version { endpoint: String, theirs: String, ours: String },
    /// The engine answered no.
    #[error("{0}")]
    Refused(Refusal),
    /// The connection broke or stayed silent in the middle.
    #[error("the engine stopped answering ({request}): {why}")]
    Lost { request: String, why: String },
    #[error("the engine did not answer {request} within {after:?}")]
    TimedOut { request: String, after: Duration },
    /// An answer that is not what the API promises.
    #[error("the engine's answer to {request} makes no sense: {why}")]
    Nonsense { request: String, why: String },
}

/// An answer of 400 or more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// The engine's words, without `rpc error: code = … desc =`.
    pub message: String,
    /// `GET /services/x`.
    pub request: String,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} to {})", self.message, self.status, self.request)
    }
}

impl EngineError {
    /// Somebody wrote the object since its version was read (it comes as a 500 with this text).
    pub fn is_out_of_sequence(&self) -> bool {
        matches!(self, Self::Refused(r) if r.message.contains("update out of sequence"))
    }

    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(r) => Some(r.status),
            _ => None,
        }
    }
}
