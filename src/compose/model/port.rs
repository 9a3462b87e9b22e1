//! `services.NAME.ports`, ranges expanded.

/// One published port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    pub target: u32,
    /// 0: swarm picks one.
    pub published: u32,
    /// `tcp`, `udp`, `sctp`; empty where the long form leaves it out (the engine makes it tcp).
    pub protocol: String,
    /// `ingress`, `host`; empty where the long form leaves it out (the engine makes it ingress).
    pub mode: String,
}
