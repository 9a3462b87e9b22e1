//! A question that is asked before every write.

use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::EngineError;

/// Who says whether writing is still allowed. Both answers are [`EngineError::Forbidden`], with the reason in words, where
/// it is not.
pub trait Permission: Send + Sync {
    /// As far as is known here; nobody is asked.
    fn known(&self) -> Result<(), EngineError>;

    /// Asks where what is known is not new enough. An engine that cannot be asked is [`EngineError::Unreachable`]: the
    /// write is not sent then either.
    fn sure(&self) -> BoxFuture<'_, Result<(), EngineError>>;
}

/// Stands before the writes of a [`Writer`](super::Writer).
#[derive(Clone)]
pub struct Guard(Arc<dyn Permission>);

impl Guard {
    pub fn new(permission: Arc<dyn Permission>) -> Self {
        Self(permission)
    }

    pub(super) fn known(&self) -> Result<(), EngineError> {
        self.0.known()
    }

    pub(super) async fn sure(&self) -> Result<(), EngineError> {
        self.0.sure().await
    }
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Guard")
    }
}
