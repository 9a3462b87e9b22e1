//! The scheduler's dry run: where swarm will put the tasks of a plan, and which it will not place, and why.
//!
//! Swarm's choice is only partly determined: it picks among equals at random. So the dry run follows every way that it can
//! go, and tells for each service the range of what can come out. See `fill` for how swarm spreads, `rollout` for updates.

mod beside;
mod demand;
mod even;
mod explore;
mod fill;
mod filter;
mod forecast;
mod global;
mod quick;
mod rollout;
mod room;
mod scene;
mod service;
mod spread;
mod start;
mod state;
mod wave;

#[cfg(test)]
mod tests;

pub use filter::Reason;
pub(super) use forecast::forecast;
pub use forecast::{Peak, Placement, Range, Refusal, Verdict};
