//! Ways to reach an engine: unix socket, TCP, TCP with TLS, ssh. Above this, all are the same.

mod connector;
mod fault;
mod ssh;
mod tls;
mod wire;

pub(super) use connector::Connector;
pub(super) use fault::{Fault, causes};
