//! Arguments, settings and exit codes; a file a command.

mod args;
mod completions;
mod environment;
mod explain;
mod failure;
mod invocation;
mod logs;
mod looking;
mod ls;
mod main;
mod man;
mod output;
mod prompt;
mod ps;
mod rm;
mod scale;
mod services;
mod settings;
mod status;

pub use main::main;
