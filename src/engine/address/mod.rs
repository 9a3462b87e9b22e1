//! Which engine is meant, by docker's own order of precedence.

mod context;
mod host;
mod resolve;

pub(super) use host::{Host, SshHost};
pub use resolve::Address;
pub(super) use resolve::{Endpoint, TlsMaterial, resolve};
