//! Diagnostics for people (`text`, `compact`), for programs (`json`) and for GitHub's annotations (`github`).

mod compact;
mod excerpt;
mod github;
mod json;
mod summary;
mod text;

pub use compact::compact;
pub use github::{escape_data, escape_property, github};
pub use json::{DiagnosticJson, LabelJson, PositionJson, SpanJson};
pub use summary::{count, summary};
pub use text::text;
