//! Logs of services and tasks.

mod frames;
mod lines;
mod read;

pub use read::{LogLine, LogQuery};
pub(super) use read::{Of, read};
