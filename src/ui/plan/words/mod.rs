//! Sentences that all forms share. Foreign text in them is as the document has it: each form makes it harmless its own way.

mod change;
mod placement;
mod rollout;
mod source;
mod summary;

pub use change::{action, age, effect, last_update, running, sensitive, symbol, title, wave};
pub use placement::{fitting, nodes, range, verdict};
pub use rollout::{clock, lowest, peak, rollout, settings};
pub use source::{place, sources};
pub use summary::{objects, reservations, tasks};
