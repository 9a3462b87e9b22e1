//! The use-cases: check, plan, apply, remove, look. They take ports, emit events and return an outcome; they never print.

pub mod apply;
pub mod check;
pub mod deny;
pub mod dotenv;
pub mod event;
pub mod exit;
pub mod files;
pub mod images;
pub mod ledger;
pub mod load;
pub mod look;
pub mod name;
pub mod plan;
pub mod remove;
pub mod scale;
