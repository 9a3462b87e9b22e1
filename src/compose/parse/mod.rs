//! One section of a file to its model. Shapes are checked before; here values are read.

mod deploy;
mod environment;
mod file_object;
mod health;
mod mount;
mod mount_spec;
mod network;
mod pairs;
mod port;
mod service;
mod service_parts;
mod shell;
mod units;
mod value;
mod volume;

pub use file_object::{ObjectKind, file_object};
pub use network::network;
pub use service::{Extends, service};
pub use units::{decimal, duration, go_duration};
pub use value::{extensions, text, texts};
pub use volume::volume;
