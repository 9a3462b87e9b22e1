//! What git says about the files: commit and dirty state.

mod describe;

pub use describe::{State, describe};
