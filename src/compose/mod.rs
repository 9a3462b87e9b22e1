//! Compose files to a checked [`Stack`](model::Stack). Reads nothing by itself: bytes come in through [`Files`].

mod allow;
mod check;
mod context;
mod document;
mod emit;
mod extends;
mod include;
mod interpolate;
mod lint;
mod load;
mod merge;
pub mod model;
mod options;
mod parse;
mod schema;
mod tags;
#[cfg(test)]
mod tests;
mod through;
mod yaml;

pub use allow::silence;
pub use emit::{emit, emit_verbatim};
pub use lint::lint;
pub use load::load;
pub use options::{Environment, FileError, Files, Input, Loaded, Options};
pub use schema::schema;
