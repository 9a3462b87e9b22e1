//! Keeping a lease fresh, and knowing when it is lost.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;

use super::Timing;
use super::holder::Holder;
use super::watch::{Moment, Watch};
use crate::engine::{EngineError, Guard, Writer};
use crate::release::name::Lock;

/// A beat without an answer by then is tried again with the next.
const ANSWER: Duration = Duration::from_secs(10);

/// A lease that this process holds. Dropped without [`Lease::release`] it stops beating, and expires.
#[derive(Debug)]
pub struct Lease {
    id: String,
    writer: Writer,
    watch: Arc<Watch>,
    beating: JoinHandle<()>,
    left_since: Option<Timestamp>,
}

impl Lease {
    pub(super) fn keep(writer: &Writer, lock: Lock, id: String, holder: Holder, timing: Timing, asked: Moment) -> Self {
        let watch = Arc::new(Watch::new(writer.reader().clone(), id.clone(), lock.whose(), timing.trust, asked));
        let left_since = holder.left_since;
        let heart = Heart { writer: writer.clone(), lock, id: id.clone(), holder, watch: watch.clone() };
        let beating = tokio::spawn(heart.beat(timing.beat));
        Self { id, writer: writer.clone(), watch, beating, left_since }
    }

    /// Since when somebody was at work who died or fell silent, by the engine's clock: it may be half done.
    pub fn left_since(&self) -> Option<Timestamp> {
        self.left_since
    }

    /// Asked before each write: no lease, no write.
    pub fn guard(&self) -> Guard {
        Guard::new(self.watch.clone())
    }

    /// Why it is lost, if it is known to be; for good.
    pub fn check(&self) -> Result<(), String> {
        self.watch.check()
    }

    /// Gives it back: this very lock, and not one that somebody took over. What is lost is let be.
    pub async fn release(self) -> Result<(), EngineError> {
        self.beating.abort();
        self.watch.check().map_err(EngineError::Forbidden)?;
        self.writer.remove_config(&self.id).await
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.beating.abort();
    }
}

/// The signs of life.
struct Heart {
    writer: Writer,
    lock: Lock,
    id: String,
    holder: Holder,
    watch: Arc<Watch>,
}

impl Heart {
    async fn beat(self, every: Duration) {
        let mut count = 0;
        loop {
            tokio::time::sleep(every).await;
            count += 1;
            // After a long pause nobody knows what happened meanwhile.
            if self.watch.check().is_err() {
                return;
            }
            let at = Moment::now();
            match tokio::time::timeout(ANSWER.min(every), self.once(count)).await {
                Ok(Ok(true)) => self.watch.beaten(at),
                Ok(Ok(false)) => {
                    self.watch.taken();
                    return;
                }
                // Tried again; the guard counts the time.
                Ok(Err(error)) => tracing::warn!(%error, "a sign of life was not taken"),
                Err(_) => tracing::warn!("a sign of life was not answered"),
            }
        }
    }

    /// `false`: the lock is not ours any more.
    async fn once(&self, count: u64) -> Result<bool, EngineError> {
        let Some(live) = self.writer.reader().config_named(&self.lock.name()).await? else { return Ok(false) };
        if live.id != self.id {
            return Ok(false);
        }
        let mut spec = live.spec;
        if let Some(spec) = spec.as_object_mut() {
            spec.insert("Labels".to_owned(), self.holder.labels(&self.lock, count));
        }
        match self.writer.update_config(&self.id, live.version, &spec).await {
            Ok(()) => Ok(true),
            Err(error) if error.status() == Some(404) => Ok(false),
            Err(error) => Err(error),
        }
    }
}
