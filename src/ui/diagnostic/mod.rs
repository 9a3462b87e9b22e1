//! Diagnostics for people (`text`, `compact`), for programs (`json`) for GitHub's annotations (`github`)
//! and for code scanning (`sarif`).

mod compact;
mod excerpt;
mod fold;
mod github;
mod sarif;
mod summary;
mod text;

pub use compact::compact;
pub use fold::fold;
pub use github::{escape_data, escape_property, github};
pub use sarif::sarif;
pub use summary::{count, summary};
pub use text::text;
