//! When an update is done, and how it failed: a state machine over observations.
//!
//! One [`Rollout`] a service. Each [`Observation`] moves it and yields [`Happening`]s; it ends with one [`Verdict`].
//! It does nothing by itself: what it would like to know (a log) it asks for as a [`Happening::Want`].

mod eligible;
mod evidence;
mod expectation;
mod happening;
mod hopeless;
mod machine;
mod observation;
mod sighting;
mod slot;
mod stranded;
mod tally;
#[cfg(test)]
mod tests;
mod verdict;
mod witness;

pub use eligible::eligible;
pub use evidence::{Cause, Evidence, FailureGroup, TaskFailure};
pub use expectation::{Accepted, Condition, Expectation, Limits, Touch};
pub use happening::{Happening, Progress, TaskView, Want};
pub use machine::{COME_BACK, Rollout};
pub use observation::Observation;
pub use slot::Slot;
pub use verdict::{Failure, Verdict};
pub use witness::{Remains, Witness};
