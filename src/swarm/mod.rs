//! What a swarm stores: lossless specs, versions, tasks, nodes, and how a Compose stack becomes specs.

pub mod convert;
mod desired;
mod list;
mod live;
mod lookup;
mod names;
mod node;
mod pointer;
mod recorded;
mod snapshot;
mod task;

pub use desired::{
    Desired, DesiredConfig, DesiredNetwork, DesiredSecret, DesiredService, ExternalObject, Kind, Origins, Sensitive,
};
pub use list::List;
pub use live::{LiveConfig, LiveNetwork, LiveSecret, LiveService, ServiceMode, UpdateState, UpdateStatus};
pub use lookup::Lookup;
pub use names::{IMAGE_LABEL, NAMESPACE_LABEL, is_predefined, scoped, short_id, unscoped};
pub use node::{Availability, Node, NodeState};
pub use pointer::{Finder, Members, join, segments};
pub use recorded::{Recorded, RecordedConfig, RecordedExternal, RecordedNetwork, RecordedSecret, RecordedService};
pub use snapshot::{Cluster, Damaged, Snapshot};
pub use task::{Task, TaskState};
