//! Compose files to a checked [`Stack`](model::Stack). Reads nothing by itself: bytes come in through [`Files`].

mod load;
pub mod model;

pub use load::{Environment, FileError, Files, Input, Loaded, Options, load};
