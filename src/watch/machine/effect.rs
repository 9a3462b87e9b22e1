//! What is to be done.

use jiff::Timestamp;

use super::stack::Tried;

/// What is to be done.
#[derive(Clone, Debug, PartialEq)]
#[allow(clippy::large_enum_variant, reason = "there are a few of them, and each is used up at once")]
pub enum Effect {
    Fetch {
        source: String,
    },
    Look(Ticket),
    /// What is known of the stack changed: tell, and remember.
    Tell {
        stack: String,
    },
    /// The same for a source.
    TellSource {
        source: String,
    },
    /// Nothing follows this stack any more; it stays as it is in the swarm.
    Forget {
        stack: String,
    },
}

/// One look at a stack, with what it may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Ticket {
    pub stack: String,
    pub source: String,
    pub revision: String,
    pub approved: Option<String>,
    pub tried: Option<Tried>,
    /// Revision that was last live.
    pub synced: Option<String>,
    pub rolled: Option<Timestamp>,
    /// What a person asked for besides.
    pub order: Option<Order>,
}

impl Ticket {
    /// A rollout of this very revision failed here. Of what failed elsewhere since, another revision's failure says nothing.
    pub fn is_tried(&self) -> bool {
        self.tried.as_ref().is_some_and(|tried| tried.revision == self.revision)
    }
}

/// What a person asked for, of one look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Try again what failed or was rolled back.
    Again,
    /// Go back to this release, or to the last before the live one that had succeeded.
    Rollback(Option<u64>),
}
