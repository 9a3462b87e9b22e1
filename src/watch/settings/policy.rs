//! What may happen to a stack without a person.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Period, Window};

/// What `watch` does of itself. Each key of a stack takes the place of the one in `defaults`.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Policy {
    /// Carry out plans (default true). With false they are shown, and wait.
    pub auto_apply: Option<bool>,
    /// Plans with one of these wait for `stackup apply --approve-plan ID` (default: recreate, remove).
    pub hold: Option<Vec<Step>>,
    /// Hours in which plans are carried out; outside of them they wait. Without it: always.
    pub windows: Option<Vec<Window>>,
    /// Least time between two rollouts of a stack.
    pub min_interval: Option<Period>,
    /// Undo what was changed outside stackup (default false: drift is reported).
    pub self_heal: Option<bool>,
    /// Remove what the files no longer name (default false). Volumes never.
    pub prune: Option<bool>,
    /// What follows a failed rollout (default rollback).
    pub on_failure: Option<OnFailure>,
    /// Fields that the swarm owns, such as `deploy.replicas` or `web:deploy.replicas`.
    pub ignore: Option<Vec<String>>,
    /// Longest time that a rollout may take.
    pub timeout: Option<Period>,
}

/// Kinds of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    Create,
    Update,
    Scale,
    Restart,
    Recreate,
    Remove,
    Prune,
}

/// What follows a failed rollout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    Stop,
    Rollback,
    RollbackStack,
    Continue,
}

impl Policy {
    /// What holds for one stack: its own words, and where it has none those of `defaults`.
    pub fn over(&self, defaults: &Self) -> Self {
        macro_rules! first {
            ($($key:ident),*) => { Self { $($key: self.$key.clone().or_else(|| defaults.$key.clone())),* } };
        }
        first!(auto_apply, hold, windows, min_interval, self_heal, prune, on_failure, ignore, timeout)
    }
}
