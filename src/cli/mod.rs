//! Arguments, settings and exit codes; a file a command.

mod args;
mod completions;
mod environment;
mod explain;
mod failure;
mod invocation;
mod main;
mod man;
mod output;
mod prompt;
mod settings;

pub use main::main;
