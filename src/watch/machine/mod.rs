//! What is looked at when: a state, an event and a time in, effects out. It knows no clock, no file and no engine, so a day
//! of it can be played in a test.

#[cfg(test)]
mod day;
mod effect;
mod event;
mod pace;
mod source;
mod stack;
mod state;
mod step;
#[cfg(test)]
mod tests;

pub use effect::{Effect, Order, Ticket};
pub use event::{Ask, Event, Followed, Found, Next, Report, Trouble};
pub use pace::Now;
pub use source::SourceState;
pub use stack::{Last, Memory, StackState, Sync, Tried};
pub use state::{Machine, Manner};
