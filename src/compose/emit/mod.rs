//! A stack as a Compose file that deploys the same.

mod block;
mod deploy;
mod objects;
mod service;
mod tree;
mod yaml;

pub use yaml::{emit, emit_verbatim};
