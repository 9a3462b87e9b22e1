//! Bytes to a tree whose every node knows its place. Scalars read as Go's yaml.v3 reads them, for docker does.

mod arena;
mod bytes;
mod json;
mod lenient;
mod node;
mod offsets;
mod scalar;
mod shared;
mod timestamp;
mod tree;

pub use bytes::decode;
pub use json::json;
pub use node::{Directive, Entry, Kind, Map, Node, Style};
pub use scalar::{date, go_float, resolve};
pub use tree::parse;

/// Larger files are refused.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Lists and mappings inside each other, aliases followed.
pub const MAX_DEPTH: usize = 100;
/// Keys, values and list items of one file.
pub const MAX_NODES: usize = 500_000;
/// What aliases may add: a node is 1, and 1 more for each 32 bytes of its text.
pub const ALIAS_BUDGET: usize = 250_000;
