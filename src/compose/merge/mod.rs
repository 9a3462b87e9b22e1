//! Several files to one, left to right, by docker's rules and without its slips (docs/compose.md lists them).

mod deploy;
mod rules;
mod service;
mod stack;

pub use service::service;
pub use stack::document;
