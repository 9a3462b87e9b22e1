//! What people look at: the swarm's objects shaped into rows. Pure functions; `ui` prints them.

mod filter;
mod human;
mod image;
mod lock;
mod log;
mod natural;
mod ports;
mod releases;
mod row;
mod services;
mod stacks;
mod status;
mod tasks;
#[cfg(test)]
pub(crate) mod testing;

pub use filter::{Filter, FilterError};
pub use human::{ago, ago_between, ellipsis, pretty};
pub use image::short_image;
pub use lock::{lock_details, lock_holder};
pub use log::{Details, LogTarget, Named, Resolved, choose};
pub use natural::natural_cmp;
pub use releases::{ReleaseRow, release_rows};
pub use row::{Field, Row};
pub use services::{ServiceRow, service_rows};
pub use stacks::{StackRow, stack_rows};
pub use status::{Health, ServiceStatus, StackStatus, Trouble, status};
pub use tasks::{TaskRow, TaskView, node_name, task_name, task_rows};
