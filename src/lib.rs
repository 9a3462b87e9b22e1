//! stackup: Compose files to a running, verified Docker Swarm stack.
//!
//! Three storeys; a room may use the rooms below it, never those above (`tests/storeys.rs` guards it).
//! `docs/architecture.md` draws the house.

// Pure: no I/O, no clock, no environment, no printing.
pub mod compose;
pub mod diagnostic;
pub mod plan;
pub mod rollout;
pub mod sealed;
pub mod swarm;

// Effects: the outside world, one room a neighbour.
pub mod engine;
pub mod git;
pub mod https;
pub mod release;
pub mod system;

// Faces: what people and machines see.
pub mod action;
pub mod app;
pub mod cli;
pub mod ui;
pub mod watch;
