//! Who may write to a stack: one config object a stack, which its holder keeps fresh.
//!
//! Creating it is taking it, for swarm gives a name away once. A holder that dies is told apart from one that works: at
//! once where its process can be looked for, else when it has not been heard of for [`Timing::expiry`].

mod acquire;
mod held;
mod holder;
mod keep;
mod process;
mod watch;

pub use acquire::{NotAcquired, Wait, acquire, lock_by_hand};
pub use held::{Held, Standing, among, look, remove};
pub use holder::Holder;
pub use keep::Lease;
pub use process::Process;

use std::time::Duration;

/// The beat of a lease.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// Time between two signs of life.
    pub beat: Duration,
    /// A holder whose sign of life was not taken for this long has lost the lease for good, and starts no further write.
    /// Shorter than `expiry`, for its last write may still be on its way: what TCP could not deliver by then it drops
    /// (`engine/transport`).
    pub trust: Duration,
    /// Unheard of for this long on the engine's clock, anybody may take it over.
    pub expiry: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { beat: Duration::from_secs(15), trust: Duration::from_secs(45), expiry: Duration::from_secs(60) }
    }
}
