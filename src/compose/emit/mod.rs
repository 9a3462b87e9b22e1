//! A stack as a Compose file that deploys the same.

mod block;
mod deploy;
mod objects;
mod origin;
mod service;
mod tree;
mod yaml;

pub use origin::Origins;
pub use yaml::{Emit, emit, emit_as, size};
