//! What apply would do, and what that does to running tasks. A value: made once, shown, approved, executed.

mod approved;
mod build;
mod constraint;
mod content;
mod diff;
mod digest;
pub mod document;
mod draft;
pub mod drift;
mod exact;
mod fresh;
mod ground;
mod id;
mod impact;
mod model;
mod options;
mod order;
mod preflight;
mod prune;
mod recall;
pub mod record;
pub mod redact;
pub mod saved;
mod schedule;
mod service;
mod settled;
mod shape;
mod sweep;
mod version;
mod waves;
mod words;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use approved::{Approved, ApprovedChange, ApprovedField, is_same};
pub use build::build;
pub use constraint::Constraint;
pub use content::DIGEST_LABEL;
pub use diff::{FieldInfo, ResolveImage, ResolvedImage, fields, images_to_resolve};
pub use digest::{hex, keyed, sha256, spec_digest};
pub use fresh::{Freshness, Stale, StaleField, freshness, freshness_of};
pub use ground::{Expect, Footing, Ground};
pub use id::{Decision, Operation, Sealed};
pub use model::{
    Action, Against, Base, Change, ClusterRef, Effect, FieldChange, Health, Impact, Op, Orphan, Plan, Preconditions,
    Source, SourceDigest, Standing, Summary, Write,
};
pub use options::{PlanOptions, SecretKey, glob};
pub use order::{Place, levels};
pub use recall::Recorded;
pub use redact::Redactor;
pub use schedule::{Peak, Placement, Range, Reason, Refusal, Verdict};
pub use shape::{Rollout, Shape, Tasks};
pub use words::short_id;
