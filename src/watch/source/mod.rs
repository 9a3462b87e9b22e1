//! Sources: what of them is here, at which revision, and which stacks that makes.

mod discover;
mod follow;
mod open;

pub use follow::{View, failed, unreadable};
pub use open::{need, open, unseal};
