//! What somebody changed since the last release: L was applied, V is live, D is wanted.
//!
//! | | L = D | L ≠ D |
//! |---|---|---|
//! | **V = L** | nothing | yours |
//! | **V = D** | nothing | already live |
//! | **V is another** | drift | both |

mod compare;
mod find;
mod measure;
mod model;
mod tool;

#[cfg(test)]
mod tests;

pub use find::find;
pub(super) use measure::measure;
pub use model::{Drift, Origin, What};
pub use tool::deployed_by_other;
