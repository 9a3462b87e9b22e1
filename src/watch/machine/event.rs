//! What can happen.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::stack::{Sync, Tried};
use crate::app::exit::ExitCode;

/// Something happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// What is followed, at the start and when stackup.yaml changed: each source with how often it is looked at. All of
    /// them are fetched at once.
    Configured {
        sources: BTreeMap<String, Duration>,
    },
    /// Somebody says that there is something new.
    Poked {
        source: String,
    },
    Fetched {
        source: String,
        result: Result<Found, Trouble>,
    },
    /// Something of this stack changed in the swarm.
    Touched {
        stack: String,
    },
    /// Something of the swarm may have changed unseen.
    Unseen,
    /// A rollout begins.
    Applying {
        stack: String,
        plan_id: String,
        commit: Option<String>,
    },
    Settled {
        stack: String,
        report: Report,
    },
    Asked {
        stack: String,
        what: Ask,
    },
    /// From now on this watcher does what is to be done. `behind`: another one did since, so nobody here knows what was
    /// told of a stack.
    Lead {
        behind: bool,
    },
    /// Another one does.
    StandBy,
    /// Time passed.
    Tick,
    /// Nothing new is begun.
    Stop,
}

/// What a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Look now, and try again what failed.
    Sync,
    Suspend,
    Resume,
    Approve(String),
    /// Go back to this release, or to the last before the live one that had succeeded.
    Rollback(Option<u64>),
}

/// A source as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Changes whenever a file does.
    pub revision: String,
    pub commit: Option<String>,
    pub stacks: Vec<Followed>,
    /// What of it is left out, and why.
    pub trouble: Option<Trouble>,
}

/// One stack of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Followed {
    pub name: String,
    pub after: Vec<String>,
}

/// Why a source could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    pub exit: ExitCode,
    /// A stable word: a diagnostic's code.
    pub code: &'static str,
    pub message: String,
    pub help: String,
}

/// How a look at a stack ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What was looked at.
    pub revision: String,
    pub commit: Option<String>,
    pub sync: Sync,
    pub drift: bool,
    pub exit: ExitCode,
    pub message: String,
    pub plan_id: Option<String>,
    pub release: Option<u64>,
    pub next: Next,
    /// A rollout began then.
    pub rolled: Option<Timestamp>,
    /// A rollout that failed.
    pub tried: Option<Tried>,
}

/// When to look again, if nothing happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// When something happens.
    Rest,
    /// Later, and later again.
    Retry,
    At(Timestamp),
}
