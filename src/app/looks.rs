//! Where the look comes from that goes before the first write: of one's own, or from a reading that many share.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::basis::{Live, look};
use crate::engine::{EngineError, Reader, Wanted};

/// One look, and a token of its being in use.
pub struct Looked {
    pub live: Live,
    /// What is as large as the swarm is kept as short as can be: others wait for the room.
    pub in_use: Option<Arc<dyn Any + Send + Sync>>,
}

/// Reads the swarm once for all who ask meanwhile.
pub trait Shared: Send + Sync {
    /// What a stack needs of a reading that began after this was called.
    fn look<'a>(
        &'a self,
        stack: &'a str,
        wanted: &'a Wanted,
        reader: &'a Reader,
    ) -> BoxFuture<'a, Result<Looked, EngineError>>;
}

/// How a stack is looked at.
#[derive(Clone, Default)]
pub enum Looks {
    /// The engine is asked for this look alone.
    #[default]
    Own,
    Shared(Arc<dyn Shared>),
}

impl Looks {
    pub async fn look(&self, stack: &str, wanted: &Wanted, reader: &Reader) -> Result<Looked, EngineError> {
        match self {
            Self::Own => Ok(Looked { live: look(stack, wanted, reader).await?, in_use: None }),
            Self::Shared(shared) => shared.look(stack, wanted, reader).await,
        }
    }
}

impl fmt::Debug for Looks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Own => "Own",
            Self::Shared(_) => "Shared",
        })
    }
}
