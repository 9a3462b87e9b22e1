//! How a plan is to be carried out.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;
use tokio::sync::watch;

use crate::app::exit::ExitCode;
use crate::app::looks::Looks;

/// What to do when a rollout fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// Swarm's own `failure_action` does its work; no further wave starts.
    #[default]
    Stop,
    /// Also put this service back, if swarm did not.
    Rollback,
    /// Put back everything that this run changed, newest first.
    RollbackStack,
    /// Go on with all that does not depend on what failed.
    Continue,
}

/// How a plan is to be carried out.
#[derive(Clone, Debug)]
pub struct ApplyOptions {
    /// Submit every wave in order and wait for nothing.
    pub detach: bool,
    pub on_failure: OnFailure,
    /// Longest time in which no task turns healthy.
    pub progress_deadline: SignedDuration,
    /// For all of it. Unset: twice the plan's least time, at least 15 minutes.
    pub timeout: Option<SignedDuration>,
    /// X-Registry-Auth by the service's Compose key.
    pub auth: BTreeMap<String, SecretString>,
    /// When an apply began that died, by the engine's clock: what it wrote is followed too.
    pub left_since: Option<Timestamp>,
    /// Who is asked to go in the middle leaves the lock to whoever goes on, and records nothing.
    pub hand_over: bool,
    /// Where the look before the first write comes from.
    pub looks: Looks,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            detach: false,
            on_failure: OnFailure::default(),
            progress_deadline: SignedDuration::from_mins(5),
            timeout: None,
            auth: BTreeMap::new(),
            left_since: None,
            hand_over: false,
            looks: Looks::Own,
        }
    }
}

/// What a person at the keyboard, or the system, asks for in the middle.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Interrupt {
    #[default]
    None,
    /// Start nothing new, keep following: the first Ctrl-C.
    Finish,
    /// Report and leave, with this code: the second Ctrl-C, SIGTERM, or the first one where `CI` is set.
    Detach(ExitCode),
}

/// The hearing end; `cli` holds the other and listens to signals.
pub type Cancel = watch::Receiver<Interrupt>;
