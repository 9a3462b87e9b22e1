//! What is known of a stack that is followed.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::effect::Order;
use crate::app::exit::ExitCode;

/// How a stack stands to its files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sync {
    /// Not looked at yet.
    #[default]
    Unknown,
    /// What is live is what the files say.
    Synced,
    /// It differs; something is in the way that goes by itself, or healing is off.
    OutOfSync,
    Applying,
    /// A person or a window must open the way.
    Held,
    /// It failed, and is not tried again as it is.
    Quarantined,
    Suspended,
    /// Its files are wrong, or the swarm would not take them.
    Failed,
}

impl Sync {
    pub const ALL: [Self; 8] = [
        Self::Unknown,
        Self::Synced,
        Self::OutOfSync,
        Self::Applying,
        Self::Held,
        Self::Quarantined,
        Self::Suspended,
        Self::Failed,
    ];

    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Synced => "synced",
            Self::OutOfSync => "out-of-sync",
            Self::Applying => "applying",
            Self::Held => "held",
            Self::Quarantined => "quarantined",
            Self::Suspended => "suspended",
            Self::Failed => "failed",
        }
    }
}

/// What last became of a stack.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Last {
    /// A name of an exit code: `ok`, `rolled-back`.
    pub result: String,
    pub at: Option<Timestamp>,
    pub plan_id: Option<String>,
    pub message: String,
}

/// A rollout that failed: of which revision, and what was live before it and after. The values are HMACs of specs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    pub revision: String,
    pub before: BTreeMap<String, String>,
    pub after: BTreeMap<String, String>,
    /// A person went back from it: then it does not matter what is live.
    #[serde(default)]
    pub by_hand: bool,
}

impl Tried {
    /// Nobody touched anything since: each object is as the rollout left it, or as swarm's own way back would.
    pub fn holds(&self, revision: &str, live: &BTreeMap<String, String>) -> bool {
        let known =
            |name: &str, digest: &String| self.after.get(name) == Some(digest) || self.before.get(name) == Some(digest);
        let gone =
            |name: &String| !live.contains_key(name) && self.before.contains_key(name) && self.after.contains_key(name);
        let untouched = || live.iter().all(|(name, digest)| known(name, digest)) && !self.after.keys().any(gone);
        self.revision == revision && (self.by_hand || untouched())
    }
}

/// What outlives the process.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    pub suspended: bool,
    /// Plan that a person approved.
    pub approved: Option<String>,
    pub tried: Option<Tried>,
    /// Revision that was last found or made live.
    pub synced: Option<String>,
    /// When the last rollout began.
    pub rolled: Option<Timestamp>,
    pub last: Last,
    /// What was last told of it. Nothing where an older program wrote this.
    pub told: Option<Sync>,
}

/// What is known of a stack that is followed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackState {
    pub source: String,
    /// Stacks that must be synced before.
    pub after: Vec<String>,
    /// The newest revision of its source.
    pub wanted: Option<String>,
    /// The revision of the last look that came to an end.
    pub seen: Option<String>,
    /// The revision of the look that goes on.
    pub(super) looking: Option<String>,
    pub sync: Sync,
    pub drift: bool,
    /// Why it is as it is, for a person.
    pub message: String,
    pub plan_id: Option<String>,
    pub commit: Option<String>,
    pub release: Option<u64>,
    pub memory: Memory,
    /// Exit code that the last look stands for.
    pub exit: ExitCode,
    /// When to look next.
    pub(super) due: Option<Duration>,
    pub(super) running: bool,
    /// Something happened while it was looked at.
    pub(super) again: bool,
    /// What a person asked for, of the next look.
    pub(super) order: Option<Order>,
    pub(super) failures: u32,
    /// When it was last looked at.
    pub(super) looked: Option<Duration>,
    /// Nothing follows it any more.
    pub(super) gone: bool,
}

impl StackState {
    /// As its files say, at the newest revision.
    pub(super) fn is_done(&self) -> bool {
        self.sync == Sync::Synced && self.seen.is_some() && self.seen == self.wanted
    }

    /// One that is so, for tests of others.
    #[cfg(test)]
    pub fn made(change: impl FnOnce(&mut Self)) -> Self {
        let mut stack = Self::default();
        change(&mut stack);
        stack
    }

    /// The revision that what is told is about.
    pub fn about(&self) -> Option<&str> {
        if self.running { self.looking.as_deref() } else { self.seen.as_deref() }
    }

    /// What people and machines are told: a suspended stack is suspended, whatever else it is.
    pub fn shown(&self) -> Sync {
        if self.memory.suspended && self.sync != Sync::Applying { Sync::Suspended } else { self.sync }
    }

    pub(super) fn sooner(&mut self, at: Duration) {
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn objects(all: &[(&str, &str)]) -> BTreeMap<String, String> {
        all.iter().map(|(name, digest)| ((*name).to_owned(), (*digest).to_owned())).collect()
    }

    #[test]
    fn a_failed_rollout_counts_until_somebody_touches_something() {
        let tried = Tried {
            revision: "a".into(),
            before: objects(&[("web", "1"), ("db", "1"), ("old", "1")]),
            after: objects(&[("web", "2"), ("db", "1"), ("new", "1")]),
            by_hand: false,
        };
        for (revision, live, holds) in [
            ("a", &[("web", "2"), ("db", "1"), ("new", "1")][..], true),
            // Swarm went back by itself.
            ("a", &[("web", "1"), ("db", "1"), ("new", "1")], true),
            ("a", &[("web", "3"), ("db", "1"), ("new", "1")], false),
            ("a", &[("web", "2"), ("db", "1"), ("new", "1"), ("more", "1")], false),
            ("a", &[("web", "2"), ("new", "1")], false),
            ("b", &[("web", "2"), ("db", "1"), ("new", "1")], false),
        ] {
            assert_eq!(tried.holds(revision, &objects(live)), holds, "{revision} {live:?}");
            let by_hand = Tried { by_hand: true, ..tried.clone() };
            assert_eq!(by_hand.holds(revision, &objects(live)), revision == "a", "{revision} {live:?}");
        }
    }
}
