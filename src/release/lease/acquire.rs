//! Taking a lock.

use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::Timing;
use super::held::{Held, Standing, look, remove};
use super::holder::Holder;
use super::keep::Lease;
use super::process::Process;
use super::watch::Moment;
use crate::engine::{EngineError, Writer};
use crate::release::name::Lock;

/// Between two looks at somebody else's lock.
const POLL: Duration = Duration::from_secs(1);

/// How long to wait for somebody else.
#[derive(Clone, Debug, Default)]
pub struct Wait {
    pub time: Duration,
    /// Whose lock is void, for he may write no more: who takes over from him need not wait for its end.
    pub heir_of: Option<Process>,
}

impl Wait {
    /// Whether that is somebody who is waited for.
    pub fn standing(&self, held: &Held, timing: &Timing) -> Standing {
        match &self.heir_of {
            Some(before) if before.is_known() && *before == held.holder.process && !held.holder.manual => {
                Standing::Left
            }
            _ => held.standing(timing),
        }
    }
}

/// Why there is no lease.
#[derive(Debug)]
pub enum NotAcquired {
    Held(Box<Held>),
    Engine(EngineError),
}

impl From<EngineError> for NotAcquired {
    fn from(error: EngineError) -> Self {
        Self::Engine(error)
    }
}

/// Takes a lease, of a stack for one, and keeps it fresh until it is given back. What a dead or silent holder left is taken over:
/// removed by its id, so that nobody's newer one is hit, and then made anew. A lock that was taken by hand is not waited
/// for: a person decides when it ends.
pub async fn acquire(
    writer: &Writer,
    lock: impl Into<Lock>,
    mut holder: Holder,
    wait: Wait,
    timing: Timing,
) -> Result<Lease, NotAcquired> {
    let lock = lock.into();
    holder.process = Process::current();
    let end = Instant::now() + wait.time;
    loop {
        let asked = Moment::now();
        if let Some(id) = create(writer, &lock, &holder).await? {
            return Ok(Lease::keep(writer, lock, id, holder, timing, asked));
        }
        // Given back in between: try again.
        let Some(held) = look(writer.reader(), lock.clone()).await? else { continue };
        match wait.standing(&held, &timing) {
            Standing::Expired | Standing::Dead | Standing::Left => {
                remove(writer, &held).await?;
                holder.left_since = held.left_since();
            }
            // Somebody else was at work since: what was left is theirs now.
            Standing::Live if Instant::now() + POLL < end => {
                holder.left_since = None;
                tokio::time::sleep(POLL).await;
            }
            Standing::Live | Standing::Manual => return Err(NotAcquired::Held(Box::new(held))),
        }
    }
}

/// Locks a stack until somebody unlocks it.
pub async fn lock_by_hand(writer: &Writer, stack: &str, mut holder: Holder) -> Result<(), NotAcquired> {
    holder.manual = true;
    holder.process = Process { host: crate::system::host::name(), ..Process::default() };
    let (timing, lock) = (Timing::default(), Lock::from(stack));
    loop {
        if create(writer, &lock, &holder).await?.is_some() {
            return Ok(());
        }
        let Some(held) = look(writer.reader(), stack).await? else { continue };
        match held.standing(&timing) {
            Standing::Expired | Standing::Dead | Standing::Left => remove(writer, &held).await?,
            Standing::Live | Standing::Manual => return Err(NotAcquired::Held(Box::new(held))),
        }
    }
}

/// The id of the new lock; `None` where there is one.
async fn create(writer: &Writer, lock: &Lock, holder: &Holder) -> Result<Option<String>, EngineError> {
    // Swarm takes no config without a byte in it.
    let data = STANDARD.encode("lock\n");
    let spec = json!({ "Name": lock.name(), "Labels": holder.labels(lock, 0), "Data": data });
    match writer.create_config(&spec).await {
        Ok(created) => Ok(Some(created.id)),
        Err(error) if error.status() == Some(409) => Ok(None),
        Err(error) => Err(error),
    }
}
