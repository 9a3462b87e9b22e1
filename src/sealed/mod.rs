//! Files that are encrypted: what they are known by, and what is in them. Bytes and keys in, bytes out; nothing is written.

mod age;
mod keys;
mod open;
mod sops;
#[cfg(test)]
mod tests;

pub use keys::Keys;
pub use open::{Hidden, Opened, Seal, SealError, mask, open, seal};
