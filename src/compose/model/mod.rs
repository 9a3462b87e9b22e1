//! What a checked Compose file says, in canonical form: short forms widened, paths resolved, files merged.
//!
//! `None` is "not written". Every leaf knows where it was written.

mod config;
mod deploy;
mod health;
mod logging;
mod mount;
mod network;
mod port;
mod service;
mod stack;
mod units;
mod volume;

pub use config::{Content, FileObject, FileReference};
pub use deploy::{Deploy, GenericResource, Limits, Placement, Reservations, Resources, RestartPolicy, UpdateConfig};
pub use health::Healthcheck;
pub use logging::Logging;
pub use mount::{Mount, MountType};
pub use network::{Network, ServiceNetwork};
pub use port::Port;
pub use service::{CredentialSpec, DependsOn, DependsOnCondition, Service, Ulimit};
pub use stack::{Extensions, External, Stack};
pub use units::{Bytes, Nanos};
pub use volume::Volume;

use crate::diagnostic::Spanned;
use std::collections::BTreeMap;

/// A string and where it stands.
pub type Text = Spanned<String>;
/// A map of strings in key order; a key's span is its value's where they stand together.
pub type Labels = BTreeMap<String, Text>;
