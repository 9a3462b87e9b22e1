//! One renderer a form.

pub mod progress;
