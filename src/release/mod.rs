//! What stackup keeps in the swarm itself, in config objects of its own that belong to no stack.

pub mod history;
pub mod key;
pub mod lease;
pub mod model;
mod name;
mod payload;

pub use name::{Lock, STACK, is_part};
