//! Arguments, settings and exit codes; a file a command.

mod args;
mod check;
mod completions;
mod config;
mod environment;
mod explain;
mod failure;
mod files;
mod invocation;
mod logs;
mod looking;
mod ls;
mod main;
mod man;
mod output;
// mod plan;
// mod planning;
mod prompt;
mod ps;
mod rm;
mod scale;
mod services;
mod settings;
mod status;

pub use main::main;
