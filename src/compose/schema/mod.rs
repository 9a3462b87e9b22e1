//! Which keys there are at each place, since which version, and of what shape.

mod check;
mod deploy;
mod json;
mod remedy;
mod service;
mod shape;
mod top;
mod version;

pub use check::check;
pub use json::schema;
pub use version::{Version, version};
