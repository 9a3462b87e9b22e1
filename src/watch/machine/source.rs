//! What is known of a source.

use std::time::Duration;

use super::event::Trouble;

/// What is known of a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SourceState {
    pub poll: Duration,
    /// Of the last fetch that went well.
    pub revision: Option<String>,
    /// For people: the commit, or nothing.
    pub commit: Option<String>,
    /// Why the last fetch did not go well.
    pub trouble: Option<Trouble>,
    /// It was tried at least once, however it went.
    pub tried: bool,
    pub(super) due: Option<Duration>,
    pub(super) fetching: bool,
    pub(super) again: bool,
    /// What is being fetched may be older than what another watcher has seen.
    pub(super) old: bool,
    pub(super) failures: u32,
    pub(super) began: Option<Duration>,
    pub(super) round: u64,
}

impl SourceState {
    pub(super) fn sooner(&mut self, at: Duration) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }
}
