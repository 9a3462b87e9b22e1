//! The swarm's clock, as near as one look can tell it.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// Counts on from one reading of the engine's clock.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clock {
    base: Timestamp,
    at: Instant,
}

impl Clock {
    /// `base` is what the engine said just now; without it our own clock must do.
    pub fn new(base: Option<Timestamp>) -> Self {
        Self { base: base.unwrap_or_else(Timestamp::now), at: Instant::now() }
    }

    pub fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.at.elapsed()).unwrap_or_default();
        self.base.checked_add(passed).unwrap_or(self.base)
    }
}
