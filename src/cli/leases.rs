//! The locks of the stacks that a command writes to by hand.

use super::failure::Failure;
use super::invocation::Invocation;
use super::lock;
use crate::engine::{Reader, Writer};
use crate::release::lease::{self, Lease, Timing, Wait};

/// The locks of some stacks.
pub struct Leases(Vec<(String, Lease)>);

impl Leases {
    /// Takes them all, or none: somebody who has one of them is named (5).
    pub async fn take<'a>(
        stacks: impl IntoIterator<Item = &'a str>,
        command: &str,
        reader: &Reader,
        invocation: &Invocation,
    ) -> Result<Self, Failure> {
        let mut taken = Self(Vec::new());
        for stack in stacks {
            if taken.0.iter().any(|(known, _)| known == stack) {
                continue;
            }
            let holder = invocation.settings.actor.holder(command);
            match lease::acquire(&reader.writer(), stack, holder, Wait::default(), Timing::default()).await {
                Ok(lease) => taken.0.push((stack.to_owned(), lease)),
                Err(error) => {
                    taken.give_back().await;
                    return Err(lock::not_started(error.into(), stack));
                }
            }
        }
        Ok(taken)
    }

    /// Writes to that stack only as long as its lock is ours. What belongs to no stack has no lock.
    pub fn writer(&self, stack: Option<&str>, reader: &Reader) -> Writer {
        let lease = self.0.iter().find(|(name, _)| Some(name.as_str()) == stack);
        lease.map_or_else(|| reader.writer(), |(_, lease)| reader.writer().guarded(lease.guard()))
    }

    pub async fn give_back(self) {
        for (_, lease) in self.0 {
            // What cannot be given back expires by itself.
            let _ = lease.release().await;
        }
    }
}
