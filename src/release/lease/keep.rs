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
/// How often it is tried to say that the lock is left.
const LEAVING: u32 = 3;

/// A lease that this process holds. Dropped without [`Lease::release`] it stops beating, and expires.
#[derive(Debug)]
pub struct Lease {
    heart: Heart,
    beating: JoinHandle<()>,
}

impl Lease {
    pub(super) fn keep(writer: &Writer, lock: Lock, id: String, holder: Holder, timing: Timing, asked: Moment) -> Self {
        let watch = Arc::new(Watch::new(writer.reader().clone(), id.clone(), lock.whose(), timing.trust, asked));
        let heart = Heart { writer: writer.clone(), lock, id, holder, watch };
        let beating = tokio::spawn(heart.clone().beat(timing.beat));
        Self { heart, beating }
    }

    /// Since when somebody was at work who died or fell silent, by the engine's clock: it may be half done.
    pub fn left_since(&self) -> Option<Timestamp> {
        self.heart.holder.left_since
    }

    /// Asked before each write: no lease, no write.
    pub fn guard(&self) -> Guard {
        Guard::new(self.heart.watch.clone())
    }

    /// Why it is lost, if it is known to be; for good.
    pub fn check(&self) -> Result<(), String> {
        self.heart.watch.check()
    }

    /// Gives it back: this very lock, and not one that somebody took over. What is lost is let be.
    pub async fn release(self) -> Result<(), EngineError> {
        self.beating.abort();
        self.heart.watch.check().map_err(EngineError::Forbidden)?;
        self.heart.writer.remove_config(&self.heart.id).await
    }

    /// Leaves it where it is, for whoever comes next: he takes it at once, and goes on with what is half done. What is lost
    /// is let be.
    pub async fn leave(mut self) -> Result<(), EngineError> {
        self.beating.abort();
        self.heart.holder.left = true;
        let mut tries = 0;
        loop {
            self.heart.watch.check().map_err(EngineError::Forbidden)?;
            tries += 1;
            match self.heart.once(0).await {
                Ok(true) => return Ok(()),
                Ok(false) => {
                    self.heart.watch.taken();
                }
                // The last sign of life may still have been on its way.
                Err(EngineError::Refused(_)) if tries < LEAVING => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.beating.abort();
    }
}

/// The signs of life.
#[derive(Clone, Debug)]
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
