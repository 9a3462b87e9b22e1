//! The use-cases: check, plan, apply, remove, look. They take ports, emit events and return an outcome; they never print.

pub mod exit;
pub mod look;
pub mod remove;
pub mod scale;
