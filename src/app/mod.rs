//! The use-cases: check, plan, apply, remove, look. They take ports, emit events and return an outcome; they never print.

pub mod adopt;
pub mod apply;
pub mod base;
pub mod basis;
pub mod check;
pub mod credentials;
pub mod deliver;
pub mod deny;
pub mod event;
pub mod exit;
pub mod files;
pub mod images;
pub mod ledger;
pub mod load;
pub mod look;
pub mod name;
pub mod place;
pub mod plan;
pub mod private_file;
pub mod record;
pub mod remove;
pub mod retreat;
pub mod rollback;
pub mod saved;
pub mod scale;
pub mod snapshot;
