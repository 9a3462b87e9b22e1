//! Executes a Plan value: checks that it still fits, writes in order, follows every rollout, and says what is live.

mod accept;
mod begin_again;
mod clock;
mod explain;
mod finish;
mod flight;
mod follow;
mod freshen;
mod gate;
mod ids;
pub(in crate::app) mod leave;
mod left;
mod objects;
mod options;
mod outcome;
mod output;
mod prune;
mod revert;
mod revive;
mod rework;
mod run;
mod service;
mod services;
mod settle;
mod stand_in;
mod tell;
mod unsure;

pub use options::{ApplyOptions, Cancel, Interrupt, OnFailure};
pub use outcome::{Outcome, ServiceFailure};
pub use run::apply;
pub use service::remove_and_wait as remove_service_and_wait;
pub use settle::{Unsettled, unsettled};
