//! What apply would do, and what that does to running tasks. A value: made once, shown, approved, executed.

mod digest;
mod model;

pub use digest::spec_digest;
pub use model::{
    Action, Base, Change, ClusterRef, Effect, FieldChange, Health, Impact, Op, Orphan, Plan, Preconditions, Source,
    SourceDigest, Summary, Write,
};
