//! Arguments, settings and exit codes; a file a command.

mod apply;
mod args;
mod check;
mod completions;
mod config;
mod deny;
mod deploy;
mod environment;
mod examples;
mod explain;
mod failure;
mod files;
mod interrupt;
mod invocation;
mod logs;
mod looking;
mod ls;
mod main;
mod man;
mod output;
mod plan;
mod planning;
mod prompt;
mod ps;
mod rm;
mod rollout;
mod scale;
mod schema;
mod services;
mod settings;
mod status;

pub use main::main;
