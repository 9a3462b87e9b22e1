//! What is wrong, where, why, and what to type next. One type; every renderer reads it.

pub mod code;
mod diagnostics;
mod json;
mod scrub;
mod source;
mod span;
mod suggest;

pub use code::Code;
pub use diagnostics::{Diagnostic, Diagnostics, Label, Severity};
pub use json::{DiagnosticJson, LabelJson, PositionJson, SpanJson};
pub use scrub::{Scrub, nothing_to_hide, swept};
pub use source::{Position, SourceFile, Sources};
pub use span::{FileId, Span, Spanned};
pub use suggest::closest;
