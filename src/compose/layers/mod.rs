//! What each file said before they became one: what a value overrides, what overrides it, and who took it away.

mod find;
mod label;
mod removed;
mod stack;

pub use stack::Layers;
