//! One differ for everything: what swarm stores against what the files want, by a table of fields.
//!
//! The result keeps the live spec wherever it means the same (the order of a list, nil for an explicit default, what the
//! engine filled in, fields that nobody here knows), because swarm compares specs structurally: another form of the same
//! thing would restart every task. Only fields that differ in meaning take the wanted form.

mod canonical;
mod compare;
mod edit;
mod fields;
mod image;
mod names;
mod network;
mod rule;
mod service;
mod show;
mod table;

pub(super) use crate::swarm::unscoped;
pub use fields::{FieldInfo, fields};
pub use image::{ResolveImage, ResolvedImage, images_to_resolve};
pub(super) use names::Names;
pub(super) use network::{ENGINES_OWN, diff_network};
pub(super) use service::{ServiceDiff, describe, diff_service};
pub(super) use show::duration;
