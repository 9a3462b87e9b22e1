//! What people see while a plan is carried out, and when it is over.
//!
//! [`Plain`] for logs, [`Tty`] for a terminal, [`Quiet`] for nobody. Every text passes `scrub` on its way out.

mod closing;
mod plain;
mod quiet;
mod rows;
mod span;
mod tty;

pub use closing::{Closing, closing};
pub use plain::Plain;
pub use quiet::Quiet;
pub use span::span;
pub use tty::Tty;

/// Takes secrets out of a text: see `plan::redact`.
pub type Scrub = std::sync::Arc<dyn Fn(&str) -> String + Send + Sync>;
