//! The plan document: what every form of a plan is made from, and what is kept when one is saved.
//!
//! It stands by itself: places are file, line and column, values are swept, so it can be shown again without engine and
//! files. All forms (text, markdown, HTML, JSON) render it and nothing else; so they say the same, and what may not be
//! seen is taken out here and nowhere else.

mod make;
mod model;
mod placement;
mod read;
mod schema;

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

pub use make::Circumstances;
pub use model::{Change, ClusterRef, Document, Drift, Expect, Field, Orphan, Preconditions};
pub use placement::{NodeTasks, Placement, Range};
pub use schema::schema;
