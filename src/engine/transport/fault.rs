//! Why a connection did not come about.

use std::io::{Error, ErrorKind};

use crate::engine::error::Unreach;
use crate::system::local;

/// Travels through hyper as the source of its errors.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{why}")]
pub(in crate::engine) struct Fault {
    pub reason: Unreach,
    pub why: String,
}

impl Fault {
    pub fn new(reason: Unreach, why: impl Into<String>) -> Self {
        Self { reason, why: why.into() }
    }

    /// In a person's words what the operating system said about `place`.
    pub fn of_io(error: &Error, place: &str) -> Self {
        let (reason, why) = match error.kind() {
            ErrorKind::NotFound => (Unreach::NoSocket, format!("there is no {} `{place}`", local::NOUN)),
            ErrorKind::PermissionDenied => {
                (Unreach::Permission, format!("permission denied: this user may not open `{place}`"))
            }
            ErrorKind::ConnectionRefused => (Unreach::NobodyListens, format!("connection refused by {place}")),
            ErrorKind::TimedOut | ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable => {
                (Unreach::Silent, format!("{place} cannot be reached: {error}"))
            }
            _ => (Unreach::Other, error.to_string()),
        };
        Self { reason, why }
    }

    /// The fault among the causes of an error, if one of ours is there, or one of TLS: a server that wants another
    /// certificate says so only after the handshake.
    pub fn among(error: &(dyn std::error::Error + 'static)) -> Option<Self> {
        causes(error).find_map(|cause| {
            let tls = || {
                cause.downcast_ref::<rustls::Error>().map(|e| Self::new(Unreach::Tls, format!("no TLS session: {e}")))
            };
            cause.downcast_ref::<Self>().cloned().or_else(tls)
        })
    }
}

/// An error and all beneath it, also what io::Error carries and hides from `source`.
pub(in crate::engine) fn causes<'a>(
    error: &'a (dyn std::error::Error + 'static),
) -> impl Iterator<Item = &'a (dyn std::error::Error + 'static)> {
    let next =
        |error: &&'a (dyn std::error::Error + 'static)| match error.downcast_ref::<Error>().and_then(Error::get_ref) {
            Some(carried) => Some(carried as &(dyn std::error::Error + 'static)),
            None => error.source(),
        };
    // Errors nest a handful deep; the bound is for those that would name themselves as their cause.
    std::iter::successors(Some(error), next).take(16)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_found_beneath_an_io_error() {
        let buried = Error::other(Error::other(Fault::new(Unreach::Ssh, "no key")));
        let outer = Error::other(Fault::new(Unreach::Ssh, "no key"));
        assert!(Fault::among(&outer).is_some_and(|f| f.why == "no key"));
        assert!(Fault::among(&buried).is_some_and(|f| f.reason == Unreach::Ssh));
        assert!(Fault::among(&Error::other("something else")).is_none());
    }
}
