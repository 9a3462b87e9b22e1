//! GitHub Apps: a key that never expires is exchanged for tokens that live an hour.

mod jwt;
mod lent;
mod tokens;

pub use lent::Lent;
pub use tokens::{Need, Tokens};
