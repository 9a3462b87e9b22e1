//! One renderer a form. Values in, strings out: nothing here prints.

pub mod diagnostic;
mod drawing;
pub mod drift;
pub mod exit_table;
pub mod graph;
pub mod listing;
pub mod lock;
pub mod plan;
pub mod progress;
pub mod release;
pub mod stale;
pub mod status;
pub mod table;
pub mod template;
pub mod theme;
pub mod watch;
pub mod wrap;

pub use theme::{Theme, Tone, visible};
