//! `networks.NAME` and `services.NAME.networks.NAME`.

use std::collections::BTreeMap;

use super::{Extensions, External, Labels, Text};
use crate::diagnostic::{Span, Spanned};

/// A network of the stack, or somebody else's.
#[derive(Clone, Debug)]
pub struct Network {
    pub span: Span,
    pub external: Option<External>,
    /// `name:`, used as it is.
    pub name: Option<Text>,
    pub driver: Option<Text>,
    pub driver_opts: BTreeMap<String, Text>,
    pub ipam_driver: Option<Text>,
    pub subnets: Vec<Text>,
    /// `ipam` was written (even if empty).
    pub ipam: bool,
    pub internal: Option<Spanned<bool>>,
    pub attachable: Option<Spanned<bool>>,
    pub labels: Labels,
    pub extensions: Extensions,
}

/// How one service joins one network.
#[derive(Clone, Debug, Default)]
pub struct ServiceNetwork {
    pub aliases: Vec<Text>,
    pub driver_opts: BTreeMap<String, Text>,
    /// Written, but swarm cannot hold it.
    pub ipv4_address: Option<Text>,
    /// Written, but swarm cannot hold it.
    pub ipv6_address: Option<Text>,
}
