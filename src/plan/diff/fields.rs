//! Every field that is compared, with the effect that a plan states for it.

use super::network;
use super::rule::Field;
use super::service::{FORCE_UPDATE, IMAGE, MODE, PLATFORMS};
use super::table::{FIELDS, SCALE};
use crate::plan::{Effect, content};
use crate::swarm::Kind;

/// One field of a spec.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldInfo {
    pub kind: Kind,
    /// JSON pointer into the spec.
    pub spec: &'static str,
    /// The Compose path that sets it.
    pub compose: &'static str,
    /// Of a change in a service that is no job: a job that is written runs again, whatever was changed.
    pub effect: Effect,
}

/// All of them: tests hold each against a live swarm.
pub fn fields() -> impl Iterator<Item = FieldInfo> {
    let of_service = |f: &Field| FieldInfo { kind: Kind::Service, spec: f.spec, compose: f.compose, effect: f.effect };
    let special = [IMAGE, PLATFORMS, MODE, FORCE_UPDATE].into_iter();
    special
        .chain(FIELDS.iter().chain(SCALE).map(of_service))
        .chain(network::FIELDS.iter().copied())
        .chain(content::FIELDS.iter().copied())
}
