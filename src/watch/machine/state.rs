//! Everything that is known.

use std::collections::BTreeMap;
use std::time::Duration;

use super::source::SourceState;
use super::stack::{Memory, StackState, Sync};
use crate::app::exit::ExitCode;

/// How it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Manner {
    /// Look at everything once, retry nothing, and be finished.
    pub once: bool,
    /// Looks that may go on at a time. A rollout is one.
    pub most: usize,
    /// Tells runs of several watchers apart.
    pub seed: u64,
}

impl Default for Manner {
    fn default() -> Self {
        Self { once: false, most: 64, seed: 0 }
    }
}

/// Stacks that nothing names any more, and that are known should they come back.
pub(super) const REMEMBERED: usize = 1_000;

/// Everything that is known.
#[derive(Clone, Debug, Default)]
pub struct Machine {
    pub(super) manner: Manner,
    pub sources: BTreeMap<String, SourceState>,
    pub stacks: BTreeMap<String, StackState>,
    /// What an earlier process knew of stacks.
    pub(super) memories: BTreeMap<String, Memory>,
    /// Nothing new is begun.
    pub(super) stopping: bool,
    /// Another one looks at stacks, and this one only at sources.
    pub(super) stands_by: bool,
    /// When the last step was: everything due by then was looked at in it.
    pub(super) stepped: Duration,
}

impl Machine {
    pub fn new(manner: Manner, memories: BTreeMap<String, Memory>) -> Self {
        Self { manner, memories, ..Self::default() }
    }

    /// When something is due, if nothing happens before. It may have become so since the last step.
    pub fn wakes(&self) -> Option<Duration> {
        let sources = self.sources.values().filter(|s| !s.fetching).filter_map(|s| s.due);
        let stacks = self.stacks.values().filter(|s| !s.running).filter_map(|s| s.due);
        // What the last step left, although it was due, waits for something that happens.
        sources.chain(stacks).filter(|due| *due > self.stepped).min()
    }

    /// Looks and fetches that go on.
    pub fn is_busy(&self) -> bool {
        self.sources.values().any(|s| s.fetching) || self.stacks.values().any(|s| s.running)
    }

    pub fn is_fetching(&self, source: &str) -> bool {
        self.sources.get(source).is_some_and(|s| s.fetching)
    }

    /// Every source was tried.
    pub fn is_ready(&self) -> bool {
        self.sources.values().all(|s| s.tried)
    }

    /// With `once`: nothing goes on, and nothing that is due can begin.
    pub fn is_finished(&self) -> bool {
        let waiting =
            |stack: &StackState| stack.due.is_some() && self.blocked_by(stack).is_none() && !stack.memory.suspended;
        self.is_ready() && !self.is_busy() && (self.stopping || !self.stacks.values().any(waiting))
    }

    /// The worst of all: what `--once` ends with.
    pub fn exit(&self) -> ExitCode {
        let sources = self.sources.values().filter_map(|s| s.trouble.as_ref()).map(|trouble| trouble.exit);
        let stacks = self.stacks.values().map(|stack| match stack.sync {
            Sync::Synced => ExitCode::Ok,
            _ if self.blocked_by(stack).is_some() || stack.memory.suspended => ExitCode::Changes,
            _ => stack.exit,
        });
        sources.chain(stacks).fold(ExitCode::Ok, ExitCode::worse)
    }

    /// What outlives the process.
    pub fn memories(&self) -> BTreeMap<String, Memory> {
        let now = self.stacks.iter().map(|(name, stack)| (name.clone(), stack.memory.clone()));
        let mut all = self.memories.clone();
        all.extend(now);
        all.retain(|_, memory| *memory != Memory::default());
        all
    }

    /// The stack that must be synced before this one is changed, if any. What was synced already is still looked after.
    pub(super) fn blocked_by<'a>(&'a self, stack: &'a StackState) -> Option<&'a str> {
        if stack.memory.synced.is_some() && stack.memory.synced == stack.wanted {
            return None;
        }
        let done = |name: &String| self.stacks.get(name).is_some_and(StackState::is_done);
        stack.after.iter().find(|name| !done(name)).map(String::as_str)
    }
}
