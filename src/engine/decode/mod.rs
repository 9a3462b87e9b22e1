//! The engine's JSON to the types of `swarm`: each element by itself, so that a bad one harms no other.

mod cluster;
mod field;
mod list;
mod node;
mod object;
mod service;
mod task;

pub(super) use cluster::{clock, cluster};
pub(super) use list::{Decoded, each, log_damage};
pub(super) use node::node;
pub(super) use object::{config, network, secret};
pub(super) use service::service;
pub(super) use task::task;
