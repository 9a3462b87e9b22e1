//! A checked Compose stack to what swarm stores: docker's conversion, field for field.
//!
//! One file a section. Where this parts from docker on purpose: service-level `tmpfs:`, `tmpfs.mode`, `oom_score_adj` and
//! `group_add` are applied, which docker drops or refuses.

mod capability;
mod container;
mod deploy;
mod endpoint;
mod file_object;
mod health;
mod image;
mod json;
mod marks;
mod mount;
mod network;
mod reference;
mod service;
mod stack;
mod trail;

#[cfg(test)]
mod tests;

pub use endpoint::port_key;
pub use image::{Reference, familiar};
pub use stack::convert;
