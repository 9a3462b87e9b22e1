//! `services.NAME.deploy`.

use super::{Bytes, Labels, Nanos, Text};
use crate::diagnostic::Spanned;

/// How swarm runs a service.
#[derive(Clone, Debug, Default)]
pub struct Deploy {
    /// `replicated`, `global`, `replicated-job`, `global-job`, or as written where that is none of them.
    pub mode: Option<Text>,
    pub replicas: Option<Spanned<u64>>,
    pub endpoint_mode: Option<Text>,
    /// Service labels.
    pub labels: Labels,
    pub update_config: Option<Spanned<UpdateConfig>>,
    pub rollback_config: Option<Spanned<UpdateConfig>>,
    pub resources: Resources,
    pub restart_policy: Option<Spanned<RestartPolicy>>,
    pub placement: Placement,
}

/// `update_config` and `rollback_config`.
#[derive(Clone, Debug, Default)]
pub struct UpdateConfig {
    /// Tasks at once; 0 is all. Unset is 1.
    pub parallelism: Option<Spanned<u64>>,
    pub delay: Option<Spanned<Nanos>>,
    pub failure_action: Option<Text>,
    pub monitor: Option<Spanned<Nanos>>,
    /// 0 to 1.
    pub max_failure_ratio: Option<Spanned<f64>>,
    pub order: Option<Text>,
}

/// `resources`. A part that is written but empty (`limits: {}`) is `Some`.
#[derive(Clone, Debug, Default)]
pub struct Resources {
    pub limits: Option<Spanned<Limits>>,
    pub reservations: Option<Spanned<Reservations>>,
}

/// `resources.limits`.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Billionths of a CPU.
    pub nano_cpus: Option<Spanned<i64>>,
    pub memory: Option<Spanned<Bytes>>,
    pub pids: Option<Spanned<i64>>,
}

/// `resources.reservations`.
#[derive(Clone, Debug, Default)]
pub struct Reservations {
    /// Billionths of a CPU.
    pub nano_cpus: Option<Spanned<i64>>,
    pub memory: Option<Spanned<Bytes>>,
    pub generic: Vec<Spanned<GenericResource>>,
}

/// `generic_resources[].discrete_resource_spec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GenericResource {
    pub kind: String,
    pub value: i64,
}

/// `restart_policy`.
#[derive(Clone, Debug, Default)]
pub struct RestartPolicy {
    pub condition: Option<Text>,
    pub delay: Option<Spanned<Nanos>>,
    pub max_attempts: Option<Spanned<u64>>,
    pub window: Option<Spanned<Nanos>>,
}

/// `placement`.
#[derive(Clone, Debug, Default)]
pub struct Placement {
    pub constraints: Vec<Text>,
    /// Spread descriptors, such as `node.labels.zone`.
    pub preferences: Vec<Text>,
    pub max_replicas_per_node: Option<Spanned<u64>>,
}
