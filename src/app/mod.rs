//! The use-cases: check, plan, apply, remove, look. They take ports, emit events and return an outcome; they never print.

pub mod dotenv;
pub mod exit;
pub mod files;
pub mod load;
pub mod name;
pub mod look;
pub mod remove;
pub mod scale;
pub mod apply;
pub mod event;
pub mod ledger;
