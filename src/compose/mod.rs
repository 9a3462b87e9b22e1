//! Compose files to a checked [`Stack`](model::Stack). Reads nothing by itself: bytes come in through [`Files`].

mod allow;
mod budget;
mod check;
mod context;
mod document;
mod dotenv;
mod emit;
mod extends;
mod include;
mod interpolate;
mod layers;
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
pub mod yaml;

pub use allow::silence;
pub use dotenv::environment;
pub use emit::{Emit, Origins, emit, emit_as};
pub use layers::Layers;
pub use lint::lint;
pub use load::load;
pub use options::{Environment, FileError, Files, Input, Loaded, Options};
pub use parse::duration;
pub use schema::schema;
