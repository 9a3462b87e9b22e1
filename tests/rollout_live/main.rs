//! Apply and rollout against a real swarm, for it is swarm that decides what an update is.
//!
//! `STACKUP_TEST_HOST` names an engine that is a manager of a swarm of its own (`unix:///…`), `STACKUP_TEST_IMAGE` an
//! image with a shell that every node has (default `10.99.0.1:5000/t:1`). Unset: a notice, and nothing is claimed.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test that cannot set its table fails, one that skips itself says so"
)]

mod bench;
mod failures;
mod lost;
mod modes;
mod order;
mod shape;
mod updates;

#[path = "../support/mod.rs"]
mod support;
