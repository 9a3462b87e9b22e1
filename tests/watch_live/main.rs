//! `stackup watch` on a real swarm, following a real repository.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/swarm.rs"]
mod swarm;

mod back;
mod bench;
mod follow;
mod forge;
mod lead;
mod once;
mod push;
