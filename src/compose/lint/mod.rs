//! Advice by people who run swarms: what is taken, and goes wrong some night. A file a group of rules.

mod environment;
mod health;
mod image;
mod mounts;
mod resources;
mod rules;
mod updates;

pub use rules::lint;
