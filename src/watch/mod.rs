//! Following folders and git repositories: `stackup.yaml`, what it names, and keeping a swarm equal to it.
//!
//! `machine` decides what is looked at when, and is pure. `daemon` does what it decides. `lead` is who does it, where several follow the same. `work` is one look at one stack: the
//! same plan and the same apply that a person has. `serve` answers on `listen:`, `announce` tells forges and webhooks.

mod announce;
mod assignment;
mod back;
mod board;
mod counts;
mod daemon;
mod fingerprint;
mod flight;
mod folders;
mod github;
mod health;
mod journal;
mod lead;
pub mod machine;
mod memory;
mod past;
mod policy;
mod quarantine;
mod readings;
mod reload;
mod rest;
mod secret;
mod serve;
pub mod settings;
mod source;
mod standard;
mod swarm;
mod telling;
mod work;

pub use daemon::{Start, run};
pub use health::check as check_health;
pub use telling::{Telling, line as as_line};
