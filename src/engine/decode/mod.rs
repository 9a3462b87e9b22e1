//! The engine's JSON to the types of `swarm`: each element by itself, so that a bad one harms no other.

mod cluster;
mod field;
mod lean;
mod list;
mod node;
mod object;
mod pick;
mod service;
mod stream;
mod task;

pub(super) use cluster::{clock, cluster};
pub(super) use list::{Decoded, each, log_damage};
pub(super) use node::node;
pub(super) use object::{config, network, secret};
#[cfg(test)]
pub(super) use pick::Pick;
pub(super) use service::service;
pub(super) use stream::{Elements, stream};
#[cfg(test)]
pub(super) use task::task;
pub(super) use task::{TASK, Tasks};
