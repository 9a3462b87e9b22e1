//! The use-cases: check, plan, apply, remove, look. They take ports, emit events and return an outcome; they never print.

pub mod check;
pub mod dotenv;
pub mod event;
pub mod exit;
pub mod files;
pub mod images;
pub mod ledger;
pub mod load;
pub mod name;
// pub mod plan;
pub mod look;
pub mod remove;
pub mod scale;
pub mod apply;
pub mod event;
pub mod ledger;
