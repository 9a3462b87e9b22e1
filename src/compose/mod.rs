//! Compose files to a checked [`Stack`](model::Stack). Reads nothing by itself: bytes come in through [`Files`].

mod check;
mod context;
mod document;
mod emit;
mod extends;
mod include;
mod interpolate;
mod load;
mod merge;
pub mod model;
mod options;
mod parse;
mod schema;
#[cfg(test)]
mod tests;
mod yaml;

pub use emit::{emit, emit_verbatim};
pub use load::load;
pub use options::{Environment, FileError, Files, Input, Loaded, Options};
pub use schema::schema;
