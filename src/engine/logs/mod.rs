//! Logs of services and tasks.
//!
//! Read by our own hand and not by bollard's `service_logs` and `task_logs` (0.21), which
//! - give the engine's own complaint that the log broke (frames of stream 3) out as text of the program, header and all;
//! - take a log that is cut within a frame for one that ended well;
//! - guess from each first byte whether there is a terminal, and cut text that begins with one of 0 to 2;
//! - cannot ask for details, nor for a `since` finer than a second.

mod frames;
mod lines;
mod read;

pub use read::{LogLine, LogQuery};
pub(super) use read::{Of, read};
