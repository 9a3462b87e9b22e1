//! What became of a plan.

use jiff::SignedDuration;

use crate::app::exit::{Changed, ExitCode};
use crate::app::ledger::Ledger;
use crate::diagnostic::Diagnostics;
use crate::plan::Stale;
use crate::rollout::FailureGroup;

/// A service whose rollout failed or has not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct ServiceFailure {
    /// Compose key.
    pub key: String,
    /// A word of `rollout::Failure`, or `refused`, `lost`, `deadline`.
    pub reason: &'static str,
    /// A sentence.
    pub what: String,
    /// The version before is live again.
    pub reverted: bool,
    /// It was to be removed: everything that was to run does.
    pub removal: bool,
    pub evidence: Vec<FailureGroup>,
}

/// What became of a plan.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub exit: ExitCode,
    pub changed: Changed,
    pub ledger: Ledger,
    pub failures: Vec<ServiceFailure>,
    /// Why nothing was written, or why writing stopped (exit 4).
    pub stale: Vec<Stale>,
    /// The same for people, with places in the files.
    pub diagnostics: Diagnostics,
    pub elapsed: SignedDuration,
    /// The engine answers, and nobody else changes the stack: something more could be done about it.
    pub can_go_on: bool,
}
