//! Executes a Plan value: checks that it still fits, writes in order, follows every rollout, and says what is live.

mod accept;
mod begin_again;
mod clock;
mod explain;
mod finish;
mod flight;
mod follow;
mod gate;
mod ids;
mod objects;
mod options;
mod outcome;
mod precheck;
mod prune;
mod revert;
mod revive;
mod run;
mod service;
mod services;
mod tell;

pub use options::{ApplyOptions, Cancel, Interrupt, OnFailure};
pub use outcome::{Outcome, ServiceFailure, StaleObject};
pub use run::apply;
