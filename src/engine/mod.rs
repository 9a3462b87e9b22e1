//! The only room that knows the Engine API: transport, version, raw-JSON specs, snapshots, logs and events.
//!
//! [`Reader`] has no method that changes anything; planning gets nothing else. [`Writer`] is for apply.

mod address;
pub mod auth;
mod client;
mod common;
mod connect;
mod decode;
mod diagnose;
mod error;
mod events;
#[cfg(test)]
mod fake;
mod guard;
mod logs;
mod reader;
mod reading;
mod recorded;
mod since;
mod snapshot;
mod target;
mod transport;
mod version;
mod writer;

pub use address::Address;
pub use connect::connect;
pub use diagnose::{diagnose, diagnose_damaged};
pub use error::{EngineError, Refusal, Unreach};
pub use events::{Event, EventFilters, EventStream};
pub use guard::{Guard, Permission};
pub use logs::{LogLine, LogQuery};
pub use reader::Reader;
pub use reading::Reading;
pub use recorded::{read_recorded, record, recorded};
pub use since::engine_time;
pub use snapshot::Wanted;
pub use writer::{Created, Writer};
