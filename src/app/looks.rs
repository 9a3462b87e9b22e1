//! Where the looks of an apply come from, before its first write and after its last: of its own, or from a reading that many share.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use futures_util::future::BoxFuture;

use super::basis::{Live, look};
use crate::engine::{EngineError, Reader, Wanted};
use crate::swarm::Snapshot;

/// A token of something being in use.
pub type InUse = Arc<dyn Any + Send + Sync>;

/// One look, and a token of its being in use.
pub struct Looked {
    pub live: Live,
    /// What is as large as the swarm is kept as short as can be: others wait for the room.
    pub in_use: Option<InUse>,
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

    /// What is live of a stack, without what is recorded of it.
    pub async fn snapshot(&self, stack: &str, reader: &Reader) -> Result<(Snapshot, Option<InUse>), EngineError> {
        let wanted = Wanted::default();
        match self {
            Self::Own => Ok((reader.snapshot(stack, &wanted).await?, None)),
            Self::Shared(shared) => {
                let Looked { live, in_use } = shared.look(stack, &wanted, reader).await?;
                Ok((live.snapshot, in_use))
            }
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
