//! Releases, drift and the lock on a real swarm, with the binary as a person uses it.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

mod bench;
mod drift;
mod gates;
mod history;
mod lease;
mod removal;
mod retreat;
mod rollback;
mod targeting;

#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/swarm.rs"]
mod swarm;
