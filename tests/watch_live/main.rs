//! `stackup watch` on a real swarm, following a real repository.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/sshd.rs"]
mod sshd;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/swarm.rs"]
mod swarm;

mod access;
mod app;
mod back;
mod bench;
mod beyond;
mod follow;
mod forge;
mod hostile;
mod hosts;
mod hub;
mod itself;
mod large;
mod lead;
mod once;
mod push;
mod sealed;
mod soak;
mod ssh;
mod traps;
