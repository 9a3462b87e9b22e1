//! What apply would do, and what that does to running tasks. A value: made once, shown, approved, executed.

mod build;
mod constraint;
mod content;
mod diff;
mod digest;
mod draft;
mod id;
mod impact;
mod model;
mod options;
mod order;
mod preflight;
mod prune;
pub mod redact;
mod service;
mod version;
mod waves;
mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use build::build;
pub use constraint::Constraint;
pub use content::DIGEST_LABEL;
pub use diff::{ResolveImage, ResolvedImage, images_to_resolve};
pub use digest::{keyed, spec_digest};
pub use model::{
    Action, Base, Change, ClusterRef, Effect, FieldChange, Health, Impact, Op, Orphan, Plan, Preconditions, Source,
    SourceDigest, Summary, Write,
};
pub use options::{PlanOptions, SecretKey};
pub use redact::Redactor;
