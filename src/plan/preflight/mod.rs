//! Everything that can be checked against the live swarm before the first write.

mod api;
mod drivers;
mod limits;
mod objects;
mod placement;
mod ports;
mod reasons;

pub(super) use api::{api_at_least, drop_newer_fields};
pub(super) use drivers::check_drivers;
pub(super) use limits::check_limits;
pub(super) use objects::check_external;
pub(super) use placement::{check_constraints, check_placement};
pub(super) use ports::{FixedPort, check_ports, fixed_ports};
