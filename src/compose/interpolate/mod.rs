//! `${VARIABLES}` in values. Keys are never touched.

mod template;
mod walk;

pub use walk::interpolate;
