//! What happened, counted since the process began.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Seconds.
pub const BOUNDS: [f64; 10] = [0.05, 0.25, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1800.0, 3600.0];

/// How long things took.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Durations {
    /// How many fell below each bound, and below none.
    pub buckets: [u64; BOUNDS.len() + 1],
    pub sum: f64,
}

impl Durations {
    fn add(&mut self, took: Duration) {
        let seconds = took.as_secs_f64();
        let bucket = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        self.buckets[bucket] += 1;
        self.sum += seconds;
    }
}

/// What happened so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Counted {
    /// Looks at a stack, by what came of them.
    pub looks: BTreeMap<(String, &'static str), u64>,
    pub look: Durations,
    /// Fetches of a source, and whether they went well.
    pub fetches: BTreeMap<(String, bool), u64>,
    pub fetch: Durations,
    /// Requests at `/hooks/NAME`, by the answer.
    pub hooks: BTreeMap<(&'static str, u16), u64>,
    /// Announcements to each receiver, and whether they arrived.
    pub announced: BTreeMap<(String, bool), u64>,
}

#[derive(Debug, Default)]
pub struct Counts(Mutex<Counted>);

impl Counts {
    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn so_far(&self) -> Counted {
        self.counted().clone()
    }

    pub fn looked(&self, stack: &str, sync: &'static str, took: Duration) {
        let mut counted = self.counted();
        *counted.looks.entry((stack.to_owned(), sync)).or_default() += 1;
        counted.look.add(took);
    }

    pub fn fetched(&self, source: &str, well: bool, took: Duration) {
        let mut counted = self.counted();
        *counted.fetches.entry((source.to_owned(), well)).or_default() += 1;
        counted.fetch.add(took);
    }

    pub fn hook(&self, hook: &'static str, code: u16) {
        *self.counted().hooks.entry((hook, code)).or_default() += 1;
    }

    pub fn announced(&self, receiver: &str, arrived: bool) {
        *self.counted().announced.entry((receiver.to_owned(), arrived)).or_default() += 1;
    }

    /// Stacks come and go; what is counted stays small.
    pub fn forget(&self, stack: &str) {
        self.counted().looks.retain(|(name, _), _| name != stack);
    }
}
