//! What apply would do, and what that does to running tasks. A value: made once, shown, approved, executed.

mod constraint;
mod diff;
mod digest;
mod model;
mod options;
pub mod redact;

#[cfg(test)]
mod fixture;

pub use diff::{Names, ResolveImage, ResolvedImage, images_to_resolve};
pub use digest::spec_digest;
pub use model::{
    Action, Base, Change, ClusterRef, Effect, FieldChange, Health, Impact, Op, Orphan, Plan, Preconditions, Source,
    SourceDigest, Summary, Write,
};
pub use options::{PlanOptions, SecretKey};
pub use redact::Redactor;
