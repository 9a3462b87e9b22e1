//! Several files to one, left to right, by docker's rules and without its slips (docs/compose.md lists them).

mod clear;
mod clear_deploy;
mod deploy;
mod rules;
mod service;
mod stack;

pub use clear::service as clear_service;
pub use service::service;
pub use stack::document;
