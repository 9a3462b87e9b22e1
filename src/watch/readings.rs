//! One reading of the swarm for all looks that wait for one: a thousand stacks ask the engine as often as a handful.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep};

use super::flight::{Flight, InUse};
use crate::app::looks::{Looked, Shared};
use crate::app::reading::Reading;
use crate::engine::{EngineError, Reader, Wanted};

/// Between two readings while nodes are unknown.
const AGAIN: Duration = Duration::from_millis(500);

/// One is being planned from while the next is read. Each is as large as the swarm.
const IN_USE: usize = 2;

type Read = Result<Arc<Reading>, EngineError>;

/// Readings of a swarm, one at a time.
pub struct Readings {
    flight: Arc<Flight<Read>>,
    /// Since when there are nodes that nobody has heard of.
    unknown: Arc<Mutex<Option<Instant>>>,
}

impl Default for Readings {
    fn default() -> Self {
        Self { flight: Arc::new(Flight::new(IN_USE)), unknown: Arc::default() }
    }
}

impl Readings {
    /// One that begins after this was called, never an older one: whatever happened before is in it.
    pub async fn fresh(&self, reader: &Reader) -> Result<(Arc<Reading>, InUse), EngineError> {
        let read = read(reader.clone(), self.unknown.clone());
        match self.flight.join(read).await {
            Some((read, in_use)) => Ok((read?, in_use)),
            None => Err(EngineError::Local("the reading of the swarm broke off".to_owned())),
        }
    }
}

impl Shared for Readings {
    fn look<'a>(
        &'a self,
        stack: &'a str,
        wanted: &'a Wanted,
        reader: &'a Reader,
    ) -> BoxFuture<'a, Result<Looked, EngineError>> {
        let look = async move {
            let (reading, in_use) = self.fresh(reader).await?;
            Ok(Looked { live: reading.look(stack, wanted).await?, in_use: Some(in_use) })
        };
        look.boxed()
    }
}

async fn read(reader: Reader, unknown: Arc<Mutex<Option<Instant>>>) -> Read {
    loop {
        let reading = Reading::take(reader.clone()).await?;
        let patience = reading.patience();
        let is_over = {
            let mut since = unknown.lock().unwrap_or_else(PoisonError::into_inner);
            if patience.is_none() {
                *since = None;
            }
            // Counted once, and not anew for every reading.
            patience.is_none_or(|patience| since.get_or_insert_with(Instant::now).elapsed() >= patience)
        };
        if is_over {
            return Ok(Arc::new(reading));
        }
        sleep(AGAIN).await;
    }
}
