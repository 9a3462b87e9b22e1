//! What happens when things die: stackup, its connection, an engine, a manager. Always on a real swarm.
#![allow(clippy::unwrap_used, reason = "a test that cannot set its table fails")]

#[allow(dead_code, reason = "each test binary uses its own part")]
#[path = "../release_live/bench.rs"]
mod bench;
mod interrupt;
mod kill;
mod lease;
mod managers;
mod never;
mod stage;
mod stale;

#[path = "../lab/mod.rs"]
mod lab;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/swarm.rs"]
mod swarm;
